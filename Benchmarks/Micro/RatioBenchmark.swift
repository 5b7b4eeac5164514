import Benchmark

/// Compares two ways of doing the same in one run, so that a busy machine slows both.
enum RatioBenchmark {
    /// How many times the other's speed, rounded down, since metrics are whole numbers.
    static let times = BenchmarkMetric.custom(
        "Times the other's speed",
        polarity: .prefersLarger,
        useScalingFactor: false
    )

    /// Registers a benchmark that prints how many times as fast as `other` `measured` is.
    ///
    /// Each sample takes both in turn for about a millisecond, `otherCalls` of `other` and `ratioExpected` times as many
    /// of `measured`.
    static func register(
        _ name: String,
        otherCalls: Int,
        ratioExpected: Int,
        measured: @escaping @Sendable () -> Void,
        other: @escaping @Sendable () -> Void
    ) {
        var configuration = Benchmark.defaultConfiguration
        configuration.metrics = [times]
        configuration.scalingFactor = .one
        Benchmark(name, configuration: configuration) { benchmark in
            let clock = ContinuousClock()
            for _ in benchmark.scaledIterations {
                let otherTime = clock.measure { for _ in 0..<otherCalls { other() } } / otherCalls
                let calls = otherCalls * ratioExpected
                let time = clock.measure { for _ in 0..<calls { measured() } } / calls
                benchmark.measurement(times, Int(otherTime / time))
            }
        }
    }
}
