import Storage
import Synchronization
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("LMDBStore: turns of a thread")
struct TurnTests {
    private final class Renewals: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Looks at the store's counter, and at it again inside that look.
    private static func looks(_ store: LMDBStore) throws -> [Int64] {
        try store.withSnapshot { outer throws(StoreError) in
            let first = try outer.counter(.user("n"))
            let inner = try store.withSnapshot { inner throws(StoreError) in try inner.counter(.user("n")) }
            return [first, inner]
        }
    }

    @Test("the snapshots of a turn share a transaction, and each sees what was answered before it")
    func shared() async throws {
        let renewals = Renewals()
        var configuration = LMDBStore.Configuration.small
        configuration.checkpointInterval = .seconds(3_600)
        configuration.readerPause = { renewals.count.add(1, ordering: .relaxed) }
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            defer { store.close() }
            let asks = (0..<3).map { _ in (StorageGate(), StorageGate()) }
            async let seen = onOwnThread {
                Result {
                    store.endTurn()
                    defer { store.endTurn() }
                    var seen: [Int64] = []
                    for (ask, answer) in asks {
                        ask.wait()
                        for _ in 0..<10 {
                            seen.append(
                                try store.withSnapshot { snapshot throws(StoreError) in
                                    try snapshot.counter(.user("n"))
                                }
                            )
                        }
                        answer.open()
                    }
                    return seen
                }
            }
            let before = renewals.count.load(ordering: .relaxed)
            for (ask, answer) in asks {
                _ = try await store.commit(Changeset(.increment(.user("n"), 1)))
                ask.open()
                await onOwnThread { answer.wait() }
            }
            #expect(try await seen.get() == [1, 2, 3].flatMap { [Int64](repeating: $0, count: 10) })
            #expect(renewals.count.load(ordering: .relaxed) - before == 1)
        }
    }

    @Test("a snapshot inside another one has its own transaction, and a turn is of one store")
    func nested() async throws {
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: .small) { 1 }
            let other = try LMDBStore(path: folder + "/other", configuration: .small) { 1 }
            _ = try await store.commit(Changeset(.increment(.user("n"), 1)))
            _ = try await other.commit(Changeset(.increment(.user("n"), 2)))
            let seen = await onOwnThread {
                Result {
                    store.endTurn()
                    let first = try Self.looks(store) + Self.looks(other)
                    store.endTurn()
                    other.endTurn()
                    let second = try Self.looks(store) + Self.looks(other)
                    other.endTurn()
                    return first + second
                }
            }
            #expect(try seen.get() == [1, 1, 2, 2, 1, 1, 2, 2])
            // Both wait for what is lent.
            store.close()
            other.close()
        }
    }
}
