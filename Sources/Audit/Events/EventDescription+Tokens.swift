extension EventDescription {
    /// Tokens of a tenant's clients.
    static let tokens: [AuditEvent: EventDescription] = [
        .tokenIssue: EventDescription(
            "A token was generated.",
            subject: "A token was generated for tenant @SCIM_TENANT@",
            meaning: """
                @SCIM_ACTOR_ID@ generated @SCIM_CREDENTIAL_ID@, which is good until @SCIM_EXPIRES@. Whoever has it may read \
                and change all of the tenant's users and groups.
                """,
            advice: "If nobody was to do so, revoke it.",
            command: "pharos-scim token list @SCIM_TENANT@",
            always: token.union([.actorID, .expires])
        ),
        .tokenRotate: EventDescription(
            "A token was replaced by another one.",
            subject: "The token of tenant @SCIM_TENANT@ was replaced",
            meaning: """
                @SCIM_ACTOR_ID@ made @SCIM_CREDENTIAL_ID@, which is good until @SCIM_EXPIRES@. The one before it has ended, \
                or ends after the overlap that was asked for.
                """,
            command: Command.tokens,
            always: token.union([.actorID, .expires])
        ),
        .tokenRevoke: EventDescription(
            """
            A token was revoked, by somebody or, as `token.retire` has told, by the server itself (`SCIM_UNUSED_SECONDS`).
            """,
            subject: "Token @SCIM_CREDENTIAL_ID@ of tenant @SCIM_TENANT@ was revoked",
            meaning:
                "It is refused from the next request on. With SCIM_UNUSED_SECONDS, the server did so by itself.",
            command: Command.credential,
            always: token,
            sometimes: [.actorID, .unusedSeconds]
        ),
        .tokenRetire: EventDescription(
            """
            It was decided that the server ends a replaced token by itself, once it was not used for `SCIM_UNUSED_SECONDS` and \
            its successor is in use; 0 takes this back.
            """,
            subject: "Token @SCIM_CREDENTIAL_ID@ of tenant @SCIM_TENANT@ will end when it is no longer used",
            meaning: """
                Once its successor is in use and nobody has used it for @SCIM_UNUSED_SECONDS@ seconds, the server revokes \
                it, and records that. 0 takes the decision back.
                """,
            command: Command.tokens,
            always: token.union([.actorID, .unusedSeconds])
        ),
        .tokenExpiring: EventDescription(
            """
            A token that no other replaces ends in 90 days, in 30, in 7, or in one: a record for each, once. `SCIM_EXPIRES` \
            tells when.
            """,
            subject: "A token of tenant @SCIM_TENANT@ ends on @SCIM_EXPIRES@",
            meaning: """
                From then on every request with it is refused, and the client stops to provision. No other token replaces it \
                yet.
                """,
            advice: "Make a new one, with an overlap in which both are good, and give it to the client.",
            command: "pharos-scim token regenerate @SCIM_TENANT@ --overlap 7d",
            always: token.union([.expires])
        ),
        .tokenExpired: EventDescription(
            "A token has ended, and none has replaced it: once.",
            subject: "A token of tenant @SCIM_TENANT@ has ended",
            meaning: "Every request with it is refused with status 401, and no other token has replaced it.",
            advice: "Make a new one, and give it to the client.",
            command: "pharos-scim token generate @SCIM_TENANT@",
            always: token.union([.expires])
        ),
    ]

    private static let token: Set<AuditField> = [.tenant, .credentialID]
}
