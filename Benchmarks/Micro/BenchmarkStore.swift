import Foundation
import Storage
import StorageLMDB

/// A store for one benchmark, on the disk that holds the build: a temporary folder may lie in memory, where syncing
/// costs nothing.
enum BenchmarkStore {
    static func make(
        _ name: String,
        _ change: (inout LMDBStore.Configuration) -> Void = { _ in }
    ) throws -> (store: LMDBStore, folder: URL) {
        let manager = FileManager.default
        var parent = URL(fileURLWithPath: manager.currentDirectoryPath).appendingPathComponent(".build")
        if !manager.fileExists(atPath: parent.path) { parent = manager.temporaryDirectory }
        let folder = parent.appendingPathComponent(
            "benchmark-\(name)-\(ProcessInfo.processInfo.processIdentifier)"
        )
        try? manager.removeItem(at: folder)
        var configuration = LMDBStore.Configuration()
        configuration.mapBytes = 4 << 30
        change(&configuration)
        let store = try LMDBStore(path: folder.path, configuration: configuration) {
            Int64(Date().timeIntervalSince1970 * 1_000_000)
        }
        return (store, folder)
    }

    static func end(_ store: LMDBStore, _ folder: URL) {
        store.close()
        try? FileManager.default.removeItem(at: folder)
    }
}
