import Foundation
package import Storage
package import StorageLMDB
import Synchronization

/// Every engine that must pass the compatibility suite.
package enum StorageEngine: String, Sendable, CaseIterable {
    case memory, lmdb

    /// Runs a body on a new, empty store, and closes it.
    package func withStore<R>(
        clock: StorageClock = StorageClock(),
        watched: WatchedKeys = .all,
        _ body: (any Store) async throws -> R
    ) async throws -> R {
        switch self {
        case .memory:
            let store = MemoryStore(watched: watched) { clock.read() }
            defer { store.close() }
            return try await body(store)
        case .lmdb:
            return try await withTemporaryFolder { folder in
                var configuration = LMDBStore.Configuration.small
                configuration.watched = watched
                let store = try LMDBStore(path: folder + "/store", configuration: configuration) {
                    clock.read()
                }
                defer { store.close() }
                return try await body(store)
            }
        }
    }
}

extension LMDBStore.Configuration {
    /// A map and a log that many tests at once can have.
    package static var small: Self {
        var configuration = Self()
        configuration.mapBytes = 64 << 20
        configuration.log.segmentBytes = 1 << 20
        configuration.log.reserveBytes = 128 << 10
        return configuration
    }
}

/// Runs a body with a new folder and deletes the folder afterwards.
package func withTemporaryFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("storage-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}

/// A clock in microseconds that a test sets by hand.
package final class StorageClock: Sendable {
    private let now: Atomic<Int64>

    package init(_ now: Int64 = 1_000_000) { self.now = Atomic(now) }

    package func read() -> Int64 { now.load(ordering: .relaxed) }

    package func set(_ now: Int64) { self.now.store(now, ordering: .relaxed) }
}
