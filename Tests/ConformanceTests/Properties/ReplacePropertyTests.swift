import HTTP
import JSON
import SCIM
import TestSupport
import Testing

@Suite("Any resource replaced")
struct ReplacePropertyTests {
    @Test(
        "E-05, E-08, U-02, U-04, U-05, V-01: whatever is read can be put back, in any order of its attributes, and changes nothing",
        arguments: PropertyRounds.seeds(6)
    )
    func unchanged(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let directory = try await RandomDirectory(&random, users: 10, groups: 5)
        for (endpoint, resources) in [("/Users", directory.users), ("/Groups", directory.groups)] {
            for resource in resources {
                let id = try resource.requiredText("id")
                let before = try await directory.client.send(.get, "\(endpoint)/\(id)")
                let members = try before.json?.object.members ?? []
                let body = JSONValue.object(JSONObject(uniqueMembers: members.shuffled(using: &random)))
                let answer = try await directory.client.send(.put, "\(endpoint)/\(id)", body.text)
                #expect(answer.status == 200, "seed \(seed): \(body.text)")
                #expect(answer.json?.ordered.text == before.json?.ordered.text, "seed \(seed)")
                #expect(answer.response[.eTag] == before.response[.eTag], "seed \(seed): \(body.text)")
            }
        }
    }

    @Test(
        "U-01, U-02, V-01: a resource put in another's place leaves nothing of it but id, name, times, version and inactivity",
        arguments: PropertyRounds.seeds(6)
    )
    func replaced(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let directory = try await RandomDirectory(&random, users: 10, groups: 0)
        for _ in 0..<20 {
            let source = random.pick(directory.users)
            let id = try random.pick(directory.users).requiredText("id")
            // An earlier round may have changed who is active.
            let read = try await directory.client.send(.get, "/Users/\(id)")
            guard case .object(let target)? = read.json else { continue }
            var body = source
            body["userName"] = target["userName"]
            let answer = try await directory.client.send(.put, "/Users/\(id)", JSONValue.object(body).text)
            #expect(answer.status == 200, "seed \(seed)")
            guard case .object(var found)? = answer.json else { continue }
            #expect(found["id"] == target["id"])
            #expect(found["meta"] != source["meta"] || source["id"] == target["id"])
            // Nobody comes back because a request says nothing of it.
            if body["active"] == nil, target["active"] == .bool(false) { body["active"] = .bool(false) }
            for name in ["id", "meta"] {
                found[name] = nil
                body[name] = nil
            }
            #expect(
                JSONValue.object(found).ordered.text == JSONValue.object(body).ordered.text,
                "seed \(seed)"
            )
        }
    }
}
