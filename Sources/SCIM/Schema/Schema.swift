/// A schema: the attributes that a URI stands for (RFC 7643 §7).
package final class Schema: Sendable, Equatable {
    package let id: String
    package let name: String
    package let description: String
    package let attributes: [AttributeDefinition]
    /// Those that ``Resource/validated(_:type:)`` looks at.
    let checkedAttributes: [AttributeDefinition]

    package init(id: String, name: String, description: String, attributes: [AttributeDefinition]) {
        self.id = id
        self.name = name
        self.description = description
        self.attributes = attributes
        checkedAttributes = attributes.filter(\.isChecked)
    }

    package static func == (left: Schema, right: Schema) -> Bool {
        left === right
            || left.id == right.id && left.name == right.name && left.description == right.description
                && left.attributes == right.attributes
    }

    /// The attribute of this name, in any case (RFC 7643 §2.1).
    package func attribute(_ name: String) -> AttributeDefinition? {
        attributes.first { $0.name.equalsIgnoringASCIICase(name) }
    }
}

/// A resource type: an endpoint, its schema and extensions (RFC 7643 §6).
package final class ResourceType: Sendable, Equatable {
    /// A schema that adds attributes in a container of its own.
    package struct Extension: Sendable, Equatable {
        package let schema: Schema
        package let required: Bool

        package init(schema: Schema, required: Bool) {
            self.schema = schema
            self.required = required
        }
    }

    /// The type's name, `User`.
    package let name: String
    /// The endpoint relative to the base URL, `/Users`.
    package let endpoint: String
    package let description: String
    package let schema: Schema
    package let extensions: [Extension]
    /// The URIs that a path of this type can begin with.
    package let schemaURIs: [String]
    /// What stands at the top of a resource: the common attributes, and those of the core schema.
    let topLevelAttributes: [AttributeDefinition]
    /// The attribute whose values are references to other resources, kept apart from the record; nil if there is none.
    package let membersAttribute: AttributeDefinition?
    /// The URIs of the extensions.
    let extensionURIs: [String]
    /// The members of a resource that have to be looked at to tell whether it is valid, whatever has changed in it: those that
    /// are required, and those in which something is.
    package let decisiveNames: [String]

    /// `members`: the name of ``membersAttribute``.
    package init(
        name: String,
        endpoint: String,
        description: String,
        schema: Schema,
        extensions: [Extension],
        members: String? = nil
    ) {
        self.name = name
        self.endpoint = endpoint
        self.description = description
        self.schema = schema
        self.extensions = extensions
        extensionURIs = extensions.map(\.schema.id)
        schemaURIs = [schema.id] + extensionURIs
        topLevelAttributes = CommonAttributes.definitions + schema.attributes
        membersAttribute = members.flatMap(schema.attribute)
        decisiveNames =
            schema.attributes.filter(\.isDecisive).map(\.name)
            + extensions.filter { $0.required || $0.schema.attributes.contains(where: \.isDecisive) }
            .map(\.schema.id)
    }

    /// The type with more extensions behind its own.
    package func adding(_ more: [Extension]) -> ResourceType {
        ResourceType(
            name: name,
            endpoint: endpoint,
            description: description,
            schema: schema,
            extensions: extensions + more,
            members: membersAttribute?.name
        )
    }

    package static func == (left: ResourceType, right: ResourceType) -> Bool {
        left === right
            || left.name == right.name && left.endpoint == right.endpoint
                && left.description == right.description
                && left.schema == right.schema && left.extensions == right.extensions
                && left.membersAttribute == right.membersAttribute
    }
}
