import JSON

extension Resource {
    /// The resource as it takes the place of another (RFC 7644 §3.5.1): readOnly attributes stay as they are, immutable
    /// attributes and sub-attributes that have a value keep it, and a deactivated user stays deactivated unless the request
    /// says otherwise: who is gone must not come back because a client sends no `active`.
    ///
    /// - Throws: `mutability` if one of them was sent with another value, `invalidValue` if a required attribute is missing
    ///   beside what is kept.
    package func replacing(_ old: Resource) throws(SCIMError) -> Resource {
        var attributes = attributes
        var keepsImmutable = try ImmutableAttributes.keep(
            type.schema.attributes,
            of: old.attributes,
            in: &attributes
        )
        if type.schema === Schema.user, attributes["active"] == nil, old.attributes["active"] == .bool(false)
        {
            attributes["active"] = .bool(false)
        }
        for schema in type.extensions.map(\.schema) {
            guard case .object(let before)? = old.attributes[schema.id] else { continue }
            var container: JSONObject =
                if case .object(let container)? = attributes[schema.id] { container } else { JSONObject() }
            if try ImmutableAttributes.keep(schema.attributes, of: before, in: &container) {
                keepsImmutable = true
            }
            if !container.isEmpty { attributes[schema.id] = .object(container) }
        }
        return keepsImmutable
            ? try Resource.validated(attributes, type: type) : Resource(stored: attributes, type: type)
    }
}

/// What readOnly and immutable attributes keep, and what an immutable one allows (RFC 7643 §2.2): a value where there was none, and no other afterwards.
///
/// The elements of a multi-valued attribute may come and go; those that stay, which their `value` tells, keep their immutable
/// sub-attributes.
enum ImmutableAttributes {
    /// Puts values of an object that cannot change into the one that takes its place; true if an immutable one was not there.
    static func keep(
        _ definitions: [AttributeDefinition],
        of old: JSONObject,
        in new: inout JSONObject
    ) throws(SCIMError) -> Bool {
        var hasKept = false
        for definition in definitions {
            let mutability = definition.mutability
            guard mutability == .immutable || mutability == .readOnly || definition.hasImmutableSubAttributes,
                let before = old[definition.name]
            else { continue }
            if mutability == .readOnly {
                new[definition.name] = before
            } else if mutability == .immutable {
                guard let after = new[definition.name] else {
                    new[definition.name] = before
                    hasKept = true
                    continue
                }
                guard after.isSame(as: before) else { throw refusal(definition.name) }
            } else {
                let kept = try kept(of: before, in: new[definition.name], definition)
                guard !kept.isSame(as: new[definition.name]) else { continue }
                new[definition.name] = kept
                hasKept = true
            }
        }
        return hasKept
    }

    /// Refuses a change of a complex value that takes or alters an immutable sub-attribute.
    static func check(
        _ before: JSONValue?,
        _ after: JSONValue?,
        _ definition: AttributeDefinition
    ) throws(SCIMError) {
        guard definition.hasImmutableSubAttributes, !definition.multiValued,
            case .object(let old)? = before
        else { return }
        let new: JSONObject = if case .object(let object)? = after { object } else { JSONObject() }
        for sub in definition.subAttributes where sub.mutability == .immutable {
            guard old[sub.name] == nil || old[sub.name].isSame(as: new[sub.name]) else {
                throw refusal("\(definition.name).\(sub.name)")
            }
        }
    }

    private static func kept(
        of before: JSONValue,
        in after: JSONValue?,
        _ definition: AttributeDefinition
    ) throws(SCIMError) -> JSONValue? {
        switch (before, after) {
        case (.object(let old), _) where !definition.multiValued:
            var new: JSONObject = if case .object(let object)? = after { object } else { JSONObject() }
            do throws(SCIMError) { _ = try keep(definition.subAttributes, of: old, in: &new) } catch {
                throw refusal(definition.name)
            }
            return new.isEmpty ? nil : .object(new)
        case (.array(let old), .array(let new)?):
            var elements: [JSONValue] = []
            for element in new { elements.append(try kept(of: old, in: element, definition)) }
            return .array(elements)
        default: return after
        }
    }

    /// An element with the immutable sub-attributes of the one among `old` that has its `value`.
    private static func kept(
        of old: [JSONValue],
        in element: JSONValue,
        _ definition: AttributeDefinition
    ) throws(SCIMError) -> JSONValue {
        guard case .object(let object) = element, let value = object["value"] else { return element }
        var hasSame = false
        for case .object(let other) in old where other["value"].isSame(as: value) {
            hasSame = true
            var kept = object
            if (try? keep(definition.subAttributes, of: other, in: &kept)) != nil { return .object(kept) }
        }
        guard !hasSame else { throw refusal(definition.name) }
        return element
    }

    private static func refusal(_ name: String) -> SCIMError {
        SCIMError(.mutability, "The attribute \(name) is immutable and has another value.")
    }
}
