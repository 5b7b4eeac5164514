/// How often something may happen: on average, and at once after a quiet time.
package struct Rate: Sendable, Hashable {
    package var perSecond: Int
    package var burst: Int

    package init(perSecond: Int, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// What an operator may set.
    package static let perSecondRange = 1...1_000_000
    package static let burstRange = 1...1_000_000
}

/// How often clients may ask and fail; nil is as often as they like.
package struct RateLimits: Sendable, Hashable {
    /// Requests of one tenant.
    ///
    /// Entra asks for 25 a second and more; Okta names no rate. The default has room for a multiple of both, and leaves most
    /// of a small machine to the other tenants.
    package var requests: Rate? = defaultRequests
    /// Requests from one address behind which no good token stands.
    ///
    /// The burst is for a client that goes on with a token that has ended, or several of them behind one proxy.
    package var failures: Rate? = defaultFailures
    /// Tenants, and addresses, that are told apart; further ones share a limit.
    package var keysMax = 16_384

    package init() {}

    package static let defaultRequests = Rate(perSecond: 1_000, burst: 5_000)
    package static let defaultFailures = Rate(perSecond: 10, burst: 500)

    package static let unlimited: RateLimits = {
        var limits = RateLimits()
        limits.requests = nil
        limits.failures = nil
        return limits
    }()
}
