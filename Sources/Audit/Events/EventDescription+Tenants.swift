extension EventDescription {
    /// Tenants, their schemas, and imports.
    static let tenants: [AuditEvent: EventDescription] = [
        .tenantCreate: EventDescription(
            "A tenant was created.",
            subject: "Tenant @SCIM_TENANT@ was created",
            meaning: "SCIM is off for it until it is enabled, and it has no token yet.",
            command: Command.tenant,
            always: administered
        ),
        .tenantUpdate: EventDescription(
            """
            A tenant's setting was changed, or given at its creation, its list of ignored attributes emptied, or SCIM asked for \
            (`SCIM_ATTR` names what: `ignoredAttributes`, `scimRequested`), or a client was recognised for the first time \
            (`SCIM_CLIENT`).
            """,
            subject: "Tenant @SCIM_TENANT@ was changed",
            meaning: """
                SCIM_ATTR names the setting, SCIM_SETTING_OLD and SCIM_SETTING_NEW tell what it was and is. With SCIM_CLIENT \
                nothing was changed: the server has recognised that product by the tenant's traffic for the first time.
                """,
            command: Command.tenant,
            always: [.tenant],
            sometimes: EventFields.request.subtracting([.bulkID, .bulkIndex, .status])
                .union([.actorID, .credentialID, .attribute, .settingOld, .settingNew, .client])
        ),
        .tenantSuspend: EventDescription(
            "SCIM was disabled for a tenant.",
            subject: "SCIM was disabled for tenant @SCIM_TENANT@",
            meaning: """
                The tenant's clients are refused with 403 from the next request on. Its data and tokens stay as they are.
                """,
            command: "pharos-scim tenant enable-scim @SCIM_TENANT@",
            always: administered
        ),
        .tenantResume: EventDescription(
            "SCIM was enabled for a tenant.",
            subject: "SCIM was enabled for tenant @SCIM_TENANT@",
            meaning: "The tenant's clients are served from now on, if they have a good token.",
            command: Command.tenant,
            always: administered
        ),
        .tenantDelete: EventDescription(
            "A tenant was deleted.",
            subject: "Tenant @SCIM_TENANT@ was deleted",
            meaning: """
                Its tokens are void, and its resources are removed in the background. It cannot be undone. The tenant's \
                records in the trail stay.
                """,
            command: "\(Command.journal) SCIM_TENANT=@SCIM_TENANT@",
            always: administered
        ),
        .schemaChange: EventDescription(
            "A tenant's schemas or resource types were added, changed or removed; `SCIM_ATTR` names them.",
            subject: "Schemas or resource types of tenant @SCIM_TENANT@ were changed",
            meaning:
                "SCIM_ATTR names the schemas and resource types. The tenant's resources keep the values that they have.",
            command: "pharos-scim schema list @SCIM_TENANT@",
            always: administered.union([.attribute]),
            sometimes: [.attributesMore]
        ),
        .importStart: EventDescription(
            """
            Somebody begins to import users, cards or an export, by command or in the console. Each change has a record of its \
            own.
            """,
            subject: "@SCIM_ACTOR_ID@ imports a file into tenant @SCIM_TENANT@",
            meaning:
                "Each change that the import makes has a record of its own, with the same SCIM_ACTOR_ID.",
            command: "\(Command.journal) SCIM_TENANT=@SCIM_TENANT@ SCIM_ACTOR_ID=@SCIM_ACTOR_ID@",
            always: administered
        ),
        .importStop: EventDescription(
            """
            Somebody has ended an import before its time, in the console. The lines before that are imported.
            """,
            subject: "@SCIM_ACTOR_ID@ stopped an import into tenant @SCIM_TENANT@",
            meaning:
                "The lines before that are imported, the others are not. Importing the same file again does the rest.",
            command: "\(Command.journal) SCIM_TENANT=@SCIM_TENANT@ SCIM_ACTOR_ID=@SCIM_ACTOR_ID@",
            always: administered
        ),
    ]

    private static let administered: Set<AuditField> = [.tenant, .actorID]
}
