extension ResourceType {
    /// The type as imports write it: what its extensions have as readOnly can be set.
    ///
    /// The readOnly attributes of core schemas are derived by the server, and stay so.
    package var importable: ResourceType {
        ResourceType(
            name: name,
            endpoint: endpoint,
            description: description,
            schema: schema,
            extensions: extensions.map { part in
                Extension(
                    schema: Schema(
                        id: part.schema.id,
                        name: part.schema.name,
                        description: part.schema.description,
                        attributes: part.schema.attributes.map(\.writable)
                    ),
                    required: part.required
                )
            },
            members: membersAttribute?.name
        )
    }
}

extension AttributeDefinition {
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
