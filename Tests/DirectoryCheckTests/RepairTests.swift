import Audit
import Directory
import DirectoryCheck
import HTTP
import Storage
import TestSupport
import Testing

@Suite("Repairing a store")
struct RepairTests {
    private let store = MemoryStore(clock: { 1 })
    private let service: TestService
    private let client: TestClient

    /// Users in groups: one whose set has its own id, one with a new set, and one that is a member itself.
    init() async throws {
        var limits = MembershipLimits()
        (limits.namedMax, limits.endedMax) = (2, 1)
        service = TestService(
            store: store,
            executors: [QueueExecutor(label: "loop")],
            membershipLimits: limits
        )
        client = try await service.client()
        var users: [String] = []
        for number in 0..<3 {
            users.append(try await client.createUser("u\(number)", #","externalId":"e\#(number)""#))
        }
        let small = try await client.createGroup("Small", members: [users[0]])
        _ = try await client.createGroup("Large", members: users)
        _ = try await client.createGroup("Nested", members: [small])
    }

    /// What a check finds, of both layers.
    private func findings() throws -> [String] {
        try store.check().findings.map { "\($0)" } + service.findings()
    }

    private func repair() async throws -> [String] {
        let edges = try store.check().findings.compactMap { finding -> Edge? in
            switch finding {
            case .edgeWithoutTwin(let edge), .edgeKindsDiffer(let edge): edge
            default: nil
            }
        }
        let checker = DirectoryChecker(
            store: store,
            environment: service.environment,
            actor: .admin(AuditSlug("op"))
        )
        let ledger = Ledger(store: store, gate: service.gate, committed: {})
        return try await checker.repair(edges, ledger) { _ in }
    }

    /// The rows of memberships and resources.
    private func rows() throws -> [(key: Key, value: [UInt8])] {
        try store.withSnapshot { snapshot throws(StoreError) in
            var rows: [(key: Key, value: [UInt8])] = []
            try snapshot.scan(prefix: Key([]), from: nil) { key, value, _ in
                if [0x04, 0x05].contains(key[0]) || key[0] >= 0x18 {
                    rows.append((Key([UInt8](copying: key)), [UInt8](copying: value)))
                }
                return .more
            }
            return rows
        }
    }

    @Test("Whatever row is lost, everything agrees again afterwards, and a second repair finds nothing")
    func lostRows() async throws {
        let all = try rows()
        #expect(all.count > 30)
        for lost in all {
            store.overwrite(lost.key, with: nil)
            #expect(try findings() != [], "row \(lost.key)")
            #expect(try await repair() != [], "row \(lost.key)")
            while try await service.directory.settleMemberships() {}
            #expect(try findings() == [], "row \(lost.key)")
            #expect(try await repair() == [])
            for row in try rows() { store.overwrite(row.key, with: nil) }
            for row in all { store.overwrite(row.key, with: row.value) }
            #expect(try findings() == [])
        }
    }

    @Test("Whatever row of a large change that is half settled is lost, the rest is finished or undone")
    func lostRowsOfLargeChange() async throws {
        var users: [String] = []
        for number in 3..<9 { users.append(try await client.createUser("u\(number)")) }
        let group = try await client.createGroup("Changing", members: [users[0], users[1]])
        while try await service.directory.settleMemberships() {}
        func operation(_ op: String, _ users: ArraySlice<String>) -> String {
            let values = users.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
            return #"{"op":"\#(op)","path":"members","value":[\#(values)]}"#
        }
        let operations = [operation("remove", users[..<1]), operation("add", users[2...])]
        let answer = try await client.patch("/Groups/\(group)", operations.joined(separator: ","))
        #expect(answer.status == 200)
        let all = try rows()
        let changing = all.filter { [0x1C, 0x1D].contains($0.key.bytes[0]) }
        #expect(changing.count == 2)
        for lost in all {
            store.overwrite(lost.key, with: nil)
            #expect(try findings() != [], "row \(lost.key)")
            #expect(try await repair() != [], "row \(lost.key)")
            while try await service.directory.settleMemberships() {}
            #expect(try findings() == [], "row \(lost.key)")
            #expect(try await repair() == [])
            let members = try await client.send(.get, "/Groups/\(group)").texts("members")
            switch lost.key.bytes[0] {
            case 0x1C: #expect(members == users[..<2].sorted())
            case 0x04, 0x05, 0x1D: #expect(members == users[1...].sorted(), "row \(lost.key)")
            default: break
            }
            for row in try rows() { store.overwrite(row.key, with: nil) }
            for row in all { store.overwrite(row.key, with: row.value) }
            #expect(try findings() == [])
        }
    }

    @Test("A group that loses a member whom nobody knows gets a new version and a record of the operator")
    func lostMember() async throws {
        let user = try await client.createUser("ann")
        let group = try await client.createGroup("Staff", members: [user])
        let tag = try await client.send(.get, "/Groups/\(group)").text("meta", "version")
        let id = try #require(UniqueID(text: user))
        for row in try rows() where row.key.bytes[0] == 0x20 && row.key.bytes.suffix(16) == id.bytes[...] {
            store.overwrite(row.key, with: nil)
        }
        #expect(try await repair().contains { $0.hasPrefix("edge") })
        let answer = try await client.send(.get, "/Groups/\(group)")
        #expect(answer.texts("members") == [])
        #expect(try answer.text("meta", "version") != tag)
        let record = try #require(try service.records().last)
        #expect(record["SCIM_EVENT"] == "group.members" && record["SCIM_TARGET_ID"] == group)
        #expect(record["SCIM_ACTOR_ID"] == "op" && record["SCIM_MEMBER_REMOVED"] == user)
        #expect(try record["SCIM_VERSION_NEW"] == answer.text("meta", "version"))
    }

    @Test("What is remembered of a group that nobody finds goes, and its members can be deleted")
    func lostGroup() async throws {
        let user = try await client.createUser("ann")
        let group = try await client.createGroup("Staff", members: [user])
        let id = try #require(UniqueID(text: group))
        for row in try rows() where row.key.bytes[0] == 0x20 && row.key.bytes.suffix(16) == id.bytes[...] {
            store.overwrite(row.key, with: nil)
        }
        #expect(try await repair() != [])
        #expect(try findings() == [])
        #expect(try await client.send(.get, "/Users/\(user)").value("groups") == nil)
        #expect(try await client.send(.delete, "/Users/\(user)").status == 204)
        #expect(try findings() == [])
    }

    @Test("What nobody can know is told, and stays")
    func damage() async throws {
        let record = try #require(try rows().first { $0.key.bytes[0] == 0x20 })
        store.overwrite(record.key, with: [9])
        _ = try await repair()
        #expect(try findings().contains { $0.hasSuffix("damaged record") })
    }
}
