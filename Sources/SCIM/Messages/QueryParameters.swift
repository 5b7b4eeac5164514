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

    /// Reads decoded values; `first` gives the first one of a name.
    ///
    /// - Throws: `invalidValue` if startIndex or count is no integer, or sortOrder no order; `invalidCount` for a count
    ///   beside a cursor.
    package init(_ first: (_ name: String) -> String?) throws(SCIMError) {
        try self.init(
            filter: first("filter"),
            startIndex: first("startIndex"),
            count: first("count"),
            attributes: first("attributes").map(Self.list),
            excludedAttributes: first("excludedAttributes").map(Self.list),
            sortBy: first("sortBy"),
            sortOrder: first("sortOrder"),
            cursor: first("cursor")
        )
    }

    /// Takes the parameters as texts; numbers in decimal digits.
    init(
        filter: String?,
        startIndex: String?,
        count: String?,
        attributes: [String]?,
        excludedAttributes: [String]?,
        sortBy: String?,
        sortOrder: String?,
        cursor: String?
    ) throws(SCIMError) {
        self.filter = filter
        self.cursor = cursor
        if let startIndex { self.startIndex = max(1, try Self.integer("startIndex", startIndex)) }
        if let count { self.count = max(0, try Self.integer("count", count, hasCursor: cursor != nil)) }
        self.attributes = Self.named(attributes)
        self.excludedAttributes = Self.named(excludedAttributes)
        let direction = try sortOrder.flatMap(Self.direction) ?? .ascending
        if let sortBy, !sortBy.isEmpty { sort = SortOrder(attribute: sortBy, direction: direction) }
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
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw notAnInteger(name, hasCursor: hasCursor)
        }
        return Int(text) ?? (text.utf8.first == UInt8(ascii: "-") ? .min : .max)
    }

    /// RFC 9865 §2.1 has a keyword of its own for a count beside a cursor.
    static func notAnInteger(_ name: String, hasCursor: Bool) -> SCIMError {
        SCIMError(hasCursor ? .invalidCount : .invalidValue, "The parameter \(name) must be an integer.")
    }

    /// Names between commas.
    private static func list(_ value: String) -> [String] { value.split(separator: ",").map(String.init) }

    /// Names without spaces around them; nil for an empty list, which asks for nothing in particular.
    private static func named(_ names: [String]?) -> [String]? {
        guard let names else { return nil }
        let named = names.map { name in
            String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
        return named.isEmpty ? nil : named
    }
}
