import CLinux
import Glibc
import Locking
import Synchronization

extension EventLoop {
    /// What the thread does.
    func run() {
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        unsafe clinux_name_thread(name)
        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: Self.eventsPerWaitMax)
        defer { unsafe events.deallocate() }
        var isStopping = false
        while !isStopping || !work.isEmpty || !lateWork.isEmpty {
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
            isStopping = queue.take(into: &work)
            if !work.isEmpty {
                gather()
                runSlice()
            }
            handOver()
            if !lateWork.isEmpty {
                Wakeups.gathering { runLate() }
                runLast()
            }
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

    /// From now on wakes nobody; what is given to others comes to them together.
    private func gather() {
        guard gathering == nil else { return }
        Wakeups.begin()
        gathering = (now, false)
    }

    /// Wakes others and does what is to be done last, unless that had better wait for more.
    ///
    /// An account that has asked for much, and still waits for some of it, loses nothing by that; one that has asked for little
    /// has it by now.
    private func handOver() {
        guard let since = gathering?.since else { return runLast() }
        guard
            work.isEmpty || gathering?.hasServed == true
                || since.advanced(by: Self.gatheringTimeMax) < .now
        else { return }
        // First: on a machine with one processor, whoever is woken takes it.
        runLast()
        gathering = nil
        Wakeups.end()
    }

    private func runSlice() {
        var start = LoopInstant.now
        let end = start.advanced(by: Self.sliceTimeMax)
        for _ in 0..<Self.jobsPerSliceMax {
            guard let (account, piece, isLast) = work.popFirst() else { return }
            run(piece, for: account)
            if isLast { gathering?.hasServed = true }
            let now = LoopInstant.now
            work.note(now.nanoseconds - start.nanoseconds, of: account)
            guard now < end else { return }
            start = now
        }
    }

    private func runLate() {
        guard let (account, piece, _) = lateWork.popFirst() else { return }
        let start = LoopInstant.now
        run(piece, for: account)
        lateWork.note(LoopInstant.now.nanoseconds - start.nanoseconds, of: account)
    }

    private func run(_ piece: LoopWork, for account: UInt32) {
        perform(for: account) {
            switch piece {
            case .job(let job):
                unsafe job.runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(),
                    taskExecutor: asUnownedTaskExecutor()
                )
            case .body(let body): body()
            }
        }
    }

    private func runLast() {
        while let body = lastWork.popLast() { body() }
    }

    /// 0 when there is work, the time to the next deadline rounded up, or -1 for as long as it takes.
    private func waitMilliseconds(isStopping: Bool) -> Int32 {
        guard !isStopping, work.isEmpty, lateWork.isEmpty, queue.prepareToWait() else { return 0 }
        work.forget()
        lateWork.forget()
        let instant = LoopInstant.now
        turns.end(at: instant)
        guard let deadline = deadlines.earliest else { return -1 }
        let remaining = max(deadline.nanoseconds - instant.nanoseconds, 0)
        return Int32(min((remaining + 999_999) / 1_000_000, 3_600_000))
    }
}
