import CLinux
import DequeModule
import Glibc
import Locking
import Synchronization

/// One thread that waits for descriptors, deadlines and jobs, and runs what they call for.
///
/// ```
///   ┌─► wait (epoll) ─► readiness handlers ─► due deadlines ─► jobs, at most a slice ─┐
///   └─────────────────────────────────────────────────────────────────────────────────┘
/// ```
///
/// It is a serial executor: an actor whose `unownedExecutor` is the loop runs on this thread, and calls between
/// actors of one loop cost no enqueue. Jobs run in slices so that neither they nor the descriptors starve.
///
/// State without a lock belongs to the thread; the methods that use it check that they run there.
package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// Jobs between two looks at the descriptors.
    private static let jobsPerSliceMax = 64
    /// Time after which no further job is begun before that.
    private static let sliceTimeMax = Duration.milliseconds(2)
    private static let eventsPerWaitMax = 512

    private struct Slot {
        var handler: (any LoopHandler)?
        var descriptor: Int32 = -1
        var generation: UInt32 = 0
    }

    /// Place in the group, from 0 on.
    package let index: Int
    private let name: String
    private let endOfTurn: @Sendable () -> Void
    private let queue: JobQueue
    private let epollDescriptor: Int32
    /// `pthread_self()` of the thread, 0 before it runs.
    private let threadID = Atomic<UInt>(0)
    private let thread = Locked<pthread_t?>(nil)

    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    private var deadlines = DeadlineHeap()
    private var localWork = Deque<LoopWork>()
    /// What goes after all else that there is to do, one each turn.
    private var lateWork = Deque<@Sendable () -> Void>()
    /// Ready descriptors of one handler that it has not been told of.
    private var ready: [ReadyDescriptor] = []

    /// The time when the loop last woke up.
    package private(set) var now = LoopInstant.now
    /// How long the loop's turns take.
    package let turns = LoopTurns()
    /// Seconds since 1970 when the loop last woke up.
    package private(set) var wallSeconds = clinux_wall_seconds()

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

    /// Runs `body` on the loop's thread, after what is queued already.
    package func execute(_ body: @escaping @Sendable () -> Void) { push(.body(body)) }

    /// Runs `body` once the loop has looked at its descriptors and at what is queued; on the loop's thread only.
    ///
    /// One body is run each turn, so that short work waits for one that is long, and not for all of them.
    package func executeLate(_ body: @escaping @Sendable () -> Void) {
        checkIsolated()
        lateWork.append(body)
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
            localWork.append(work)
        } else {
            queue.push(work)
        }
    }
}

// MARK: - Descriptors and deadlines

extension EventLoop {
    /// Watches a descriptor, edge-triggered, for reading, writing and the end of either; nil makes an identity that
    /// has only a deadline.
    ///
    /// The handler is kept until ``deregister(_:)``; the descriptor stays the caller's to close, after that.
    package func register(
        _ descriptor: Int32?,
        handler: any LoopHandler
    ) throws(SystemError) -> Registration {
        checkIsolated()
        let slot: UInt32
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = UInt32(slots.count)
            slots.append(Slot())
        }
        slots[Int(slot)].generation = max(slots[Int(slot)].generation &+ 1, 1)
        let registration = Registration(slot: slot, generation: slots[Int(slot)].generation)
        if let descriptor {
            let events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
            do throws(SystemError) {
                try control(EPOLL_CTL_ADD, descriptor, events: events, number: registration.number)
            } catch {
                freeSlots.append(slot)
                throw error
            }
        }
        slots[Int(slot)].descriptor = descriptor ?? -1
        slots[Int(slot)].handler = handler
        return registration
    }

    /// Forgets a registration and its deadline; events already fetched for it are dropped.
    ///
    /// Call it before the descriptor is closed.
    package func deregister(_ registration: Registration) {
        checkIsolated()
        let slot = Int(registration.slot)
        guard isLive(registration) else { return }
        if slots[slot].descriptor >= 0 {
            epoll_ctl(epollDescriptor, EPOLL_CTL_DEL, slots[slot].descriptor, nil)
        }
        slots[slot].handler = nil
        slots[slot].descriptor = -1
        deadlines.set(nil, of: registration.slot)
        freeSlots.append(registration.slot)
    }

    /// Sets the one deadline of a registration, replacing an earlier one; nil removes it.
    ///
    /// Fires on or after the deadline, usually within two milliseconds.
    package func setDeadline(_ deadline: LoopInstant?, of registration: Registration) {
        checkIsolated()
        guard isLive(registration) else { return }
        deadlines.set(deadline, of: registration.slot)
    }

    /// Whether a registration has not ended.
    package func isLive(_ registration: Registration) -> Bool {
        let slot = Int(registration.slot)
        return slot < slots.count && slots[slot].generation == registration.generation
            && slots[slot].handler != nil
    }

    private func control(
        _ operation: Int32,
        _ descriptor: Int32,
        events: UInt32,
        number: UInt64
    ) throws(SystemError) {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: number))
        guard unsafe epoll_ctl(epollDescriptor, operation, descriptor, &event) == 0 else {
            throw SystemError("epoll_ctl")
        }
    }
}

// MARK: - The thread

extension EventLoop {
    private func startThread() throws(SystemError) {
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

    private func run() {
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        unsafe clinux_name_thread(name)
        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: Self.eventsPerWaitMax)
        defer { unsafe events.deallocate() }
        var isStopping = false
        while !isStopping || !localWork.isEmpty || !lateWork.isEmpty {
            let count = unsafe epoll_wait(
                epollDescriptor,
                events.baseAddress,
                Int32(Self.eventsPerWaitMax),
                waitMilliseconds(isStopping: isStopping)
            )
            now = LoopInstant.now
            turns.begin(at: now)
            wallSeconds = clinux_wall_seconds()
            for index in 0..<max(Int(count), 0) {
                let event = unsafe events[index]
                unsafe collect(Registration(number: event.data.u64), Readiness(rawValue: event.events))
            }
            dispatch()
            // At most those that are set now: a handler may set a deadline that is due at once.
            for _ in 0..<deadlines.count {
                guard let slot = deadlines.popDue(at: now) else { break }
                let registration = Registration(slot: slot, generation: slots[Int(slot)].generation)
                slots[Int(slot)].handler?.deadlineReached(registration)
            }
            isStopping = queue.take(into: &localWork)
            if !localWork.isEmpty { Wakeups.gathering { runSlice() } }
            if let late = lateWork.popFirst() { Wakeups.gathering { late() } }
            endOfTurn()
        }
    }

    /// Puts an event to those that its handler gets in one call.
    private func collect(_ registration: Registration, _ readiness: Readiness) {
        // The queue's own descriptor has number 0; its work is taken in any case.
        guard registration.generation != 0 else { return }
        if ready.last.map({ isSameHandler($0.registration.slot, registration.slot) }) == false { dispatch() }
        // Looked at after those before it have been handled, or by their handler.
        guard isLive(registration) else { return }
        ready.append(ReadyDescriptor(registration: registration, readiness: readiness))
    }

    private func isSameHandler(_ left: UInt32, _ right: UInt32) -> Bool {
        slots[Int(left)].handler === slots[Int(right)].handler
    }

    /// Tells a handler of its ready descriptors.
    private func dispatch() {
        guard let first = ready.first else { return }
        slots[Int(first.registration.slot)].handler?.ready(ready)
        ready.removeAll(keepingCapacity: true)
    }

    private func runSlice() {
        let (serial, preferred) = unsafe (asUnownedSerialExecutor(), asUnownedTaskExecutor())
        let end = LoopInstant.now.advanced(by: Self.sliceTimeMax)
        for _ in 0..<Self.jobsPerSliceMax {
            guard let work = localWork.popFirst() else { return }
            switch work {
            case .job(let job): unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: preferred)
            case .body(let body): body()
            }
            guard LoopInstant.now < end else { return }
        }
    }

    /// 0 when there is work, the time to the next deadline rounded up, or -1 for as long as it takes.
    private func waitMilliseconds(isStopping: Bool) -> Int32 {
        guard !isStopping, localWork.isEmpty, lateWork.isEmpty, queue.prepareToWait() else { return 0 }
        let instant = LoopInstant.now
        turns.end(at: instant)
        guard let deadline = deadlines.earliest else { return -1 }
        let remaining = max(deadline.nanoseconds - instant.nanoseconds, 0)
        return Int32(min((remaining + 999_999) / 1_000_000, 3_600_000))
    }
}
