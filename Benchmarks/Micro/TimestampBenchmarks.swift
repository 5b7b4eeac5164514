import Benchmark
import JSON

enum TimestampBenchmarks {
    static func register() {
        let time = Timestamp(microseconds: 1_795_482_123_004_005)
        let text = time.microsecondText
        Benchmark("Timestamp append: milliseconds") { benchmark in
            var output: [UInt8] = []
            for _ in benchmark.scaledIterations {
                output.removeAll(keepingCapacity: true)
                time.append(to: &output)
                blackHole(output)
            }
        }
        Benchmark("Timestamp text: microseconds") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(time.microsecondText) }
        }
        Benchmark("Timestamp read: microseconds") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(Timestamp(rfc3339: text)) }
        }
    }
}
