import Foundation
import Storage
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("Putting a store in its place, and compacting one")
struct ReplacementTests {
    private func state(_ path: String) throws -> Int64 {
        let store = try LMDBStore(path: path, configuration: .small) { 1 }
        defer { store.close() }
        return try CrashTests.state(store)
    }

    @Test("The new store has the name, the old one another; while it is open it stays")
    func replaced() async throws {
        try await withTemporaryFolder { folder in
            let store = try LMDBStore.forBackups(folder)
            _ = try await store.commit(CrashTests.change(1))
            let copy = try await TestCopy(try store.beginBackup())
            _ = try await store.commit(CrashTests.change(2))
            try copy.restore(to: folder + "/new")
            #expect(throws: StoreError.self) {
                try StoreReplacement.put(
                    folder + "/new",
                    at: folder + "/store",
                    keepingOldAs: folder + "/old"
                )
            }
            store.close()
            try StoreReplacement.put(folder + "/new", at: folder + "/store", keepingOldAs: folder + "/old")
            #expect(try state(folder + "/store") == 1)
            #expect(try state(folder + "/old") == 2)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["old", "store"])
        }
    }

    @Test("What was left unfinished is removed, and a store that is whole is not")
    func unfinished() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/new"
            #expect(try StoreReplacement.removeUnfinished(path))
            do { _ = try StoreRestore(path: path, configuration: .small) }
            #expect(FileManager.default.fileExists(atPath: path))
            #expect(try StoreReplacement.removeUnfinished(path))
            #expect(!FileManager.default.fileExists(atPath: path))

            let store = try LMDBStore.forBackups(folder)
            store.close()
            #expect(try !StoreReplacement.removeUnfinished(folder + "/store"))
            #expect(FileManager.default.fileExists(atPath: folder + "/store/data.mdb"))
        }
    }

    @Test("Compacting gives free pages back, and changes nothing else; while the store is open it is refused")
    func compacted() async throws {
        try await withTemporaryFolder { folder in
            var store = try LMDBStore.forBackups(folder)
            func write(_ value: [UInt8]?) async throws {
                for number in 0..<400 {
                    let key = Key.user("large\(number)")
                    _ = try await store.commit(Changeset(value.map { .put(key, $0) } ?? .delete(key)))
                }
            }
            try await write([UInt8](repeating: 7, count: 5_000))
            try await write(nil)
            for number in 1...20 as ClosedRange<Int64> {
                _ = try await store.commit(CrashTests.change(number))
            }
            #expect(throws: StoreError.self) {
                try StoreCompaction.compact(path: folder + "/store", configuration: .small)
            }
            store.close()
            let outcome = try StoreCompaction.compact(path: folder + "/store", configuration: .small)
            #expect(outcome.bytesBefore > 1_000_000 && outcome.bytesAfter < 300_000)
            store = try LMDBStore.forBackups(folder)
            #expect(try CrashTests.state(store) == 20)
            let file = try store.dataFile()
            #expect(file.bytes < 300_000 && !file.isWorthCompacting && file.usedBytes > 0)
            store.close()
            let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/store").sorted()
            #expect(names == ["data.mdb", "lock.mdb", "log", "store.lock"])
        }
    }
}
