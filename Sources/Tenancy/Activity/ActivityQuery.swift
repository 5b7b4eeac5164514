/// What kind of query a list was asked for with: never a value, and no name that a client has chosen.
package struct ActivityQuery: Sendable, Equatable {
    package struct Traits: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let filter = Traits(rawValue: 1)
        /// The filter goes on behind its first comparison.
        package static let furtherTerms = Traits(rawValue: 2)
        package static let page = Traits(rawValue: 4)
        package static let cursor = Traits(rawValue: 8)
        package static let sort = Traits(rawValue: 16)
    }

    package var traits: Traits = []
    /// The place of the filter's first attribute in ``attributes``, from 1; 0 for any other.
    package var attribute: UInt8 = 0
    /// The same of its operator in ``operators``.
    package var comparison: UInt8 = 0

    package init() {}

    /// Attributes that are named.
    ///
    /// The places stand in stored rows: none ever changes.
    package static let attributes = [
        "userName", "externalId", "id", "displayName", "active", "emails", "emails.value", "members",
        "members.value", "name.familyName", "name.givenName", "meta.lastModified", "meta.created", "groups",
        "groups.value", "schemas", "userType", "phoneNumbers", "phoneNumbers.value",
    ]
    package static let operators = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"]

    /// The words of the query; nil if there was none.
    package var text: String? {
        var words: [String] = []
        if traits.contains(.filter) {
            words.append("filter")
            words.append(Self.word(attribute, of: Self.attributes) ?? "other")
            if let comparison = Self.word(comparison, of: Self.operators) { words.append(comparison) }
            if traits.contains(.furtherTerms) { words.append("…") }
        }
        if traits.contains(.sort) { words.append("sort") }
        if traits.contains(.cursor) { words.append("cursor") }
        if traits.contains(.page) { words.append("page") }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    private static func word(_ place: UInt8, of words: [String]) -> String? {
        (1...words.count).contains(Int(place)) ? words[Int(place) - 1] : nil
    }
}
