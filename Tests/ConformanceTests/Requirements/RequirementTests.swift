import Foundation
import Testing

@Suite("Requirements and their tests")
struct RequirementTests {
    @Test("The list is whole: every line is read, and no id is there twice")
    func list() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "requirements.tsv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(Requirement.all.count == lines.count - 1)
        #expect(Set(Requirement.all.map(\.id)).count == Requirement.all.count)
        #expect(Requirement.all.count > 120)
    }

    @Test("Every requirement that applies and is a must, or that clients need, is cited by a test")
    func cited() throws {
        let cited = try TestClaim.all().reduce(into: Set<String>()) { $0.formUnion($1.ids) }
        #expect(Requirement.all.filter { $0.needsTest && !cited.contains($0.id) }.map(\.id) == [])
    }

    @Test("Every id that a test cites is a requirement")
    func known() throws {
        let ids = Set(Requirement.all.map(\.id))
        let letters = Set(ids.map { $0.prefix { $0 != "-" } })
        for claim in try TestClaim.all() {
            let unknown = claim.ids.filter { letters.contains($0.prefix { $0 != "-" }) && !ids.contains($0) }
            #expect(unknown.isEmpty, "\(claim.place): \(claim.text)")
        }
    }

    @Test(
        "Ids are found in claims, one by one and in ranges",
        arguments: [
            ("H-11, H-13: x", ["H-11", "H-13"]),
            ("F-08 to F-11, P-01", ["F-08", "F-09", "F-10", "F-11", "P-01"]),
            ("RFC 7644 §3.5.2: x", []), ("ME-01: x", ["ME-01"]), ("UTF-8 and SHA-256", []),
        ]
    )
    func citations(claim: String, ids: [String]) {
        #expect(Citations.ids(in: claim) == Set(ids))
    }

    @Test("The page shows what passed, what failed and what is not offered")
    func page() throws {
        let events = [
            #"{"kind":"test","payload":{"kind":"function","id":"a","displayName":"H-04: a | b","sourceLocation":{"fileID":"X/A.swift"}}}"#,
            #"{"kind":"test","payload":{"kind":"function","id":"b","displayName":"H-04, T-04: bad","sourceLocation":{"fileID":"X/B.swift"}}}"#,
            #"{"kind":"event","payload":{"kind":"issueRecorded","testID":"b"}}"#,
            #"{"kind":"event","payload":{"kind":"testEnded","testID":"a"}}"#,
            #"{"kind":"event","payload":{"kind":"testEnded","testID":"b"}}"#,
        ]
        let file = URL(filePath: "/tmp/pharos-events-\(UInt64.random(in: 0 ... .max)).jsonl")
        try Data(events.joined(separator: "\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let page = ConformancePage(requirements: Requirement.all, run: try TestRun(eventFiles: [file])).text
        let rows = page.split(separator: "\n")
        let row = try #require(rows.first { $0.hasPrefix("| H-04 |") })
        #expect(
            row.contains(#"passed: H-04: a \| b (`X/A.swift`)<br>**failed**: H-04, T-04: bad (`X/B.swift`)"#)
        )
        #expect(rows.contains { $0.hasPrefix("| E-07 |") && $0.contains("not offered: ") })
        #expect(rows.contains { $0.hasPrefix("| T-01 |") && $0.hasSuffix("| no test |") })
        #expect(page.contains("2 tests and conversations ran, 1 failed"))
    }

    /// `scripts/conformance` names a folder of event streams here.
    private static let events = ProcessInfo.processInfo.environment["PHAROS_CONFORMANCE_EVENTS"]

    @Test("The page of a run is written where it is asked for", .enabled(if: events != nil))
    func write() throws {
        let folder = URL(filePath: try #require(Self.events))
        let output = try #require(ProcessInfo.processInfo.environment["PHAROS_CONFORMANCE_PAGE"])
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "jsonl" }.sorted { $0.path < $1.path }
        let run = try TestRun(eventFiles: files)
        #expect(!run.outcomes.isEmpty)
        try Data(ConformancePage(requirements: Requirement.all, run: run).text.utf8)
            .write(to: URL(filePath: output))
    }
}
