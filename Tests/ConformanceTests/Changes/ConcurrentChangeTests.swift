import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Changes side by side")
struct ConcurrentChangeTests {
    /// The statuses of requests that are sent at once.
    private func statuses(
        _ count: Int,
        _ request: @escaping @Sendable (Int) async throws -> TestAnswer
    ) async throws -> [Int] {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<count { group.addTask { try await request(number).status } }
            return try await group.reduce(into: []) { $0.append($1) }.sorted()
        }
    }

    @Test(
        "V-02, V-03: of eight changes that name the same version one is made, seven are 412",
        arguments: 0..<3
    )
    func sameVersion(round: Int) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let user = try await client.createUser("ann")
        let group = try await client.createGroup("Staff")
        for (path, operation) in [
            ("/Users/\(user)", #"{"op":"add","path":"title","value":"NUMBER"}"#),
            ("/Groups/\(group)", #"{"op":"replace","path":"displayName","value":"NUMBER"}"#),
            ("/Groups/\(group)", #"{"op":"add","path":"members","value":[{"value":"NUMBER"}]}"#),
        ] {
            var members: [String] = []
            for number in 0..<8 {
                members.append(try await client.createUser("\(operation.count)-\(number)"))
            }
            let people = members
            let tag = try #require(try await client.send(.get, path).response[.eTag])
            let found = try await statuses(8) { number in
                let value = operation.contains("members") ? people[number] : "\(number)"
                return try await client.send(
                    .patch,
                    path,
                    #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(operation.replacing("NUMBER", with: value))]}"#,
                    fields: [(.ifMatch, tag)]
                )
            }
            #expect(found == [200] + Array(repeating: 412, count: 7), "\(operation)")
        }
    }

    @Test("C-03, A-12: of eight creations with one name, in different cases, one is made, seven are 409")
    func sameName() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let names = ["ann", "ANN", "Ann", "aNn", "anN", "ANn", "AnN", "aNN"]
        let found = try await statuses(8) { number in
            try await client.send(
                .post,
                "/Users",
                #"{"schemas":["\#(Schema.user.id)"],"userName":"\#(names[number])"}"#
            )
        }
        #expect(found == [201] + Array(repeating: 409, count: 7))
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 1)
    }

    @Test("X-01, X-02: a member is added while it is deleted: it is in no group afterwards", arguments: 0..<5)
    func deletedWhileAdded(round: Int) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let user = try await client.createUser("ann")
        let group = try await client.createGroup("Staff")
        let found = try await statuses(5) { number in
            number == round
                ? try await client.send(.delete, "/Users/\(user)")
                : try await client.patch(
                    "/Groups/\(group)",
                    #"{"op":"add","path":"members","value":[{"value":"\#(user)"}]}"#
                )
        }
        #expect(found.contains(204))
        #expect(Set(found).isSubset(of: [200, 204, 400]))
        #expect(try await client.send(.get, "/Groups/\(group)").value("members") == nil)
    }
}
