import JSON

/// Brings a value from outside into the form that its attribute's definition asks for (RFC 7643 §2.3).
///
/// Where the tenant's ``Profile`` allows it, what clients really send is taken for what they mean: `"True"` for a boolean, a bare
/// value where an object with `value` is expected, one object where several may stand. An empty text is no value. Everything else
/// of another type is refused.
package enum AttributeValueDecoder {
    /// Decodes a value of an attribute.
    ///
    /// - Returns: nil if the value means "unassigned": null, an empty text, list or object (RFC 7643 §2.5).
    /// - Throws: `invalidValue` that names the attribute, never the value; `invalidSyntax` for a sub-attribute that no schema
    ///   defines, if the profile refuses those.
    package static func decode(
        _ value: JSONValue,
        as definition: AttributeDefinition,
        _ profile: Profile
    ) throws(SCIMError) -> JSONValue? {
        guard definition.multiValued else { return try single(value, as: definition, parent: nil, profile) }
        let list: [JSONValue]
        switch value {
        case .null: return nil
        case .array(let elements): list = elements
        default:
            guard profile.contains(.singleForArray) else {
                throw wrongType(ValueName(parent: nil, definition: definition), "an array")
            }
            list = [value]
        }
        if list.count == 1 {
            return try single(list[0], as: definition, parent: nil, profile).map { .array([$0]) }
        }
        var elements: [JSONValue] = []
        var seen: Set<WrittenValue> = []
        for element in list {
            guard let element = try single(element, as: definition, parent: nil, profile) else { continue }
            if seen.insert(WrittenValue(element)).inserted { elements.append(element) }
        }
        return elements.isEmpty ? nil : .array(elements)
    }

    /// One value, of a single-valued attribute or one among several.
    private static func single(
        _ value: JSONValue,
        as definition: AttributeDefinition,
        parent: AttributeDefinition?,
        _ profile: Profile
    ) throws(SCIMError) -> JSONValue? {
        if case .null = value { return nil }
        if case .array(let list) = value, list.isEmpty, profile.contains(.arrayForSingle) { return nil }
        let name = ValueName(parent: parent, definition: definition)
        switch definition.type {
        case .string, .reference:
            guard let text = text(value, profile) else { throw wrongType(name, "a string") }
            guard definition.accepts(text, profile) else {
                throw SCIMError(.invalidValue, "The value of \(name) is none of its canonical values.")
            }
            return try string(text, name)
        case .boolean:
            return .bool(try boolean(value, name, profile))
        case .integer:
            guard let number = integer(value, profile) else { throw wrongType(name, "an integer") }
            return .number(number)
        case .decimal:
            guard case .number = value else { throw wrongType(name, "a number") }
            return value
        case .dateTime:
            guard case .string(let text) = value else { throw wrongType(name, "a dateTime") }
            guard !text.isEmpty else { return nil }
            guard Timestamp(dateTime: text) != nil else {
                throw wrongType(name, "a dateTime such as 2026-11-24T01:02:03Z")
            }
            return value
        case .binary:
            guard case .string(let text) = value, isBase64(text) else { throw wrongType(name, "base64") }
            return try string(text, name)
        case .complex:
            return try complex(value, definition, profile)
        }
    }

    private static func string(_ text: String, _ name: ValueName) throws(SCIMError) -> JSONValue? {
        guard text.utf8.count <= ResourceLimits.stringBytesMax else {
            throw SCIMError(
                .invalidValue,
                "The attribute \(name) is longer than \(ResourceLimits.stringBytesMax) bytes."
            )
        }
        return text.isEmpty ? nil : .string(text)
    }

    /// A text, or the text of a number for which a client forgot the quotation marks.
    private static func text(_ value: JSONValue, _ profile: Profile) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number) where profile.contains(.looseNumbers): number.text
        default: nil
        }
    }

    /// A number that is an integer as it is written, or by its value.
    private static func integer(_ value: JSONValue, _ profile: Profile) -> JSONNumber? {
        guard case .number(let number) = value else { return nil }
        if number.int64 != nil { return number }
        return profile.contains(.looseNumbers) ? number.exactInteger.map { JSONNumber($0) } : nil
    }

    private static func boolean(
        _ value: JSONValue,
        _ name: ValueName,
        _ profile: Profile
    ) throws(SCIMError) -> Bool {
        if case .bool(let flag) = value { return flag }
        if case .string(let text) = value, profile.contains(.stringBooleans), let flag = Bool(anyCase: text) {
            return flag
        }
        throw wrongType(name, "a boolean, which is true or false")
    }

    private static func complex(
        _ value: JSONValue,
        _ definition: AttributeDefinition,
        _ profile: Profile
    ) throws(SCIMError) -> JSONValue? {
        var object = JSONObject()
        switch value {
        case .object(let members):
            let matched = try AttributeNames.matched(members, definition.subAttributes, in: definition.name)
            if let stranger = matched.unknown.first, !profile.contains(.undefinedAttributes) {
                throw .undefinedAttribute("\(definition.name).\(stranger.name)")
            }
            for stranger in matched.unknown { try refusePath(stranger.name, in: definition) }
            // In the schema's order, so that equal values are equal bytes.
            for sub in definition.subAttributes where sub.mutability != .readOnly {
                guard let value = matched.known.first(where: { $0.0 === sub })?.1 else { continue }
                let decoded =
                    sub.multiValued
                    ? try decode(value, as: sub, profile)
                    : try single(value, as: sub, parent: definition, profile)
                if sub.mutability != .writeOnly { object[sub.name] = decoded }
            }
        case .string(let text) where text.isEmpty && profile.contains(.emptyTexts): return nil
        case .array(let list)
        where list.count == 1 && !definition.multiValued && profile.contains(.arrayForSingle):
            return try complex(list[0], definition, profile)
        default:
            guard profile.contains(.scalarForComplex), let sub = definition.subAttribute("value") else {
                throw wrongType(ValueName(parent: nil, definition: definition), "an object")
            }
            object[sub.name] = try single(value, as: sub, parent: definition, profile)
        }
        return object.isEmpty ? nil : .object(object)
    }

    /// Refuses a path where a sub-attribute's name belongs: ignoring it would lose the value of one that is there.
    private static func refusePath(_ name: String, in definition: AttributeDefinition) throws(SCIMError) {
        guard let path = try? AttributePath(parsing: name), let sub = path.subAttribute,
            path.attribute.equalsIgnoringASCIICase(definition.name), definition.subAttribute(sub) != nil
        else { return }
        throw SCIMError(.invalidSyntax, "In a value of \(definition.name), \(sub) is named alone.")
    }

    private static func wrongType(_ name: ValueName, _ expected: String) -> SCIMError {
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

/// What a refusal calls a value; put together only for one.
private struct ValueName: CustomStringConvertible {
    /// The complex attribute that the value is a part of.
    let parent: AttributeDefinition?
    let definition: AttributeDefinition

    var description: String { parent.map { "\($0.name).\(definition.name)" } ?? definition.name }
}

extension AttributeDefinition {
    /// Whether a text may be a value of the attribute, as far as its canonical values go (RFC 7643 §2.3.1).
    fileprivate func accepts(_ text: String, _ profile: Profile) -> Bool {
        if canonicalValues.isEmpty || text.isEmpty || profile.contains(.otherValues) { return true }
        return canonicalValues.contains { caseExact ? $0 == text : $0.equalsIgnoringASCIICase(text) }
    }
}

extension AttributeDefinition {
    /// The names in a value that are no sub-attributes, as paths in the client's spelling; what could be no name is left out.
    func undefinedPaths(in value: JSONValue, container: String?) -> [AttributePath] {
        guard type == .complex else { return [] }
        switch value {
        case .object(let object):
            return object.members.compactMap { member in
                guard subAttribute(member.name) == nil, let name = try? AttributePath(parsing: member.name),
                    name.schema == nil, name.subAttribute == nil
                else { return nil }
                return AttributePath(schema: container, attribute: self.name, subAttribute: name.attribute)
            }
        case .array(let elements): return elements.flatMap { undefinedPaths(in: $0, container: container) }
        default: return []
        }
    }
}

extension Bool {
    /// `true` or `false` in any case, as some clients write them in quotes.
    init?(anyCase text: String) {
        if text.equalsIgnoringASCIICase("true") {
            self = true
        } else if text.equalsIgnoringASCIICase("false") {
            self = false
        } else {
            return nil
        }
    }
}

extension SCIMError {
    /// The refusal of an attribute that no schema defines, where the profile does not ignore it.
    ///
    /// A name that could not be one is not repeated: what a client sent in its place may be a value.
    static func undefinedAttribute(_ name: String, _ keyword: Keyword = .invalidSyntax) -> SCIMError {
        let isName = name.utf8.count <= 256 && (try? AttributePath(parsing: name)) != nil
        return SCIMError(
            keyword,
            "No schema of this resource type defines the attribute\(isName ? " \(name)" : "")."
        )
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
        matched.known.reserveCapacity(object.members.count)
        for member in object.members {
            guard let definition = definitions.first(where: { $0.name.equalsIgnoringASCIICase(member.name) })
            else {
                matched.unknown.append(member)
                continue
            }
            guard !matched.known.contains(where: { $0.0 === definition }) else {
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

/// A value by the bytes of its JSON.
private struct WrittenValue: Hashable {
    private var bytes: [UInt8] = []

    init(_ value: JSONValue) { value.write(to: &bytes) }

    func hash(into hasher: inout Hasher) {
        // Byte by byte, as an array would have it, this takes several times as long. The buffer does not leave the closure.
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
