import Benchmark
import Foundation
import JSON

/// Parsing and writing, alone and beside Foundation: parsing is to be 8 times as fast, writing 40 times.
enum JSONBenchmarks {
    static func register() {
        let text = SampleUser.json
        guard let value = try? JSONValue(parsing: text), let document = try? JSONDocument(parsing: text)
        else {
            preconditionFailure("The sample is JSON.")
        }
        registerReading(text, document)
        registerWriting(value)
        registerRatios(text, value)
    }

    private static func registerReading(_ text: [UInt8], _ document: JSONDocument) {
        Benchmark("JSON parse to a document: user, 1.1 kB") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try JSONDocument(parsing: text)) }
        }
        Benchmark("JSON parse to a tree: user, 1.1 kB") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try JSONValue(parsing: text)) }
        }
        Benchmark("JSON find a member in a document: 16 members") { benchmark in
            for _ in benchmark.scaledIterations {
                blackHole(document.member("timezone", of: JSONDocument.root))
            }
        }
        let wide = Array(("{" + (0..<1_000).map { "\"name\($0)\":0" }.joined(separator: ",") + "}").utf8)
        Benchmark("JSON parse to a document: 1,000 members, 13 kB") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try JSONDocument(parsing: wide)) }
        }
    }

    private static func registerWriting(_ value: JSONValue) {
        Benchmark("JSON write a tree: user, 1.1 kB") { benchmark in
            for _ in benchmark.scaledIterations {
                var output: [UInt8] = []
                value.write(to: &output)
                blackHole(output)
            }
        }
        Benchmark("JSON write a tree into a kept buffer: user, 1.1 kB") { benchmark in
            var output: [UInt8] = []
            for _ in benchmark.scaledIterations {
                output.removeAll(keepingCapacity: true)
                value.write(to: &output)
                blackHole(output)
            }
        }
    }

    private static func registerRatios(_ text: [UInt8], _ value: JSONValue) {
        let data = Data(text)
        RatioBenchmark.register(
            "JSON parse to a document, beside Foundation: user, 1.1 kB",
            otherCalls: 50,
            ratioExpected: 8
        ) {
            blackHole(try? JSONDocument(parsing: text))
        } other: {
            blackHole(try? JSONSerialization.jsonObject(with: data))
        }
        RatioBenchmark.register(
            "JSON parse to a tree, beside Foundation: user, 1.1 kB",
            otherCalls: 50,
            ratioExpected: 4
        ) {
            blackHole(try? JSONValue(parsing: text))
        } other: {
            blackHole(try? JSONSerialization.jsonObject(with: data))
        }
        RatioBenchmark.register(
            "JSON write a tree, beside Foundation: user, 1.1 kB",
            otherCalls: 5,
            ratioExpected: 40
        ) {
            var output: [UInt8] = []
            value.write(to: &output)
            blackHole(output)
        } other: {
            blackHole(try? JSONSerialization.data(withJSONObject: FoundationTree.user))
        }
    }
}

/// The sample as Foundation reads it.
private enum FoundationTree {
    // Only ever read, once it is made; Foundation's types do not say so.
    nonisolated(unsafe) static let user: Any =
        (try? JSONSerialization.jsonObject(with: Data(SampleUser.json))) ?? []
}
