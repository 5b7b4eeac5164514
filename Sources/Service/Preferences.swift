import HTTP

// RFC 7240 §2: preferences with their values; parameters of preferences are not looked at.

/// What a client would like, in its `Prefer` fields; a server may do otherwise.
struct Preferences {
    /// In lower case, both of them; the first of equal names counts.
    private var values: [String: String] = [:]

    init(_ fields: Fields) {
        for field in fields.all(.prefer) {
            for preference in Self.parts(of: field[...], separator: ",") {
                guard let word = Self.parts(of: preference, separator: ";").first else { continue }
                let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = Self.trimmed(pair[0]).lowercased()
                guard values[name] == nil else { continue }
                let value = pair.count == 2 ? Self.trimmed(pair[1]).lowercased() : ""
                values[name] =
                    value.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"")
                    ? String(value.dropFirst().dropLast()) : value
            }
        }
    }

    /// The value of a preference; empty if it has none, nil if it is not there.
    func value(of name: String) -> String? { values[name] }

    /// Splits at a separator outside of quoted strings.
    private static func parts(of text: Substring, separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var (isQuoted, isEscaped) = (false, false)
        for index in text.indices {
            switch text[index] {
            case _ where isEscaped: isEscaped = false
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case separator where !isQuoted:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return parts + [text[start...]]
    }

    private static func trimmed(_ text: Substring) -> Substring { text.trimming(" \t") }
}
