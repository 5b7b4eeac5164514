import Locking

/// A token bucket for each key, in a table of bounded size.
///
/// A bucket is one number, the time at which it is full again: taking a token puts that off by the time in which one comes.
/// So a full bucket is as good as none, and is what is thrown out when the table is full. If no bucket is full, keys that
/// are new share one: a flood from ever new addresses takes no memory, and is limited together.
package final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct State {
        /// In nanoseconds of the caller's clock.
        var fullAt: [Key: Int64] = [:]
        /// The bucket of those who find no place.
        var othersFullAt: Int64 = 0
        var nextSweep: Int64 = 0
    }

    /// The table is looked through for full buckets no more often than this.
    private static var sweepInterval: Int64 { 1_000_000_000 }

    /// The time in which a token comes.
    private let interval: Int64
    /// How long before it is full a bucket still has a token.
    private let tolerance: Int64
    private let keysMax: Int
    private let state = Locked(State())

    package init(_ rate: Rate, keysMax: Int) {
        interval = max(1, 1_000_000_000 / Int64(rate.perSecond))
        tolerance = interval * Int64(rate.burst - 1)
        self.keysMax = keysMax
    }

    /// Takes a token if there is one.
    ///
    /// - Returns: nil if it was taken, else the nanoseconds until there is a token.
    package func take(of key: Key, at now: Int64) -> Int64? {
        let (interval, tolerance) = (interval, tolerance)
        return withBucket(of: key, at: now) { fullAt in
            let ahead = max(fullAt - now, 0)
            guard ahead <= tolerance else { return ahead - tolerance }
            fullAt = now + ahead + interval
            return nil
        }
    }

    /// Takes tokens whether or not they are there: what is beyond them is a debt.
    package func charge(_ count: Int, to key: Key, at now: Int64) {
        let cost = Int64(count) * interval
        withBucket(of: key, at: now) { $0 = max($0, now) + cost }
    }

    /// The nanoseconds until there is a token; nil if there is one.
    package func wait(of key: Key, at now: Int64) -> Int64? {
        state.withLock { state in
            let ahead = (state.fullAt[key] ?? 0) - now
            return ahead > tolerance ? ahead - tolerance : nil
        }
    }

    /// Keys that have a bucket of their own.
    package var count: Int { state.withLock { $0.fullAt.count } }

    private func withBucket<R: Sendable>(of key: Key, at now: Int64, _ body: (inout Int64) -> R) -> R {
        state.withLock { state in
            if let index = state.fullAt.index(forKey: key) { return body(&state.fullAt.values[index]) }
            if state.fullAt.count >= keysMax, now >= state.nextSweep {
                state.nextSweep = now + Self.sweepInterval
                state.fullAt = state.fullAt.filter { $0.value > now }
            }
            guard state.fullAt.count < keysMax else { return body(&state.othersFullAt) }
            return body(&state.fullAt[key, default: 0])
        }
    }
}
