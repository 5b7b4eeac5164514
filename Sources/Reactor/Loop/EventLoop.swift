import CLinux
import Glibc
import Locking
import Synchronization

/// One thread that waits for descriptors, deadlines and jobs, and runs what they call for.
///
/// ```
///   ┌─► wait (epoll) ─► readiness handlers ─► due deadlines ─► jobs, at most a slice ─► hand over what is done ─┐
///   └───────────────────────────────────────────────────────────────────────────────────────────────────────────┘
/// ```
///
/// It is a serial executor: an actor whose `unownedExecutor` is the loop runs on this thread, and calls between
/// actors of one loop cost no enqueue. Jobs run in slices so that neither they nor the descriptors starve.
///
/// State without a lock belongs to the thread; the methods that use it check that they run there.
package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// Jobs between two looks at the descriptors.
    static let jobsPerSliceMax = 64
    /// Time after which no further job is begun before that.
    static let sliceTimeMax = Duration.microseconds(200)
    /// Time after which others are woken, and what is to be done last is done, though there is more to do.
    ///
    /// Once what somebody has asked for is done, that is not waited for.
    static let gatheringTimeMax = Duration.milliseconds(2)
    static let eventsPerWaitMax = 512

    struct Slot {
        var handler: (any LoopHandler)?
        var descriptor: Int32 = -1
        var generation: UInt32 = 0
    }

    /// Place in the group, from 0 on.
    package let index: Int
    let name: String
    let endOfTurn: @Sendable () -> Void
    let queue: JobQueue
    let epollDescriptor: Int32
    /// `pthread_self()` of the thread, 0 before it runs.
    let threadID = Atomic<UInt>(0)
    private let thread = Locked<pthread_t?>(nil)

    var slots: [Slot] = []
    var freeSlots: [UInt32] = []
    var deadlines = DeadlineHeap()
    var work = WorkLanes()
    /// What goes after all else that there is to do, one each turn.
    var lateWork = WorkLanes()
    /// What is done when the loop hands over what it has done.
    var lastWork: [@Sendable () -> Void] = []
    private var sharing = Sharing()
    /// Since when the loop wakes nobody, and whether it has done all that an account has asked for by then.
    var gathering: (since: LoopInstant, hasServed: Bool)?
    /// Ready descriptors of one handler that it has not been told of.
    var ready: [ReadyDescriptor] = []

    /// The time when the loop last woke up.
    package internal(set) var now = LoopInstant.now
    /// How long the loop's turns take.
    package let turns = LoopTurns()
    /// Seconds since 1970 when the loop last woke up.
    package internal(set) var wallSeconds = clinux_wall_seconds()

    /// Makes the loop and starts its thread.
    ///
    /// `endOfTurn`: run on the thread each time before it waits, and before it ends.
    package init(
        index: Int = 0,
        name: String = "loop",
        endOfTurn: @escaping @Sendable () -> Void = {}
    ) throws(SystemError) {
        self.index = index
        self.endOfTurn = endOfTurn
        self.name = "\(name)-\(index)"
        queue = try JobQueue()
        epollDescriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epollDescriptor >= 0 else { throw SystemError("epoll_create1") }
        // No registration has this number: slots are counted from 0 and generations from 1.
        try control(
            EPOLL_CTL_ADD,
            queue.eventDescriptor,
            events: EPOLLIN.rawValue | EPOLLET.rawValue,
            number: 0
        )
        try startThread()
    }

    deinit { close(epollDescriptor) }

    /// Whether the caller runs on the loop's thread.
    package var isCurrent: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Runs what is queued, then ends the thread and waits for its end.
    ///
    /// Later jobs never run.
    ///
    /// - Precondition: not called on the loop itself.
    package func shutDown() {
        precondition(!isCurrent, "a loop cannot wait for its own end")
        queue.stop()
        let thread = self.thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let thread { pthread_join(thread, nil) }
    }
}

// MARK: - Executor

extension EventLoop {
    package func enqueue(_ job: consuming ExecutorJob) { push(.job(UnownedJob(job))) }

    /// Runs `body` on the loop's thread, after what is queued already on the account of the calling thread.
    package func execute(_ body: @escaping @Sendable () -> Void) { push(.body(body)) }

    /// Runs `body` once the loop has looked at its descriptors and at what is queued; on the loop's thread only.
    ///
    /// One body is run each turn, so that short work waits for one that is long, and not for all of them.
    package func executeLate(_ body: @escaping @Sendable () -> Void) {
        checkIsolated()
        lateWork.append(.body(body), of: WorkAccount.current)
    }

    /// Runs `body` when the loop hands over what it has done; on the loop's thread only.
    ///
    /// That is at the end of the turn, or up to ``gatheringTimeMax`` later while those that it works for have more to do.
    package func executeLast(_ body: @escaping @Sendable () -> Void) {
        checkIsolated()
        lastWork.append(body)
    }

    /// Whether what is ready waits for its account's turn: others have work too, or would by now if they were looked at.
    package func sharesTurns(at now: LoopInstant) -> Bool {
        sharing.isShared(at: self.now.nanoseconds) || self.now.advanced(by: Self.gatheringTimeMax) < now
    }

    /// Runs a body that does not wait on an account; on the loop's thread only.
    package func perform(for account: UInt32, _ body: () -> Void) {
        sharing.note(account, at: now.nanoseconds)
        WorkAccount.perform(for: account, body)
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    /// A task that prefers the loop is resumed on it by whoever it has waited for, without a detour over the shared threads.
    package func asUnownedTaskExecutor() -> UnownedTaskExecutor { unsafe UnownedTaskExecutor(ordinary: self) }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    package func checkIsolated() { precondition(isCurrent, "not on the event loop \(name)") }

    private func push(_ work: LoopWork) {
        if isCurrent {
            self.work.append(work, of: WorkAccount.current)
        } else {
            queue.push(work)
        }
    }
}

// MARK: - The thread

extension EventLoop {
    func startThread() throws(SystemError) {
        // The thread keeps the loop alive until it ends; the retained reference is taken over by its first line.
        let context = unsafe Unmanaged.passRetained(self)
        var thread = pthread_t()
        let error = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue()
                loop.run()
                return nil
            },
            context.toOpaque()
        )
        guard error == 0 else {
            unsafe context.release()
            throw SystemError("pthread_create", error)
        }
        self.thread.withLock { $0 = thread }
    }
}
