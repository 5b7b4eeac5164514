import Foundation
import Locking
import TestSupport
import Testing

@testable import Storage
@testable import StorageLMDB

@Suite("LMDBStore: after a crash")
struct CrashTests {
    static func configuration() -> LMDBStore.Configuration {
        var configuration = LMDBStore.Configuration.small
        configuration.runBytesMax = 4_000
        configuration.checkpointRowsMax = 5
        // However slow the machine is, nothing is written because it is old.
        configuration.checkpointInterval = .seconds(3_600)
        configuration.log.segmentBytes = 64 << 10
        configuration.log.reserveBytes = 8 << 10
        configuration.log.retainedBytesMax = 0
        return configuration
    }

    static func open(
        _ path: String,
        _ change: (inout LMDBStore.Configuration) -> Void = { _ in }
    ) throws -> LMDBStore {
        var configuration = configuration()
        change(&configuration)
        return try LMDBStore(path: path, configuration: configuration) { 1 }
    }

    /// A counter, a row of its own that has its number, and one that moves.
    static func change(_ number: Int64) -> Changeset {
        Changeset(
            .increment(.user("n"), 1),
            .put(.user("row\(number)"), [UInt8(truncatingIfNeeded: number)]),
            .delete(.user("at\((number - 1) % 7)")),
            .put(.user("at\(number % 7)"), [UInt8(truncatingIfNeeded: number)]),
            .append(LogEntry(stream: "s", payload: [UInt8(truncatingIfNeeded: number)]))
        )
    }

    /// Whether a store shows exactly the first changes, and how many.
    static func state(_ store: LMDBStore) throws -> Int64 {
        let count = try store.counter(.user("n"))
        #expect(try store.keys(.user("row")).count == Int(count))
        #expect(try store.keys(.user("at")) == (count == 0 ? [] : [.user("at\(count % 7)")]))
        #expect(try store.logRows().map(\.order) == (count == 0 ? [] : Array(1...UInt64(count))))
        #expect(try store.check().isClean)
        return count
    }

    @Test("killed before any transaction of a checkpoint, a store has all that was answered, and goes on")
    func everyStep() async throws {
        try await withTemporaryFolder { folder in
            let answered = Locked<Int64>(0)
            let images = Locked<[(path: String, answered: Int64)]>([])
            let store = try Self.open(folder + "/store") { configuration in
                configuration.checkpointFault = {
                    // Only this thread writes to the data file; the log may grow while it is copied.
                    images.withLock { images in
                        guard images.count < 25 else { return }
                        let path = folder + "/image\(images.count)"
                        let known = answered.withLock { $0 }
                        if (try? FileManager.default.copyItem(atPath: folder + "/store", toPath: path)) != nil
                        {
                            images.append((path, known))
                        }
                    }
                    return nil
                }
            }
            for number in 1...150 as ClosedRange<Int64> {
                _ = try await store.commit(Self.change(number))
                answered.withLock { $0 = number }
            }
            let taken = images.withLock { $0 }
            #expect(taken.count > 3)
            for (path, known) in taken {
                let again = try Self.open(path)
                let count = try Self.state(again)
                #expect(count >= known)
                for number in count + 1...count + 5 { _ = try await again.commit(Self.change(number)) }
                again.close()
                let third = try Self.open(path)
                #expect(try Self.state(third) == count + 5)
                #expect(third.recovery == StoreRecovery())
                third.close()
            }
            store.close()
        }
    }

    @Test(
        "a log that ends before what the data file has in part, or is not there, stops the start with a sentence"
    )
    func shortLog() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store"
            let isTaken = Locked(false)
            let store = try Self.open(path) { configuration in
                configuration.checkpointFault = {
                    isTaken.withLock { isTaken in
                        // Before the second transaction: the first has its rows there already.
                        let exists = FileManager.default.fileExists(atPath: folder + "/one")
                        if !exists {
                            _ = FileManager.default.createFile(atPath: folder + "/one", contents: nil)
                        } else if !isTaken {
                            isTaken =
                                (try? FileManager.default.copyItem(atPath: path, toPath: folder + "/image"))
                                != nil
                        }
                    }
                    return nil
                }
            }
            for number in 1...40 as ClosedRange<Int64> { _ = try await store.commit(Self.change(number)) }
            store.close()
            let log = folder + "/image/log/" + LogSegment.name(1)
            let whole = try Data(contentsOf: URL(fileURLWithPath: log))
            try whole.prefix(8192).write(to: URL(fileURLWithPath: log))
            let error = #expect(throws: StoreError.self) { _ = try Self.open(folder + "/image") }
            guard case .corrupt(let sentence) = error else { return #expect(error == .corrupt("")) }
            #expect(sentence.contains("and the log ends at record 1"))
            try whole.write(to: URL(fileURLWithPath: log))
            let again = try Self.open(folder + "/image")
            #expect(try Self.state(again) > 0)
            again.close()

            try FileManager.default.moveItem(atPath: path + "/log", toPath: folder + "/away")
            #expect(throws: StoreError.self) { _ = try Self.open(path) }
            try? FileManager.default.removeItem(atPath: path + "/log")
            try FileManager.default.moveItem(atPath: folder + "/away", toPath: path + "/log")
            let last = try Self.open(path)
            #expect(try Self.state(last) == 40)
            last.close()
        }
    }

    @Test("a store that was never closed is read from its log alone, and a torn last record is cut off")
    func torn() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store"
            let store = try Self.open(path) { configuration in
                configuration.runBytesMax = 1 << 20
                configuration.log.segmentBytes = 1 << 20
            }
            for number in 1...20 as ClosedRange<Int64> { _ = try await store.commit(Self.change(number)) }
            try FileManager.default.copyItem(atPath: path, toPath: folder + "/image")
            store.close()
            let file = URL(fileURLWithPath: folder + "/image/log/" + LogSegment.name(1))
            var bytes = try Data(contentsOf: file)
            // The last record is the twentieth, one block each.
            bytes.replaceSubrange(20 * 4096 + 64..<20 * 4096 + 512, with: Data(repeating: 0, count: 448))
            try bytes.write(to: file)
            let again = try Self.open(folder + "/image")
            #expect(again.recovery == StoreRecovery(replayedCount: 19, wasTorn: true))
            #expect(try Self.state(again) == 19)
            again.close()
        }
    }

    /// How many rows of the trail the data file has, and up to which record it has all rows.
    static func expectRows(_ count: Int, through number: UInt64, in path: String) throws {
        let environment = try Environment(folder: path, mapBytes: 64 << 20, readersMax: 4)
        defer { environment.close() }
        let transaction = try WriteTransaction(environment)
        let found = try transaction.keys(prefix: LogKeys.rows, from: nil, limit: 100).count
        #expect(found == count)
        let position = try CheckpointRow.read(in: transaction)?.position.number
        #expect(position == number)
    }

    /// Makes of a closed store one as it was before there was a log.
    static func makeOlder(_ path: String, _ id: UniqueID) throws {
        let environment = try Environment(folder: path, mapBytes: 64 << 20, readersMax: 4)
        defer { environment.close() }
        var transaction = try WriteTransaction(environment)
        _ = try transaction.delete(CheckpointRow.key)
        let info = StoreInfo(storeID: id, formatVersion: 2).value
        try transaction.put(ReservedKeys.info, info.span, version: CommitVersion(0))
        try transaction.commit()
    }

    @Test("rows of the trail that were delivered and trimmed within a run never reach the data file")
    func comeAndGo() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store"
            let store = try Self.open(path) { $0.runBytesMax = 1 << 20 }
            for number in 1...50 as ClosedRange<Int64> { _ = try await store.commit(Self.change(number)) }
            _ = try await store.commit(Changeset(.trimLog(through: 45, limit: 100)))
            #expect(try store.logRows().map(\.order) == [46, 47, 48, 49, 50])
            store.close()
            try Self.expectRows(5, through: 51, in: path)
        }
    }

    @Test("a store of the older format gets a log when it is opened, and keeps its rows")
    func older() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store"
            let store = try Self.open(path)
            let id = try store.info().storeID
            for number in 1...5 as ClosedRange<Int64> { _ = try await store.commit(Self.change(number)) }
            store.close()
            try Self.makeOlder(path, id)
            // The log of a newer state beside it is not thrown away.
            #expect(throws: StoreError.corrupt("the log has changes that the data file knows nothing of")) {
                _ = try Self.open(path)
            }
            try FileManager.default.removeItem(atPath: path + "/log")
            let again = try Self.open(path)
            #expect(try Self.state(again) == 5)
            _ = try await again.commit(Self.change(6))
            again.close()
            let last = try Self.open(path)
            #expect(try Self.state(last) == 6)
            last.close()
        }
    }
}
