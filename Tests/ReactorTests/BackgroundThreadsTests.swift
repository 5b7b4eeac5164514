import Locking
import Testing

@testable import Reactor

@Suite("Work beside the loops")
struct BackgroundThreadsTests {
    @Test("The next work is that of the tenant for which least time was spent")
    func fairness() {
        var queue = FairQueue<String>(waitingMax: 10)
        for number in 0..<4 { _ = queue.append("a\(number)", of: 1) }
        _ = queue.append("b0", of: 2)
        var order: [String] = []
        while let next = queue.popFirst() {
            order.append(next.work)
            queue.finish(of: next.tenant, nanoseconds: 10)
            // A tenant that asks again as soon as it has been served waits for one piece of the other's work, not for all.
            if next.tenant == 2, order.count < 6 { _ = queue.append("b\(order.count)", of: 2) }
        }
        #expect(order == ["a0", "b0", "a1", "b2", "a2", "b4", "a3"])
    }

    @Test("A tenant for which much time was spent waits until as much was spent for the others")
    func debt() {
        var queue = FairQueue<Int>(waitingMax: 100)
        for number in 0..<3 { _ = queue.append(number, of: 1) }
        for _ in 0..<20 { _ = queue.append(9, of: 2) }
        var order: [UInt32] = []
        while let next = queue.popFirst() {
            order.append(next.tenant)
            queue.finish(of: next.tenant, nanoseconds: next.tenant == 1 ? 1_000 : 100)
        }
        #expect(order.prefix(13).count { $0 == 1 } == 2)
    }

    @Test("A tenant with too much waiting is refused, and others are not")
    func bound() {
        var queue = FairQueue<Int>(waitingMax: 2)
        let taken = [1, 1, 1, 2].map { queue.append(0, of: $0) }
        #expect(taken == [true, true, false, true])
        let next = queue.popFirst()
        #expect(next?.tenant == 1)
        let isTaken = queue.append(0, of: 1)
        #expect(isTaken)
    }

    @Test("Work runs on threads of its own, all of it, and whoever waits hears of the result")
    func threads() async throws {
        let threads = try BackgroundThreads(loopCount: 4)
        let sum = await withTaskGroup { group in
            for number in 0..<200 {
                group.addTask { await threads.run(for: UInt32(number % 3)) { number } ?? 0 }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 199 * 200 / 2)
        threads.shutDown()
    }

    @Test("Work that does not fit is refused at once, while what waits is done")
    func overflow() async throws {
        let threads = try BackgroundThreads(loopCount: 2)
        let gate = Locked(false)
        let done = Locked(0)
        let isHeld = Locked(false)
        // Holds the one thread, so that the rest waits.
        #expect(
            threads.start(for: 1) {
                isHeld.withLock { $0 = true }
                while !gate.withLock({ $0 }) {}
            }
        )
        while !isHeld.withLock({ $0 }) { await Task.yield() }
        var accepted = 0
        for _ in 0..<BackgroundThreads.waitingMax + 10
        where threads.start(for: 1, { done.withLock { $0 += 1 } }) {
            accepted += 1
        }
        #expect(accepted == BackgroundThreads.waitingMax)
        #expect(await threads.run(for: 1) { true } == nil)
        gate.withLock { $0 = true }
        #expect(await threads.run(for: 2) { true } == true)
        while done.withLock({ $0 }) < accepted { await Task.yield() }
        threads.shutDown()
    }
}
