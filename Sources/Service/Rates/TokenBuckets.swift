import Locking

/// A token bucket for each key, in a table of bounded size.
///
/// A bucket is one number, the time at which it is full again: taking a token puts that off by the time in which one comes.
/// So a full bucket is as good as none, and is what is thrown out when the table is full. If no bucket is full, keys that
/// are new share one: a flood from ever new addresses takes no memory, and is limited together.
package final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct State {
        /// Nil while there may be as many as anybody likes.
        var pace: Pace?
        /// In nanoseconds of the caller's clock.
        var fullAt: [Key: Int64] = [:]
        /// The bucket of those who find no place.
        var othersFullAt: Int64 = 0
        var nextSweep: Int64 = 0
    }

    /// The table is looked through for full buckets no more often than this.
    private static var sweepInterval: Int64 { 1_000_000_000 }

    /// A rate in nanoseconds.
    private struct Pace: Equatable {
        /// The time in which a token comes.
        let interval: Int64
        /// How long before it is full a bucket still has a token.
        let tolerance: Int64

        init(_ rate: Rate) {
            interval = max(1, 1_000_000_000 / Int64(rate.perSecond))
            tolerance = interval * Int64(rate.burst - 1)
        }
    }

    private let keysMax: Int
    private let state: Locked<State>

    /// `rate`: nil for as many as anybody likes.
    package init(_ rate: Rate?, keysMax: Int) {
        state = Locked(State(pace: rate.map { Pace($0) }))
        self.keysMax = keysMax
    }

    /// Sets another rate; if it is another one, all buckets are full.
    package func replace(_ rate: Rate?) {
        let pace = rate.map { Pace($0) }
        state.withLock { state in
            if state.pace != pace { state = State(pace: pace) }
        }
    }

    /// Takes a token if there is one.
    ///
    /// - Returns: nil if it was taken, else the nanoseconds until there is a token.
    package func take(of key: Key, at now: Int64) -> Int64? {
        withBucket(of: key, at: now) { fullAt, pace in
            let ahead = max(fullAt - now, 0)
            guard ahead <= pace.tolerance else { return ahead - pace.tolerance }
            fullAt = now + ahead + pace.interval
            return nil
        }
    }

    /// Takes tokens whether or not they are there: what is beyond them is a debt.
    package func charge(_ count: Int, to key: Key, at now: Int64) {
        withBucket(of: key, at: now) { fullAt, pace in
            fullAt = max(fullAt, now) + Int64(count) * pace.interval
            return nil
        }
    }

    /// The nanoseconds until there is a token; nil if there is one.
    package func wait(of key: Key, at now: Int64) -> Int64? {
        state.withLock { state in
            guard let tolerance = state.pace?.tolerance else { return nil }
            let ahead = (state.fullAt[key] ?? 0) - now
            return ahead > tolerance ? ahead - tolerance : nil
        }
    }

    /// Keys that have a bucket of their own.
    package var count: Int { state.withLock { $0.fullAt.count } }

    /// Nil without a call if there is no rate.
    @discardableResult
    private func withBucket(
        of key: Key,
        at now: Int64,
        _ body: (inout Int64, Pace) -> Int64?
    ) -> Int64? {
        state.withLock { state in
            guard let pace = state.pace else { return nil }
            if let index = state.fullAt.index(forKey: key) { return body(&state.fullAt.values[index], pace) }
            if state.fullAt.count >= keysMax, now >= state.nextSweep {
                state.nextSweep = now + Self.sweepInterval
                state.fullAt = state.fullAt.filter { $0.value > now }
            }
            guard state.fullAt.count < keysMax else { return body(&state.othersFullAt, pace) }
            return body(&state.fullAt[key, default: 0], pace)
        }
    }
}
