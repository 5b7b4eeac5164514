import JSON

/// The attributes that one body or value has named so far.
///
/// An attribute has several names: `title` and `urn:…:core:2.0:User:title`, `name` with `givenName` in it and `name.givenName`.
/// Two of them in one body are two answers to one question, of which the server must not choose one.
struct NamedAttributes {
    private var wholes: Set<String> = []
    private var parts: [String: Set<String>] = [:]

    /// Takes note of an attribute, and of the parts that its value has.
    ///
    /// `filter`: what selects among its values; values that different filters select are different targets.
    /// - Throws: `invalidSyntax` if it was named before.
    mutating func insert(
        _ target: ResolvedAttribute,
        _ filter: Filter? = nil,
        value: JSONValue
    ) throws(SCIMError) {
        let attribute = AttributePath(schema: target.container, attribute: target.attribute.name).description
        if let container = target.container {
            try insert(part: target.attribute.name, of: container, isPartial: true, target)
        }
        var base = attribute
        if let filter {
            // What is told of all values, and of some of them, would depend on the order.
            try insert(part: "[]", of: attribute, isPartial: true, target)
            base += "[\(filter)]"
        }
        if let sub = target.subAttribute { return try insert(part: sub.name, of: base, target) }
        guard !target.attribute.multiValued, filter == nil, target.attribute.type == .complex,
            case .object(let object) = value
        else { return try insert(whole: base, target) }
        for member in object.members {
            guard let sub = target.attribute.subAttribute(member.name) else { continue }
            try insert(part: sub.name, of: base, target)
        }
    }

    /// Takes note of a whole extension.
    mutating func insert(_ schema: Schema) throws(SCIMError) {
        guard parts[schema.id] == nil, wholes.insert(schema.id).inserted else { throw Self.twice(schema.id) }
    }

    private mutating func insert(whole name: String, _ target: ResolvedAttribute) throws(SCIMError) {
        guard parts[name] == nil, wholes.insert(name).inserted else { throw Self.twice("\(target.path)") }
    }

    /// `isPartial`: whether the part may be named again, for something inside it.
    private mutating func insert(
        part: String,
        of name: String,
        isPartial: Bool = false,
        _ target: ResolvedAttribute
    ) throws(SCIMError) {
        guard !wholes.contains(name) else { throw Self.twice("\(target.path)") }
        let isNew = parts[name, default: []].insert(part).inserted
        guard isNew || isPartial else { throw Self.twice("\(target.path)") }
    }

    /// Names the attribute without a filter, whose values may be personal.
    private static func twice(_ name: String) -> SCIMError {
        SCIMError(
            .invalidSyntax,
            "\(name) is there twice, in different spellings: which one counts would be a guess."
        )
    }
}
