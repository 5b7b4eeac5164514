import Foundation
import Storage
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("StoreRestore: a backup and a log")
struct PointInTimeTests {
    private static let changes: Int64 = 150

    /// A store with changes at 1000, 2000 …, and a copy of it as it was after the first 50.
    private func withCopy(
        _ change: (inout LMDBStore.Configuration) -> Void = { _ in },
        _ body: (TestCopy, String) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let clock = StorageClock(0)
            let store = try LMDBStore.forBackups(folder, clock: clock, change)
            var copy: TestCopy?
            for number in 1...Self.changes {
                clock.set(number * 1_000)
                _ = try await store.commit(CrashTests.change(number))
                if number == 50 { copy = try await TestCopy(try store.beginBackup()) }
            }
            store.close()
            try await body(try #require(copy), folder)
        }
    }

    private func state(_ path: String) throws -> Int64 {
        let store = try LMDBStore(path: path, configuration: .small) { 1 }
        defer { store.close() }
        return try CrashTests.state(store)
    }

    @Test("A time is met to the change, and the next change is told", arguments: [50, 51, 73, 149, 150])
    func exact(number: Int64) async throws {
        try await withCopy { copy, folder in
            for (path, time) in [("/at", number * 1_000), ("/behind", number * 1_000 + 999)] {
                try copy.restore(to: folder + path) { store in
                    let next = try store.follow(logFolder: folder + "/store/log", through: time) { _ in }
                    #expect(next == (number == Self.changes ? nil : (number + 1) * 1_000))
                    #expect(store.lastMicroseconds == number * 1_000)
                }
                #expect(try state(folder + path) == number)
            }
        }
    }

    @Test("Where files of the log are missing, nothing is guessed")
    func gap() async throws {
        try await withCopy({
            $0.log.retention = .zero
            $0.log.retainedBytesMax = 0
        }) { copy, folder in
            let text = try message(copy, folder, folder + "/store/log")
            #expect(text.contains("are missing"))
        }
        try await withCopy { copy, folder in
            let log = folder + "/store/log"
            let names = try FileManager.default.contentsOfDirectory(atPath: log).sorted()
            try FileManager.default.removeItem(atPath: log + "/" + names[names.count / 2])
            #expect(try message(copy, folder, log).contains("is missing or damaged, and changes follow"))
        }
    }

    @Test("A record that is damaged is told by its number")
    func rotten() async throws {
        try await withCopy { copy, folder in
            let log = folder + "/store/log"
            let names = try FileManager.default.contentsOfDirectory(atPath: log).sorted()
            let file = URL(filePath: log + "/" + names[names.count / 2])
            var data = try Data(contentsOf: file)
            data[LogFormat.firstOffset + 100] ^= 4
            try data.write(to: file)
            #expect(try message(copy, folder, log).contains("of the log is missing or damaged"))
        }
    }

    @Test("The log of a store that was restored meanwhile goes on from another record, and is not taken")
    func otherHistory() async throws {
        try await withCopy { copy, folder in
            try copy.restore(to: folder + "/copy")
            let store = try LMDBStore(path: folder + "/copy", configuration: .small) { 1 }
            for number in 51...60 as ClosedRange<Int64> {
                _ = try await store.commit(CrashTests.change(number))
            }
            let second = try await TestCopy(try store.beginBackup())
            store.close()
            for (copy, log) in [(copy, "/copy/log"), (second, "/store/log")] {
                let text = try message(copy, folder, folder + log)
                #expect(text.contains("another one"), "\(text)")
            }
        }
    }

    /// Why a log cannot be followed.
    private func message(_ copy: TestCopy, _ folder: String, _ log: String) throws -> String {
        let path = folder + "/refused\(UInt64(copy.count))-\(log.hashValue)"
        var text = ""
        try copy.restore(to: path) { store in
            do throws(StoreError) {
                _ = try store.follow(logFolder: log, through: .max) { _ in }
                Issue.record("the log was followed")
            } catch {
                text = "\(error)"
            }
        }
        return text
    }
}
