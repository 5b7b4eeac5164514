extension EventDescription {
    /// Requests that were refused before it was known what they would change.
    static let refusals: [AuditEvent: EventDescription] = [
        .authFailure: EventDescription(
            "A credential was refused, with 401; `SCIM_REASON` tells why, which the answer does not.",
            subject: "A credential was refused: @SCIM_REASON@",
            meaning: """
                A request came without a credential, or with one that is unknown, expired, revoked, malformed or of another \
                tenant. Nothing was read or changed. If SCIM_COUNT is there, the record stands for that many equal refusals.
                """,
            advice: """
                Many with the reason "expired" or "revoked" mean that a client still uses an old token: issue a new one and \
                configure it there. Many with the reason "unknown" from one network mean that somebody guesses: deny that \
                network in pharos-scim.socket with IPAddressDeny=.
                """,
            command: "\(Command.journal) SCIM_EVENT=auth.failure --since -1h",
            always: [.reason],
            sometimes: refused
        ),
        .accessDenied: EventDescription(
            "A good token was refused with 403, because SCIM is disabled for its tenant.",
            subject: "A client of tenant @SCIM_TENANT@ was refused, because SCIM is disabled for it",
            meaning: "The token is good, but SCIM is disabled for the tenant. Nothing was read or changed.",
            advice: "If the tenant's directory shall be synchronised, enable SCIM; else stop its client.",
            command: "pharos-scim tenant enable-scim @SCIM_TENANT@",
            always: [.reason, .tenant],
            sometimes: refused
        ),
        .rateLimited: EventDescription(
            """
            A tenant sent too many requests, or an address too many without a good token: 429. One record when that begins \
            (`SCIM_TENANT` or `SCIM_IP` tells for whom), then one a minute with `SCIM_COUNT` while it goes on.
            """,
            subject: "More requests came than are allowed",
            meaning: """
                With SCIM_TENANT: this tenant sends more requests than one may. Its clients are answered with 429 and try \
                again later. With SCIM_IP: from this address come many requests without a good token; clients with a good \
                one are served from it as ever. The record comes when this begins, then every minute with SCIM_COUNT.
                """,
            advice: """
                If it is a tenant's usual work, raise --requests-per-second and --request-burst of the server. If it is an \
                address, either a client goes on with a token that has ended, and needs a new one; or somebody guesses: deny \
                that network in pharos-scim.socket with IPAddressDeny=.
                """,
            command: "\(Command.journal) SCIM_EVENT=rate.limited --since -1h",
            always: [.reason, .status],
            sometimes: [.tenant, .address, .count, .firstTime]
        ),
        .requestRejected: EventDescription(
            """
            A request was refused before it was known what it would change: a malformed message, a body that is too large, a \
            filter that is wrong, a personal attribute in a URL.
            """,
            subject: "A request was refused: @SCIM_REASON@",
            meaning: """
                Nothing was read or changed. SCIM_STATUS is the status of the answer, which tells the client in a sentence \
                what is wrong. If SCIM_COUNT is there, the record stands for that many equal refusals.
                """,
            command: "\(Command.journal) SCIM_EVENT=request.rejected --since -1h",
            always: [.reason],
            sometimes: refused
        ),
    ]

    private static let refused = EventFields.request.subtracting([.bulkID, .bulkIndex])
        .union([.tenant, .credentialID, .count, .firstTime])
}
