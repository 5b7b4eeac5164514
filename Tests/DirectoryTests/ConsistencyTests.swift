import Directory
import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Rows that follow from records")
struct ConsistencyTests {
    @Test(
        "A random history of changes by many clients leaves every derived row in order",
        arguments: StorageEngine.allCases
    )
    func randomHistory(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let service = TestService(store: store)
            let client = try await service.client()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for task in 0..<6 {
                    tasks.addTask { try await Self.changes(client, seed: UInt64(task)) }
                }
                try await tasks.waitForAll()
            }
            #expect(try service.findings() == [])
            #expect(try store.check().findings.isEmpty)
        }
    }

    /// Creates, renames, groups and deletes; names collide on purpose.
    ///
    /// What a client asks for follows from its seed; how the clients' requests mix does not.
    private static func changes(_ client: TestClient, seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var users: [String] = []
        var groups: [String] = []
        for step in 0..<40 {
            let name = "n\(Int.random(in: 0..<30, using: &random))"
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let answer = try await client.send(
                    .post,
                    "/Users",
                    #"{"schemas":["\#(Schema.user.id)"],"userName":"\#(name)","externalId":"e\#(step % 3)"}"#
                )
                if answer.status == 201 { users.append(try answer.text("id")) }
                #expect([201, 409].contains(answer.status))
            case 2:
                let answer = try await client.send(
                    .post,
                    "/Groups",
                    #"{"schemas":["\#(Schema.group.id)"],"displayName":"g\#(name)","members":[\#(users.suffix(3).map { #"{"value":"\#($0)"}"# }.joined(separator: ","))]}"#
                )
                if answer.status == 201 { groups.append(try answer.text("id")) }
                #expect([201, 400, 409].contains(answer.status))
            case 3:
                guard let user = users.randomElement(using: &random) else { continue }
                let answer = try await client.patch(
                    "/Users/\(user)",
                    #"{"op":"replace","value":{"userName":"\#(name)","externalId":"x\#(step)"}}"#
                )
                #expect([200, 404, 409].contains(answer.status))
            case 4:
                guard let user = users.randomElement(using: &random),
                    let group = groups.randomElement(using: &random)
                else { continue }
                let answer = try await client.patch(
                    "/Groups/\(group)",
                    #"{"op":"add","path":"members","value":[{"value":"\#(user)"}]}"#
                )
                #expect([200, 400, 404].contains(answer.status))
            default:
                if Bool.random(using: &random), let user = users.popLast() {
                    #expect(try await client.send(.delete, "/Users/\(user)").status == 204)
                } else if groups.count > 2 {
                    #expect(try await client.send(.delete, "/Groups/\(groups.removeFirst())").status == 204)
                }
            }
        }
    }

    @Test("The check finds a lost row, a row too many and a wrong counter")
    func plantedDamage() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        _ = try await client.createUser("ann", #","externalId":"e1""#)
        _ = try await client.createGroup("Staff")
        #expect(try service.findings() == [])
        let rows = try service.store.withSnapshot { snapshot throws(StoreError) in
            var rows: [(key: [UInt8], value: [UInt8])] = []
            try snapshot.scan(prefix: Key([]), from: nil) { key, value, _ in
                // The spaces of tenants' resources.
                if key[0] >= 0x20 { rows.append(([UInt8](copying: key), [UInt8](copying: value))) }
                return .more
            }
            return rows
        }
        #expect(rows.count >= 7)
        for row in rows {
            var removal = Changeset()
            removal.mutations = [.delete(Key(row.key))]
            _ = try await service.store.commit(removal)
            #expect(try service.findings() != [], "row \(row.key) removed")
            var repair = Changeset()
            repair.mutations = [.put(Key(row.key), row.value)]
            _ = try await service.store.commit(repair)
            #expect(try service.findings() == [])
        }
    }

    @Test("M-03: another tenant's id answers byte for byte like an absent one, on every method")
    func foreignIDs() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let other = try await service.client("beta")
        let foreign = try await other.createUser("ann")
        let absent = "0190a000-0000-7000-8000-000000000000"
        let body = #"{"schemas":["\#(Schema.user.id)"],"userName":"x"}"#
        let patch =
            #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[{"op":"add","path":"title","value":"x"}]}"#
        for (method, body) in [(Method.get, nil), (.put, body), (.patch, patch), (.delete, nil)] {
            let answers = [
                try await client.send(method, "/Users/\(foreign)", body),
                try await client.send(method, "/Users/\(absent)", body),
                try await client.send(method, "/Users/nonsense", body),
            ]
            #expect(Set(answers.map(\.status)) == [404])
            #expect(Set(answers.map(\.response.body)).count == 1)
        }
        let group = try await client.createGroup("Staff")
        let answers = [foreign, absent].map { #"{"op":"add","path":"members","value":[{"value":"\#($0)"}]}"# }
        let first = try await client.patch("/Groups/\(group)", answers[0])
        let second = try await client.patch("/Groups/\(group)", answers[1])
        #expect(first.status == 400)
        // A refusal names the id that the request names, and tells nothing else.
        #expect(try first.text("detail").contains(foreign))
        #expect(try first.text("detail").replacing(foreign, with: absent) == second.text("detail"))
        #expect(first.response.body.count == second.response.body.count)
    }

    @Test("P-02, Q-06: a group of thousands of members is answered whole, in steps")
    func longAnswers() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let group = try await client.createGroup("Many")
        var users: [String] = []
        for number in 0..<2_500 { users.append(try await client.createUser("u\(number)")) }
        for start in stride(from: 0, to: users.count, by: 500) {
            let values = users[start..<start + 500].map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
            let answer = try await client.patch(
                "/Groups/\(group)",
                #"{"op":"add","path":"members","value":[\#(values)]}"#
            )
            #expect(answer.status == 204)
        }
        #expect(Set(try await client.send(.get, "/Groups/\(group)").texts("members")) == Set(users))
        let list = try await client.send(
            .get,
            "/Groups?filter=displayName%20eq%20%22many%22&attributes=members.value"
        )
        guard case .array(let members)? = list.value("Resources", "0", "members") else {
            return #expect(Bool(false), "no members")
        }
        #expect(members.count == 2_500)
        let filtered = try await client.send(.get, "/Users?filter=userName%20ew%20%2299%22&count=10")
        #expect(filtered.integer("totalResults") == 25)
        #expect(filtered.texts("Resources", "id").count == 10)
        let emptied = try await client.patch(
            "/Groups/\(group)",
            #"{"op":"replace","path":"members","value":[]}"#
        )
        #expect(emptied.status == 200)
        #expect(try service.findings() == [])
    }
}
