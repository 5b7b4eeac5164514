import CLinux
import Glibc
import Locking

/// Work from other threads, and the knowledge whether the loop sleeps.
///
/// The loop says under the lock that it is about to wait, and only if nothing is queued; whoever queues the first
/// work after that wakes it, once. A busy loop is never woken, and thus costs its callers no system call.
final class JobQueue: Sendable {
    private struct State {
        var work: [(account: UInt32, work: LoopWork)] = []
        var isLoopWaiting = false
        var isStopping = false
    }

    private let state = Locked(State())
    let eventDescriptor: Int32
    /// Made once: it would be a new closure for each wake-up.
    private let wake: @Sendable () -> Void

    init() throws(SystemError) {
        let bell = try Bell()
        eventDescriptor = bell.descriptor
        wake = { bell.ring() }
    }

    /// Queues work on the account of the calling thread.
    func push(_ work: LoopWork) {
        let account = WorkAccount.current
        let mustWake = state.withLock { state in
            state.work.append((account, work))
            defer { state.isLoopWaiting = false }
            return state.isLoopWaiting
        }
        if mustWake { Wakeups.wake(wake) }
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wake()
    }

    /// Moves everything queued into `lanes`; returns whether the loop was told to stop.
    func take(into lanes: inout WorkLanes) -> Bool {
        let (taken, isStopping) = state.withLock { state in
            state.isLoopWaiting = false
            defer { if !state.work.isEmpty { state.work = [] } }
            return (state.work, state.isStopping)
        }
        for (account, work) in taken { lanes.append(work, of: account) }
        return isStopping
    }

    /// Whether the loop may wait for events; from then on the first push wakes it.
    func prepareToWait() -> Bool {
        state.withLock { state in
            state.isLoopWaiting = state.work.isEmpty && !state.isStopping
            return state.isLoopWaiting
        }
    }
}

/// The descriptor that wakes a loop; open as long as somebody may still ring it.
private final class Bell: Sendable {
    let descriptor: Int32

    init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError("eventfd") }
    }

    deinit { close(descriptor) }

    // The descriptor is registered edge-triggered, so the count is never read back; it cannot overflow in 2^64 writes.
    func ring() { eventfd_write(descriptor, 1) }
}
