import Audit
import HTTP
import JSON
import Locking
import SCIM
import Storage
import TestSupport
import Testing

@testable import Notes
@testable import Tenancy

@Suite("Notes of activity")
struct ActivityNotesTests {
    private static let row = Key([0x1B, 0, 0, 0, 1])

    private static func activity(
        _ service: TestService,
        _ tenant: String = "acme"
    ) async throws -> TenantActivity {
        try await service.notes.activity(of: try service.administration.tenant(tenant))
    }

    @Test(
        "It is the same before and after it was stored, and goes on after it, in any engine",
        arguments: StorageEngine.allCases
    )
    func stored(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let service = TestService(store: store)
            let client = try await service.client()
            for round in 1...3 {
                #expect(try await client.send(.get, "/Users").status == 200)
                let before = try await Self.activity(service)
                #expect(before.exchanges.map(\.count) == [UInt32(round)])
                try await service.notes.storeActivity()
                #expect(try await Self.activity(service).exchanges == before.exchanges)
                #expect(service.notes.activity.activity(of: 1)?.isEmpty == true)
            }
            #expect(try service.findings() == [])
            // Another process over the same store.
            let again = TestService(store: store)
            #expect(try await Self.activity(again).exchanges.map(\.count) == [3])
        }
    }

    @Test("Where nothing was noted since, nothing is committed, and the tenant makes room")
    func nothing() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        _ = try await client.send(.get, "/Users")
        try await service.notes.storeActivity()
        let generation = service.store.generation
        try await service.notes.storeActivity()
        #expect(service.store.generation == generation)
        #expect(service.notes.activity.activity(of: 1) == nil)
        let before = try await Self.activity(service).lastSequence
        _ = try await client.send(.get, "/Groups")
        #expect(try await Self.activity(service).lastSequence > before)
    }

    @Test("Two clients at once, and stores beside them, lose and double nothing")
    func concurrent() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }), loops: 4)
        let clients = [try await service.client(), try await service.client("beta")]
        let rounds = 200
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients + clients {
                group.addTask {
                    for _ in 0..<rounds { _ = try await client.send(.get, "/Users") }
                }
            }
            group.addTask {
                for _ in 0..<20 {
                    try await service.notes.storeActivity()
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        for tenant in ["acme", "beta"] {
            let activity = try await Self.activity(service, tenant)
            #expect(activity.hours.map { $0.counts[.requests] }.reduce(0, +) == UInt32(2 * rounds))
            #expect(activity.exchanges.map(\.count).reduce(0, +) == UInt32(2 * rounds))
        }
    }

    @Test("What could not be stored stays, in its order")
    func givenBack() async throws {
        let store = FailingStore()
        let service = TestService(store: store)
        let client = try await service.client()
        _ = try await client.send(.get, "/Users")
        store.fault.withLock { $0 = .full }
        await #expect(throws: DirectoryError.self) { try await service.notes.storeActivity() }
        _ = try await client.send(.get, "/Groups")
        store.fault.withLock { $0 = nil }
        try await service.notes.storeActivity()
        #expect(try await Self.activity(service).exchanges.map(\.route) == [.users, .groups])
    }

    private final class FailingStore: InterceptingStore {
        let base = MemoryStore(clock: { 1 })
        let fault = Locked<StoreError?>(nil)

        func beforeCommit(_ changeset: Changeset) async throws(StoreError) {
            if let error = fault.withLock({ $0 }) { throw error }
        }
    }

    @Test("A damaged row is found and mended by a check, and replaced by the next note")
    func damaged() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        _ = try await service.store.commit(Changeset(.put(Self.row, [9, 9])))
        #expect(try service.findings().count == 1)
        _ = try await client.send(.get, "/Users")
        try await service.notes.storeActivity()
        #expect(try service.findings() == [])
        #expect(try await Self.activity(service).exchanges.count == 1)
    }

    @Test("A deleted tenant's row goes with it, and notes that come later bring none back")
    func deleted() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        _ = try await client.send(.get, "/Users")
        try await service.notes.storeActivity()
        #expect(try service.store.value(Self.row) != nil)
        _ = try await client.send(.get, "/Users")
        try await service.administration.deleteTenant("acme", by: .system)
        try await service.administration.purgeDeletedTenants { _ in }
        try await service.notes.storeActivity()
        #expect(try service.store.value(Self.row) == nil)
    }

    @Test(
        "Who waits is woken by the next exchange of that tenant, by the end of the time, and by that of the server"
    )
    func waiting() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let (client, other) = (try await service.client(), try await service.client("beta"))
        _ = try await client.send(.get, "/Users")
        let tenant = try service.administration.tenant("acme")
        let last = try await Self.activity(service).lastSequence
        // What is there already is not waited for.
        try await service.notes.waitForActivity(of: tenant, after: last - 1, for: .seconds(60))
        async let woken: Void = service.notes.waitForActivity(of: tenant, after: last, for: .seconds(60))
        _ = try await other.send(.get, "/Users")
        try await Task.sleep(for: .milliseconds(20))
        _ = try await client.send(.get, "/Users")
        try await woken
        let newest = try await Self.activity(service).lastSequence
        #expect(newest > last)
        try await service.notes.waitForActivity(of: tenant, after: newest, for: .milliseconds(10))
        async let ended: Void = service.notes.waitForActivity(
            of: tenant,
            after: newest,
            for: .seconds(60)
        )
        try await Task.sleep(for: .milliseconds(20))
        service.notes.activity.endWaits()
        try await ended
    }

    @Test("A bounded number waits: one more is refused, and has a place when another one has gone")
    func waiters() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        _ = try await client.send(.get, "/Users")
        let tenant = try service.administration.tenant("acme")
        let last = try await Self.activity(service).lastSequence
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<ActivityNotes.waitersMax {
                group.addTask {
                    try await service.notes.waitForActivity(of: tenant, after: last, for: .seconds(60))
                }
            }
            while service.notes.activity.waiterCount < ActivityNotes.waitersMax {
                try await Task.sleep(for: .milliseconds(1))
            }
            await #expect(throws: DirectoryError.busy) {
                try await service.notes.waitForActivity(of: tenant, after: last, for: .seconds(60))
            }
            _ = try await client.send(.get, "/Users")
            try await group.waitForAll()
        }
        try await service.notes.waitForActivity(of: tenant, after: last + 5, for: .milliseconds(1))
    }

    @Test("Tenants beyond the bound are not noted until idle ones have made room")
    func bounded() async throws {
        let notes = ActivityNotes()
        let time = Timestamp(microseconds: 1_795_000_000_000_000)
        func count(_ number: UInt32) {
            notes.note(number, "t\(number)", at: time) { activity, _ in
                activity.count(ActivityCounts(), at: time)
            }
        }
        let most = UInt32(ActivityNotes.tenantsMax)
        for number in 0..<2 * most { count(number) }
        #expect(notes.takeAll().count == Int(most))
        #expect(notes.takeAll().isEmpty)
        count(2 * most)
        #expect(notes.takeAll().map(\.number) == [2 * most])
    }
}
