import JSON

/// Brings a value from outside into the form that its attribute's definition asks for (RFC 7643 §2.3).
///
/// What clients really send is taken for what they mean: `"True"` for a boolean, a bare value where an object with `value` is
/// expected, one object where several may stand, an empty text for no value. Everything else of another type is refused.
package enum AttributeValueDecoder {
    /// Decodes a value of an attribute.
    ///
    /// - Returns: nil if the value means "unassigned": null, an empty text, list or object (RFC 7643 §2.5).
    /// - Throws: `invalidValue` that names the attribute, never the value.
    package static func decode(
        _ value: JSONValue,
        as definition: AttributeDefinition
    ) throws(SCIMError) -> JSONValue? {
        guard definition.multiValued else { return try single(value, definition, parent: nil) }
        if case .null = value { return nil }
        var elements: [JSONValue] = []
        var seen: Set<[UInt8]> = []
        let list: [JSONValue] = if case .array(let list) = value { list } else { [value] }
        for element in list {
            guard let element = try single(element, definition, parent: nil) else { continue }
            var bytes: [UInt8] = []
            element.write(to: &bytes)
            if seen.insert(bytes).inserted { elements.append(element) }
        }
        return elements.isEmpty ? nil : .array(elements)
    }

    /// One value, of a single-valued attribute or one among several.
    private static func single(
        _ value: JSONValue,
        _ definition: AttributeDefinition,
        parent: AttributeDefinition?
    ) throws(SCIMError) -> JSONValue? {
        if case .null = value { return nil }
        if case .array(let list) = value, list.isEmpty { return nil }
        let name = parent.map { "\($0.name).\(definition.name)" } ?? definition.name
        switch definition.type {
        case .string, .reference:
            guard case .string(let text) = value else { throw wrongType(name, "a string") }
            return try string(text, name)
        case .boolean:
            return .bool(try boolean(value, name))
        case .integer:
            guard case .number(let number) = value, number.int64 != nil else {
                throw wrongType(name, "an integer")
            }
            return value
        case .decimal:
            guard case .number = value else { throw wrongType(name, "a number") }
            return value
        case .dateTime:
            guard case .string(let text) = value else { throw wrongType(name, "a dateTime") }
            guard !text.isEmpty else { return nil }
            guard Timestamp(rfc3339: text) != nil else {
                throw wrongType(name, "a dateTime such as 2026-11-24T01:02:03Z")
            }
            return value
        case .binary:
            guard case .string(let text) = value, isBase64(text) else { throw wrongType(name, "base64") }
            return try string(text, name)
        case .complex:
            return try complex(value, definition)
        }
    }

    private static func string(_ text: String, _ name: String) throws(SCIMError) -> JSONValue? {
        guard text.utf8.count <= ResourceLimits.stringBytesMax else {
            throw SCIMError(
                .invalidValue,
                "The attribute \(name) is longer than \(ResourceLimits.stringBytesMax) bytes."
            )
        }
        return text.isEmpty ? nil : .string(text)
    }

    private static func boolean(_ value: JSONValue, _ name: String) throws(SCIMError) -> Bool {
        switch value {
        case .bool(let value): return value
        case .string(let text) where text.equalsIgnoringASCIICase("true"): return true
        case .string(let text) where text.equalsIgnoringASCIICase("false"): return false
        default: throw wrongType(name, "a boolean")
        }
    }

    private static func complex(
        _ value: JSONValue,
        _ definition: AttributeDefinition
    ) throws(SCIMError) -> JSONValue? {
        var object = JSONObject()
        switch value {
        case .object(let members):
            let matched = try AttributeNames.matched(members, definition.subAttributes, in: definition.name)
            // In the schema's order, so that equal values are equal bytes.
            for sub in definition.subAttributes where sub.mutability != .readOnly {
                guard let value = matched.known.first(where: { $0.0.name == sub.name })?.1 else { continue }
                object[sub.name] =
                    sub.multiValued ? try decode(value, as: sub) : try single(value, sub, parent: definition)
            }
        case .string(let text) where text.isEmpty: return nil
        case .array(let list) where list.count == 1 && !definition.multiValued:
            return try complex(list[0], definition)
        default:
            guard let sub = definition.subAttribute("value") else {
                throw wrongType(definition.name, "an object")
            }
            object[sub.name] = try single(value, sub, parent: definition)
        }
        return object.isEmpty ? nil : .object(object)
    }

    private static func wrongType(_ name: String, _ expected: String) -> SCIMError {
        SCIMError(.invalidValue, "The value of \(name) must be \(expected).")
    }

    /// RFC 4648 §4 and §5; padding may be missing (RFC 7643 §2.3.6).
    private static func isBase64(_ text: String) -> Bool {
        let content = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        let padding = text.utf8.count - content.count
        return padding <= 2 && content.count % 4 != 1 && (padding == 0 || text.utf8.count % 4 == 0)
            && text.utf8.suffix(padding).allSatisfy { $0 == UInt8(ascii: "=") }
            && content.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"),
                    UInt8(ascii: "-"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

/// Matches the members of an object with definitions, in any case (RFC 7643 §2.1).
enum AttributeNames {
    struct Matched {
        var known: [(AttributeDefinition, JSONValue)] = []
        var unknown: [JSONObject.Member] = []
    }

    /// - Throws: `invalidSyntax` if two members name one attribute in different cases.
    static func matched(
        _ object: JSONObject,
        _ definitions: [AttributeDefinition],
        in context: String
    ) throws(SCIMError) -> Matched {
        var matched = Matched()
        var seen: Set<String> = []
        for member in object.members {
            guard let definition = definitions.first(where: { $0.name.equalsIgnoringASCIICase(member.name) })
            else {
                matched.unknown.append(member)
                continue
            }
            guard seen.insert(definition.name).inserted else {
                throw SCIMError(
                    .invalidSyntax,
                    "\(context) names \(definition.name) twice, in different cases."
                )
            }
            matched.known.append((definition, member.value))
        }
        return matched
    }
}
