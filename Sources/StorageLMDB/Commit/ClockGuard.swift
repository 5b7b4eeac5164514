import Storage

/// Refuses commits while the clock is further ahead than it can have come by itself.
///
/// A commit's time is later than all before it. So a clock that is 400 days ahead for a second would give that time to all commits of 400
/// days. How far it may be is measured by the clock that nobody sets. At a start it is believed, and if it was behind the
/// last commit then, it may be set once.
struct ClockGuard {
    private var highest: Int64
    private var highestAt = MonotonicTime.now
    private var mayBeSet: Bool
    private var isAhead = false
    private let aheadMax: Duration
    private let tell: @Sendable (ClockNews) -> Void

    /// - Parameters:
    ///   - last: the time of the last commit, in microseconds since 1970, as `now` is.
    ///   - now: what the clock says at the start.
    ///   - aheadMax: by how much it may be ahead of what it can have come to.
    ///   - tell: told when it begins to be ahead, and when it is no longer.
    init(last: Int64, now: Int64, aheadMax: Duration, tell: @escaping @Sendable (ClockNews) -> Void) {
        highest = max(last, now)
        mayBeSet = now < last
        self.aheadMax = aheadMax
        self.tell = tell
    }

    /// Takes a time for a commit, or refuses it: ``StoreError/clockAhead``.
    mutating func check(_ now: Int64) throws(StoreError) {
        let monotonic = MonotonicTime.now
        let passed = (monotonic - highestAt).microseconds
        let ahead = now.subtractingReportingOverflow(highest)
        let excess = ahead.overflow ? Int64.max : ahead.partialValue - passed
        guard excess <= aheadMax.microseconds || mayBeSet else {
            if !isAhead {
                isAhead = true
                tell(.ahead(microseconds: excess))
            }
            throw .clockAhead
        }
        if isAhead {
            isAhead = false
            tell(.right)
        }
        guard now >= highest else { return }
        if excess > aheadMax.microseconds { mayBeSet = false }
        highest = now
        highestAt = monotonic
    }
}

/// What a store tells of the clock.
package enum ClockNews: Sendable, Equatable {
    /// It was set, and is further ahead than is believed: commits are refused.
    case ahead(microseconds: Int64)
    /// It is right again.
    case right
}

extension Duration {
    var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
