extension Profile {
    /// What works with the most clients: everything, except that a text is no boolean in a query, and that nobody's id is no
    /// member.
    package static let `default` = all.subtracting([.stringBooleansInFilters, .unknownMembers])

    /// The RFC's letter, and the refusals that the interoperability profile asks for.
    package static let strict: Profile = []

    /// The RFC, and what Okta is known to send (path-less PATCH, attributes and schemas of its own, empty places
    /// addressed by filter, members that are gone).
    package static let okta: Profile = [
        .pathlessPatch, .creationByFilter, .memberDetails, .groupInPatchAnswer, .undefinedAttributes,
        .undefinedAttributesInFilters, .foreignSchemas, .singleForArray, .looseNumbers, .otherValues,
        .conditionalRequests, .absentSchemas, .emptyOperations, .emptyTexts, .unknownMembers,
    ]

    /// The RFC, and what Entra is known to send, in both of its dialects; members are not sent back.
    package static let entra = all.subtracting([.groupInPatchAnswer])

    /// Every decision with its name, in the order of their declaration.
    package static let decisions: [(name: String, member: Profile)] = [
        ("pathlessPatch", .pathlessPatch),
        ("capitalisedOperations", .capitalisedOperations),
        ("pathsAsNames", .pathsAsNames),
        ("removalByValue", .removalByValue),
        ("creationByFilter", .creationByFilter),
        ("memberDetails", .memberDetails),
        ("groupInPatchAnswer", .groupInPatchAnswer),
        ("undefinedAttributes", .undefinedAttributes),
        ("undefinedAttributesInFilters", .undefinedAttributesInFilters),
        ("foreignSchemas", .foreignSchemas),
        ("schemaAliases", .schemaAliases),
        ("bareExtensionNames", .bareExtensionNames),
        ("stringBooleans", .stringBooleans),
        ("stringBooleansInFilters", .stringBooleansInFilters),
        ("scalarForComplex", .scalarForComplex),
        ("arrayForSingle", .arrayForSingle),
        ("singleForArray", .singleForArray),
        ("looseNumbers", .looseNumbers),
        ("otherValues", .otherValues),
        ("looseFilters", .looseFilters),
        ("conditionalRequests", .conditionalRequests),
        ("absentSchemas", .absentSchemas),
        ("emptyOperations", .emptyOperations),
        ("emptyTexts", .emptyTexts),
        ("unknownMembers", .unknownMembers),
    ]

    private static let all = decisions.reduce(into: Profile()) { $0.formUnion($1.member) }
}
