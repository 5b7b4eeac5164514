import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Groups over the pipeline")
struct GroupTests {
    private func setUp(_ users: Int = 3) async throws -> (TestClient, [String]) {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        var ids: [String] = []
        for number in 0..<users {
            ids.append(try await client.createUser("user\(number)", #","displayName":"U\#(number)""#))
        }
        return (client, ids)
    }

    @Test(
        "A-16, A-17: members are answered with type and reference, their names if asked; the user's groups follow from them"
    )
    func membersAndGroups() async throws {
        let (client, users) = try await setUp()
        let group = try await client.createGroup("Staff", members: [users[0], users[1], users[0]])
        let read = try await client.send(.get, "/Groups/\(group)")
        #expect(Set(read.texts("members")) == Set(users[..<2]))
        #expect(read.texts("members", "display").isEmpty)
        let named = try await client.send(.get, "/Groups/\(group)?attributes=members.value,members.display")
        #expect(Set(named.texts("members", "display")) == ["U0", "U1"])
        #expect(named.texts("members", "type").isEmpty)
        #expect(Set(read.texts("members", "type")) == ["User"])
        #expect(
            read.texts("members", "$ref").allSatisfy {
                $0.hasPrefix("https://scim.example.com/acme/scim/v2/Users/")
            }
        )
        let user = try await client.send(.get, "/Users/\(users[0])")
        #expect(user.texts("groups") == [group])
        #expect(user.texts("groups", "display") == ["Staff"])
        #expect(user.texts("groups", "type") == ["direct"])
        #expect(try await client.send(.get, "/Users/\(users[2])").value("groups") == nil)
    }

    @Test("A-17: a group can be a member of a group, but not of itself, and a member must exist")
    func nested() async throws {
        let (client, users) = try await setUp()
        let inner = try await client.createGroup("Inner", members: [users[0]])
        let outer = try await client.createGroup("Outer", members: [inner])
        #expect(try await client.send(.get, "/Groups/\(outer)").texts("members", "type") == ["Group"])
        for member in [outer, "0190a000-0000-7000-8000-000000000000", "nobody"] {
            let answer = try await client.patch(
                "/Groups/\(outer)",
                #"{"op":"add","path":"members","value":[{"value":"\#(member)"}]}"#
            )
            #expect(answer.status == 400)
            #expect(answer.value("scimType") == .string("invalidValue"))
        }
    }

    @Test("H-11, H-13: members are added, removed by filter or by value array, replaced and emptied")
    func memberOperations() async throws {
        let (client, users) = try await setUp()
        let group = try await client.createGroup("Staff", members: [users[0]])
        func members(after operations: String) async throws -> Set<String> {
            let answer = try await client.patch("/Groups/\(group)", operations)
            #expect(answer.status == 200)
            #expect(
                Set(answer.texts("members"))
                    == Set(try await client.send(.get, "/Groups/\(group)").texts("members"))
            )
            return Set(answer.texts("members"))
        }
        #expect(
            try await members(
                after: #"{"op":"Add","path":"members","value":[{"$ref":null,"value":"\#(users[1])"}]}"#
            ) == Set(users[..<2])
        )
        #expect(
            try await members(
                after:
                    #"{"op":"remove","path":"members[value eq \"\#(users[0])\"]"},{"op":"add","path":"members","value":[{"value":"\#(users[2])"}]}"#
            ) == Set(users[1...])
        )
        #expect(
            try await members(after: #"{"op":"Remove","path":"members","value":[{"value":"\#(users[1])"}]}"#)
                == [users[2]]
        )
        #expect(try await members(after: #"{"op":"replace","value":{"displayName":"Staff"}}"#) == [users[2]])
        #expect(
            try await members(
                after:
                    #"{"op":"replace","path":"members","value":[{"value":"\#(users[0])"},{"value":"\#(users[1])"}]}"#
            ) == Set(users[..<2])
        )
        #expect(
            try await members(after: #"{"op":"remove","path":"members[display eq \"U0\"]"}"#) == [users[1]]
        )
        #expect(try await members(after: #"{"op":"replace","path":"members","value":[]}"#) == [])
    }

    @Test(
        "H-08: a group's answer is 200 with its members up to 100, 204 beyond, and 200 for whom names attributes"
    )
    func boundedAnswer() async throws {
        let (client, users) = try await setUp(101)
        let group = try await client.createGroup("Many", members: Array(users[..<99]))
        func add(_ user: String, _ query: String = "") async throws -> TestAnswer {
            try await client.patch(
                "/Groups/\(group)\(query)",
                #"{"op":"add","path":"members","value":[{"value":"\#(user)"}]}"#
            )
        }
        let hundred = try await add(users[99])
        #expect(hundred.status == 200)
        #expect(hundred.texts("members").count == 100)
        let more = try await add(users[100])
        #expect(more.status == 204)
        #expect(more.response.body.isEmpty)
        let asked = try await add(users[100], "?attributes=displayName")
        #expect(asked.status == 200)
        #expect(asked.value("members") == nil)
    }

    @Test(
        "X-02: who is deleted leaves every group in the same commit, and a deleted group leaves its parents"
    )
    func deletion() async throws {
        let (client, users) = try await setUp()
        let inner = try await client.createGroup("Inner", members: users)
        let outer = try await client.createGroup("Outer", members: [inner, users[0]])
        let before = try await client.send(.get, "/Groups/\(outer)").response[.eTag]
        #expect(try await client.send(.delete, "/Users/\(users[0])").status == 204)
        #expect(Set(try await client.send(.get, "/Groups/\(inner)").texts("members")) == Set(users[1...]))
        let after = try await client.send(.get, "/Groups/\(outer)")
        #expect(after.texts("members") == [inner])
        #expect(after.response[.eTag] != before)
        #expect(try await client.send(.delete, "/Groups/\(inner)").status == 204)
        #expect(try await client.send(.get, "/Groups/\(outer)").value("members") == nil)
        #expect(try await client.send(.get, "/Users/\(users[1])").value("groups") == nil)
    }

    @Test("V-03, clients 4.14: eight PATCH requests to one group at once lose nothing")
    func concurrentPatches() async throws {
        let (client, users) = try await setUp(80)
        let group = try await client.createGroup("Busy")
        try await withThrowingTaskGroup(of: Int.self) { tasks in
            for part in 0..<8 {
                tasks.addTask {
                    let values = users[part * 10..<part * 10 + 10].map { #"{"value":"\#($0)"}"# }
                    return try await client.patch(
                        "/Groups/\(group)",
                        #"{"op":"add","path":"members","value":[\#(values.joined(separator: ","))]}"#
                    ).status
                }
            }
            for try await status in tasks { #expect(status == 200) }
        }
        #expect(Set(try await client.send(.get, "/Groups/\(group)").texts("members")) == Set(users))
    }

    @Test("F-12: groups are found by name in any case, by externalId and by member; users by group")
    func look_ups() async throws {
        let (client, users) = try await setUp()
        let group = try await client.createGroup("Sträße", members: [users[0]])
        _ = try await client.createGroup("Other", members: [users[1]])
        for (path, total) in [
            ("/Groups?filter=displayName%20eq%20%22STR%C3%84SSE%22", 1),
            ("/Groups?filter=members.value%20eq%20%22\(users[0])%22", 1),
            ("/Groups?filter=members%5Bvalue%20eq%20%22\(users[0])%22%5D", 1),
            ("/Groups?filter=id%20eq%20%22\(group)%22%20and%20members%20eq%20%22\(users[1])%22", 0),
            ("/Users?filter=groups.value%20eq%20%22\(group)%22", 1),
            ("/Users?filter=userName%20sw%20%22USER%22%20and%20not(id%20eq%20%22\(users[0])%22)", 2),
            ("/Groups?excludedAttributes=members&filter=displayName+eq+%22other%22", 1),
        ] {
            let answer = try await client.send(.get, path)
            #expect(answer.status == 200, "\(path)")
            #expect(answer.integer("totalResults") == total, "\(path)")
        }
        let excluded = try await client.send(.get, "/Groups/\(group)?excludedAttributes=members")
        #expect(excluded.value("members") == nil)
        #expect(excluded.value("displayName") != nil)
    }
}
