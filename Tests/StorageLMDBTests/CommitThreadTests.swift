import Glibc
import Locking
import Storage
import StorageLMDB
import Synchronization
import TestSupport
import Testing

@Suite("LMDBStore: the commit thread")
struct CommitThreadTests {
    typealias Outcome = Result<CommitReceipt, StoreError>

    static func withStore(
        _ control: SyncControl,
        _ change: (inout LMDBStore.Configuration) -> Void = { _ in },
        _ body: (LMDBStore) async throws -> Void
    ) async throws {
        var configuration = LMDBStore.Configuration.small
        configuration.commitFault = { control.answer() }
        change(&configuration)
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            defer { store.close() }
            try await body(store)
        }
    }

    static func outcome(_ store: LMDBStore, _ changeset: Changeset) async -> Outcome {
        do throws(StoreError) { return .success(try await store.commit(changeset)) } catch {
            return .failure(error)
        }
    }

    /// Commits a first changeset, holds its sync up until the others wait, and gives the others' outcomes.
    static func commitTogether(
        _ store: LMDBStore,
        _ control: SyncControl,
        _ changesets: [Changeset]
    ) async -> [Outcome] {
        // While the first sync is held up, an outcome can only be a refusal to wait.
        let refused = Tally()
        async let first = outcome(store, Changeset())
        await control.waitUntilHeld()
        async let others = withTaskGroup(of: (Int, Outcome).self) { group in
            for (index, changeset) in changesets.enumerated() {
                group.addTask {
                    let outcome = await outcome(store, changeset)
                    refused.increase()
                    return (index, outcome)
                }
            }
            var outcomes = [Outcome](repeating: .failure(.closed), count: changesets.count)
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
        while store.waitingCommitCount + refused.value < changesets.count {
            try? await Task.sleep(for: .milliseconds(1))
        }
        control.letGo()
        _ = await first
        return await others
    }

    static func errors(_ outcomes: [Outcome]) -> [StoreError?] {
        outcomes.map { outcome in
            if case .failure(let error) = outcome { error } else { nil }
        }
    }

    @Test("the thread is woken when its owner says so, and lets a batch's tasks go on in one body")
    func wakeups() async throws {
        let control = SyncControl(holdsFirst: true)
        let (wakes, bodies) = (Tally(), Tally())
        try await Self.withStore(control) { configuration in
            configuration.wakeThread = { wake in
                wakes.increase()
                wake()
            }
            configuration.aroundOutcomes = { body in
                bodies.increase()
                body()
            }
        } _: { store in
            let changesets = (0..<5).map { _ in Changeset() }
            let outcomes = await Self.commitTogether(store, control, changesets)
            #expect(Self.errors(outcomes).allSatisfy { $0 == nil })
            #expect(bodies.value == 2)
            #expect((1...2).contains(wakes.value))
        }
    }

    @Test("what waits becomes durable with one sync; one that fails its precondition fails alone")
    func oneSync() async throws {
        let control = SyncControl(holdsFirst: true)
        try await Self.withStore(control) { store async throws in
            var changesets = (0..<20).map { Changeset(.put(.user("\($0)"), [1]), .increment(.user("n"), 1)) }
            changesets[7].preconditions = [.present(.user("x"))]
            let errors = Self.errors(await Self.commitTogether(store, control, changesets))
            var expected = [StoreError?](repeating: nil, count: 20)
            expected[7] = .conflict(precondition: 0)
            #expect(errors == expected)
            #expect(control.syncs == 2)
            #expect(try store.counter(.user("n")) == 19)
        }
    }

    @Test("a batch has at most the configured number of changesets", arguments: [(1, 21), (8, 4), (20, 2)])
    func batchLimit(limit: Int, syncs: Int) async throws {
        let control = SyncControl(holdsFirst: true)
        try await Self.withStore(control, { $0.batchChangesetsMax = limit }) { store async throws in
            let changesets = (0..<20).map { Changeset(.put(.user("\($0)"), [1])) }
            #expect(
                Self.errors(await Self.commitTogether(store, control, changesets)).allSatisfy { $0 == nil }
            )
            #expect(control.syncs == syncs)
        }
    }

    @Test("a batch has at most the configured bytes, but always one changeset")
    func batchBytes() async throws {
        let control = SyncControl(holdsFirst: true)
        try await Self.withStore(control, { $0.batchBytesMax = 1000 }) { store async throws in
            let changesets = (0..<6).map {
                Changeset(.put(.user("\($0)"), [UInt8](repeating: 1, count: 2000)))
            }
            #expect(
                Self.errors(await Self.commitTogether(store, control, changesets)).allSatisfy { $0 == nil }
            )
            #expect(control.syncs == 7)
        }
    }

    @Test("a full disk loses nothing: the batch is tried again one by one", arguments: [ENOSPC, EDQUOT])
    func diskFull(code: Int32) async throws {
        let control = SyncControl(holdsFirst: true, answers: [code, nil, code, nil])
        try await Self.withStore(control) { store async throws in
            let changesets = (0..<3).map { Changeset(.put(.user("\($0)"), [1]), .increment(.user("n"), 1)) }
            let errors = Self.errors(await Self.commitTogether(store, control, changesets))
            #expect(errors.filter { $0 == .full }.count == 1)
            #expect(errors.filter { $0 == nil }.count == 2)
            #expect(control.syncs == 5)
            #expect(try store.counter(.user("n")) == 2)
            for (index, error) in errors.enumerated() {
                #expect(try store.value(.user("\(index)")) == (error == nil ? [1] : nil))
            }
            #expect(try await store.commit(Changeset()).version == CommitVersion(4))
        }
    }

    @Test("a failed sync: the batch's outcome is unknown, the store takes no more and tells its owner once")
    func fatal() async throws {
        let control = SyncControl(holdsFirst: true, answers: [EIO])
        let told = Locked<[StoreError]>([])
        try await Self.withStore(
            control,
            {
                $0.batchChangesetsMax = 4
                $0.onFatal = { error in told.withLock { $0.append(error) } }
            },
            { store async throws in
                let changesets = (0..<6).map { Changeset(.put(.user("\($0)"), [1])) }
                let errors = Self.errors(await Self.commitTogether(store, control, changesets))
                #expect(errors.filter { $0 == .outcomeUnknown }.count == 4)
                #expect(errors.filter { $0 == .closed }.count == 2)
                await #expect(throws: StoreError.closed) { try await store.commit(Changeset()) }
                let found = try store.value(.user("0"))
                #expect(found == nil)
                store.close()
                #expect(told.withLock { $0 } == [.system(code: EIO)])
            }
        )
    }

    @Test("a write that a full disk cuts short changes nothing, and the store goes on")
    func shortWrite() async throws {
        let control = SyncControl(answers: [EIO])
        try await Self.withStore(control, { $0.isDiskFull = { _ in true } }) { store async throws in
            let first = await Self.outcome(store, Changeset(.put(.user("a"), [1])))
            #expect(Self.errors([first]) == [.full])
            #expect(try store.value(.user("a")) == nil)
            let second = await Self.outcome(store, Changeset(.put(.user("b"), [1])))
            #expect(Self.errors([second]) == [nil])
        }
    }

    @Test("a queue that is full answers busy and changes nothing")
    func busy() async throws {
        let control = SyncControl(holdsFirst: true)
        try await Self.withStore(control, { $0.queueChangesetsMax = 3 }) { store async throws in
            let changesets = (0..<5).map { Changeset(.put(.user("\($0)"), [1])) }
            let errors = Self.errors(await Self.commitTogether(store, control, changesets))
            #expect(errors.filter { $0 == .busy }.count == 2)
            #expect(errors.filter { $0 == nil }.count == 3)
            #expect(try store.keys(.user("")).count == 3)
        }
    }

    @Test("a queue that has its bytes answers busy")
    func busyBytes() async throws {
        let control = SyncControl(holdsFirst: true)
        try await Self.withStore(control, { $0.queueBytesMax = 100 }) { store async throws in
            let large = Changeset(.put(.user("a"), [UInt8](repeating: 1, count: 101)))
            let small = Changeset(.put(.user("b"), [UInt8](repeating: 1, count: 50)))
            #expect(Self.errors(await Self.commitTogether(store, control, [large, small])) == [.busy, nil])
        }
    }

    @Test("an edge that waits has the bytes of its id, and those of its rows in a batch")
    func edgeBytes() async throws {
        func edges(_ number: UInt64) -> Changeset {
            let members = (0..<10).map { UniqueID.test($0) }
            return Changeset(.link(Edges(space: 1, container: .test(number), members: members), kind: 1))
        }
        let control = SyncControl(holdsFirst: true)
        try await Self.withStore(
            control,
            {
                $0.queueBytesMax = 400
                $0.batchBytesMax = 800
            },
            { store async throws in
                let outcomes = await Self.commitTogether(store, control, (1...3).map(edges))
                #expect(Self.errors(outcomes).filter { $0 == nil }.count == 2)
                #expect(Self.errors(outcomes).filter { $0 == .busy }.count == 1)
                #expect(control.syncs == 3)
            }
        )
    }

    @Test("a task that was cancelled still learns the outcome of its commit")
    func cancelled() async throws {
        let control = SyncControl(holdsFirst: true)
        try await Self.withStore(control) { store async throws in
            let task = Task { await Self.outcome(store, Changeset(.put(.user("a"), [1]))) }
            await control.waitUntilHeld()
            task.cancel()
            control.letGo()
            #expect(Self.errors([await task.value]) == [nil])
            #expect(try store.value(.user("a")) == [1])
        }
    }

    @Test("close finishes what waits, refuses what comes later, and waits for the readers")
    func close() async throws {
        let control = SyncControl(holdsFirst: true)
        try await Self.withStore(control) { store async throws in
            let reading = StorageGate()
            let goOn = StorageGate()
            async let read = onOwnThread {
                try? store.withSnapshot { snapshot throws(StoreError) in
                    reading.open()
                    goOn.wait()
                    return try snapshot.contains(.user("a"))
                }
            }
            await onOwnThread { reading.wait() }
            async let first = Self.outcome(store, Changeset(.put(.user("a"), [1])))
            await control.waitUntilHeld()
            async let second = Self.outcome(store, Changeset(.put(.user("b"), [1])))
            while store.waitingCommitCount < 1 { try await Task.sleep(for: .milliseconds(1)) }
            async let closed: Void = onOwnThread { store.close() }
            control.letGo()
            #expect(Self.errors([await first, await second]) == [nil, nil])
            goOn.open()
            #expect(await read == false)
            await closed
            #expect(throws: StoreError.closed) { try store.value(.user("a")) }
            await #expect(throws: StoreError.closed) { try await store.commit(Changeset()) }
        }
    }

    @Test("How long a step takes shows while a disk holds it up, and nothing shows before and after")
    func heldStep() async throws {
        let control = SyncControl(holdsFirst: true)
        try await Self.withStore(control) { store in
            #expect(store.commitHeldFor == .zero)
            async let first = Self.outcome(store, Changeset())
            await control.waitUntilHeld()
            let held = store.commitHeldFor
            #expect(held > .zero)
            try await eventually { store.commitHeldFor > held }
            control.letGo()
            _ = await first
            try await eventually { store.commitHeldFor == .zero }
        }
    }
}

/// A count that tasks share.
private final class Tally: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func increase() { count.add(1, ordering: .relaxed) }
}
