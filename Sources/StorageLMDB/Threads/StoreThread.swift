import CLinux
import Glibc
import Locking
import Storage

/// A thread of the store, which runs one body and ends.
final class StoreThread: Sendable {
    private let handle = Locked<pthread_t?>(nil)
    private let name: String

    /// What a new thread is given.
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// A thread of this name, of which a list of threads shows 15 bytes.
    init(_ name: String) { self.name = name }

    /// Lets other threads run that share the processor, if some are ready.
    ///
    /// Otherwise a thread that works for long keeps the processor until the kernel's next tick, several milliseconds.
    static func giveWay() { sched_yield() }

    /// Starts the thread; to be called once.
    func start(_ run: @escaping @Sendable () -> Void) throws(StoreError) {
        let name = name
        let body = Body {
            unsafe clinux_name_thread(name)
            run()
        }
        var started = pthread_t()
        // The new thread takes the reference over; if there is no thread, it is taken back here.
        let reference = unsafe Unmanaged.passRetained(body)
        let code = unsafe pthread_create(
            &started,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            unsafe reference.toOpaque()
        )
        guard code == 0 else {
            unsafe reference.release()
            throw .system(code: code)
        }
        handle.withLock { $0 = started }
    }

    /// Waits until the body has ended; returns at once if it never began.
    func join() {
        guard let handle = handle.withLock({ $0.take() }) else { return }
        precondition(
            pthread_equal(handle, pthread_self()) == 0,
            "the store is closed from one of its own threads"
        )
        pthread_join(handle, nil)
    }
}
