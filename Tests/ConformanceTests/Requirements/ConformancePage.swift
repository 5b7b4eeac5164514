/// The page that tells of each requirement by which tests it is held, and with what outcome.
struct ConformancePage {
    let requirements: [Requirement]
    let run: TestRun

    /// The areas of requirements by the letters of their ids, in the order of the page.
    private static let areas = [
        ("T", "Transport and authentication"), ("E", "Messages and encoding"),
        ("A", "Schemas and attributes"),
        ("D", "Discovery"), ("C", "Create"), ("Q", "Read and query"), ("F", "Filters"), ("S", "Sorting"),
        ("P", "Paging by index"), ("K", "Paging by cursor"), ("U", "Replace"), ("H", "PATCH"),
        ("X", "Delete"),
        ("B", "Bulk"), ("V", "Versions"), ("ME", "/Me"), ("R", "Errors"), ("M", "Tenants"),
        ("N", "Events and requests that are answered later"),
    ]

    var text: String {
        var parts = ["# Conformance", Self.introduction, summary]
        for (letters, title) in Self.areas {
            let rows = requirements.filter { $0.id.prefix { $0 != "-" } == letters }
            guard !rows.isEmpty else { continue }
            parts.append("## \(title)")
            parts.append(
                (["| | Level | Requirement | Source | Tests |", "| --- | --- | --- | --- | --- |"]
                    + rows.map(row))
                    .joined(separator: "\n")
            )
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static let introduction = """
        What the SCIM RFCs, and clients in practice, demand of a service provider, and the tests that show it. Levels: M \
        must, S should, O may; C stands in no RFC, but clients need it. Sources are RFC numbers and sections. A test is \
        counted where its claim cites the requirement.
        """

    private var summary: String {
        let applying = requirements.filter { $0.state == .applies }
        let held = applying.filter { requirement in
            let tests = outcomes(of: requirement)
            return !tests.isEmpty && tests.allSatisfy(\.hasPassed)
        }
        let failed = run.outcomes.count { !$0.hasPassed }
        let planned = requirements.count { $0.state == .planned }
        return """
            \(held.count) of the \(applying.count) requirements that apply are held by tests that pass; \(planned) belong \
            to features that are not there yet, \(requirements.count - applying.count - planned) are not offered on \
            purpose. \(run.outcomes.count) tests and conversations ran, \(failed) failed.
            """
    }

    private func outcomes(of requirement: Requirement) -> [TestRun.Outcome] {
        run.outcomes.filter { Citations.ids(in: $0.claim).contains(requirement.id) }
    }

    private func row(_ requirement: Requirement) -> String {
        let tests = outcomes(of: requirement)
        var cell = tests.map(line).joined(separator: "<br>")
        switch requirement.state {
        case .notOffered(let reason):
            cell = "not offered: \(Self.cell(reason))" + (cell.isEmpty ? "" : "<br>\(cell)")
        case .planned: cell = "not there yet" + (cell.isEmpty ? "" : "<br>\(cell)")
        case .applies: if cell.isEmpty { cell = "no test" }
        }
        let sentence = Self.cell(requirement.sentence)
        return "| \(requirement.id) | \(requirement.level) | \(sentence) | \(requirement.source) | \(cell) |"
    }

    private func line(_ test: TestRun.Outcome) -> String {
        "\(test.hasPassed ? "passed" : "**failed**"): \(Self.cell(test.claim)) (`\(test.place)`)"
    }

    /// A text that ends no cell and begins no markup.
    private static func cell(_ text: String) -> String {
        text.map { character in
            switch character {
            case "|", "<", "*", "_", "[", "`", "\\": "\\\(character)"
            case _ where character.isNewline: " "
            default: String(character)
            }
        }.joined()
    }
}
