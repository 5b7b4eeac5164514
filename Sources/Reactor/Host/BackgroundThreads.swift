import Glibc
import Locking

/// Threads of low priority beside the loops, for work that would hold a loop too long.
///
/// ```
/// tenant a ─► ▢▢▢▢ ─┐
/// tenant b ─► ▢ ────┼─► the tenant for which least time was spent ─► one of the threads
/// tenant c ─► ▢▢ ───┘
/// ```
///
/// They take what the loops leave of the processors: the kernel interrupts them as soon as a loop has something to do, and
/// after each piece of work they give way to loops that are always busy.
package final class BackgroundThreads: BackgroundWork {
    /// Work of one tenant that may wait.
    package static let waitingMax = 256
    /// How much the threads give way to others (nice(2)).
    private static let niceness: Int32 = 10

    private struct State {
        var queue = FairQueue<@Sendable () -> Void>(waitingMax: BackgroundThreads.waitingMax)
        /// Threads that wait for work.
        var idle: [Int]
    }

    /// Each is used as a thread with a queue: nothing is registered with it.
    private let threads: [EventLoop]
    private let state: Locked<State>

    /// Starts the threads: one for each two loops, and at least one.
    package init(loopCount: Int) throws(SystemError) {
        var threads: [EventLoop] = []
        for index in 0..<max(1, loopCount / 2) {
            threads.append(try EventLoop(index: index, name: "background"))
        }
        self.threads = threads
        state = Locked(State(idle: Array(threads.indices)))
        // On Linux a priority belongs to a thread.
        for thread in threads {
            thread.execute { setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.niceness) }
        }
    }

    package func start(for tenant: UInt32, _ body: @escaping @Sendable () -> Void) -> Bool {
        let (isTaken, thread) = state.withLock { state -> (Bool, Int?) in
            guard state.queue.append(body, of: tenant) else { return (false, nil) }
            return (true, state.idle.popLast())
        }
        if let thread { threads[thread].execute { self.work(on: thread) } }
        return isTaken
    }

    package func wait(of tenant: UInt32) -> Duration {
        let nanoseconds = state.withLock { $0.queue.nanoseconds(before: tenant) }
        return .nanoseconds(Int64(clamping: nanoseconds)) / threads.count
    }

    /// Ends the threads when what they are at has been done; what waits then never runs.
    package func shutDown() {
        for thread in threads { thread.shutDown() }
    }

    private func work(on thread: Int) {
        let next = state.withLock { state in
            let next = state.queue.popFirst()
            if next == nil { state.idle.append(thread) }
            return next
        }
        guard let (tenant, body) = next else { return }
        let start = LoopInstant.now
        WorkAccount.perform(for: tenant) { body() }
        let spent = max(LoopInstant.now.nanoseconds - start.nanoseconds, 0)
        state.withLock { $0.queue.finish(of: tenant, nanoseconds: UInt64(spent)) }
        // Otherwise the thread keeps a processor that it shares until the kernel's next tick, several milliseconds.
        sched_yield()
        // By its queue, so that a thread that is to end can do so.
        threads[thread].execute { self.work(on: thread) }
    }
}
