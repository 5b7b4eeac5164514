import CLinux
import Glibc

/// A moment that a loop is woken at within microseconds, where its deadlines are rounded up to milliseconds.
///
/// Register ``descriptor`` with a loop: it becomes readable at the moment that was set. It needs no reading, since loops
/// watch edges.
package struct PreciseTimer: ~Copyable {
    package let descriptor: Int32

    /// A timer that is not set.
    package init() throws(SystemError) {
        let descriptor = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("timerfd_create") }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Sets the one moment, replacing an earlier one; one that has passed comes at once.
    package borrowing func set(_ instant: LoopInstant) {
        let nanoseconds = max(instant.nanoseconds, 1)
        var value = itimerspec()
        value.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
        value.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        // Fails for no descriptor of ours and no such time.
        _ = unsafe timerfd_settime(descriptor, Int32(TFD_TIMER_ABSTIME), &value, nil)
    }
}
