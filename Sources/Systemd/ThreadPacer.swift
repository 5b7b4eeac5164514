internal import Audit
internal import Glibc

/// Time for a relay that runs on a thread of its own, by the system's monotonic clock.
///
/// `@unchecked Sendable`: the flag is only touched between lock and unlock; the pointers never change.
@safe
package final class ThreadPacer: AuditPacer, @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isSignalled = false

    package init() {
        // Both pointers live as long as self; the condition counts in monotonic time, which nobody can set.
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        // Nobody can wait: whoever did held self.
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    package var monotonicMicroseconds: Int64 {
        let time = ThreadPacer.now()
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    package func pause(microseconds: Int64) {
        guard microseconds > 0 else { return }
        var left = timespec(microseconds: microseconds)
        var rest = timespec()
        // The pointers are to local variables; a signal leaves what is still to be waited.
        while unsafe nanosleep(&left, &rest) != 0, errno == EINTR { left = rest }
    }

    package func wait(microsecondsMax: Int64) {
        var end = timespec(microseconds: monotonicMicroseconds + max(0, microsecondsMax))
        // All pointers live as long as self, or are to a local variable.
        unsafe pthread_mutex_lock(mutex)
        while !isSignalled, unsafe pthread_cond_timedwait(condition, mutex, &end) == 0 {}
        isSignalled = false
        unsafe pthread_mutex_unlock(mutex)
    }

    package func signal() {
        // The pointers live as long as self.
        unsafe pthread_mutex_lock(mutex)
        isSignalled = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    private static func now() -> timespec {
        var time = timespec()
        // The pointer is to a local variable.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time
    }
}

extension timespec {
    fileprivate init(microseconds: Int64) {
        self.init(tv_sec: Int(microseconds / 1_000_000), tv_nsec: Int(microseconds % 1_000_000) * 1_000)
    }
}
