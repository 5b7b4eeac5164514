import CLinux
import Glibc

/// What a thread that may block does with a socket; never used on an event loop.
extension Socket {
    /// What a thread waits for.
    package enum Readiness: Sendable { case toReceive, toSend }

    /// Waits until the socket is ready, or broken, which shows when it is used.
    ///
    /// - Returns: false if the deadline came first.
    package borrowing func waits(for readiness: Readiness, until deadline: LoopInstant) -> Bool {
        let event = readiness == .toReceive ? POLLIN : POLLOUT
        while true {
            let nanoseconds = deadline.nanoseconds - LoopInstant.now.nanoseconds
            guard nanoseconds > 0 else { return false }
            // Rounded up, so that the last millisecond is waited for and not spun through.
            let milliseconds = min(nanoseconds / 1_000_000 + 1, Int64(Int32.max))
            var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            if unsafe poll(&entry, 1, Int32(milliseconds)) > 0 { return true }
        }
    }

    /// Why connecting failed, once the socket is ready to send; nil if it did not.
    package borrowing func connectionError() -> SystemError? {
        let error = clinux_socket_error(descriptor)
        return error == 0 ? nil : SystemError("connect", error < 0 ? errno : error)
    }
}
