extension EventDescription {
    /// People who work with the web console.
    static let console: [AuditEvent: EventDescription] = [
        .consoleLink: EventDescription(
            "An operator made a one-time link to the web console. `SCIM_TENANT` is there unless it is for all tenants.",
            subject: "@SCIM_ACTOR_ID@ made a one-time link to the web console",
            meaning: """
                Whoever opens it first, before @SCIM_EXPIRES@, is signed in as @SCIM_ROLE@. SCIM_TENANT tells for which \
                tenant; without it the link is for all of them.
                """,
            command: "\(Command.journal) SCIM_EVENT=console.signin SCIM_EVENT=console.refused",
            always: [.actorID, .role, .expires],
            sometimes: [.tenant]
        ),
        .consoleSignIn: EventDescription(
            """
            Somebody signed in to the web console, or was refused though an identity provider vouches for them, because nobody \
            has given them a role (`role`).
            """,
            subject: "A sign-in of @SCIM_ACTOR_ID@ to the web console",
            meaning: """
                SCIM_SIGN_IN tells whether by an identity provider or by a link, SCIM_ROLE what the person may do. A failure \
                means that the identity provider vouches for the person, but nobody has given them a role.
                """,
            advice: "If the person belongs to the tenant, give them a role in the console.",
            command: "\(Command.journal) SCIM_ACTOR_ID=@SCIM_ACTOR_ID@",
            always: [.actorID, .signInWay],
            sometimes: [.tenant, .role, .reason, .address]
        ),
        .consoleRefused: EventDescription(
            """
            A sign-in to the web console by somebody unknown was refused: a link that was used, has ended or never was \
            (`unknown`), or an answer of an identity provider that was not accepted (`provider`).
            """,
            subject: "A sign-in to the web console was refused: @SCIM_REASON@",
            meaning: """
                Nobody was let in. If SCIM_COUNT is there, the record stands for that many equal refusals. "unknown": a \
                one-time link was used already, has ended, or never was one. "provider": the answer of the tenant's identity \
                provider was not accepted.
                """,
            advice: """
                Many with the reason "unknown" from one address mean that somebody guesses: deny that network in \
                pharos-scim-console.service with IPAddressDeny=. If people of the tenant complain, the console tells them why \
                their provider's answer was not accepted, in a sentence.
                """,
            command: "\(Command.journal) SCIM_EVENT=console.refused --since -1h",
            always: [.reason],
            sometimes: [.tenant, .address, .count, .firstTime]
        ),
        .consoleSignOut: EventDescription(
            "Somebody signed out of the web console. A session that ends by itself leaves no record.",
            subject: "@SCIM_ACTOR_ID@ signed out of the web console",
            meaning: "The session has ended, in all windows of that browser.",
            command: "\(Command.journal) SCIM_ACTOR_ID=@SCIM_ACTOR_ID@",
            always: [.actorID],
            sometimes: [.tenant, .address]
        ),
        .consoleRehearse: EventDescription(
            """
            Somebody had an identity provider's requests played against a twin of the tenant, which changes nothing.
            """,
            subject: "@SCIM_ACTOR_ID@ rehearsed requests against a twin of tenant @SCIM_TENANT@",
            meaning: "The twin is gone again; nothing of the tenant was changed.",
            command: "\(Command.journal) SCIM_ACTOR_ID=@SCIM_ACTOR_ID@",
            always: [.actorID, .tenant]
        ),
    ]
}
