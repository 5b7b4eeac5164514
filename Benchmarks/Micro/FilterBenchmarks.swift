import Benchmark
import SCIM
import TestSupport

/// A filter's three steps: text to tree, tree to attributes of a type, one user tested.
enum FilterBenchmarks {
    static func register() {
        register("1 clause", #"userName eq "jörg.weber@example.com""#)
        // All three clauses hold, so that none is spared.
        register(
            "3 clauses",
            #"""
            active eq true and emails[type eq "work"].value co "example.com" and \#
            meta.lastModified gt "2026-01-01T00:00:00Z"
            """#
        )
    }

    private static func register(_ clauses: String, _ text: String) {
        guard let filter = try? Filter.parse(text),
            let bound = try? BoundFilter(filter, type: .user, .default)
        else {
            preconditionFailure("The sample is a filter on users.")
        }
        let user = SampleUser.rendered
        precondition(bound.matches(user), "the filter selects the sample")
        let size = "\(clauses), \(text.utf8.count) B"
        Benchmark("Filter parse: \(size)") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try Filter.parse(text)) }
        }
        Benchmark("Filter bind: \(size)") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try BoundFilter(filter, type: .user, .default)) }
        }
        Benchmark("Filter evaluate: \(clauses), user of 1.1 kB") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(bound.matches(user)) }
        }
    }
}
