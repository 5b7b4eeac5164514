// Benchmarks of single parts, each a few nanoseconds to milliseconds long. Run them on an otherwise idle machine:
//
//   PHAROS_BENCHMARKS=1 swift package benchmark                        all of them, a second each
//   PHAROS_BENCHMARKS=1 swift package benchmark --filter 'JSON.*'      some of them, by their names
//   PHAROS_BENCHMARKS=quick swift package benchmark                    a moment each: do they still run?
//   PHAROS_BENCHMARKS=1 swift package --allow-writing-to-package-directory benchmark baseline update before
//   PHAROS_BENCHMARKS=1 swift package benchmark baseline compare before    what a change has brought
//
// Without the variable neither this target nor the library exists for SwiftPM, so that users of the server resolve and
// build none of it. They live in the server's own manifest because what they measure has `package` access.
//
// To add some: a file beside this one with an enum and its `register()`, and a line below. A name says input and size.

import Benchmark
import Foundation

let benchmarks: @Sendable () -> Void = {
    let isQuick = ProcessInfo.processInfo.environment["PHAROS_BENCHMARKS"] == "quick"
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput],
        warmupIterations: isQuick ? 0 : 10,
        scalingFactor: isQuick ? .one : .kilo,
        maxDuration: isQuick ? .milliseconds(20) : .seconds(1),
        maxIterations: isQuick ? 3 : 10_000
    )
    JSONBenchmarks.register()
    TimestampBenchmarks.register()
    HTTPBenchmarks.register()
    FilterBenchmarks.register()
    PatchBenchmarks.register()
    StoreBenchmarks.register(isQuick: isQuick)
    PipelineBenchmarks.register(isQuick: isQuick)
}
