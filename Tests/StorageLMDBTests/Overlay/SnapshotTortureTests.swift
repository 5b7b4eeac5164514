import Dispatch
import Locking
import Storage
import Synchronization
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("LMDBStore: snapshots while runs come and go")
struct SnapshotTortureTests {
    /// How far the writer has come.
    private final class Progress: Sendable {
        let committed = Atomic<UInt64>(0)
        let isDone = Atomic(false)
    }

    /// Two rows that every change writes alike, one row that moves among many keys, and a counter.
    static func change(_ number: UInt64) -> Changeset {
        var value: [UInt8] = []
        value.appendBigEndian(number)
        return Changeset(
            .put(.user("a"), value),
            .put(.user("z"), value),
            .delete(place(number - 1)),
            .put(place(number), value),
            .increment(.user("n"), 1)
        )
    }

    static func place(_ number: UInt64) -> Key { .user("m\(number &* 2_654_435_761 % 997)") }

    /// What one snapshot shows, if it is one state: the number of its last change.
    static func look(_ store: LMDBStore) throws -> UInt64 {
        try store.withSnapshot { snapshot throws(StoreError) in
            var forward: [(Key, UInt64)] = []
            try snapshot.scan(prefix: .user(""), from: nil) { key, value, _ in
                forward.append((Key([UInt8](copying: key)), value.bigEndian64(at: 0)))
                return .more
            }
            var backward: [(Key, UInt64)] = []
            try snapshot.scanBackward(prefix: .user(""), before: nil) { key, value, _ in
                backward.append((Key([UInt8](copying: key)), value.bigEndian64(at: 0)))
                return .more
            }
            let number = forward.first?.1 ?? 0
            let expected = [
                (Key.user("a"), number), (place(number), number), (.user("n"), number), (.user("z"), number),
            ].sorted { $0.0 < $1.0 }
            guard number > 0 else { return 0 }
            guard forward.elementsEqual(expected, by: ==), backward.reversed().elementsEqual(expected, by: ==)
            else { throw .corrupt("a scan shows \(forward) and \(backward)") }
            for (key, value) in expected {
                let found = try snapshot.read(key) { value, _ in value.bigEndian64(at: 0) }
                guard found == value else { throw .corrupt("a look-up shows \(String(describing: found))") }
            }
            return number
        }
    }

    @Test(
        "each snapshot is one state, at least as new as what was answered before, whatever a checkpoint does"
    )
    func oneState() async throws {
        var configuration = LMDBStore.Configuration.small
        // Runs are full after a few changes.
        configuration.runBytesMax = 4_000
        configuration.log.segmentBytes = 64 << 10
        configuration.log.reserveBytes = 8 << 10
        configuration.log.retainedBytesMax = 128 << 10
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            defer { store.close() }
            let progress = Progress()
            let total: UInt64 = 1_200
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    for number in 1...total {
                        _ = try await store.commit(Self.change(number))
                        progress.committed.store(number, ordering: .releasing)
                    }
                    progress.isDone.store(true, ordering: .releasing)
                    return 0
                }
                for _ in 0..<2 {
                    group.addTask {
                        var looks = 0
                        while !progress.isDone.load(ordering: .acquiring) {
                            let before = progress.committed.load(ordering: .acquiring)
                            let seen = try Self.look(store)
                            #expect(seen >= before)
                            looks += 1
                            await Task.yield()
                        }
                        return looks
                    }
                }
                // And one whose snapshots share a transaction, some at a time.
                group.addTask {
                    try await onOwnThread {
                        Result {
                            var looks = 0
                            while !progress.isDone.load(ordering: .acquiring) {
                                if looks % 7 == 0 { store.endTurn() }
                                let before = progress.committed.load(ordering: .acquiring)
                                let seen = try Self.look(store)
                                #expect(seen >= before)
                                looks += 1
                            }
                            store.endTurn()
                            return looks
                        }
                    }.get()
                }
                let looks = try await group.reduce(0, +)
                #expect(looks > 20)
            }
            #expect(try Self.look(store) == total)
            #expect(store.status.checkpointCount > 20)
            #expect(try store.check().isClean)
        }
    }

    @Test("a reader that whole runs have overtaken before it has the data file begins again")
    func overtaken() async throws {
        let overtaking = Locked<(@Sendable () -> Void)?>(nil)
        var configuration = LMDBStore.Configuration.small
        configuration.runBytesMax = 4_000
        configuration.readerPause = { overtaking.withLock { $0.take() }?() }
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            defer { store.close() }
            for number in 1...5 as ClosedRange<UInt64> { _ = try await store.commit(Self.change(number)) }
            let isDone = DispatchSemaphore(value: 0)
            overtaking.withLock {
                $0 = {
                    Task {
                        for number in 6...200 as ClosedRange<UInt64> {
                            _ = try? await store.commit(Self.change(number))
                        }
                        isDone.signal()
                    }
                    isDone.wait()
                }
            }
            let seen = await onOwnThread { Result { try Self.look(store) } }
            #expect(try seen.get() == 200)
            #expect(store.status.checkpointCount > 2)
        }
    }

    @Test("a snapshot that is held while runs go shows what it did")
    func held() async throws {
        var configuration = LMDBStore.Configuration.small
        configuration.runBytesMax = 4_000
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            defer { store.close() }
            for number in 1...5 as ClosedRange<UInt64> { _ = try await store.commit(Self.change(number)) }
            let (reading, goOn) = (StorageGate(), StorageGate())
            async let seen = onOwnThread {
                try? store.withSnapshot { snapshot throws(StoreError) in
                    let before = try snapshot.counter(.user("n"))
                    reading.open()
                    goOn.wait()
                    let after = try snapshot.counter(.user("n"))
                    return [
                        before, after,
                        Int64(try snapshot.keys(prefix: .user("m"), from: nil, limit: 9).count),
                    ]
                }
            }
            await onOwnThread { reading.wait() }
            let before = store.status.checkpointCount
            for number in 6...400 as ClosedRange<UInt64> { _ = try await store.commit(Self.change(number)) }
            #expect(store.status.checkpointCount > before + 2)
            goOn.open()
            #expect(await seen == [5, 5, 1])
            #expect(try Self.look(store) == 400)
        }
    }
}
