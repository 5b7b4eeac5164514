import Foundation
import Testing

@Suite(
    "What the audit trail promises",
    .ownThreads,
    .enabled(if: Scenario.isPossible, "no private journald can be started here")
)
struct TrailPromiseTests {
    @Test("G5: no value that anybody sends is in a record, a log, a figure or an error")
    func canaries() throws {
        try Scenario(text: CanaryScenario.text).play { file in
            let found = try file("found").split(separator: "\n")
            #expect(found.count == 6)
            for line in found { #expect(line.hasPrefix("none in "), "\(line.prefix(400))") }
        }
    }

    @Test(
        "G2, G6: the journal killed, paused, unplugged, started again, full, rate limited, refusing, lost and put back: nothing is lost, and nobody waits"
    )
    func faults() throws {
        try Scenario(text: FaultScenario.text).play { file in
            let verified = JSON.object(try file("verified"))
            #expect(verified["outcome"] as? String == "intact", "\(verified)")
            #expect(try file("refused").trimmingCharacters(in: .whitespacesAndNewlines) == "0")
            let writes = try file("writes").split(separator: "\n")
            #expect(writes.count > 50)
            #expect(try file("created").trimmingCharacters(in: .whitespacesAndNewlines) == "\(writes.count)")
            // Whoever waited for journald waited for three seconds; on a machine with much to do, others wait for long too.
            let slowest =
                writes.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.max() ?? 9
            let beat = try file("beats").split(separator: "\n").compactMap { Double($0) }.max() ?? 0
            #expect(slowest < max(2.5, 3 * beat / 1000), "\(beat) ms for others")
        }
    }
}
