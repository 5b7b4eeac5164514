/// A refusal as a client sees it: what kind, and a sentence for its administrator (RFC 7644 §3.12).
///
/// `detail` is shown to people: it names attributes and limits, never a secret or a whole value.
package struct SCIMError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Error keywords of RFC 7644 §3.12 (table 9) and RFC 9865 §4.
    package enum Keyword: String, Sendable, CaseIterable {
        case invalidFilter, tooMany, uniqueness, mutability, invalidSyntax, invalidPath, noTarget
        case invalidValue, invalidVers, sensitive, invalidCursor, expiredCursor, invalidCount
    }

    package let keyword: Keyword
    package let detail: String

    package init(_ keyword: Keyword, _ detail: String) {
        self.keyword = keyword
        self.detail = detail
    }

    package var description: String { detail }
}
