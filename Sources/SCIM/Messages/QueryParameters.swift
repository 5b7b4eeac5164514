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

    /// Whether the client names the attributes that it wants to see.
    package var namesAttributes: Bool { attributes != nil }

    package init() {}

    /// Reads decoded names and values; of a repeated parameter the first counts.
    ///
    /// - Throws: `invalidValue` if startIndex or count is no integer.
    package init(_ items: [(name: String, value: String)]) throws(SCIMError) {
        func first(_ name: String) -> (name: String, value: String)? { items.first { $0.name == name } }
        filter = first("filter")?.value
        if let item = first("startIndex") { startIndex = max(1, try Self.integer(item)) }
        if let item = first("count") { count = max(0, try Self.integer(item)) }
        attributes = first("attributes").flatMap { Self.list($0.value) }
        excludedAttributes = first("excludedAttributes").flatMap { Self.list($0.value) }
    }

    /// Integers beyond 64 bits count as the nearest one within.
    private static func integer(_ item: (name: String, value: String)) throws(SCIMError) -> Int {
        let digits =
            item.value.utf8.first == UInt8(ascii: "-") ? item.value.utf8.dropFirst() : item.value.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw SCIMError(.invalidValue, "The parameter \(item.name) must be an integer.")
        }
        return Int(item.value) ?? (item.value.utf8.first == UInt8(ascii: "-") ? .min : .max)
    }

    /// Names between commas; nil for an empty list, which asks for nothing in particular.
    private static func list(_ value: String) -> [String]? {
        let names = value.split(separator: ",").map { name in
            String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
        return names.isEmpty ? nil : names
    }
}
