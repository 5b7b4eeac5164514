/// The schemas and resource types that a server offers.
package struct SchemaCatalog: Sendable {
    package let resourceTypes: [ResourceType]

    /// Users with their extensions, and groups (RFC 7643 §4).
    package static let core = SchemaCatalog(resourceTypes: [.user, .group])

    package init(resourceTypes: [ResourceType]) { self.resourceTypes = resourceTypes }

    /// Every schema once, in the order of the types that use them.
    package var schemas: [Schema] {
        var schemas: [Schema] = []
        for schema in resourceTypes.flatMap({ [$0.schema] + $0.extensions.map(\.schema) })
        where !schemas.contains(where: { $0.id == schema.id }) {
            schemas.append(schema)
        }
        return schemas
    }

    /// The schema of a URN, in any case.
    package func schema(urn: String) -> Schema? { schemas.first { $0.id.equalsIgnoringASCIICase(urn) } }

    /// The resource type of a name, `User`.
    package func resourceType(named name: String) -> ResourceType? { resourceTypes.first { $0.name == name } }
}

extension ResourceType {
    /// Users, with the extensions of an enterprise and of the print service (RFC 7643 §4.1, §4.3).
    package static let user = ResourceType(
        name: "User",
        endpoint: "/Users",
        description: "User account",
        schema: .user,
        extensions: [
            .init(schema: .enterpriseUser, required: false), .init(schema: .pharosUser, required: false),
        ]
    )

    /// Groups (RFC 7643 §4.2).
    package static let group = ResourceType(
        name: "Group",
        endpoint: "/Groups",
        description: "Group",
        schema: .group,
        extensions: [],
        members: "members"
    )
}

/// Names under which older clients know our schemas.
package enum SchemaAliases {
    // SCIM 1.1's URNs, OneLogin's mixture of both versions, the group schema of Microsoft's directory product, and the
    // names in the bulk examples of RFC 7644 §3.7, which clients have copied.
    private static let table: [(alias: String, types: [String: String])] = [
        ("urn:scim:schemas:core:1.0", core), ("urn:scim:schemas:core:2.0", core),
        ("urn:scim:schemas:core:2.0:User", core), ("urn:scim:schemas:core:2.0:Group", core),
        ("urn:scim:schemas:extension:enterprise:1.0", enterprise),
        ("urn:scim:schemas:extension:enterprise:2.0", enterprise),
        ("urn:scim:schemas:extension:enterprise:2.0:User", enterprise),
        (
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
            ["Group": Schema.group.id]
        ),
        ("http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User", ["User": Schema.user.id]),
        ("urn:ietf:params:scim:api:messages:2.0:User", ["User": Schema.user.id]),
        ("urn:ietf:params:scim:api:messages:2.0:Group", ["Group": Schema.group.id]),
    ]
    private static let core = ["User": Schema.user.id, "Group": Schema.group.id]
    private static let enterprise = ["User": Schema.enterpriseUser.id]

    /// The URN of the schema of `type` that a client means; nil if it is none of the type's.
    ///
    /// Older names count where the profile has ``Profile/schemaAliases``.
    package static func schema(_ urn: String, of type: ResourceType, _ profile: Profile) -> String? {
        let own = type.schemaURIs
        if let id = own.first(where: { $0.equalsIgnoringASCIICase(urn) }) { return id }
        guard profile.contains(.schemaAliases),
            let id = table.first(where: { $0.alias.equalsIgnoringASCIICase(urn) })?.types[type.name]
        else { return nil }
        return own.contains(id) ? id : nil
    }
}
