import JSON

/// Times as people read them.
enum TimeText {
    /// `29 November 2026, 14:05 UTC`; the text itself if it is no time.
    static func minute(_ text: String) -> String {
        guard let parts = parts(text) else { return text }
        return "\(parts.day), \(parts.clock) UTC"
    }

    /// `29 November 2026`.
    static func day(_ text: String) -> String { parts(text)?.day ?? text }

    /// How long ago, in the largest unit that fits: `12 s`, `5 minutes`, `3 hours`, `40 days`.
    static func span(seconds: Int64) -> String {
        let seconds = max(0, seconds)
        func text(_ count: Int64, _ unit: String) -> String { "\(count) \(unit)\(count == 1 ? "" : "s")" }
        return switch seconds {
        case ..<90: "\(seconds) s"
        case ..<5_400: text(seconds / 60, "minute")
        case ..<172_800: text(seconds / 3_600, "hour")
        default: text(seconds / 86_400, "day")
        }
    }

    /// `12 s ago`; empty if the text is no time.
    static func ago(_ text: String, now: Int64) -> String {
        guard let time = Timestamp(rfc3339: text) else { return "" }
        return "\(span(seconds: (now - time.microseconds) / 1_000_000)) ago"
    }

    /// From one time to another, below zero if it is the earlier one; 0 if one of them is no time.
    static func seconds(from start: String, to end: String) -> Int64 {
        guard let start = Timestamp(rfc3339: start), let end = Timestamp(rfc3339: end) else { return 0 }
        return (end.microseconds - start.microseconds) / 1_000_000
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]

    private static func parts(_ text: String) -> (day: String, clock: String)? {
        guard Timestamp(rfc3339: text) != nil, text.utf8.count >= 16 else { return nil }
        let characters = Array(text)
        guard let month = Int(String(characters[5...6])), let day = Int(String(characters[8...9])),
            months.indices.contains(month - 1)
        else { return nil }
        return ("\(day) \(months[month - 1]) \(String(characters[0...3]))", String(characters[11...15]))
    }
}
