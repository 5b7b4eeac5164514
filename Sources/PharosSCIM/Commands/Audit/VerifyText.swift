import Audit
import JSON

/// How the outcome of a verification is shown.
struct VerifyText {
    private let report: TrailReport
    private let notes: [String]

    /// Faults of one stream that are told one by one.
    private static let findingsOfStreamMax = 3

    init(_ report: TrailReport, notes: [String]) {
        self.report = report
        self.notes = notes + report.notes
    }

    /// The findings in the order of the streams and numbers.
    private var findings: [TrailFinding] {
        report.findings.sorted {
            ($0.store, $0.stream, $0.sequence ?? 0) < ($1.store, $1.stream, $1.sequence ?? 0)
        }
    }

    func show() {
        Terminal.table(
            report.streams.map { stream in
                [
                    stream.stream, "records \(stream.first) to \(stream.last)",
                    "head \(stream.head.text.prefix(16))…",
                    report.publicKeys.count > 1 ? "store \(stream.store)" : "",
                ]
            }
        )
        for note in notes { Terminal.show(note) }
        var told: [String: Int] = [:]
        for finding in findings {
            let stream = "\(finding.store) \(finding.stream)"
            told[stream, default: 0] += 1
            if told[stream, default: 0] <= Self.findingsOfStreamMax { Terminal.show("\(finding)") }
        }
        Terminal.show(summary)
    }

    private var summary: String {
        let amount =
            "\(report.recordCount) records in \(report.streams.count) streams, \(report.checkpointCount) checkpoints"
        let keys = Set(report.publicKeys.values.map { Base64.text($0) }).sorted().joined(separator: ", ")
        let faults = report.findingCount == 1 ? "1 fault" : "\(report.findingCount) faults"
        return switch report.outcome {
        case .intact: "The trail is intact: \(amount)\(keys.isEmpty ? "." : ", signed with \(keys).")"
        case .tampered: "The trail was tampered with, or cut: \(faults) in \(amount)."
        case .gaps where report.findingCount == 0:
            "Records may be missing, since not all of the journal can be read: nothing else is wrong in \(amount)."
        case .gaps: "Records are missing: \(faults) in \(amount)."
        case .nothing: "There is no record to verify."
        }
    }

    var json: JSONObject {
        func text(_ name: String, _ value: String) -> JSONObject.Member {
            .init(name: name, value: .string(value))
        }
        func number(_ name: String, _ value: Int) -> JSONObject.Member {
            .init(name: name, value: .number(JSONNumber(value)))
        }
        let streams = report.streams.map { stream in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    text("store", stream.store), text("stream", stream.stream),
                    number("first", Int(clamping: stream.first)), number("last", Int(clamping: stream.last)),
                    number("records", stream.count), text("head", stream.head.text),
                ])
            )
        }
        let findings = findings.map { finding in
            var members = [
                text("kind", finding.kind.rawValue), text("store", finding.store),
                text("stream", finding.stream),
            ]
            if let sequence = finding.sequence { members.append(number("sequence", Int(clamping: sequence))) }
            if let entry = finding.entry { members.append(number("entry", Int(clamping: entry))) }
            members.append(text("message", finding.text))
            return JSONValue.object(JSONObject(uniqueMembers: members))
        }
        return JSONObject(uniqueMembers: [
            text("outcome", "\(report.outcome)"), number("records", report.recordCount),
            number("duplicates", report.duplicateCount), number("checkpoints", report.checkpointCount),
            .init(name: "streams", value: .array(streams)), number("faults", report.findingCount),
            .init(name: "findings", value: .array(findings)),
            .init(name: "notes", value: .array(notes.map(JSONValue.string))),
        ])
    }
}
