import Audit

/// The page of the audit trail, from the lists of events and fields that the records are made by.
struct AuditManual {
    private var page: ManualPage

    init(date: String) {
        page = ManualPage(
            "pharos-scim-audit",
            section: 7,
            summary: "audit trail of pharos-scim in the systemd journal",
            date: date
        )
        page.section("Description")
        page.paragraph(
            """
            Every change leaves a record in the journal, and so does every request that was refused. The record is a part of the \
            same transaction as the change, and counts as delivered once it has been read back from the journal. It names tenant, \
            token, address, resource, attributes and versions, and never a value of a resource, a token or a password. The \
            records of a tenant are a stream with numbers of its own, without gaps; each holds the hash of the one before, and \
            signed checkpoints tell where all streams end.
            """
        )
        page.paragraph(
            """
            With the units of systemd, the records are in the journal namespace `scim`. Readers are root, or in the group \
            `systemd-journal`.
            """
        )
        page.section("Examples")
        page.discussion(
            """
            What happens now, in one tenant:

              journalctl --namespace=scim -u pharos-scim -t scim-audit -f SCIM_TENANT=acme

            What happened to a resource, and what a request did:

              journalctl --namespace=scim -u pharos-scim -t scim-audit SCIM_TARGET_ID=ID
              journalctl --namespace=scim -u pharos-scim -t scim-audit SCIM_REQUEST_ID=ID

            The same in sentences, and whether the trail is whole and as it was recorded:

              pharos-scim audit show --tenant acme
              pharos-scim audit verify
            """
        )
        page.section("Events")
        page.paragraph(
            """
            The field `SCIM_EVENT` has the name, `MESSAGE_ID` the number that `journalctl -x` and other programs go by, and \
            `PRIORITY` one of the priorities of syslog. Names and numbers never change their meaning.
            """
        )
        for event in AuditEvent.allCases { page.term(event.name, Self.explanation(of: event)) }
        page.section("Fields")
        page.paragraph(
            """
            Beside those that every entry of the journal has. Those with several values come several times. What each of them means is \
            in the reference of the audit trail that comes with the sources.
            """
        )
        page.paragraph(AuditField.allCases.map { "`\($0.name)`" }.joined(separator: ", "))
        page.section("See also")
        page.paragraph("`pharos-scim`(1), `journalctl`(1), `systemd.journal-fields`(7)")
    }

    var text: String { page.text }

    private static func explanation(of event: AuditEvent) -> String {
        let priorities = [("success", event.successPriority), ("failure", event.failurePriority)]
            .compactMap { outcome, priority in priority.map { "priority \($0) of a \(outcome)" } }
        let description = event.description
        let fields = AuditField.allCases.filter { description.always.contains($0) && !ofAll.contains($0) }
        let others = AuditField.allCases.filter { description.sometimes.contains($0) }
        let lists = [("Fields", fields), ("At times", others)].filter { !$1.isEmpty }.map { title, fields in
            "\(title): \(fields.map { "\($0.name)" }.joined(separator: ", "))."
        }
        let when = description.when.replacing(#/\[([^\]]*)\]\([^)]*\)/#) { String($0.output.1) }
        let parts = [when, "`MESSAGE_ID` \(event.messageID); \(priorities.joined(separator: ", "))."]
        return (parts + lists).joined(separator: " ")
    }

    /// The fields that every record has.
    private static let ofAll = AuditEvent.allCases.map(\.description.always)
        .reduce(Set(AuditField.allCases)) { $0.intersection($1) }
}
