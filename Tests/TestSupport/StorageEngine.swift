package import Storage
import Synchronization

/// Every engine that must pass the compatibility suite.
package enum StorageEngine: String, Sendable, CaseIterable {
    case memory

    /// Runs a body on a new, empty store, and closes it.
    package func withStore<R>(
        clock: StorageClock = StorageClock(),
        _ body: (any Store) async throws -> R
    ) async throws -> R {
        switch self {
        case .memory:
            let store = MemoryStore { clock.read() }
            defer { store.close() }
            return try await body(store)
        }
    }
}

/// A clock in microseconds that a test sets by hand.
package final class StorageClock: Sendable {
    private let now: Atomic<Int64>

    package init(_ now: Int64 = 1_000_000) { self.now = Atomic(now) }

    package func read() -> Int64 { now.load(ordering: .relaxed) }

    package func set(_ now: Int64) { self.now.store(now, ordering: .relaxed) }
}
