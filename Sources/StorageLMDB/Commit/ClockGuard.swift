import Storage

/// Refuses commits while the clock is further ahead than it can have come by itself, and notices when it is behind.
///
/// A commit's time is later than all before it. So a clock that is 400 days ahead for a second would give that time to all commits of 400
/// days. How far it may be is measured by the clock that nobody sets. At a start it is believed, and if it was behind the
/// last commit then, it may be set once.
struct ClockGuard {
    private var highest: Int64
    private var highestAt = MonotonicTime.now
    private var mayBeSet: Bool
    /// By how much it was ahead when it began to be; nil while it is not.
    private var excess: Int64?
    private var isBehind = false
    /// In microseconds.
    private let aheadMax: Int64
    private let tell: @Sendable (ClockNews) -> Void

    /// - Parameters:
    ///   - last: the time of the last commit, in microseconds since 1970, as `now` is.
    ///   - now: what the clock says at the start.
    ///   - aheadMax: by how much it may be ahead of what it can have come to.
    ///   - tell: told when it begins to be ahead, when it is no longer, and when it is behind.
    init(last: Int64, now: Int64, aheadMax: Duration, tell: @escaping @Sendable (ClockNews) -> Void) {
        highest = max(last, now)
        mayBeSet = now < last
        self.aheadMax = aheadMax.microseconds
        self.tell = tell
        notice(now)
    }

    /// A clock that is set back by so much is told of: clocks are corrected by less all the time.
    private static let behindMin: Int64 = 1_000_000

    /// Tells that the clock is behind the last commit, once until it is not.
    private mutating func notice(_ now: Int64) {
        guard now < highest else { return isBehind = false }
        guard !isBehind, now <= highest - Self.behindMin else { return }
        isBehind = true
        let (behind, overflow) = highest.subtractingReportingOverflow(now)
        tell(.behind(microseconds: overflow ? .max : behind))
    }

    /// Takes a time for a commit, or refuses it: ``StoreError/clockAhead``.
    mutating func check(_ now: Int64) throws(StoreError) {
        let monotonic = MonotonicTime.now
        let passed = (monotonic.nanoseconds - highestAt.nanoseconds) / 1_000
        let ahead = now.subtractingReportingOverflow(highest)
        let excess = ahead.overflow ? Int64.max : ahead.partialValue - passed
        guard excess <= aheadMax || mayBeSet else {
            if self.excess == nil {
                self.excess = excess
                tell(.ahead(microseconds: excess))
            }
            throw .clockAhead
        }
        if let excess = self.excess.take() { tell(.right(after: excess)) }
        notice(now)
        guard now >= highest else { return }
        if excess > aheadMax { mayBeSet = false }
        highest = now
        highestAt = monotonic
    }
}

/// What a store tells of the clock.
package enum ClockNews: Sendable, Equatable {
    /// It was set, and is further ahead than is believed: commits are refused.
    case ahead(microseconds: Int64)
    /// It is right again, and was ahead by so many microseconds.
    case right(after: Int64)
    /// It is behind the time of the last commit: until it has come there, each commit is a microsecond later than the one before.
    case behind(microseconds: Int64)
}

extension Duration {
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
