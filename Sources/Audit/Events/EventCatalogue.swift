/// The registry of events as the files that are made from it.
package enum EventCatalogue {
    /// Lines of the catalogue are no longer, as far as their words allow.
    private static let columns = 80

    /// The message catalogue of all events, which `journalctl -x` shows beside a record (systemd-journald's catalogue format).
    package static var text: String {
        AuditEvent.allCases.map(entry).joined(separator: "\n")
    }

    private static func entry(_ event: AuditEvent) -> String {
        let description = event.description
        var paragraphs = [wrapped(description.meaning)]
        if let advice = description.advice { paragraphs.append(wrapped(advice)) }
        paragraphs.append("  \(description.command)")
        return """
            -- \(event.messageID)
            Subject: \(description.subject)
            Defined-By: pharos-scim
            Documentation: man:pharos-scim-audit(7)

            \(paragraphs.joined(separator: "\n\n"))

            """
    }

    private static func wrapped(_ text: String) -> String {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > columns {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? word : " \(word)"
        }
        lines.append(line)
        return lines.joined(separator: "\n")
    }

    /// The rows of the documentation's table of events, in Markdown: name, priorities, when, id.
    package static var rows: [[String]] {
        AuditEvent.allCases.map { event in
            let priorities = [event.successPriority, event.failurePriority].map { $0.map(String.init) ?? "–" }
            return ["`\(event.name)`"] + priorities + [event.description.when, "`\(event.messageID)`"]
        }
    }

    /// The documentation's table of events, in Markdown.
    package static var table: String {
        let lines =
            [["Event", "Success", "Failure", "When", "`MESSAGE_ID`"], Array(repeating: "---", count: 5)]
            + rows
        return lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }
}
