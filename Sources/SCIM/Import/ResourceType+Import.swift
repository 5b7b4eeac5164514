extension ResourceType {
    /// The type as imports write it: what its extensions have as readOnly can be set, and what no answer shows may be missing.
    ///
    /// The readOnly attributes of core schemas are derived by the server, and stay so.
    package var importable: ResourceType {
        ResourceType(
            name: name,
            endpoint: endpoint,
            description: description,
            schema: schema.with(schema.attributes.map(\.optionalIfHidden)),
            extensions: extensions.map { part in
                Extension(
                    schema: part.schema.with(part.schema.attributes.map(\.optionalIfHidden.writable)),
                    required: part.required
                )
            },
            members: membersAttribute?.name
        )
    }
}

extension Schema {
    fileprivate func with(_ attributes: [AttributeDefinition]) -> Schema {
        Schema(id: id, name: name, description: description, attributes: attributes)
    }
}

extension AttributeDefinition {
    /// The attribute, not required where it, or a sub-attribute likewise, is never returned: an export does not have it.
    fileprivate var optionalIfHidden: AttributeDefinition {
        let isHidden = required && (returned == .never || mutability == .writeOnly)
        guard isHidden || !subAttributes.isEmpty else { return self }
        return with(
            required: isHidden ? false : required,
            subAttributes: subAttributes.map(\.optionalIfHidden)
        )
    }

    /// The attribute with its sub-attributes as if they were readWrite instead of readOnly.
    fileprivate var writable: AttributeDefinition {
        guard mutability == .readOnly || subAttributes.contains(where: { $0.mutability == .readOnly }) else {
            return self
        }
        return with(
            mutability: mutability == .readOnly ? .readWrite : mutability,
            subAttributes: subAttributes.map(\.writable)
        )
    }
}
