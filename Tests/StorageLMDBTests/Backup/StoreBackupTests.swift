import Foundation
import Locking
import Storage
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("StoreBackup")
struct StoreBackupTests {
    @Test("A copy has what was committed, and its store goes on from there with another log")
    func copied() async throws {
        try await withTemporaryFolder { folder in
            let store = try LMDBStore.forBackups(folder)
            for number in 1...40 as ClosedRange<Int64> {
                _ = try await store.commit(CrashTests.change(number))
            }
            let backup = try store.beginBackup()
            let copy = try await TestCopy(backup)
            #expect(copy.count == 40)
            #expect(backup.extent.lastNumber == 40 && backup.extent.damagedRowCount == 0)
            let id = try store.info().storeID
            store.close()

            try copy.restore(to: folder + "/copy")
            for expected in [40, 41] as [Int64] {
                let restored = try LMDBStore(path: folder + "/copy", configuration: .small) { 1 }
                #expect(try CrashTests.state(restored) == expected)
                #expect(try restored.info().storeID == id)
                if expected == 40 { _ = try await restored.commit(CrashTests.change(41)) }
                restored.close()
            }
        }
    }

    @Test("An empty store can be copied too")
    func empty() async throws {
        try await withTemporaryFolder { folder in
            let store = try LMDBStore.forBackups(folder)
            let copy = try await TestCopy(try store.beginBackup())
            store.close()
            try copy.restore(to: folder + "/copy")
            let restored = try LMDBStore(path: folder + "/copy", configuration: .small) { 1 }
            _ = try await restored.commit(CrashTests.change(1))
            #expect(try CrashTests.state(restored) == 1)
            restored.close()
        }
    }

    /// Two rows that are alike, one that moves, and one for each change.
    private static func change(_ writer: Int, _ number: Int) -> Changeset {
        let value = Array("\(number)".utf8)
        // Keys of both writers, and those that move, lie all over the order.
        return Changeset(
            .put(.user("a\(writer)"), value),
            .put(.user("z\(writer)"), value),
            .delete(.user("m\((number - 1) % 9)-\(writer)")),
            .put(.user("m\(number % 9)-\(writer)"), value),
            .put(.user("row\(writer)-\(number)"), [UInt8](repeating: 1, count: 100)),
            .append(LogEntry(stream: "w\(writer)", payload: [1]))
        )
    }

    private final class Writers: Sendable {
        let isDone = Locked(false)
        /// The last change of each that was answered.
        let answered = Locked([0, 0])
    }

    @Test("While two writers write, a copy is of one moment, and has all that was answered before it began")
    func beside() async throws {
        try await withTemporaryFolder { folder in
            let store = try LMDBStore.forBackups(folder)
            let writers = Writers()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for writer in 0..<2 {
                    tasks.addTask {
                        var number = 0
                        while !writers.isDone.withLock({ $0 }) {
                            number += 1
                            _ = try await store.commit(Self.change(writer, number))
                            let last = number
                            writers.answered.withLock { $0[writer] = last }
                        }
                    }
                }
                while writers.answered.withLock({ $0.min() ?? 0 }) < 50 {
                    try await Task.sleep(for: .milliseconds(1))
                }
                let before = writers.answered.withLock { $0 }
                let copy = try await TestCopy(try store.beginBackup()) {
                    try await Task.sleep(for: .microseconds(200))
                }
                let after = writers.answered.withLock { $0 }
                writers.isDone.withLock { $0 = true }
                try await tasks.waitForAll()
                // Otherwise nothing was written beside it.
                #expect(after[0] > before[0] && after[1] > before[1])

                try copy.restore(to: folder + "/copy")
                let restored = try LMDBStore(path: folder + "/copy", configuration: .small) { 1 }
                defer { restored.close() }
                #expect(try restored.check().isClean)
                for writer in 0..<2 {
                    let text = String(decoding: try restored.value(.user("a\(writer)")) ?? [], as: UTF8.self)
                    let number = try #require(Int(text))
                    #expect(number >= before[writer])
                    #expect(try restored.value(.user("z\(writer)")) == Array(text.utf8))
                    #expect(try restored.keys(.user("row\(writer)-")).count == number)
                    let moving = try restored.keys(.user("m")).filter {
                        $0.bytes.last == 0x30 + UInt8(writer)
                    }
                    #expect(moving == [.user("m\(number % 9)-\(writer)")])
                    let sequences = try restored.logRows().filter { $0.stream == "w\(writer)" }.map(
                        \.sequence
                    )
                    #expect(sequences == Array(1...UInt64(number)))
                }
            }
            store.close()
        }
    }

    @Test(
        "Files of the log stay as long as a copy needs them, and no longer; on a full disk the copy gives way"
    )
    func keeps() async throws {
        try await withTemporaryFolder { folder in
            let store = try LMDBStore.forBackups(folder) {
                $0.log.retention = .zero
                $0.log.retainedBytesMax = 0
            }
            for number in 1...20 as ClosedRange<Int64> {
                _ = try await store.commit(CrashTests.change(number))
            }
            var number: Int64 = 20
            func write(_ count: Int64) async throws {
                for _ in 0..<count {
                    number += 1
                    _ = try await store.commit(CrashTests.change(number))
                }
            }
            var backup: StoreBackup? = try store.beginBackup()
            try await write(200)
            #expect(store.status.logSegments > 10)
            let copy = try await TestCopy(try #require(backup))
            #expect(copy.count == 220)
            backup = nil
            try await write(20)
            try await eventually { store.status.logSegments < 6 }

            let other = try store.beginBackup()
            try await write(100)
            store.shelf.yieldRoom()
            await #expect(throws: StoreError.full) { _ = try await TestCopy(other) }
            store.close()
            try copy.restore(to: folder + "/copy")
        }
    }

    @Test("Rows whose checksum does not fit are counted, and copied as they are")
    func damaged() async throws {
        try await withTemporaryFolder { folder in
            var store = try LMDBStore.forBackups(folder)
            _ = try await store.commit(Changeset(.put(.user("a"), Array("needle in the data file".utf8))))
            store.close()
            let file = URL(filePath: folder + "/store/data.mdb")
            var data = try Data(contentsOf: file)
            while let place = data.range(of: Data("needle".utf8)) {
                data[place.lowerBound] = UInt8(ascii: "N")
            }
            try data.write(to: file)
            store = try LMDBStore.forBackups(folder)
            let backup = try store.beginBackup()
            let copy = try await TestCopy(backup)
            // What the log has of the row comes over it; so it is counted where it was read.
            #expect(backup.extent.damagedRowCount == 1)
            store.close()
            _ = copy
        }
    }
}
