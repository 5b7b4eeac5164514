import CLinux
import DequeModule
import Glibc
import Locking

/// Work for a loop: a Swift job or a plain closure.
enum LoopWork {
    case job(UnownedJob)
    case body(@Sendable () -> Void)
}

/// Work from other threads, and the knowledge whether the loop sleeps.
///
/// The loop says under the lock that it is about to wait, and only if nothing is queued; whoever queues the first
/// work after that wakes it, once. A busy loop is never woken, and thus costs its callers no system call.
final class JobQueue: Sendable {
    private struct State {
        var work = Deque<LoopWork>()
        var isLoopWaiting = false
        var isStopping = false
    }

    private let state = Locked(State())
    let eventDescriptor: Int32

    init() throws(SystemError) {
        eventDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard eventDescriptor >= 0 else { throw SystemError("eventfd") }
    }

    deinit { close(eventDescriptor) }

    func push(_ work: LoopWork) {
        let mustWake = state.withLock { state in
            state.work.append(work)
            defer { state.isLoopWaiting = false }
            return state.isLoopWaiting
        }
        if mustWake { Wakeups.wake { self.wake() } }
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wake()
    }

    /// Moves everything queued behind `local`; returns whether the loop was told to stop.
    func take(into local: inout Deque<LoopWork>) -> Bool {
        let (taken, isStopping) = state.withLock { state in
            state.isLoopWaiting = false
            defer { if !state.work.isEmpty { state.work = [] } }
            return (state.work, state.isStopping)
        }
        if !taken.isEmpty { local.append(contentsOf: taken) }
        return isStopping
    }

    /// Whether the loop may wait for events; from then on the first push wakes it.
    func prepareToWait() -> Bool {
        state.withLock { state in
            state.isLoopWaiting = state.work.isEmpty && !state.isStopping
            return state.isLoopWaiting
        }
    }

    // The descriptor is registered edge-triggered, so the count is never read back; it cannot overflow in 2^64 writes.
    private func wake() { eventfd_write(eventDescriptor, 1) }
}
