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

    /// Fixtures are the cases of this test.
    private static let fixtureTest = "ConformanceTests.FlowTests/flow(file:)"

    init(eventFiles: [URL]) throws {
        for file in eventFiles {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                try read(try JSONValue(parsing: Array(line.utf8)).object)
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
