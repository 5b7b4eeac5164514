/// The parameters of a request that reads resources or answers one (RFC 7644 §3.4.2, §3.9).
///
/// Others are ignored.
package struct QueryParameters: Sendable, Equatable {
    package private(set) var filter: String?
    /// At least 1.
    package private(set) var startIndex = 1
    /// At least 0; nil if the client leaves it to the server, whose maximum holds in any case.
    package private(set) var count: Int?
    package private(set) var attributes: [String]?
    package private(set) var excludedAttributes: [String]?
    package private(set) var sort: SortOrder?
    /// Asks for pages by cursor (RFC 9865 §2); empty for the first one, nil for pages by index.
    package private(set) var cursor: String?

    /// Whether the client names the attributes that it wants to see.
    package var namesAttributes: Bool { attributes != nil }

    package init() {}

    /// The values of a URL's parameters, decoded; of a repeated parameter the first counts, others are ignored.
    package struct Texts {
        var filter: String?
        var startIndex: String?
        var count: String?
        var attributes: [String]?
        var excludedAttributes: [String]?
        var sortBy: String?
        var sortOrder: String?
        var cursor: String?

        package init() {}

        package mutating func take(_ name: String, _ value: String) {
            switch name {
            case "filter": filter = filter ?? value
            case "startIndex": startIndex = startIndex ?? value
            case "count": count = count ?? value
            case "attributes": attributes = attributes ?? Self.list(value)
            case "excludedAttributes": excludedAttributes = excludedAttributes ?? Self.list(value)
            case "sortBy": sortBy = sortBy ?? value
            case "sortOrder": sortOrder = sortOrder ?? value
            case "cursor": cursor = cursor ?? value
            default: break
            }
        }

        /// Names between commas; what is behind more than there may be is left together.
        private static func list(_ value: String) -> [String] {
            value.utf8.split(separator: UInt8(ascii: ","), maxSplits: AttributeProjection.namesMax).map {
                String(Substring($0))
            }
        }
    }

    /// Takes the parameters as texts; numbers in decimal digits.
    ///
    /// - Throws: `invalidValue` if startIndex or count is no integer, or sortOrder no order; `invalidCount` for a count
    ///   beside a cursor.
    package init(_ texts: Texts) throws(SCIMError) {
        filter = texts.filter
        cursor = texts.cursor
        if let text = texts.startIndex { startIndex = max(1, try Self.integer("startIndex", text)) }
        if let text = texts.count {
            count = max(0, try Self.integer("count", text, hasCursor: cursor != nil))
        }
        attributes = Self.named(texts.attributes)
        excludedAttributes = Self.named(texts.excludedAttributes)
        let direction = try texts.sortOrder.flatMap(Self.direction) ?? .ascending
        if let sortBy = texts.sortBy, !sortBy.isEmpty {
            sort = SortOrder(attribute: sortBy, direction: direction)
        }
    }

    /// The direction of a word in any case; nil for an empty one, which leaves it to the default.
    private static func direction(_ word: String) throws(SCIMError) -> SortOrder.Direction? {
        guard !word.isEmpty else { return nil }
        guard let direction = SortOrder.Direction(rawValue: word.lowercased()) else {
            throw SCIMError(.invalidValue, "The parameter sortOrder must be ascending or descending.")
        }
        return direction
    }

    /// Integers beyond 64 bits count as the nearest one within.
    private static func integer(
        _ name: String,
        _ text: String,
        hasCursor: Bool = false
    ) throws(SCIMError) -> Int {
        let bytes = text.utf8.span
        let isNegative = bytes.count > 0 && bytes[0] == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        guard bytes.count > start else { throw notAnInteger(name, hasCursor: hasCursor) }
        for index in start..<bytes.count where !bytes[index].isASCIIDigit {
            throw notAnInteger(name, hasCursor: hasCursor)
        }
        return Int(text) ?? (isNegative ? .min : .max)
    }

    /// RFC 9865 §2.1 has a keyword of its own for a count beside a cursor.
    static func notAnInteger(_ name: String, hasCursor: Bool) -> SCIMError {
        SCIMError(hasCursor ? .invalidCount : .invalidValue, "The parameter \(name) must be an integer.")
    }

    /// Names without spaces around them; nil for an empty list, which asks for nothing in particular.
    private static func named(_ names: [String]?) -> [String]? {
        guard let names else { return nil }
        let named = names.map { name in
            let space = UInt8(ascii: " ")
            guard name.utf8.first == space || name.utf8.last == space else { return name }
            let begun = name.utf8.drop { $0 == space }
            return String(
                Substring(begun.prefix(begun.count - begun.reversed().prefix { $0 == space }.count))
            )
        }.filter { !$0.isEmpty }
        return named.isEmpty ? nil : named
    }
}
