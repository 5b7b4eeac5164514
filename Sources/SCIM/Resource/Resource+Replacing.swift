import JSON

extension Resource {
    /// The resource as it takes the place of another (RFC 7644 §3.5.1): readOnly attributes stay as they are, immutable
    /// ones that have a value keep it.
    ///
    /// - Throws: `mutability` if an immutable attribute was sent with another value.
    package func replacing(_ old: Resource) throws(SCIMError) -> Resource {
        var attributes = attributes
        try Self.keep(type.schema, old.attributes, &attributes)
        for schema in type.extensions.map(\.schema) {
            guard case .object(let before)? = old.attributes[schema.id] else { continue }
            var container: JSONObject =
                if case .object(let container)? = attributes[schema.id] { container } else { JSONObject() }
            try Self.keep(schema, before, &container)
            if !container.isEmpty { attributes[schema.id] = .object(container) }
        }
        return Resource(stored: attributes, type: type)
    }

    private static func keep(
        _ schema: Schema,
        _ old: JSONObject,
        _ new: inout JSONObject
    ) throws(SCIMError) {
        for definition in schema.attributes
        where definition.mutability == .immutable || definition.mutability == .readOnly {
            guard let value = old[definition.name] else { continue }
            let isSame = new[definition.name].map { $0.isSame(as: value) } ?? true
            guard isSame || definition.mutability == .readOnly else {
                throw SCIMError(
                    .mutability,
                    "The attribute \(definition.name) is immutable and has another value."
                )
            }
            new[definition.name] = value
        }
    }
}
