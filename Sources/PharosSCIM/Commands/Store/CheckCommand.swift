import ArgumentParser
import JSON

/// Verifies the store.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify that the store is whole.",
        discussion: """
            Every row has its checksum, every index row follows from its record and every record has its index rows, \
            every membership is there from both of its ends, and the audit log has no gap. Works beside a running \
            server. The exit status is 0 if all is well and 2 if something was found.

            With --repair, and without a server, index rows, counters and memberships are first made to follow from the records. \
            A group that thereby loses a member who is not there gets a new version and an audit record. \
            What nobody can know, as a damaged record, stays and is told.

            Examples:
              pharos-scim check --data /var/lib/pharos-scim
              pharos-scim check --repair --data /var/lib/pharos-scim
            """
    )

    /// The exit status when something was found.
    private static let damage = ExitCode(2)

    @Flag(help: "Mend first what follows from records; no server may run.")
    var repair = false

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let verb = repair ? "repairing" : "checking"
        func show(_ rows: Int) { Terminal.progress(rows == 0 ? verb : "\(verb): \(rows) rows") }
        let reply = repair ? try await data.repair(progress: show) : try await data.check(progress: show)
        Terminal.progress("")
        let findings = reply.list("findings").compactMap(\.text)
        reply.show(output) { _ in
            for mended in reply.list("repaired").compactMap(\.text) { Terminal.show("repaired: \(mended)") }
            for finding in findings { Terminal.show(finding) }
            Terminal.show(findings.isEmpty ? "The store is whole." : "Findings: \(findings.count).")
        }
        guard findings.isEmpty else { throw Self.damage }
    }
}
