/// A filter without its literals: `userName eq ? and (active eq ? or title pr)`.
///
/// It is put together from tokens, none of which can hold a literal.
package struct AuditFilterShape: Sendable, Hashable {
    package private(set) var text = ""

    package static let bytesMax = 256

    package init() {}

    /// One step of the filter's text.
    package enum Token: Sendable, Hashable {
        case attribute(AuditAttributePath)
        case comparison(Comparison)
        /// Stands for any literal.
        case literal
        case present, and, or, not, open, close, openValue, closeValue
    }

    /// The comparisons of RFC 7644 §3.4.2.2, table 3.
    package enum Comparison: String, Sendable, Hashable, CaseIterable {
        case equal = "eq"
        case notEqual = "ne"
        case contains = "co"
        case startsWith = "sw"
        case endsWith = "ew"
        case greater = "gt"
        case greaterOrEqual = "ge"
        case less = "lt"
        case lessOrEqual = "le"
    }

    /// Adds a step; past 256 bytes nothing is added.
    package mutating func append(_ token: Token) {
        let word = AuditFilterShape.word(token)
        let isGlued =
            text.isEmpty || text.hasSuffix("(") || text.hasSuffix("[")
            || token == .close || token == .openValue || token == .closeValue
        guard text.utf8.count + word.utf8.count + 1 <= AuditFilterShape.bytesMax else { return }
        text += isGlued ? word : " " + word
    }

    private static func word(_ token: Token) -> String {
        switch token {
        case .attribute(let path): path.text
        case .comparison(let comparison): comparison.rawValue
        case .literal: "?"
        case .present: "pr"
        case .and: "and"
        case .or: "or"
        case .not: "not"
        case .open: "("
        case .close: ")"
        case .openValue: "["
        case .closeValue: "]"
        }
    }
}
