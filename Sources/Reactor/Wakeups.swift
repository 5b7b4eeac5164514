import Glibc

/// Lets a thread wake others once it has given them all that it has for them, and not with the first of it.
///
/// ```
/// commit thread: a batch's outcomes ──► loop      a turn for each outcome, or one for all of them
/// loop: a slice's changes ────────────► commit thread      a commit for each change, or one for all of them
/// ```
package enum Wakeups {
    private final class Gathering {
        var wakes: [() -> Void] = []
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let error = unsafe pthread_key_create(&key, nil)
        precondition(error == 0, "the process has too many keys for values of threads")
        return key
    }()

    private static var current: Gathering? {
        // Whoever has set it keeps it alive until it is set to what was there before.
        unsafe pthread_getspecific(key).map {
            unsafe Unmanaged<Gathering>.fromOpaque($0).takeUnretainedValue()
        }
    }

    /// Runs a body that must not wait, then wakes those that it has something for.
    package static func gathering(_ body: () -> Void) {
        let gathering = Gathering()
        let before = unsafe pthread_getspecific(key)
        unsafe pthread_setspecific(key, Unmanaged.passUnretained(gathering).toOpaque())
        body()
        unsafe pthread_setspecific(key, before)
        for wake in gathering.wakes { wake() }
    }

    /// Wakes somebody, now or when the thread has done all of what it gathers.
    package static func wake(_ wake: @escaping () -> Void) {
        if let current { current.wakes.append(wake) } else { wake() }
    }
}
