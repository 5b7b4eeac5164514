import Foundation
import JSON

/// The outcomes of tests, from the event streams that `swift test --event-stream-output-path` writes.
struct TestRun {
    /// One test, or one fixture of the test that runs them all.
    struct Outcome {
        let claim: String
        let place: String
        var hasPassed: Bool
    }

    private(set) var outcomes: [Outcome] = []
    private var tests: [String: (claim: String, place: String)] = [:]
    private var failed: Set<String> = []
    private var ended: Set<String> = []
    /// Fixtures by name, and those with an issue.
    private var fixtures: Set<String> = []
    private var failedFixtures: Set<String> = []

    /// Records name the whole argument of a case, which may have megabytes.
    private static let limits = JSONLimits(bytesMax: 1 << 30, depthMax: 32)

    /// Whether a line may be one that ``read(_:)`` looks at: of all that tells of cases, only fixtures count.
    private static func isOfInterest(_ line: Data) -> Bool {
        let marks = [#""kind":"test","#, #""kind":"testEnded""#, #""kind":"issueRecorded""#]
        if marks.contains(where: { line.range(of: Data($0.utf8)) != nil }) { return true }
        return line.count < 65_536 && line.range(of: Data(#""kind":"testCaseEnded""#.utf8)) != nil
    }

    /// A test's record without its cases, which it names with their whole arguments.
    private static func withoutCases(_ line: Data) -> Data {
        guard let start = line.range(of: Data(#""_testCases":["#.utf8)),
            let end = line.range(of: Data(#"}],"displayName":"#.utf8), options: .backwards),
            start.upperBound < end.lowerBound
        else { return line }
        return line[..<start.upperBound] + line[(end.lowerBound + 1)...]
    }

    /// Fixtures are the cases of this test.
    private static let fixtureTest = "ConformanceTests.FlowTests/flow(file:)"

    init(eventFiles: [URL]) throws {
        for file in eventFiles {
            for line in try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
            where Self.isOfInterest(line) {
                try read(try JSONValue(parsing: Array(Self.withoutCases(line)), limits: Self.limits).object)
            }
        }
        for id in ended.sorted() {
            guard let test = tests[id] else { continue }
            outcomes.append(Outcome(claim: test.claim, place: test.place, hasPassed: !failed.contains(id)))
        }
        for file in FlowFile.all where fixtures.contains("\(file)") {
            outcomes.append(
                Outcome(
                    claim: try Flow(file).claim,
                    place: "ConformanceTests/Fixtures/\(file).json",
                    hasPassed: !failedFixtures.contains("\(file)")
                )
            )
        }
    }

    private mutating func read(_ record: JSONObject) throws {
        guard let payload = try record["payload"]?.object, let kind = payload.text("kind") else { return }
        if record.text("kind") == "test" {
            let place = try payload["sourceLocation"]?.object.text("fileID") ?? ""
            guard kind == "function", let id = payload.text("id") else { return }
            tests[id] = (payload.text("displayName") ?? payload.text("name") ?? id, place)
            return
        }
        guard let id = payload.text("testID") else { return }
        let fixture =
            id.hasPrefix(Self.fixtureTest) ? try payload["_testCase"]?.object.text("displayName") : nil
        switch kind {
        case "testEnded": ended.insert(id)
        case "testCaseEnded": if let fixture { fixtures.insert(fixture) }
        case "issueRecorded":
            failed.insert(id)
            if let fixture { failedFixtures.insert(fixture) }
        default: break
        }
    }
}
