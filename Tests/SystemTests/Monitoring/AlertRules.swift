import Foundation
import TestSupport

/// A rule of `monitoring/alerts.yml`.
struct AlertRule {
    let name: String
    let expression: String
    let annotations: [String: String]
    let severity: String

    /// The rules, and every line that belongs to none; the file is of the part of YAML that is looked for here.
    static func all() throws -> [AlertRule] {
        let url = Program.root.appending(path: "monitoring/alerts.yml")
        var rules: [AlertRule] = []
        var fields: [String: String] = [:]
        func end() throws {
            guard let name = fields["alert"] else { return }
            guard let expression = fields["expr"], let severity = fields["severity"] else {
                throw Failure("\(name) lacks an expression or a severity")
            }
            rules.append(
                AlertRule(name: name, expression: expression, annotations: fields, severity: severity)
            )
        }
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
            var text = line.trimmingCharacters(in: .whitespaces)
            guard !text.hasPrefix("#") else { continue }
            if text.hasPrefix("- alert:") {
                try end()
                fields = [:]
            }
            if text.hasPrefix("- ") { text.removeFirst(2) }
            guard let colon = text.firstIndex(of: ":") else { throw Failure("no field: \(line)") }
            var value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            if value.hasPrefix("\"") { value = String(value.dropFirst().dropLast()) }
            fields[String(text[..<colon])] = value
        }
        try end()
        return rules
    }
}

extension MetricsPage {
    /// The page with other values in the samples of a name with these labels.
    func with(_ name: String, _ labels: [String: String] = [:], _ value: Double) -> MetricsPage {
        var page = self
        for index in page.samples.indices {
            let sample = page.samples[index]
            guard sample.name == name, labels.allSatisfy({ sample.labels[$0] == $1 }) else { continue }
            page.samples[index].value = value
        }
        return page
    }

    /// The page with one more sample.
    func adding(_ name: String, _ labels: [String: String], _ value: Double) -> MetricsPage {
        var page = self
        page.samples.append(Sample(name: name, labels: labels, value: value))
        return page
    }
}
