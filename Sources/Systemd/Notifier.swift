internal import CSystemd
internal import Glibc

/// Tells the service manager how the service fares (sd_notify(3)); without a manager every call does nothing.
package struct Notifier: Sendable {
    /// How often ``beat()`` must be called; nil where the unit sets no `WatchdogSec=`.
    ///
    /// Half of what the manager allows, so that one late call does no harm.
    package let watchdogInterval: Duration?

    /// Reads the watchdog's interval from the environment.
    package init() {
        var microseconds: UInt64 = 0
        // 0 leaves the environment as it is; the library fills in the number.
        let isWatched = unsafe sd_watchdog_enabled(0, &microseconds) > 0
        watchdogInterval = isWatched ? .microseconds(Int64(clamping: microseconds / 2)) : nil
    }

    /// The service needs more time to start than its unit allows: so much from now on.
    package func starting(status: String, within seconds: Int) {
        send("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)\nSTATUS=\(line(status))")
    }

    /// The service answers requests.
    package func ready(status: String) { send("READY=1\nSTATUS=\(line(status))") }

    /// The service reads its configuration again; ``ready(status:)`` ends this.
    package func reloading() {
        var time = timespec()
        // The manager compares the moment with its own clock; the pointer is to a local variable.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
    }

    /// The service has begun to stop.
    package func stopping(status: String) { send("STOPPING=1\nSTATUS=\(line(status))") }

    /// A line for `systemctl status`.
    package func status(_ text: String) { send("STATUS=\(line(text))") }

    /// The service is alive.
    package func beat() { send("WATCHDOG=1") }

    /// A line break would begin another assignment.
    private func line(_ text: String) -> String { text.replacing("\n", with: " ") }

    private func send(_ text: String) {
        // The library copies the text; its failure is nothing to act on.
        _ = unsafe sd_notify(0, text)
    }
}
