/// The attributes of every resource, which belong to no schema (RFC 7643 §3, §3.1).
package enum CommonAttributes {
    package static let schemas = AttributeDefinition(
        "schemas",
        .reference,
        multiValued: true,
        description: "The schemas of the resource.",
        required: true,
        caseExact: true,
        returned: .always,
        referenceTypes: ["uri"]
    )

    package static let id = AttributeDefinition(
        "id",
        description: "The identifier that the service provider gave.",
        caseExact: true,
        mutability: .readOnly,
        returned: .always,
        uniqueness: .server
    )

    package static let externalId = AttributeDefinition(
        "externalId",
        description: "The identifier that the provisioning client gave.",
        caseExact: true
    )

    package static let meta = AttributeDefinition(
        "meta",
        .complex,
        description: "What the service provider knows of the resource.",
        mutability: .readOnly,
        subAttributes: [
            AttributeDefinition(
                "resourceType",
                description: "The resource's type.",
                caseExact: true,
                mutability: .readOnly
            ),
            AttributeDefinition(
                "created",
                .dateTime,
                description: "When the resource was created.",
                mutability: .readOnly
            ),
            AttributeDefinition(
                "lastModified",
                .dateTime,
                description: "When the resource last changed.",
                mutability: .readOnly
            ),
            AttributeDefinition(
                "location",
                .reference,
                description: "The resource's URI.",
                caseExact: true,
                mutability: .readOnly,
                referenceTypes: ["uri"]
            ),
            AttributeDefinition(
                "version",
                description: "The resource's version, as in the ETag field.",
                caseExact: true,
                mutability: .readOnly
            ),
        ]
    )

    package static let definitions = [schemas, id, externalId, meta]
}
