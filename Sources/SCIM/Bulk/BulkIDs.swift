import JSON

// RFC 7644 §3.7.2: "bulkId:" and a bulkId stand for the id of a resource that the request creates.
//
// In a bulk request these texts are references wherever they are, whatever attribute holds them: which attributes hold ids
// cannot be told of a PATCH's values and of attributes that no schema defines. A reference to nothing is refused, so that
// none is ever stored.

/// The new resources of a bulk request by their `bulkId`.
struct BulkIDs: Sendable {
    static let prefix = "bulkId:"

    /// By the bytes of the names: canonically equal texts are different names.
    private var operations: [[UInt8]: Int] = [:]

    init(_ operations: [BulkOperation]) throws(SCIMError) {
        for (index, operation) in operations.enumerated() where operation.method == .post {
            guard let name = operation.bulkID else { continue }
            guard self.operations.updateValue(index, forKey: Array(name.utf8)) == nil else {
                throw SCIMError(.invalidValue, "Two operations that create resources have the same bulkId.")
            }
        }
    }

    /// The operation that creates the resource which a text stands for; nil if it is no reference.
    ///
    /// - Throws: `invalidValue` if no operation creates it.
    func operation(_ text: some StringProtocol) throws(SCIMError) -> Int? {
        guard text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        guard let index = operations[Array(text.utf8.dropFirst(Self.prefix.utf8.count))] else {
            throw SCIMError(
                .invalidValue,
                "A bulkId names no resource that an operation of the request creates."
            )
        }
        return index
    }
}

/// Replaces references by ids in the data of one operation, and notes what it refers to.
struct BulkIDResolver {
    /// The operations whose resources were referred to.
    private(set) var references: Set<Int> = []

    private let bulkIDs: BulkIDs
    private let id: (Int) -> String

    init(_ bulkIDs: BulkIDs, _ id: @escaping (Int) -> String) {
        self.bulkIDs = bulkIDs
        self.id = id
    }

    /// The data with ids.
    ///
    /// `isPatch`: whether it has PATCH operations, whose paths can hold references too.
    mutating func resolve(_ data: JSONValue, isPatch: Bool) throws(SCIMError) -> JSONValue {
        guard isPatch, case .object(let message) = data else { return try resolve(data) }
        return .object(
            try mapping(message) { resolver, member throws(SCIMError) in
                guard member.name.equalsIgnoringASCIICase("Operations"),
                    case .array(let operations) = member.value
                else { return try resolver.resolve(member.value) }
                var resolved: [JSONValue] = []
                for operation in operations {
                    resolved.append(try resolver.resolve(patchOperation: operation))
                }
                return .array(resolved)
            }
        )
    }

    private mutating func resolve(patchOperation value: JSONValue) throws(SCIMError) -> JSONValue {
        guard case .object(let operation) = value else { return try resolve(value) }
        return .object(
            try mapping(operation) { resolver, member throws(SCIMError) in
                guard member.name.equalsIgnoringASCIICase("path"), case .string(let path) = member.value
                else { return try resolver.resolve(member.value) }
                return .string(try resolver.resolve(path: path))
            }
        )
    }

    /// Recursion is bounded by the depth of the parsed text.
    private mutating func resolve(_ value: JSONValue) throws(SCIMError) -> JSONValue {
        switch value {
        case .null, .bool, .number: return value
        case .string(let text): return .string(try resolve(text))
        case .array(let elements):
            var resolved: [JSONValue] = []
            resolved.reserveCapacity(elements.count)
            for element in elements { resolved.append(try resolve(element)) }
            return .array(resolved)
        case .object(let object):
            return .object(
                try mapping(object) { resolver, member throws(SCIMError) in try resolver.resolve(member.value)
                }
            )
        }
    }

    private mutating func mapping(
        _ object: JSONObject,
        _ value: (inout BulkIDResolver, JSONObject.Member) throws(SCIMError) -> JSONValue
    ) throws(SCIMError) -> JSONObject {
        var members = object.members
        for index in members.indices { members[index].value = try value(&self, members[index]) }
        return JSONObject(uniqueMembers: members)
    }

    /// `bulkId:a`, where the name may have slashes, or a URI whose last segment is `bulkId:a`.
    private mutating func resolve(_ text: String) throws(SCIMError) -> String {
        // Most texts are no URIs and begin with another letter.
        let start =
            text.utf8.starts(with: BulkIDs.prefix.utf8)
            ? text.startIndex
            : text.utf8.lastIndex(of: UInt8(ascii: "/")).map { text.utf8.index(after: $0) } ?? text.startIndex
        guard let index = try bulkIDs.operation(text[start...]) else { return text }
        references.insert(index)
        return text[..<start] + id(index)
    }

    /// A path whose filter compares with references: `members[value eq "bulkId:a"]`, or without quotes.
    private mutating func resolve(path: String) throws(SCIMError) -> String {
        let quotationMark = UInt8(ascii: "\"")
        var resolved = ""
        var rest = path[...]
        while let start = rest.utf8.firstIndex(of: quotationMark),
            let end = Self.endOfLiteral(rest.utf8[start...]),
            case .string(let text)? = try? JSONValue(parsing: Array(rest[start..<end].utf8))
        {
            var literal: [UInt8] = []
            JSONWriter.appendString(try resolve(text), to: &literal)
            resolved += try resolve(unquoted: rest[..<start])
            resolved += String(decoding: literal, as: UTF8.self)
            rest = rest[end...]
        }
        return try resolved + resolve(unquoted: rest)
    }

    /// A part of a path that has no quoted text: each of its words can be a reference.
    private mutating func resolve(unquoted text: Substring) throws(SCIMError) -> String {
        var resolved = ""
        var rest = text
        while let start = rest.utf8.firstIndex(where: { !Self.separators.contains($0) }) {
            let end = rest.utf8[start...].firstIndex(where: Self.separators.contains) ?? rest.endIndex
            resolved += rest[..<start]
            resolved += try resolve(String(rest[start..<end]))
            rest = rest[end...]
        }
        return resolved + rest
    }

    private static let separators = Set(" ()[]".utf8)

    /// Behind the quotation mark that ends the string which begins here; nil if none does.
    private static func endOfLiteral(_ text: Substring.UTF8View.SubSequence) -> String.Index? {
        var isEscaped = false
        for index in text.indices.dropFirst() {
            if isEscaped {
                isEscaped = false
            } else if text[index] == UInt8(ascii: "\\") {
                isEscaped = true
            } else if text[index] == UInt8(ascii: "\"") {
                return text.index(after: index)
            }
        }
        return nil
    }
}
