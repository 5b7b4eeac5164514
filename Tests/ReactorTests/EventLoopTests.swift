import Glibc
import Locking
import Reactor
import Synchronization
import Testing

/// Something that lives on a loop, as connections and resources do.
private actor Resident {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var values: [Int] = []

    init(_ loop: EventLoop) { self.loop = loop }

    func append(_ value: Int) -> Bool {
        values.append(value)
        return loop.isCurrent
    }

    /// Two residents of one loop call each other without leaving the thread.
    func relay(_ value: Int, to other: Resident) async -> Bool {
        let wasOnLoop = await other.append(value)
        return wasOnLoop && loop.isCurrent
    }
}

@Suite("Event loop")
struct EventLoopTests {
    @Test("Work queued from another thread runs on the loop, in order")
    func order() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let seen = await withCheckedContinuation { continuation in
            let seen = Locked<[Int]>([])
            let box = Box(seen)
            for index in 0..<1000 {
                loop.execute {
                    let all = box.value.withLock { values in
                        values.append(loop.isCurrent ? index : -1)
                        return values
                    }
                    if all.count == 1000 { continuation.resume(returning: all) }
                }
            }
        }
        #expect(seen == Array(0..<1000))
    }

    @Test("Work queued by work on the loop runs after it, however much there is")
    func reentrant() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let count = await withCheckedContinuation { continuation in
            countDown(10_000, on: loop) { continuation.resume(returning: $0) }
        }
        #expect(count == 10_000)
    }

    @Test(
        "A loop that sleeps is woken when all that a thread gathers for it has been queued",
        .timeLimit(.minutes(10))
    )
    func gathering() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let ran = Box(Locked<[Int]>([]))
        var wasHeldBack = false
        // A loop that has not gone to sleep yet takes the work by itself; on a busy machine that happens.
        for _ in 0..<5 where !wasHeldBack {
            try await Task.sleep(for: .milliseconds(20))
            ran.value.withLock { $0 = [] }
            Wakeups.gathering {
                for index in 1...10 { loop.execute { ran.value.withLock { $0.append(index) } } }
                usleep(20_000)
                wasHeldBack = ran.value.withLock(\.isEmpty)
            }
            while ran.value.withLock(\.count) < 10 { try await Task.sleep(for: .milliseconds(1)) }
            #expect(ran.value.withLock(\.self) == Array(1...10))
        }
        #expect(wasHeldBack)
    }

    @Test("Late work runs one each turn, after what is queued by then, and before the loop ends")
    func lateWork() throws {
        let loop = try EventLoop()
        let order = Locked<[String]>([])
        loop.execute {
            for number in 1...3 {
                loop.executeLate {
                    order.withLock { $0.append("late \(number)") }
                    loop.execute { order.withLock { $0.append("after \(number)") } }
                }
            }
            loop.execute { order.withLock { $0.append("queued") } }
        }
        loop.shutDown()
        #expect(
            order.withLock { $0 } == [
                "queued", "late 1", "after 1", "late 2", "after 2", "late 3", "after 3",
            ]
        )
    }

    @Test("An actor whose executor is the loop runs there, and only there")
    func actorOnLoop() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let resident = Resident(loop)
        for value in 0..<100 { #expect(await resident.append(value)) }
        #expect(await resident.values == Array(0..<100))
        #expect(!loop.isCurrent)
    }

    @Test("Actors of one loop, and of two, call each other")
    func actorsMeet() async throws {
        let group = try EventLoopGroup(count: 2)
        defer { group.shutDown() }
        let first = Resident(group.loops[0])
        let neighbour = Resident(group.loops[0])
        let distant = Resident(group.loops[1])
        #expect(await first.relay(1, to: neighbour))
        #expect(await first.relay(2, to: distant))
        #expect(await distant.values == [2])
    }

    @Test("A loop answers whether it isolates the caller, so assumeIsolated works")
    func isolation() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let resident = Resident(loop)
        #expect(loop.isIsolatingCurrentContext() == false)
        let wasOnLoop = await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: resident.assumeIsolated { $0.append(7) }) }
        }
        #expect(wasOnLoop)
        #expect(await resident.values == [7])
    }

    @Test("Many threads queue at once and nothing is lost or left asleep")
    func manyThreads() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let resident = Resident(loop)
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for value in 0..<500 { _ = await resident.append(task * 500 + value) }
                }
            }
        }
        #expect(await resident.values.sorted() == Array(0..<4000))
    }

    @Test("Shutting down runs what is queued first")
    func shutDown() throws {
        let loop = try EventLoop()
        let count = Box(Atomic<Int>(0))
        for _ in 0..<2000 { loop.execute { count.value.add(1, ordering: .relaxed) } }
        loop.shutDown()
        #expect(count.value.load(ordering: .relaxed) == 2000)
    }

    @Test("A group gives its loops in turn, and one loop to equal hashes")
    func group() throws {
        let group = try EventLoopGroup(count: 3)
        defer { group.shutDown() }
        #expect((0..<6).map { _ in group.next().index } == [0, 1, 2, 0, 1, 2])
        for hash in [Int.min, -1, 0, 1, Int.max] {
            #expect(group.loop(forHash: hash) === group.loop(forHash: hash))
        }
    }
}

/// Shares a non-copyable value between closures.
final class Box<Value: ~Copyable & Sendable>: Sendable {
    let value: Value
    init(_ value: consuming Value) { self.value = value }
}

private func countDown(
    _ remaining: Int,
    done: Int = 0,
    on loop: EventLoop,
    _ end: @escaping @Sendable (Int) -> Void
) {
    loop.execute {
        if remaining == 1 {
            end(done + 1)
        } else {
            countDown(remaining - 1, done: done + 1, on: loop, end)
        }
    }
}
