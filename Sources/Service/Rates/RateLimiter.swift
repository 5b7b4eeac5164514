/// Who asks or fails too often.
///
/// A tenant's requests are limited by the tenant, wherever they come from. Of an address only what no good token stands
/// behind is limited: behind one address may be a proxy and all tenants, and nobody is locked out by the guesses of others.
/// So the token is looked at first, which costs less than an answer, and a good one always gets in. Loopback is an
/// address like any other, since a proxy may be there.
package final class RateLimiter: Sendable {
    private let requests: TokenBuckets<UInt32>
    private let failures: TokenBuckets<UInt64>
    /// A clock that never goes back, in nanoseconds.
    private let now: @Sendable () -> Int64

    package init(_ limits: RateLimits, now: @escaping @Sendable () -> Int64) {
        requests = TokenBuckets(limits.requests, keysMax: limits.keysMax)
        failures = TokenBuckets(limits.failures, keysMax: limits.keysMax)
        self.now = now
    }

    /// Sets other limits; whoever was limited by one that has changed begins anew.
    package func replace(_ limits: RateLimits) {
        requests.replace(limits.requests)
        failures.replace(limits.failures)
    }

    /// Counts a request of a tenant; if there are too many, in how many seconds there may be one again.
    func request(of tenant: UInt32) -> Int? {
        requests.take(of: tenant, at: now()).map(Self.seconds)
    }

    /// The same, without counting: it is counted when its body has come.
    func announcedRequest(of tenant: UInt32) -> Int? {
        requests.wait(of: tenant, at: now()).map(Self.seconds)
    }

    /// Counts what else a request brings, that would have come as requests.
    func furtherRequests(_ count: Int, of tenant: UInt32) {
        guard count > 0 else { return }
        requests.charge(count, to: tenant, at: now())
    }

    /// Counts a request without a good token; if there are too many, in how many seconds there may be one again.
    func failure(from origin: UInt64) -> Int? {
        failures.take(of: origin, at: now()).map(Self.seconds)
    }

    /// Whole seconds, as Okta wants them in `Retry-After`.
    private static func seconds(_ nanoseconds: Int64) -> Int {
        Int((nanoseconds + 999_999_999) / 1_000_000_000)
    }
}
