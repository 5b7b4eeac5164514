import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Ids in any case")
struct IdentifierTests {
    @Test(
        "RFC 9562 §4: an id in upper case names the same resource wherever a request has it, and answers are in lower case",
        arguments: ProfileName.allCases
    )
    func anyCase(profile: ProfileName) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        _ = try await client.service.administration.set(
            .profile,
            to: profile.rawValue,
            tenant: "acme",
            by: .system
        )
        let ann = try await client.createUser("ann")
        let group = try await client.createGroup("Staff", members: [ann.uppercased()])
        let (upper, upperGroup) = (ann.uppercased(), group.uppercased())
        #expect(try await client.send(.get, "/Groups/\(group)").texts("members") == [ann])
        let read = try await client.send(.get, "/Users/\(upper)")
        #expect(read.value("id") == .string(ann))
        #expect(read.texts("groups") == [group])
        #expect(read.response[.contentLocation]?.hasSuffix("/Users/\(ann)") == true)
        for (path, filter) in [
            ("/Users", #"id eq "\#(upper)""#), ("/Users", #"groups.value eq "\#(upperGroup)""#),
            ("/Users", #"id eq "\#(upper)" and userName pr"#),
            ("/Users", #"groups[value eq "\#(upperGroup)"]"#),
            ("/Groups", #"members.value eq "\#(upper)""#), ("/Groups", #"members[value eq "\#(upper)"]"#),
            ("/Groups", #"displayName pr and not (members.value ne "\#(upper)")"#),
        ] {
            let query = filter.replacing(" ", with: "%20").replacing("\"", with: "%22")
            let found = try await client.send(.get, "\(path)?filter=\(query)")
            #expect(found.texts("Resources", "id") == [path == "/Users" ? ann : group], "\(filter)")
        }
        let changed = try await client.patch(
            "/Users/\(upper)",
            #"{"op":"add","path":"title","value":"t"}"#
        )
        #expect(changed.value("id") == .string(ann))
        let bulk = try await client.bulk([
            #"{"method":"PUT","path":"/Users/\#(upper)","data":{"schemas":["\#(Schema.user.id)"],"userName":"ann2"}}"#
        ])
        guard case .array(let operations)? = bulk.value("Operations") else { return }
        #expect(try operations[0].object.requiredText("location").hasSuffix("/Users/\(ann)"))
        #expect(try await client.send(.get, "/Users/\(ann)").value("userName") == .string("ann2"))
        #expect(try await client.patch("/Groups/\(upperGroup)", Self.removal(upper)).status < 300)
        #expect(try await client.send(.get, "/Groups/\(group)").texts("members").isEmpty)
        let twice = #"{"op":"add","path":"members","value":[{"value":"\#(ann)"},{"value":"\#(upper)"}]}"#
        #expect(try await client.patch("/Groups/\(group)", twice).status < 300)
        #expect(try await client.send(.get, "/Groups/\(group)").texts("members") == [ann])
        #expect(try await client.send(.delete, "/Users/\(upper)").status == 204)
        #expect(try await client.send(.get, "/Users/\(ann)").status == 404)
        #expect(try client.service.findings() == [])
    }

    private static func removal(_ id: String) -> String {
        #"{"op":"remove","path":"members[value eq \"\#(id)\"]"}"#
    }

    @Test(
        "What a client calls an id is the client's: a manager and an externalId keep their case, and differ by it"
    )
    func ownTexts() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let id = "01A1EE56-5E08-762D-929B-73F66169BD52"
        let more = #","externalId":"\#(id)","\#(Schema.enterpriseUser.id)":{"manager":{"value":"\#(id)"}}"#
        let ann = try await client.createUser("ann", more)
        let read = try await client.send(.get, "/Users/\(ann)")
        #expect(read.value("externalId") == .string(id))
        #expect(read.value(Schema.enterpriseUser.id, "manager", "value") == .string(id))
        for (text, count) in [(id, 1), (id.lowercased(), 0)] {
            for name in ["externalId", "manager.value"] {
                let found = try await client.send(.get, "/Users?filter=\(name)%20eq%20%22\(text)%22")
                #expect(found.integer("totalResults") == count, "\(name)")
            }
        }
    }
}
