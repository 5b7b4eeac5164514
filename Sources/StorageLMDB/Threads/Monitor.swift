import CLinux
import Glibc

/// A value behind a lock, with a condition to wait on; the standard library's `Mutex` has none.
///
/// `@unchecked Sendable`: the state is only touched between lock and unlock. The two pointers are allocated
/// and freed with the object, and never change.
@safe
final class Monitor<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ state: State) {
        self.state = state
        // Both pointers live as long as self; these attributes cannot be refused.
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
        // Nobody can hold the lock: whoever did held self.
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Runs a body with the state locked.
    func withLock<R>(_ body: (inout State) -> R) -> R {
        lock()
        defer { unlock() }
        return body(&state)
    }

    /// Waits, unlocked, until the body gives a value; it runs again after each ``wakeAll()``.
    func wait<R>(for body: (inout State) -> R?) -> R {
        lock()
        defer { unlock() }
        while true {
            if let result = body(&state) { return result }
            // The pointers live as long as self.
            unsafe pthread_cond_wait(condition, mutex)
        }
    }

    /// Waits, unlocked, until the body gives a value; nil if it has given none by a time of
    /// ``MonotonicTime``.
    func wait<R>(until end: MonotonicTime, for body: (inout State) -> R?) -> R? {
        lock()
        defer { unlock() }
        var time = end.timespec
        while true {
            if let result = body(&state) { return result }
            // The pointers live as long as self.
            guard unsafe pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT else {
                return body(&state)
            }
        }
    }

    /// Lets those that wait look again.
    func wakeAll() {
        // The pointer lives as long as self.
        unsafe pthread_cond_broadcast(condition)
    }

    private func lock() {
        // The pointer lives as long as self; a plain mutex only fails if misused.
        let code = unsafe pthread_mutex_lock(mutex)
        precondition(code == 0, "pthread_mutex_lock failed")
    }

    private func unlock() {
        // The pointer lives as long as self.
        let code = unsafe pthread_mutex_unlock(mutex)
        precondition(code == 0, "pthread_mutex_unlock failed")
    }
}
