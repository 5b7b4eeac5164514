import Audit
import Locking
import SCIM
import Storage
import TestSupport
import Testing

@testable import Notes
@testable import Tenancy

@Suite("Notes of ignored attributes")
struct IgnoredNotesTests {
    private static let row = Key([0x17, 0, 0, 0, 1])

    /// A store whose commits can be made to fail, or to come second to a change of somebody else.
    private final class FaultyStore: InterceptingStore {
        let base = MemoryStore(clock: { 1 })
        let fault = Locked<StoreError?>(nil)
        /// Rewrites a row before the next commit.
        let rival = Locked<Key?>(nil)

        func beforeCommit(_ changeset: Changeset) async throws(StoreError) {
            if let error = fault.withLock({ $0 }) { throw error }
            let key = rival.withLock { key in
                defer { key = nil }
                return key
            }
            if let key, let value = try base.value(key) {
                _ = try await base.commit(Changeset(.put(key, value)))
            }
        }
    }

    /// Sends a request that only an ignored attribute is in.
    private static func send(_ client: TestClient, _ user: String, _ attribute: String) async throws {
        let operation = #"{"op":"add","path":"\#(attribute)","value":9}"#
        #expect(try await client.patch("/Users/\(user)", operation).status == 200)
    }

    @Test(
        "They are shown before and after they were stored, in any engine",
        arguments: StorageEngine.allCases
    )
    func stored(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let service = TestService(store: store)
            let client = try await service.client()
            let user = try await client.createUser("ann", #","shoeSize":9"#)
            let generation = store.generation
            for round in 1...3 {
                #expect(try await service.ignored() == ["User shoeSize \(round)"])
                #expect(store.generation == generation.map { $0 + UInt64(round - 1) })
                try await service.notes.storeIgnoredNotes()
                #expect(try await service.ignored() == ["User shoeSize \(round)"])
                try await Self.send(client, user, "SHOESIZE")
            }
            #expect(try service.findings() == [])
        }
    }

    @Test("Where nothing was ignored since, nothing is committed")
    func nothing() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        _ = try await client.createUser("ann")
        let generation = service.store.generation
        try await service.notes.storeIgnoredNotes()
        #expect(service.store.generation == generation)
        #expect(try await service.ignored() == [])
        #expect(try service.store.value(Self.row) == nil)
    }

    @Test("Requests at once, and stores of the notes beside them, lose and double nothing")
    func concurrent() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }), loops: 4)
        let clients = [try await service.client(), try await service.client("beta")]
        var users: [[String]] = []
        for client in clients {
            var ids: [String] = []
            for number in 0..<4 { ids.append(try await client.createUser("u\(number)")) }
            users.append(ids)
        }
        try await withThrowingTaskGroup { [users] group in
            for (client, ids) in zip(clients, users) {
                for user in ids {
                    group.addTask {
                        for _ in 0..<50 { try await Self.send(client, user, "shoeSize") }
                    }
                }
            }
            for _ in 0..<2 {
                group.addTask { for _ in 0..<50 { try await service.notes.storeIgnoredNotes() } }
            }
            group.addTask {
                var before = 0
                for _ in 0..<50 {
                    let shown = try await service.administration.ignoredAttributes(
                        of: try service.administration.tenant("acme"),
                        in: service.notes
                    )
                    let count = shown.all.first?.sightings.count ?? 0
                    #expect(count >= before)
                    before = count
                }
            }
            try await group.waitForAll()
        }
        #expect(try await service.ignored("acme") == ["User shoeSize 200"])
        #expect(try await service.ignored("beta") == ["User shoeSize 200"])
    }

    @Test("A request is answered although nothing can be stored; the counts wait, and are shown")
    func failing() async throws {
        let store = FaultyStore()
        let service = TestService(store: store)
        let client = try await service.client()
        let user = try await client.createUser("ann", #","shoeSize":9"#)
        store.fault.withLock { $0 = .full }
        await #expect(throws: DirectoryError.full) { try await service.notes.storeIgnoredNotes() }
        try await Self.send(client, user, "shoeSize")
        #expect(try await service.ignored() == ["User shoeSize 2"])
        await #expect(throws: AdministrationError.store(.full)) {
            try await service.administration.clearIgnoredAttributes(
                tenant: "acme",
                by: .system,
                in: service.notes
            )
        }
        #expect(try await service.ignored() == ["User shoeSize 2"])
        store.fault.withLock { $0 = nil }
        try await service.notes.storeIgnoredNotes()
        #expect(try await service.ignored() == ["User shoeSize 2"])
        #expect(try store.value(Self.row) != nil)
    }

    @Test("Somebody else's change of the tenant's row or of the list itself delays a store, and is kept")
    func rivals() async throws {
        let store = FaultyStore()
        let service = TestService(store: store)
        let client = try await service.client()
        let user = try await client.createUser("ann")
        for (count, key) in [Keys.tenant("acme"), Self.row, Self.row].enumerated() {
            try await Self.send(client, user, "shoeSize")
            store.rival.withLock { $0 = key }
            try await service.notes.storeIgnoredNotes()
            #expect(try await service.ignored() == ["User shoeSize \(count + 1)"])
        }
    }

    @Test(
        "Clearing forgets what is stored and what is not, once in the audit trail, and counting begins anew"
    )
    func clearing() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let (client, other) = (try await service.client(), try await service.client("beta"))
        _ = try await other.createUser("bob", #","hatSize":8"#)
        let user = try await client.createUser("ann", #","shoeSize":9"#)
        try await service.notes.storeIgnoredNotes()
        try await Self.send(client, user, "hatSize")
        for _ in 0..<2 {
            _ = try await service.administration.clearIgnoredAttributes(
                tenant: "acme",
                by: .admin(nil),
                in: service.notes
            )
            #expect(try await service.ignored() == [])
        }
        let records = try service.records().filter { $0["SCIM_ATTR"] == "ignoredAttributes" }
        #expect(records.map { $0["SCIM_EVENT"] } == ["tenant.update"])
        #expect(records.first?["SCIM_TENANT"] == "acme")
        #expect(records.first?["SCIM_ACTOR_TYPE"] == "admin")
        try await service.notes.storeIgnoredNotes()
        #expect(try service.store.value(Self.row) == nil)
        try await Self.send(client, user, "hatSize")
        #expect(try await service.ignored() == ["User hatSize 1"])
        #expect(try await service.ignored("beta") == ["User hatSize 1"])
        await #expect(throws: AdministrationError.noSuchTenant) {
            try await service.administration.clearIgnoredAttributes(
                tenant: "gamma",
                by: .system,
                in: service.notes
            )
        }
    }

    @Test("While the audit trail takes no records, the list is not cleared, and still shown")
    func closedGate() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        _ = try await service.client().createUser("ann", #","shoeSize":9"#)
        service.gate.setAccepting(false)
        await #expect(throws: AdministrationError.auditUnavailable) {
            try await service.administration.clearIgnoredAttributes(
                tenant: "acme",
                by: .system,
                in: service.notes
            )
        }
        #expect(try await service.ignored() == ["User shoeSize 1"])
    }

    @Test("A deleted tenant's list goes with it, stored or not, and a new tenant of its name starts empty")
    func deletedTenant() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let user = try await client.createUser("ann", #","shoeSize":9"#)
        try await service.notes.storeIgnoredNotes()
        #expect(try service.store.value(Self.row) != nil)
        try await Self.send(client, user, "hatSize")
        try await service.administration.deleteTenant("acme", by: .system)
        try await service.administration.purgeDeletedTenants { _ in }
        #expect(try service.store.value(Self.row) == nil)
        _ = try await service.client()
        try await service.notes.storeIgnoredNotes()
        #expect(try await service.ignored() == [])
        #expect(try service.store.keys(Key([0x17])) == [])
    }

    @Test("A damaged list is found by the check, left alone by requests, and cleared by an operator")
    func damage() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let user = try await client.createUser("ann", #","shoeSize":9"#)
        _ = try await service.store.commit(Changeset(.put(Self.row, [9])))
        #expect(try service.findings() == ["tenant acme: the list of its ignored attributes is damaged"])
        try await service.notes.storeIgnoredNotes()
        try await Self.send(client, user, "shoeSize")
        #expect(try service.store.value(Self.row) == [9])
        await #expect(
            throws: AdministrationError.store(.corrupt("ignored attributes of tenant acme"))
        ) { try await service.ignored() }
        _ = try await service.administration.clearIgnoredAttributes(
            tenant: "acme",
            by: .system,
            in: service.notes
        )
        #expect(try await service.ignored() == [])
        #expect(try service.findings() == [])
    }

    @Test("Tenants beyond the limit of the memory are counted again once the others were stored")
    func tenantLimit() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let user = try await client.createUser("ann")
        let path = AttributePath(attribute: "shoeSize")
        for number in 0..<UInt32(IgnoredNotes.tenantsMax) {
            service.notes.ignored.add(
                IgnoredNotes.OfTenant(
                    name: "gone-\(number)",
                    number: 1_000 + number,
                    attributes: IgnoredAttributes([path], of: "User", at: service.clock.now())
                )
            )
        }
        try await Self.send(client, user, "shoeSize")
        #expect(try await service.ignored() == [])
        try await service.notes.storeIgnoredNotes()
        try await Self.send(client, user, "shoeSize")
        #expect(try await service.ignored() == ["User shoeSize 1"])
    }
}
