import CLinux
import Glibc

/// Delivers signals on an event loop (signalfd) instead of interrupting whatever runs.
package final class SignalListener: LoopHandler {
    private let descriptor: Int32
    private let body: @Sendable (Int32) -> Void

    /// Ignores SIGPIPE and blocks `signals` in the calling thread and in every thread it makes from now on.
    ///
    /// Call it first of all in the process: a thread without the block would still receive the signals.
    package static func block(_ signals: [Int32]) {
        signal(SIGPIPE, SIG_IGN)
        var set = signalSet(signals)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Calls `body` on the loop with the number of each signal that arrives, for as long as the process lives.
    @discardableResult
    package init(
        _ signals: [Int32],
        on loop: EventLoop,
        body: @escaping @Sendable (Int32) -> Void
    ) throws(SystemError) {
        var set = Self.signalSet(signals)
        descriptor = unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("signalfd") }
        self.body = body
        loop.execute { [self] in
            // The descriptor stays readable until it is watched, so nothing is lost in between.
            do throws(SystemError) {
                _ = try loop.register(descriptor, handler: self)
            } catch {
                preconditionFailure("signals cannot be watched: \(error)")
            }
        }
    }

    deinit { close(descriptor) }

    package func ready(_ descriptors: [ReadyDescriptor]) {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while unsafe read(descriptor, &info, size) == size { body(Int32(info.ssi_signo)) }
    }

    package func deadlineReached(_ registration: Registration) {}

    private static func signalSet(_ signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        return set
    }
}
