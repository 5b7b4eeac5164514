import Foundation

/// A line of `requirements.tsv`: what the RFCs, or clients in practice, demand of a service provider.
struct Requirement: Sendable {
    /// Whether the server is held to it.
    enum State: Sendable, Equatable {
        case applies
        /// Part of a feature that is not there yet.
        case planned
        /// Left out on purpose, for the reason.
        case notOffered(String)
    }

    let id: String
    /// M: must, S: should, O: may, C: not in an RFC, but clients need it.
    let level: String
    /// RFC and section.
    let source: String
    let sentence: String
    let state: State

    /// Whether a test has to show it.
    var needsTest: Bool { state == .applies && (level.contains("M") || level.contains("C")) }

    static let all: [Requirement] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "requirements.tsv")
        let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.dropFirst().compactMap(Requirement.init(line:))
    }()

    /// Nil if the line has another form.
    private init?(line: Substring) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard (4...5).contains(fields.count), fields.prefix(4).allSatisfy({ !$0.isEmpty }) else { return nil }
        (id, level, source, sentence) = (fields[0], fields[1], fields[2], fields[3])
        let marker = "not offered: "
        switch fields.count == 5 ? fields[4] : "" {
        case "": state = .applies
        case "planned": state = .planned
        case let text where text.hasPrefix(marker): state = .notOffered(String(text.dropFirst(marker.count)))
        default: return nil
        }
    }
}

/// The requirements that a claim cites: `H-11`, `F-02 to F-05`.
enum Citations {
    static func ids(in claim: String) -> Set<String> {
        var ids: Set<String> = []
        for match in claim.matches(of: /\b([A-Z]{1,2})-([0-9]{2})\b(?: to ([A-Z]{1,2})-([0-9]{2})\b)?/) {
            let prefix = String(match.output.1)
            guard let first = Int(match.output.2) else { continue }
            var last = first
            if let end = match.output.4.flatMap({ Int($0) }), match.output.3.map(String.init) == prefix {
                last = max(first, end)
            }
            for number in first...last { ids.insert("\(prefix)-\(number < 10 ? "0" : "")\(number)") }
        }
        return ids
    }
}
