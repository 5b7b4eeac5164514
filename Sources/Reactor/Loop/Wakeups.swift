import Glibc

/// Lets a thread wake others once it has given them all that it has for them, and not with the first of it.
///
/// ```
/// commit thread: a batch's outcomes ──► loop      a turn for each outcome, or one for all of them
/// loop: a slice's changes ────────────► commit thread      a commit for each change, or one for all of them
/// ```
package enum Wakeups {
    /// What a thread gathers; kept for its next time, until it ends.
    private final class Gathering {
        var depth = 0
        var wakes: [() -> Void] = []
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let error = unsafe pthread_key_create(&key) { value in
            guard let value = unsafe value else { return }
            unsafe Unmanaged<Gathering>.fromOpaque(value).release()
        }
        precondition(error == 0, "the process has too many keys for values of threads")
        return key
    }()

    private static var current: Gathering? {
        // The thread's value holds a reference as long as the thread lives.
        unsafe pthread_getspecific(key).map {
            unsafe Unmanaged<Gathering>.fromOpaque($0).takeUnretainedValue()
        }
    }

    private static func make() -> Gathering {
        let gathering = Gathering()
        let error = unsafe pthread_setspecific(key, Unmanaged.passRetained(gathering).toOpaque())
        precondition(error == 0, "the key was made")
        return gathering
    }

    /// Runs a body that must not wait, then wakes those that it has something for.
    package static func gathering(_ body: () -> Void) {
        begin()
        body()
        end()
    }

    /// From now on the thread, which must not wait, wakes nobody.
    static func begin() { (current ?? make()).depth += 1 }

    /// Wakes those that the thread has something for since the ``begin()`` that belongs to this, unless it gathers on.
    static func end() {
        guard let gathering = current else { return }
        gathering.depth -= 1
        guard gathering.depth == 0 else { return }
        for wake in gathering.wakes { wake() }
        gathering.wakes.removeAll(keepingCapacity: true)
    }

    /// Wakes somebody, now or when the thread has done all of what it gathers; `wake` itself wakes nobody by this.
    package static func wake(_ wake: @escaping () -> Void) {
        if let current, current.depth > 0 { current.wakes.append(wake) } else { wake() }
    }
}
