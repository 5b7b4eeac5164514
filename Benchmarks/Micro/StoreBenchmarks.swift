import Benchmark
import Foundation
import Storage
import StorageLMDB

/// The LMDB store: reads from the map, and durable commits, whose speed is that of the disk's sync.
enum StoreBenchmarks {
    static let rowCount = 10_000
    private static let scannedRows = 1_000
    private static let committers = 64

    static func register(isQuick: Bool) {
        registerReads()
        for limit in [1, 16, 128] { registerCommits(batchLimit: limit, isQuick: isQuick) }
    }

    // MARK: - Reads

    private static func registerReads() {
        let fixture = Fixture("reads")
        Benchmark("Store get: 1 kB row of 10,000") { benchmark in
            guard let store = fixture.store else { return }
            var length = 0
            for index in benchmark.scaledIterations {
                let key = key(index &* 7_919 % rowCount)
                length &+= try store.withSnapshot { snapshot throws(StoreError) in
                    try snapshot.read(key) { bytes, _ in bytes.count } ?? 0
                }
            }
            blackHole(length)
        } setup: {
            try await fixture.open(rowCount: rowCount)
        } teardown: {
            fixture.close()
        }

        var configuration = Benchmark.defaultConfiguration
        configuration.scalingFactor = .one
        Benchmark("Store scan: \(scannedRows) rows of 1 kB", configuration: configuration) { benchmark in
            guard let store = fixture.store else { return }
            for _ in benchmark.scaledIterations {
                var rows = 0
                try store.withSnapshot { snapshot throws(StoreError) in
                    try snapshot.scan(prefix: prefix, from: nil) { _, bytes, _ in
                        blackHole(bytes.count)
                        rows += 1
                        return rows < scannedRows ? .more : .stop
                    }
                }
                precondition(rows == scannedRows)
            }
        } setup: {
            try await fixture.open(rowCount: rowCount)
        } teardown: {
            fixture.close()
        }
    }

    // MARK: - Commits

    /// 64 tasks, each with one changeset on its way at any time; at most 1 a sync is LMDB without group commit.
    private static func registerCommits(batchLimit: Int, isQuick: Bool) {
        let fixture = Fixture("commits")
        var configuration = Benchmark.defaultConfiguration
        configuration.warmupIterations = isQuick ? 0 : 1
        configuration.maxDuration = isQuick ? .milliseconds(20) : .seconds(3)
        Benchmark(
            "Store commit, at most \(batchLimit) a sync: 1 kB row and log row, \(committers) committers",
            configuration: configuration
        ) { benchmark in
            guard let store = fixture.store else { return }
            let first = benchmark.currentIteration &* benchmark.scaledIterations.count
            let end = benchmark.scaledIterations.count
            try await withThrowingTaskGroup(of: Void.self) { group in
                for committer in 0..<committers {
                    group.addTask {
                        for index in stride(from: committer, to: end, by: committers) {
                            _ = try await store.commit(change(of: first &+ index))
                        }
                    }
                }
                try await group.waitForAll()
            }
        } setup: {
            try await fixture.open(rowCount: rowCount) { $0.batchChangesetsMax = batchLimit }
        } teardown: {
            fixture.close()
        }
    }

    // MARK: - Rows

    private static let prefix = Key([0x40])
    private static let row = [UInt8](SampleUser.json.prefix(1_024))
    private static let payload = [UInt8](SampleUser.json.prefix(400))

    private static func key(_ index: Int) -> Key {
        // Spread, so that neighbours in time are none in the tree, as with random users.
        var bytes = prefix.bytes
        withUnsafeBytes(of: (UInt64(index) &* 0x9E37_79B9_7F4A_7C15).bigEndian) {
            bytes.append(contentsOf: $0)
        }
        return Key(bytes)
    }

    static func change(of index: Int) -> Changeset {
        var changeset = Changeset()
        changeset.mutations = [
            .put(key(index % rowCount), row),
            .append(LogEntry(stream: "acme", payload: payload)),
        ]
        return changeset
    }

    /// The rows that reads find, without log rows among them.
    fileprivate static func fill(_ store: LMDBStore, rowCount: Int) async throws {
        for start in stride(from: 0, to: rowCount, by: 500) {
            var changeset = Changeset()
            changeset.mutations = (start..<min(start + 500, rowCount)).map { .put(key($0), row) }
            _ = try await store.commit(changeset)
        }
    }
}

/// The store of a benchmark, from its setup to its teardown; only one thread at a time comes here.
private final class Fixture: @unchecked Sendable {
    private let name: String
    private var folder: URL?
    private(set) var store: LMDBStore?

    init(_ name: String) { self.name = name }

    func open(rowCount: Int, _ change: (inout LMDBStore.Configuration) -> Void = { _ in }) async throws {
        let (store, folder) = try BenchmarkStore.make(name, change)
        self.store = store
        self.folder = folder
        try await StoreBenchmarks.fill(store, rowCount: rowCount)
    }

    func close() {
        guard let store, let folder else { return }
        BenchmarkStore.end(store, folder)
        self.store = nil
    }
}
