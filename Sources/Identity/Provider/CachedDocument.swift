internal import Locking

/// A document of the provider that is kept for a while, and asked for again by few.
///
/// ```
///            fresh ─────────────► kept
///            gone  ── no failure lately, few ask ─► asked for ─► kept, or the failure is kept for a moment
/// another is wanted ── not asked for lately ──────► asked for
/// ```
///
/// The lock is never held while the provider is asked, so that nobody waits for a thread that waits.
final class CachedDocument<Value: Sendable>: Sendable {
    /// Whoever is asked that often, and no more, for a document that seems to be out of date; in seconds.
    static var refetchIntervalSeconds: Int64 { 60 }
    /// For how long a failure is the answer to all, in seconds.
    static var failureSeconds: Int64 { 5 }
    /// How many threads may ask at a time.
    static var fetchesMax: Int { 4 }

    struct Fetched {
        let value: Value
        /// Seconds for which it may be kept.
        let lifetime: Int64
    }

    private struct State {
        var value: Value?
        var fetchedAt: Int64 = 0
        var expiresAt: Int64 = 0
        /// When somebody last asked for another one, whatever came of it.
        var refetchedAt: Int64?
        var failure: ProviderError?
        var failedAt: Int64 = 0
        var fetchCount = 0

        /// Times run backwards when a clock is set; then what was kept is gone.
        func fresh(at now: Int64) -> Value? { (fetchedAt..<expiresAt).contains(now) ? value : nil }
    }

    private let state = Locked(State())

    /// Gives the document, and asks for it if need be.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - fetch: asks the provider, which may take long.
    /// - Returns: the document that is kept, or has come.
    /// - Throws: what `fetch` throws, now or within the last ``failureSeconds``; ``ProviderError/busy``.
    func value(
        at now: Int64,
        _ fetch: () throws(ProviderError) -> Fetched
    ) throws(ProviderError) -> Value {
        let kept = try state.withLock { state throws(ProviderError) -> Value? in
            if let value = state.fresh(at: now) { return value }
            if let failure = state.failure, (0..<Self.failureSeconds).contains(now - state.failedAt) {
                throw failure
            }
            guard state.fetchCount < Self.fetchesMax else { throw .busy }
            state.fetchCount += 1
            return nil
        }
        if let kept { return kept }
        return try fetched(at: now, fetch)
    }

    /// A newer document than the one that is kept; nil if one was wanted within ``refetchIntervalSeconds`` already.
    ///
    /// Whoever sends tokens with made-up key ids has the provider asked no more often than that.
    func newerValue(
        at now: Int64,
        _ fetch: () throws(ProviderError) -> Fetched
    ) throws(ProviderError) -> Value? {
        let isTurn = state.withLock { state in
            if let last = state.refetchedAt, (0..<Self.refetchIntervalSeconds).contains(now - last) {
                return false
            }
            state.refetchedAt = now
            state.fetchCount += 1
            return true
        }
        return isTurn ? try fetched(at: now, fetch) : nil
    }

    private func fetched(
        at now: Int64,
        _ fetch: () throws(ProviderError) -> Fetched
    ) throws(ProviderError) -> Value {
        do throws(ProviderError) {
            let fetched = try fetch()
            state.withLock { state in
                state.fetchCount -= 1
                state.value = fetched.value
                state.fetchedAt = now
                state.expiresAt = now + fetched.lifetime
                state.failure = nil
            }
            return fetched.value
        } catch {
            state.withLock { state in
                state.fetchCount -= 1
                state.failure = error
                state.failedAt = now
            }
            throw error
        }
    }
}
