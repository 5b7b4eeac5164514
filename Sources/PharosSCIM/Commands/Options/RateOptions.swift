import ArgumentParser
import Service

/// How often clients may ask and fail.
struct RateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Requests of one tenant a second, on average; 0 for any number. A bulk request counts by its operations.",
            valueName: "n"
        )
    )
    var requestsPerSecond = RateLimits.defaultRequests.perSecond

    @Option(help: ArgumentHelp("Requests that a tenant may send at once.", valueName: "n"))
    var requestBurst = RateLimits.defaultRequests.burst

    @Option(
        help: ArgumentHelp(
            "Requests without a good token from one address a second, on average; 0 for any number.",
            valueName: "n"
        )
    )
    var failuresPerSecond = RateLimits.defaultFailures.perSecond

    @Option(help: ArgumentHelp("Such requests that an address may send at once.", valueName: "n"))
    var failureBurst = RateLimits.defaultFailures.burst

    func validate() throws {
        try Self.check(requestsPerSecond, "--requests-per-second", 0...Rate.perSecondRange.upperBound)
        try Self.check(requestBurst, "--request-burst", Rate.burstRange)
        try Self.check(failuresPerSecond, "--failures-per-second", 0...Rate.perSecondRange.upperBound)
        try Self.check(failureBurst, "--failure-burst", Rate.burstRange)
    }

    private static func check(_ value: Int, _ option: String, _ range: ClosedRange<Int>) throws {
        guard !range.contains(value) else { return }
        throw ValidationError("\(option) is from \(range.lowerBound) to \(range.upperBound).")
    }

    var limits: RateLimits {
        var limits = RateLimits()
        limits.requests = Self.rate(requestsPerSecond, requestBurst)
        limits.failures = Self.rate(failuresPerSecond, failureBurst)
        return limits
    }

    private static func rate(_ perSecond: Int, _ burst: Int) -> Rate? {
        perSecond == 0 ? nil : Rate(perSecond: perSecond, burst: burst)
    }
}
