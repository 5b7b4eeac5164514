import ArgumentParser
import Audit

extension TrailForm: ExpressibleByArgument {}

/// Prints records in other forms.
struct AuditExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print audit records for other programs, one JSON object on each line.",
        discussion: """
            --form ocsf prints events of the Open Cybersecurity Schema Framework, those of resources, tenants, tokens and sign-ins. \
            --form set prints the claims of Security Event Tokens as RFC 9967 has them for SCIM, those of successful \
            changes of resources: without iss and aud, which the sender knows, and not signed. \
            To hand the trail itself out, so that it can be verified, use journalctl -o export.

            Exit status: 0, also if nothing was found.

            Example:
              pharos-scim audit export --form ocsf --tenant acme
            """
    )

    @OptionGroup var source: TrailSource
    @OptionGroup var selection: TrailSelection

    @Option(help: "The form: ocsf or set.")
    var form = TrailForm.ocsf

    func run() async throws {
        try source.read(selection, note: Terminal.note) { entry, _ in
            guard selection.admits(entry), let object = form.object(entry.fields) else { return }
            Terminal.show(object.line)
        }
    }
}
