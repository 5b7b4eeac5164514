import JSON

extension Resource {
    /// The resource as it takes the place of another (RFC 7644 §3.5.1): immutable attributes that have a value keep it.
    ///
    /// - Throws: `mutability` if one of them was sent with another value.
    package func replacing(_ old: Resource) throws(SCIMError) -> Resource {
        var attributes = attributes
        try Self.keepImmutable(type.schema, old.attributes, &attributes)
        for schema in type.extensions.map(\.schema) {
            guard case .object(let before)? = old.attributes[schema.id] else { continue }
            var container: JSONObject =
                if case .object(let container)? = attributes[schema.id] { container } else { JSONObject() }
            try Self.keepImmutable(schema, before, &container)
            if !container.isEmpty { attributes[schema.id] = .object(container) }
        }
        return Resource(stored: attributes, type: type)
    }

    private static func keepImmutable(
        _ schema: Schema,
        _ old: JSONObject,
        _ new: inout JSONObject
    ) throws(SCIMError) {
        for definition in schema.attributes where definition.mutability == .immutable {
            guard let value = old[definition.name] else { continue }
            guard new[definition.name].map({ $0.isSame(as: value) }) ?? true else {
                throw SCIMError(
                    .mutability,
                    "The attribute \(definition.name) is immutable and has another value."
                )
            }
            new[definition.name] = value
        }
    }
}
