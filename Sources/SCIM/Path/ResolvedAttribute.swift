/// An attribute of a resource type that a path was found to name.
package struct ResolvedAttribute: Sendable, Equatable {
    /// The URN of the extension whose container holds the attribute; nil for core and common attributes.
    package let container: String?
    /// The attribute at the top of the resource or of its container.
    package let attribute: AttributeDefinition
    package let subAttribute: AttributeDefinition?

    package init(
        container: String? = nil,
        attribute: AttributeDefinition,
        subAttribute: AttributeDefinition? = nil
    ) {
        self.container = container
        self.attribute = attribute
        self.subAttribute = subAttribute
    }

    /// What the path ends at.
    package var definition: AttributeDefinition { subAttribute ?? attribute }

    /// The member of the resource that holds the value: an attribute's name, or an extension's URN.
    package var topLevelName: String { container ?? attribute.name }

    /// The names to follow from the top of the resource, spelled as in the schemas.
    package var names: [String] {
        var names = [attribute.name]
        if let container { names.insert(container, at: 0) }
        if let subAttribute { names.append(subAttribute.name) }
        return names
    }

    /// What the absence of a value means: `primary` is false unless it says otherwise (RFC 7643 §2.4), and a user is active.
    package var absentValue: Bool? {
        if let subAttribute {
            return subAttribute.type == .boolean && subAttribute.name == "primary" ? false : nil
        }
        return attribute === Schema.userActive ? true : nil
    }

    /// The path in its canonical spelling; core attributes without their URN.
    package var path: AttributePath {
        AttributePath(schema: container, attribute: attribute.name, subAttribute: subAttribute?.name)
    }
}

/// What a path means in a resource type.
package enum PathMeaning: Sendable, Equatable {
    case attribute(ResolvedAttribute)
    /// A whole extension, `urn:…:enterprise:2.0:User`.
    case container(Schema)
    /// The whole core schema: its attributes stand at the top of the resource.
    case core
}

extension ResourceType {
    /// Finds what a path names, in any case, by a schema's URN or an older alias of it; nil if no schema of
    /// the type defines it.
    ///
    /// A name without a URN is looked for among the common attributes (`id`, `externalId`, `meta`,
    /// `schemas`), then in the core schema, then, where the profile has ``Profile/bareExtensionNames``, in the
    /// extensions, of which the first registered one that has it wins: some clients write `manager` for the enterprise
    /// extension's. Others write a dot behind a URN, `urn:…:2.0:User.manager`: it is taken for the colon where an
    /// undefined attribute would be ignored (``Profile/undefinedAttributes``), so that no value is lost.
    package func meaning(of path: AttributePath, _ profile: Profile = .default) -> PathMeaning? {
        guard let uri = path.schema else {
            if let target = resolve(core: path) { return .attribute(target) }
            guard profile.contains(.bareExtensionNames) else { return nil }
            return extensions.lazy.compactMap { Self.resolve(path, in: $0.schema) }.first.map(
                PathMeaning.attribute
            )
        }
        if let id = SchemaAliases.schema(uri, of: self, profile), let meaning = meaning(of: path, in: id) {
            return meaning
        }
        // A path that was read without the type at hand took the URI's last part for an attribute, and so did one with a
        // dot behind the URI.
        let whole = AttributePath(schema: uri, attribute: path.attribute).description
        guard let id = SchemaAliases.schema(whole, of: self, profile) else { return nil }
        guard let names = path.subAttribute else { return meaning(ofSchema: id) }
        guard profile.contains(.undefinedAttributes), let inner = try? AttributePath(parsing: names) else {
            return nil
        }
        return meaning(of: inner, in: id)
    }

    /// What a path means whose URI is that of a schema.
    private func meaning(of path: AttributePath, in id: String) -> PathMeaning? {
        guard !path.attribute.isEmpty else { return meaning(ofSchema: id) }
        guard let part = extensions.first(where: { $0.schema.id == id }) else {
            return resolve(core: path).map(PathMeaning.attribute)
        }
        return Self.resolve(path, in: part.schema).map(PathMeaning.attribute)
    }

    private func meaning(ofSchema id: String) -> PathMeaning? {
        id == schema.id ? .core : extensions.first { $0.schema.id == id }.map { .container($0.schema) }
    }

    /// The attribute or sub-attribute a path names, in any case; nil for a whole schema and for what is not
    /// defined.
    package func resolve(_ path: AttributePath, _ profile: Profile = .default) -> ResolvedAttribute? {
        if case .attribute(let attribute) = meaning(of: path, profile) { attribute } else { nil }
    }

    private func resolve(core path: AttributePath) -> ResolvedAttribute? {
        let common = CommonAttributes.definitions.first { $0.name.equalsIgnoringASCIICase(path.attribute) }
        guard let attribute = common ?? schema.attribute(path.attribute) else { return nil }
        return Self.complete(attribute, path, container: nil)
    }

    private static func resolve(_ path: AttributePath, in schema: Schema) -> ResolvedAttribute? {
        schema.attribute(path.attribute).flatMap { complete($0, path, container: schema.id) }
    }

    private static func complete(
        _ attribute: AttributeDefinition,
        _ path: AttributePath,
        container: String?
    ) -> ResolvedAttribute? {
        guard let name = path.subAttribute else {
            return ResolvedAttribute(container: container, attribute: attribute)
        }
        return attribute.subAttribute(name).map {
            ResolvedAttribute(container: container, attribute: attribute, subAttribute: $0)
        }
    }
}
