import Locking
import Storage
import TestSupport
import Testing

@Suite("The virtual scheduler and its store")
struct SchedulerTests {
    private actor Counter {
        private let loop: VirtualLoop
        private var count = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(_ loop: VirtualLoop) { self.loop = loop }

        func start(_ note: @escaping @Sendable (Int) async -> Void) {
            Task {
                for _ in 0..<3 {
                    count += 1
                    await note(count)
                }
            }
        }

        func add() -> Int {
            count += 1
            return count
        }
    }

    @Test("Yields and hops between loops stay on the scheduler's thread, and end")
    func oneThread() async {
        let isSame = await onOwnThread {
            let scheduler = VirtualScheduler()
            let (first, second) = (Counter(scheduler.makeLoop()), Counter(scheduler.makeLoop()))
            let here = Locked<[Bool]>([])
            first.assumeIsolated {
                $0.start { _ in
                    await giveWay()
                    _ = await second.add()
                    await scheduler.turn()
                    here.withLock { $0.append(scheduler.isCurrent) }
                }
            }
            scheduler.drain()
            return here.withLock(\.self)
        }
        #expect(isSame == [true, true, true])
    }

    @Test("Whoever picks decides the order")
    func order() async {
        let orders = await onOwnThread {
            [false, true].map { picksLast in
                let scheduler = VirtualScheduler()
                let order = Locked<[Int]>([])
                for number in 1...3 { scheduler.add { order.withLock { $0.append(number) } } }
                while scheduler.readyCount > 0 { scheduler.run(picksLast ? scheduler.readyCount - 1 : 0) }
                return order.withLock(\.self)
            }
        }
        #expect(orders == [[1, 2, 3], [3, 2, 1]])
    }

    /// What a commit of one row came to, and whether the row is there.
    private func commit(
        _ fault: StoreFault?,
        crashesAfter turns: Int? = nil
    ) async -> (Result<CommitReceipt, StoreError>?, isThere: Bool) {
        await onOwnThread {
            let scheduler = VirtualScheduler()
            let base = MemoryStore(clock: { 1 })
            let store = SimulatedStore(base, scheduler: scheduler, fault: { fault }, note: { _ in })
            let result = Locked<Result<CommitReceipt, StoreError>?>(nil)
            let key = Key([0x40])
            Counter(scheduler.makeLoop()).assumeIsolated { counter in
                counter.start { count in
                    guard count == 1 else { return }
                    do throws(StoreError) {
                        let receipt = try await store.commit(Changeset(.put(key, [1])))
                        result.withLock { $0 = .success(receipt) }
                    } catch {
                        result.withLock { $0 = .failure(error) }
                    }
                }
            }
            var turn = 0
            while scheduler.readyCount > 0 {
                if turn == turns { store.crash() }
                scheduler.run(0)
                turn += 1
            }
            let isThere = (try? base.value(key)) ?? nil != nil
            return (result.withLock(\.self), isThere)
        }
    }

    @Test(
        "A fault is an error, and only a lost answer leaves the change behind",
        arguments: StoreFault.allCases
    )
    func faults(fault: StoreFault) async {
        let (result, isThere) = await commit(fault)
        let expected: StoreError? =
            switch fault {
            // There is nothing that somebody else could have written.
            case .conflict: nil
            case .busy: .busy
            case .full: .full
            case .lostAnswer, .lostChange: .outcomeUnknown
            }
        #expect(result?.error == expected)
        #expect(isThere == (expected == nil || fault == .lostAnswer))
    }

    @Test("After a crash nothing becomes durable and nobody is answered", arguments: 0...4)
    func crash(turns: Int) async {
        let (whole, _) = await commit(nil)
        #expect(whole?.error == nil)
        let (result, isThere) = await commit(nil, crashesAfter: turns)
        #expect(result?.error == .closed || isThere)
        if turns < 2 { #expect(!isThere) }
    }
}

extension Result {
    fileprivate var error: Failure? { if case .failure(let error) = self { error } else { nil } }
}
