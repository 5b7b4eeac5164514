import CLinux

/// A point on the monotonic clock, in nanoseconds; cheap to compare and to store.
package struct LoopInstant: Sendable, Hashable, Comparable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Reads the clock; on a loop ``EventLoop/now`` is cheaper.
    package static var now: LoopInstant { LoopInstant(nanoseconds: clinux_monotonic()) }

    package func advanced(by duration: Duration) -> LoopInstant {
        LoopInstant(nanoseconds: nanoseconds + duration.nanoseconds)
    }

    package static func < (left: LoopInstant, right: LoopInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// Whole nanoseconds; a duration of more than a century becomes a century, so that sums cannot overflow.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let century: Int64 = 3_155_760_000
        if seconds >= century { return century * 1_000_000_000 }
        if seconds <= -century { return -century * 1_000_000_000 }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
