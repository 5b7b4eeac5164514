import Directory
import DirectoryCheck
import HTTP
import Locking
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Rebuilding the rows that follow from records")
struct DerivedRowsTests {
    private let store = MemoryStore(clock: { 1 })
    private let service: TestService
    private let client: TestClient

    init() async throws {
        service = TestService(store: store, executors: [QueueExecutor(label: "loop")])
        client = try await service.client()
        for number in 0..<30 {
            _ = try await client.createUser(
                "u\(number)",
                #","externalId":"e\#(number % 7)","active":\#(number % 3 == 0),"displayName":"D\#(number)""#
            )
        }
        _ = try await client.createGroup("Staff", members: [])
    }

    private func count(_ prefix: Key) throws -> Int {
        try store.withSnapshot { snapshot throws(StoreError) in
            try snapshot.keys(prefix: prefix, from: nil, limit: 10_000).count
        }
    }

    /// Leaves of the rows that follow from records what a store of format 3 has: some of another form.
    private func age() async throws {
        var keys: [Key] = []
        try store.withSnapshot { snapshot throws(StoreError) in
            for space: UInt8 in [0x24, 0x25, 0x28, 0x29, 0x2A, 0x1F] {
                keys += try snapshot.keys(prefix: Key([space]), from: nil, limit: 10_000)
            }
        }
        _ = try await store.commit(
            Changeset(keys.map { .delete($0) } + [.put(Key([0x21, 1]), [1]), .put(Key([0x22, 1]), [])])
        )
    }

    @Test(
        "An older store has all rows afterwards, and none of the former ones; a second time nothing is done"
    )
    func rebuild() async throws {
        let rows = DerivedRows(store: store, environment: service.environment)
        let before = try count(Key([0x29]))
        try await age()
        #expect(try service.findings() != [])
        #expect(try !rows.areCurrent())
        var progress: [Int] = []
        try await rows.rebuild { progress.append($0) }
        #expect(progress.last == 31)
        #expect(try rows.areCurrent())
        #expect(try service.findings() == [])
        #expect(try count(Key([0x29])) == before)
        for prefix in Keys.former { #expect(try count(prefix) == 0) }
        let active = try await client.send(.get, "/Users?filter=active%20eq%20true")
        #expect(active.integer("totalResults") == 10)
        let named = try await client.send(.get, "/Users?filter=userName%20eq%20%22U7%22")
        #expect(named.integer("totalResults") == 1)
    }

    @Test("What is interrupted begins again")
    func interrupted() async throws {
        try await age()
        let failing = FailingStore(base: store)
        await #expect(throws: DirectoryError.self) {
            try await DerivedRows(store: failing, environment: service.environment).rebuild { _ in }
        }
        let rows = DerivedRows(store: store, environment: service.environment)
        #expect(try !rows.areCurrent())
        try await rows.rebuild { _ in }
        #expect(try service.findings() == [])
    }
}

/// Takes one commit and then no other.
private final class FailingStore: InterceptingStore {
    let base: MemoryStore
    private let isUsed = Locked(false)

    init(base: MemoryStore) { self.base = base }

    func beforeCommit(_ changeset: Changeset) async throws(StoreError) {
        guard
            isUsed.withLock({ isUsed in
                defer { isUsed = true }
                return !isUsed
            })
        else { throw .full }
    }
}
