/// A JSON text as a tree of values (RFC 8259 §3).
///
/// Equality compares strings byte for byte: canonically equivalent strings with different bytes differ.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): JSONText.areEqual(a, b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }
}

/// A JSON number, kept as the exact text that was received (RFC 8259 §6).
package struct JSONNumber: Sendable, Hashable {
    /// The number's text, which always follows the RFC's grammar.
    package let text: String

    package init(_ value: Int64) { text = String(value) }
    package init(_ value: Int) { text = String(value) }

    /// Takes a text that a parser has already found to follow the grammar.
    package init(validated text: String) { self.text = text }

    /// The value, if the text is an integer without fraction or exponent that fits 64 bits.
    package var int64: Int64? { Int64(text) }

    /// The value, if it is an integer that fits 64 bits, however it is written: as `100`, `100.0` or `1e2`.
    package var exactInteger: Int64? {
        if let int64 { return int64 }
        let parts = text.lowercased().split(separator: "e")
        let mantissa = parts[0].drop { $0 == "-" }.split(separator: ".")
        let fraction = mantissa.count == 2 ? mantissa[1] : ""
        let digits = (mantissa[0] + fraction).drop { $0 == "0" }
        guard !digits.isEmpty else { return 0 }
        let zeros = digits.utf8.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        // Exponents that do not even fit an integer belong to no number in range.
        guard let exponent = parts.count == 2 ? Int32(parts[1]) : 0 else { return nil }
        let scale = Int(exponent) - fraction.count + zeros
        guard (0...18).contains(scale) else { return nil }
        let sign = text.hasPrefix("-") ? "-" : ""
        return Int64("\(sign)\(digits.dropLast(zeros))\(String(repeating: "0", count: scale))")
    }

    /// The nearest double; infinite if out of range.
    package var double: Double { Double(text) ?? .nan }
}

/// The members of a JSON object in their order; names are unique.
package struct JSONObject: Sendable, Equatable {
    /// One name and its value.
    package struct Member: Sendable, Equatable {
        package let name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }

        package static func == (left: Member, right: Member) -> Bool {
            JSONText.areEqual(left.name, right.name) && left.value == right.value
        }
    }

    package private(set) var members: [Member]

    package init() { members = [] }

    /// Takes members whose names are already known to be unique.
    package init(uniqueMembers: [Member]) { members = uniqueMembers }

    package var isEmpty: Bool { members.isEmpty }

    /// The value of a name, compared byte for byte; assigning nil removes the member, a new name goes last.
    package subscript(name: String) -> JSONValue? {
        get {
            guard let index = index(of: name) else { return nil }
            return members[index].value
        }
        set {
            if let index = index(of: name) {
                if let newValue { members[index].value = newValue } else { members.remove(at: index) }
            } else if let newValue {
                members.append(Member(name: name, value: newValue))
            }
        }
    }

    /// The place of a name that probably has the same one as in another object: two states of a resource mostly agree in
    /// their order.
    package func index(of name: String, near index: Int) -> Int? {
        if index < members.count, JSONText.areEqual(members[index].name, name) { return index }
        return self.index(of: name)
    }

    private func index(of name: String) -> Int? {
        for index in members.indices where JSONText.areEqual(members[index].name, name) { return index }
        return nil
    }
}
