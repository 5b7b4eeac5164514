extension EventDescription {
    /// Changes of users.
    static let users: [AuditEvent: EventDescription] = [
        .userCreate: EventDescription(
            "A user was created.",
            subject: "User @SCIM_TARGET_ID@ was created in tenant @SCIM_TENANT@",
            meaning: """
                A client with a token (SCIM_CREDENTIAL_ID) created the user, or an operator imported it (SCIM_ACTOR_ID); \
                SCIM_ACTOR_TYPE tells which. The record names the attributes that were set (SCIM_ATTR), not their values.
                """,
            command: Command.target,
            always: user,
            sometimes: EventFields.change
        ),
        .userReplace: EventDescription(
            "A user was replaced by PUT.",
            subject: "User @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was replaced",
            meaning: """
                A client sent the whole user. SCIM_ATTR names the attributes that are other than before; between \
                SCIM_VERSION_OLD and SCIM_VERSION_NEW lies nothing but this change.
                """,
            command: Command.target,
            always: user,
            sometimes: EventFields.change
        ),
        .userUpdate: EventDescription(
            "A user was changed by PATCH.",
            subject: "User @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was changed",
            meaning: """
                A client or an import changed some attributes of the user, which SCIM_ATTR names; the record holds none of \
                their values.
                """,
            command: Command.target,
            always: user,
            sometimes: EventFields.change
        ),
        .userActivate: EventDescription(
            "A change set `active` of a user from false to true, or removed the attribute.",
            subject: "User @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was activated",
            meaning: """
                "active" went from false to true, or was removed, which counts as true. Applications that read users from \
                this server see it the next time they ask.
                """,
            command: Command.target,
            always: user,
            sometimes: EventFields.change
        ),
        .userDeactivate: EventDescription(
            "A change set `active` of a user to false.",
            subject: "User @SCIM_TARGET_ID@ was deactivated in tenant @SCIM_TENANT@",
            meaning: """
                A client with a token (SCIM_CREDENTIAL_ID) set "active" to false, or an operator did so by an import \
                (SCIM_ACTOR_ID); SCIM_ACTOR_TYPE tells which. Applications that read users from this server see it the next \
                time they ask.
                """,
            command: Command.target,
            always: user,
            sometimes: EventFields.change
        ),
        .userPassword: EventDescription(
            "A change of a user consisted of a password alone, which was dropped.",
            subject: "A password for user @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was dropped",
            meaning: """
                A client sent a password and nothing else. This server keeps no passwords: it was dropped and stands \
                nowhere, and nothing was changed.
                """,
            advice: "Take the password out of the client's attribute mappings.",
            command: Command.target,
            always: user,
            sometimes: EventFields.change
        ),
        .userDelete: EventDescription(
            "A user was deleted.",
            subject: "User @SCIM_TARGET_ID@ of tenant @SCIM_TENANT@ was deleted",
            meaning: """
                The user is gone, with its memberships: each group that it was a member of has a record group.members of \
                its own. A deleted user does not come back under this id.
                """,
            command: Command.target,
            always: user,
            sometimes: EventFields.change
        ),
    ]

    private static let user: Set<AuditField> = [.tenant]
}
