package import Audit
internal import Glibc
internal import Locking

/// The thread that runs a relay; it may hang in the journal for ever, so nobody waits for it without a limit.
package final class RelayThread: Sendable {
    private let hasEnded = Locked(false)
    private let ended = ThreadPacer()

    /// What the thread adds to its nice value: a burst of requests is served first and told of afterwards.
    private static let niceness: Int32 = 5

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - relay: what it runs.
    ///   - makeSink: called on the new thread.
    package init<Sink: AuditSink & ~Copyable & SendableMetatype>(
        running relay: AuditRelay,
        through makeSink: @escaping @Sendable () -> Sink
    ) {
        start { [self] in
            relay.run(makeSink())
            hasEnded.withLock { $0 = true }
            ended.signal()
        }
    }

    /// Waits, blocking, for the thread's end, and says whether it came in time; for one caller.
    package func waitUntilEnded(within time: Duration) -> Bool {
        let microseconds =
            time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000
        let end = ended.monotonicMicroseconds + microseconds
        while !hasEnded.withLock({ $0 }) {
            let left = end - ended.monotonicMicroseconds
            guard left > 0 else { return false }
            ended.wait(microsecondsMax: left)
        }
        return true
    }

    private func start(_ body: @escaping @Sendable () -> Void) {
        let context = unsafe Unmanaged.passRetained(ThreadBody(body)).toOpaque()
        var thread = pthread_t()
        // The context is retained here and released by the thread, which begins exactly once.
        let code = unsafe pthread_create(&thread, nil, runThreadBody, context)
        precondition(code == 0, "the system gives no thread")
        // The thread frees itself when it ends.
        pthread_detach(thread)
    }

    fileprivate static func lowerPriority() {
        // On Linux, 0 is the calling thread. Failure costs fairness only.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runThreadBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    // The context was retained for this call.
    guard let context = unsafe context else { return nil }
    let body = unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    RelayThread.lowerPriority()
    body.run()
    return nil
}
