// RFC 7643 §4 and §8.7, with the errata that change code: `displayName` of a group is required (5368), `manager.value`
// is caseExact (8472), `groups.$ref` leads to groups alone (8471), `members` have a `display` (6011).
//
// Ours: references and binaries are caseExact, as §2.3.6 and §2.3.7 have it and the listing of §8.7.1 has not; so are the
// values that are ids (§3.1). Addresses can be primary, as clients send them. The name of a group is unique.

extension Schema {
    /// A user (RFC 7643 §4.1).
    package static let user = Schema(
        id: "urn:ietf:params:scim:schemas:core:2.0:User",
        name: "User",
        description: "User account",
        attributes: [
            AttributeDefinition(
                "userName",
                description: "The name by which the user signs in; unique in the tenant.",
                required: true,
                uniqueness: .server
            ),
            AttributeDefinition(
                "name",
                .complex,
                description: "The parts of the user's name.",
                subAttributes: [
                    AttributeDefinition("formatted", description: "The whole name, for display."),
                    AttributeDefinition("familyName", description: "The family name."),
                    AttributeDefinition("givenName", description: "The given name."),
                    AttributeDefinition("middleName", description: "The middle names."),
                    AttributeDefinition("honorificPrefix", description: "The title in front of the name."),
                    AttributeDefinition("honorificSuffix", description: "What follows the name."),
                ]
            ),
            AttributeDefinition("displayName", description: "The name shown to others."),
            AttributeDefinition("nickName", description: "The casual name."),
            AttributeDefinition(
                "profileUrl",
                .reference,
                description: "The page that presents the user.",
                caseExact: true,
                referenceTypes: ["external"]
            ),
            AttributeDefinition("title", description: "The user's title at work."),
            AttributeDefinition("userType", description: "The relation to the organisation."),
            AttributeDefinition(
                "preferredLanguage",
                description: "Languages in order, as in Accept-Language."
            ),
            AttributeDefinition("locale", description: "Where the user is, for currency, dates and numbers."),
            AttributeDefinition("timezone", description: "The time zone, by its name in the IANA database."),
            userActive,
            AttributeDefinition(
                "password",
                description: "Accepted where clients send one, and never kept.",
                mutability: .writeOnly,
                returned: .never
            ),
            multiValued("emails", "E-mail addresses.", types: ["work", "home", "other"]),
            multiValued(
                "phoneNumbers",
                "Phone numbers.",
                types: ["work", "home", "mobile", "fax", "pager", "other"]
            ),
            multiValued(
                "ims",
                "Instant messaging addresses.",
                types: ["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]
            ),
            multiValued("photos", "URLs of pictures.", value: .reference, types: ["photo", "thumbnail"]),
            AttributeDefinition(
                "addresses",
                .complex,
                multiValued: true,
                description: "Postal addresses.",
                subAttributes: [
                    AttributeDefinition("formatted", description: "The whole address, for display."),
                    AttributeDefinition("streetAddress", description: "Street, number, post office box."),
                    AttributeDefinition("locality", description: "City or locality."),
                    AttributeDefinition("region", description: "State or region."),
                    AttributeDefinition("postalCode", description: "Postal code."),
                    AttributeDefinition("country", description: "Country, as ISO 3166-1 alpha-2."),
                    type(["work", "home", "other"]), primary,
                ]
            ),
            AttributeDefinition(
                "groups",
                .complex,
                multiValued: true,
                description: "The groups that the user belongs to.",
                mutability: .readOnly,
                subAttributes: [
                    AttributeDefinition(
                        "value",
                        description: "The group's id.",
                        caseExact: true,
                        mutability: .readOnly
                    ),
                    AttributeDefinition(
                        "$ref",
                        .reference,
                        description: "The group's URI.",
                        caseExact: true,
                        mutability: .readOnly,
                        referenceTypes: ["Group"]
                    ),
                    AttributeDefinition("display", description: "The group's name.", mutability: .readOnly),
                    AttributeDefinition(
                        "type",
                        description: "Whether the user is in the group itself.",
                        mutability: .readOnly,
                        canonicalValues: ["direct", "indirect"]
                    ),
                ]
            ),
            multiValued("entitlements", "What the user is entitled to.", types: []),
            multiValued("roles", "The user's roles.", types: []),
            multiValued("x509Certificates", "Certificates of the user.", value: .binary, types: []),
        ]
    )

    /// What an organisation adds to a user (RFC 7643 §4.3).
    package static let enterpriseUser = Schema(
        id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        name: "EnterpriseUser",
        description: "Enterprise user",
        attributes: [
            AttributeDefinition("employeeNumber", description: "The number that the organisation gave."),
            AttributeDefinition("costCenter", description: "The cost centre."),
            AttributeDefinition("organization", description: "The organisation."),
            AttributeDefinition("division", description: "The division."),
            AttributeDefinition("department", description: "The department."),
            AttributeDefinition(
                "manager",
                .complex,
                description: "The user's manager.",
                subAttributes: [
                    AttributeDefinition(
                        "value",
                        description: "The manager's id, as the client names it.",
                        caseExact: true
                    ),
                    AttributeDefinition(
                        "$ref",
                        .reference,
                        description: "The manager's URI.",
                        caseExact: true,
                        referenceTypes: ["User"]
                    ),
                    AttributeDefinition(
                        "displayName",
                        description: "The manager's name.",
                        mutability: .readOnly
                    ),
                ]
            ),
        ]
    )

    /// A group (RFC 7643 §4.2).
    ///
    /// A member's name is looked up only for who asks for it: it would cost a read for each of 100,000 members, and a
    /// client that compares what it wrote with the answer would find a difference in it.
    ///
    /// Names are unique in a tenant, since clients find groups by them.
    package static let group = Schema(
        id: "urn:ietf:params:scim:schemas:core:2.0:Group",
        name: "Group",
        description: "Group",
        attributes: [
            AttributeDefinition(
                "displayName",
                description: "The group's name; unique in the tenant.",
                required: true,
                uniqueness: .server
            ),
            AttributeDefinition(
                "members",
                .complex,
                multiValued: true,
                description: "The users and groups that belong to the group.",
                subAttributes: [
                    AttributeDefinition(
                        "value",
                        description: "The member's id.",
                        caseExact: true,
                        mutability: .immutable
                    ),
                    AttributeDefinition(
                        "$ref",
                        .reference,
                        description: "The member's URI.",
                        caseExact: true,
                        mutability: .immutable,
                        referenceTypes: ["User", "Group"]
                    ),
                    AttributeDefinition(
                        "type",
                        description: "The member's resource type.",
                        mutability: .immutable,
                        canonicalValues: ["User", "Group"]
                    ),
                    AttributeDefinition(
                        "display",
                        description: "The member's name; shown where the attributes parameter asks for it.",
                        mutability: .readOnly,
                        returned: .request
                    ),
                ]
            ),
        ]
    )

    /// A user without it counts as active, in filters and in the audit trail.
    static let userActive = AttributeDefinition(
        "active",
        .boolean,
        description: "Whether the user may use the service; a user without this attribute may."
    )

    private static let primary = AttributeDefinition(
        "primary",
        .boolean,
        description: "Whether this is the preferred value; at most one is."
    )

    private static func type(_ canonicalValues: [String]) -> AttributeDefinition {
        AttributeDefinition("type", description: "What the value is for.", canonicalValues: canonicalValues)
    }

    /// An attribute with the sub-attributes of RFC 7643 §2.4.
    private static func multiValued(
        _ name: String,
        _ description: String,
        value: AttributeDefinition.DataType = .string,
        types: [String]
    ) -> AttributeDefinition {
        AttributeDefinition(
            name,
            .complex,
            multiValued: true,
            description: description,
            subAttributes: [
                AttributeDefinition(
                    "value",
                    value,
                    description: "The value itself.",
                    caseExact: value != .string,
                    referenceTypes: value == .reference ? ["external"] : []
                ),
                AttributeDefinition("display", description: "The value, for display."),
                type(types), primary,
            ]
        )
    }
}
