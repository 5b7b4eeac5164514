extension Schema {
    /// What the print service adds to a user: the cards that identify it at a printer, and the cost centre it prints on.
    ///
    /// Cards are readOnly: an identity provider does not know them, and must neither set nor clear them. Operators
    /// import them. Card numbers are compared in any case, because readers spell the same hexadecimal number
    /// either way; each belongs to one user, since it tells a printer who is there.
    package static let pharosUser = Schema(
        id: "urn:ietf:params:scim:schemas:extension:pharos:2.0:User",
        name: "PharosUser",
        description: "Print user",
        attributes: [
            AttributeDefinition(
                "cards",
                .complex,
                multiValued: true,
                description: "The cards that identify the user at a printer. Operators import them.",
                mutability: .readOnly,
                subAttributes: [
                    AttributeDefinition(
                        "value",
                        description: "The number of the card, as a reader reports it; unique in the tenant.",
                        required: true,
                        mutability: .readOnly,
                        uniqueness: .server
                    ),
                    AttributeDefinition(
                        "display",
                        description: "The name of the card, for display.",
                        mutability: .readOnly
                    ),
                    AttributeDefinition(
                        "type",
                        description: "The technology of the card.",
                        mutability: .readOnly,
                        canonicalValues: [
                            "mifare", "desfire", "iclass", "prox", "em4100", "legic", "felica", "magstripe",
                            "barcode", "mobile",
                        ]
                    ),
                    AttributeDefinition(
                        "primary",
                        .boolean,
                        description: "Whether this is the card that the user is asked for; at most one is.",
                        mutability: .readOnly
                    ),
                ]
            ),
            AttributeDefinition(
                "defaultCostCenter",
                description: "The cost centre that a job is charged to unless the user chooses another."
            ),
        ]
    )
}
