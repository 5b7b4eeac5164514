import Benchmark
import JSON
import SCIM
import TestSupport

/// PATCH without a store: operations read, and applied to a user.
enum PatchBenchmarks {
    static func register() {
        registerApplying("1 operation", [one])
        registerApplying("5 operations", five)
        registerMembers(1)
        registerMembers(256)
    }

    private static func registerApplying(_ count: String, _ operations: [String]) {
        let body = body(operations)
        let user = SampleUser.resource
        Benchmark("PATCH decode: \(count)") { benchmark in
            for _ in benchmark.scaledIterations {
                blackHole(try PatchPlan(decoding: body, type: .user, .default))
            }
        }
        guard let plan = try? PatchPlan(decoding: body, type: .user, .default) else {
            preconditionFailure("The sample is a PATCH request.")
        }
        Benchmark("PATCH apply: \(count), user of 1.1 kB") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try plan.apply(to: user)) }
        }
    }

    private static func registerMembers(_ memberCount: Int) {
        let members = (0..<memberCount).map {
            #"{"value":"019ab1c2-5d3e-7f40-8a11-\#(100_000_000_000 + $0)"}"#
        }
        let list = members.joined(separator: ",")
        let body = body([#"{"op":"add","path":"members","value":[\#(list)]}"#])
        let size = memberCount == 1 ? "1 member" : "\(memberCount) members"
        Benchmark("PATCH decode: add \(size)") { benchmark in
            for _ in benchmark.scaledIterations {
                blackHole(try PatchPlan(decoding: body, type: .group, .default).members)
            }
        }
    }

    private static func body(_ operations: [String]) -> JSONValue {
        let list = operations.joined(separator: ",")
        let text = #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(list)]}"#
        guard let body = try? JSONValue(parsing: Array(text.utf8)) else {
            preconditionFailure("The sample is JSON.")
        }
        return body
    }

    private static let one = #"{"op":"replace","path":"title","value":"Principal Engineer"}"#

    /// A path of each kind: plain, sub-attribute, filtered, extension, and none.
    private static let five = [
        one,
        #"{"op":"replace","path":"name.familyName","value":"Weber-Lang"}"#,
        #"{"op":"replace","path":"emails[type eq \"work\"].value","value":"joerg.lang@example.com"}"#,
        #"""
        {"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",\#
        "value":"Keepers"}
        """#,
        #"{"op":"replace","value":{"active":false,"nickName":"JW"}}"#,
    ]
}
