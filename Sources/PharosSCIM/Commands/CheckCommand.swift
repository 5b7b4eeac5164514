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

            Example:
              pharos-scim check --data /var/lib/pharos-scim
            """
    )

    /// The exit status when something was found.
    private static let damage = ExitCode(2)

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await data.check { rows in
            Terminal.progress(rows == 0 ? "checking" : "checking: \(rows) rows")
        }
        Terminal.progress("")
        let findings = reply.list("findings").compactMap(\.text)
        reply.show(output) { _ in
            for finding in findings { Terminal.show(finding) }
            Terminal.show(findings.isEmpty ? "The store is whole." : "\(findings.count) findings.")
        }
        guard findings.isEmpty else { throw Self.damage }
    }
}
