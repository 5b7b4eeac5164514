import Locking
import Storage
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("LMDBStore: whose changeset is committed next")
struct CommitLaneTests {
    private static func changeset(_ name: String, of account: UInt32, isUrgent: Bool = false) -> Changeset {
        var changeset = Changeset(.put(.user(name), [1]))
        changeset.turn = CommitTurn(account: account, isUrgent: isUrgent)
        return changeset
    }

    /// The order in which changesets come, as the names of the rows that they write.
    private static func order(_ changesets: [Changeset]) async -> [String] {
        var lanes = CommitLanes()
        for changeset in changesets {
            _ = await withCheckedContinuation { continuation in
                let pending = PendingCommit(changeset, continuation)
                lanes.add(pending)
                pending.resume(.failure(.closed))
            }
        }
        return lanes.popAll().map { pending in
            guard case .put(let key, _)? = pending.changeset.mutations.first else { return "" }
            return String(decoding: key.bytes.dropFirst(Key.user("").bytes.count), as: UTF8.self)
        }
    }

    @Test("accounts take turns, and each keeps its own order")
    func rounds() async {
        let flood = (0..<5).map { Self.changeset("a\($0)", of: 1) }
        let others = [Self.changeset("b0", of: 2), Self.changeset("c0", of: 3), Self.changeset("b1", of: 2)]
        let order = await Self.order(flood + others)
        #expect(order == ["a0", "b0", "c0", "a1", "b1", "a2", "a3", "a4"])
    }

    @Test("what takes something away goes before what waits of its account, but not for ever")
    func urgent() async {
        let creations = (0..<3).map { Self.changeset("n\($0)", of: 1) }
        let removals = (0..<9).map { Self.changeset("d\($0)", of: 1, isUrgent: true) }
        let order = await Self.order(creations + removals + [Self.changeset("b0", of: 2)])
        #expect(
            order == [
                "d0", "b0", "d1", "d2", "d3", "d4", "d5", "d6", "n0", "d7", "d8", "n1", "n2",
            ]
        )
    }

    @Test("a tenant has half of the queue, so that another's change is taken beside its flood")
    func share() async throws {
        let control = SyncControl(holdsFirst: true)
        try await CommitThreadTests.withStore(control, { $0.queueChangesetsMax = 6 }) { store async throws in
            let flood = (0..<5).map { Self.changeset("a\($0)", of: 1) }
            let own = (0..<2).map { Self.changeset("s\($0)", of: 0) }
            let all = flood + [Self.changeset("b", of: 2)] + own
            let outcomes = await CommitThreadTests.commitTogether(store, control, all)
            let errors = CommitThreadTests.errors(outcomes)
            #expect(errors[0..<5].filter { $0 == .busy }.count == 2)
            #expect(errors[5...].allSatisfy { $0 == nil })
        }
    }

    @Test("an outcome is handed over on the account of its changeset")
    func outcomes() async throws {
        let accounts = Locked<[UInt32]>([])
        let noting: @Sendable (UInt32, () -> Void) -> Void = { account, body in
            accounts.withLock { $0.append(account) }
            body()
        }
        try await CommitThreadTests.withStore(SyncControl(), { $0.onAccount = noting }) {
            store async throws in
            for account: UInt32 in [7, 0, 9] {
                _ = try await CommitThreadTests.outcome(store, Self.changeset("a", of: account)).get()
            }
        }
        #expect(accounts.withLock { $0 } == [7, 0, 9])
    }

    private static func add(_ changeset: Changeset, to queue: CommitQueue) async {
        _ = await withCheckedContinuation { continuation in
            let pending = PendingCommit(changeset, continuation)
            queue.add(pending)
            pending.resume(.failure(.closed))
        }
    }

    @Test(
        "while several tenants change something, a batch is decided in a part of the time that the disk takes",
        arguments: [(50, 5), (500, 4), (5, 40), (25, 10)]
    )
    func sharedBatches(microseconds: Int, count: Int) async throws {
        let queue = CommitQueue(.small)
        for number in 0..<40 { await Self.add(Self.changeset("\(number)", of: 1), to: queue) }
        let times = BatchTimes(deciding: .microseconds(20 * microseconds), appending: .microseconds(100))
        queue.note(times, changes: 20)
        #expect(queue.next(changesetsMax: 40, bytesMax: 1 << 20)?.count == 40)
        for number in 0..<40 { await Self.add(Self.changeset("\(number)", of: 1), to: queue) }
        await Self.add(Self.changeset("b", of: 2), to: queue)
        let batch = try #require(queue.next(changesetsMax: 40, bytesMax: 1 << 20))
        #expect(batch.count == count)
        #expect(batch.contains { $0.changeset.turn.account == 2 })
        queue.close()
    }

    @Test("a batch on a slow disk has as many changesets as can be decided while it is written")
    func slowDisk() async throws {
        let queue = CommitQueue(.small)
        queue.note(BatchTimes(deciding: .milliseconds(1), appending: .milliseconds(20)), changes: 10)
        for number in 0..<60 { await Self.add(Self.changeset("\(number)", of: 1), to: queue) }
        await Self.add(Self.changeset("b", of: 2), to: queue)
        #expect(queue.next(changesetsMax: 128, bytesMax: 1 << 20)?.count == 50)
        queue.close()
    }

    @Test("how long a changeset would wait follows from what is in front of it, and from how long that takes")
    func wait() async throws {
        var configuration = LMDBStore.Configuration.small
        configuration.batchChangesetsMax = 1
        let queue = CommitQueue(configuration)
        for number in 0..<12 { await Self.add(Self.changeset("\(number)", of: 1), to: queue) }
        #expect(queue.wait(of: 1) == .zero)
        for _ in 0..<2 {
            _ = queue.next(changesetsMax: 1, bytesMax: 1_000)
            try await Task.sleep(for: .milliseconds(20))
        }
        _ = queue.next(changesetsMax: 1, bytesMax: 1_000)
        // Nine wait, and one of them goes before another tenant's.
        #expect(queue.wait(of: 1) >= .milliseconds(9 * 20))
        #expect(queue.wait(of: 2) >= .milliseconds(20))
        #expect(queue.wait(of: 2) < queue.wait(of: 1))
        for _ in 0..<9 { _ = queue.next(changesetsMax: 1, bytesMax: 1_000) }
        #expect(queue.wait(of: 1) == .zero)
        queue.close()
    }
}
