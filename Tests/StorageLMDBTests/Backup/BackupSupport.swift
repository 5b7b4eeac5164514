import Storage
import TestSupport
import Testing

@testable import StorageLMDB

/// The parts of a copy, put together.
struct TestCopy {
    var rows: [UInt8] = []
    var log: [UInt8] = []
    /// How many changes the copy says that it has.
    var count: Int64 = 0

    /// Reads a copy in small parts; `between`: what happens between two of them.
    init(
        _ backup: StoreBackup,
        partBytes: Int = 500,
        between: () async throws -> Void = {}
    ) async throws {
        while true {
            let part = try backup.nextPart(bytesMax: partBytes) { snapshot throws(StoreError) in
                count = try snapshot.counter(.user("n"))
            }
            rows += part.rows
            log += part.log
            guard !part.isLast else { return }
            try await between()
        }
    }

    /// Makes a store of the copy in a folder; `follow`: what is done before its end.
    func restore(
        to path: String,
        _ configuration: LMDBStore.Configuration = .small,
        _ follow: (StoreRestore) throws -> Void = { _ in }
    ) throws {
        let store = try StoreRestore(path: path, configuration: configuration)
        // In pieces that end anywhere.
        try Self.add(rows, by: 777) { bytes in try store.addRows(bytes) }
        try Self.add(log, by: 5_000) { bytes in try store.addRecords(bytes) }
        try follow(store)
        try store.finish(configuration)
    }

    private static func add(_ bytes: [UInt8], by count: Int, _ add: ([UInt8]) throws -> Int) throws {
        var rest: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: count) {
            rest += bytes[start..<min(start + count, bytes.count)]
            rest.removeFirst(try add(rest))
        }
        #expect(rest.isEmpty)
    }
}

extension LMDBStore {
    /// A store with small runs and files of the log, so that a few changes fill some.
    static func forBackups(
        _ folder: String,
        clock: StorageClock = StorageClock(1),
        _ change: (inout Configuration) -> Void = { _ in }
    ) throws -> LMDBStore {
        var configuration = Configuration.small
        configuration.log.segmentBytes = 64 << 10
        configuration.log.reserveBytes = 8 << 10
        configuration.runBytesMax = 8_000
        // However busy the machine is, a store that is closed has written all to its data file.
        configuration.closeMax = .seconds(120)
        change(&configuration)
        return try LMDBStore(path: folder + "/store", configuration: configuration) { clock.read() }
    }
}
