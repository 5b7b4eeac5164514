import CLinux
import Glibc

/// A time of the clock that nobody sets.
struct MonotonicTime: Comparable, Sendable {
    let nanoseconds: Int64

    static var now: MonotonicTime { MonotonicTime(nanoseconds: clinux_monotonic()) }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds + duration.nanoseconds)
    }

    static func - (time: MonotonicTime, earlier: MonotonicTime) -> Duration {
        .nanoseconds(time.nanoseconds - earlier.nanoseconds)
    }

    var timespec: timespec {
        Glibc.timespec(
            tv_sec: time_t(nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000)
        )
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
