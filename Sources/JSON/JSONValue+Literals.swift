// Documents are written down as Swift literals, so that their shape can be seen.

extension JSONValue: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self = .string(value) }
}

extension JSONValue: ExpressibleByBooleanLiteral {
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
}

extension JSONValue: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    /// Takes members in their order.
    ///
    /// - Precondition: names are unique.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(dictionaryMembers: elements))
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Takes members in their order.
    ///
    /// - Precondition: names are unique.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(dictionaryMembers: elements)
    }

    fileprivate init(dictionaryMembers elements: [(String, JSONValue)]) {
        precondition(Set(elements.map(\.0)).count == elements.count, "names are unique")
        self.init(uniqueMembers: elements.map { Member(name: $0.0, value: $0.1) })
    }
}

extension JSONValue {
    /// The value as JSON over several lines, for people; ends without a line feed.
    package var indented: String {
        var output: [UInt8] = []
        writeIndented(0, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func writeIndented(_ depth: Int, to output: inout [UInt8]) {
        func line(_ depth: Int) {
            output.append(UInt8(ascii: "\n"))
            output += [UInt8](repeating: UInt8(ascii: " "), count: depth * 2)
        }
        switch self {
        case .array(let elements) where !elements.isEmpty:
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                line(depth + 1)
                element.writeIndented(depth + 1, to: &output)
            }
            line(depth)
            output.append(UInt8(ascii: "]"))
        case .object(let object) where !object.isEmpty:
            output.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                line(depth + 1)
                JSONWriter.appendString(member.name, to: &output)
                output += ": ".utf8
                member.value.writeIndented(depth + 1, to: &output)
            }
            line(depth)
            output.append(UInt8(ascii: "}"))
        default: write(to: &output)
        }
    }
}
