extension EventDescription {
    /// Changes of groups and of resources of a tenant's own types, reads, and bulk requests.
    static let resources: [AuditEvent: EventDescription] = [
        .groupCreate: EventDescription(
            "A group was created.",
            subject: "Group @SCIM_TARGET_ID@ was created in tenant @SCIM_TENANT@",
            meaning: """
                A client or an import created the group. SCIM_MEMBERS_ADDED tells with how many members; the first 64 are \
                named in SCIM_MEMBER_ADDED.
                """,
            command: Command.target,
            always: resource,
            sometimes: group
        ),
        .groupReplace: EventDescription(
            "A group was replaced by PUT.",
            subject: "Group @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was replaced",
            meaning: """
                A client sent the whole group. SCIM_ATTR names the attributes that are other than before, \
                SCIM_MEMBERS_ADDED and SCIM_MEMBERS_REMOVED how many members came and went.
                """,
            command: Command.target,
            always: resource,
            sometimes: group
        ),
        .groupUpdate: EventDescription(
            "A group was changed by PATCH, other than in its members alone.",
            subject: "Group @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was changed",
            meaning:
                "A client or an import changed attributes of the group, which SCIM_ATTR names, and perhaps its members.",
            command: Command.target,
            always: resource,
            sometimes: group
        ),
        .groupMembers: EventDescription(
            "Members of a group were added or removed by PATCH, and nothing else was changed; or a member was deleted.",
            subject: "Members of group @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ were added or removed",
            meaning: """
                SCIM_MEMBERS_ADDED and SCIM_MEMBERS_REMOVED tell how many, SCIM_MEMBER_ADDED and SCIM_MEMBER_REMOVED \
                who the first 64 were. Where a user was deleted, each of its groups has such a record, with the method \
                DELETE.
                """,
            command: Command.target,
            always: resource,
            sometimes: group
        ),
        .groupDelete: EventDescription(
            "A group was deleted.",
            subject: "Group @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was deleted",
            meaning: "The group is gone. Its members stay, and are members of it no more.",
            command: Command.target,
            always: resource,
            sometimes: group
        ),
        .resourceCreate: EventDescription(
            "A resource of a tenant's own type was created.",
            subject: "@SCIM_TARGET_TYPE@ @SCIM_TARGET_ID@ was created in tenant @SCIM_TENANT@",
            meaning: "A client or an import created a resource of a type that the tenant has defined itself.",
            command: Command.target,
            always: resource,
            sometimes: EventFields.change
        ),
        .resourceUpdate: EventDescription(
            "Such a resource was replaced or changed.",
            subject: "@SCIM_TARGET_TYPE@ @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was changed",
            meaning:
                "SCIM_ATTR names the attributes that are other than before, and SCIM_METHOD tells by which method.",
            command: Command.target,
            always: resource,
            sometimes: EventFields.change
        ),
        .resourceDelete: EventDescription(
            "Such a resource was deleted.",
            subject: "@SCIM_TARGET_TYPE@ @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was deleted",
            meaning: "The resource is gone, and does not come back under this id.",
            command: Command.target,
            always: resource,
            sometimes: EventFields.change
        ),
        .resourceRead: EventDescription(
            "A client asked for one resource by its id, where the tenant has reads recorded (`auditReads`: `all`).",
            subject: "@SCIM_TARGET_TYPE@ @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was read",
            meaning: "A client asked for one resource by its id, and the tenant has reads recorded.",
            command: Command.request,
            always: read.union([.targetID]),
            sometimes: readSometimes
        ),
        .resourceSearch: EventDescription(
            """
            A client asked for a list of resources, where the tenant has reads recorded (`auditReads`: `all`, or `sensitive` for \
            filters that name personal attributes). `SCIM_FILTER_SHAPE` is the filter without its values.
            """,
            subject: "Resources of tenant @SCIM_TENANT@ were queried",
            meaning: """
                A client asked for a list of resources, and the tenant has reads recorded. SCIM_FILTER_SHAPE is the filter with \
                ? for each value; the record does not tell whom the client looked for.
                """,
            command: Command.request,
            always: read,
            sometimes: readSometimes.union([.results, .filterShape])
        ),
        .bulkRequest: EventDescription(
            """
            A bulk request was carried out; its operations have records of their own. `SCIM_RESULTS` is their number.
            """,
            subject: "A bulk request of tenant @SCIM_TENANT@ was carried out",
            meaning: """
                It held SCIM_RESULTS operations. What became of each is in a record of its own with the same \
                SCIM_REQUEST_ID, and SCIM_BULK_INDEX tells its place. A failure means that nothing was changed.
                """,
            command: Command.request,
            always: [.tenant, .results],
            sometimes: EventFields.request.subtracting([.bulkID, .bulkIndex])
                .union([.credentialID, .reason, .count, .firstTime])
        ),
    ]

    private static let resource: Set<AuditField> = [.tenant]
    private static let read: Set<AuditField> = [
        .tenant, .targetType, .credentialID, .requestID, .method, .status,
    ]
    private static let readSometimes: Set<AuditField> = [.address, .userAgent, .traceID, .sampleRate]
    private static let group = EventFields.change.union(EventFields.members)
}
