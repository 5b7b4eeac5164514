extension EventDescription {
    /// The server itself, its clock and its store.
    static let service: [AuditEvent: EventDescription] = [
        .configReload: EventDescription(
            "The settings, the certificate and its key were read again.",
            subject: "The configuration was read again",
            meaning: """
                SCIM_CONFIG_SHA256_OLD and SCIM_CONFIG_SHA256 differ if something has changed. SCIM_TLS_NOT_AFTER tells when \
                the certificate in use ends.
                """,
            command: Command.service,
            always: [.configurationDigest, .configurationDigestOld],
            sometimes: EventFields.certificate
        ),
        .serviceStart: EventDescription(
            "The server started; `SCIM_START` tells whether it had ended by itself before.",
            subject: "The server has started (@SCIM_START@)",
            meaning: """
                "recovered": the last server was killed or crashed. Every change that it had acknowledged is there, with its \
                record; no repair is needed.
                """,
            command: Command.service,
            always: [.programVersion, .start],
            sometimes: EventFields.certificate.union([.configurationDigest])
        ),
        .serviceStop: EventDescription(
            "The server ends because it was asked to.",
            subject: "The server ends",
            meaning: "@SCIM_OUTBOX_RECORDS@ records are left for its next start, which delivers them.",
            command: Command.service,
            always: [.stop, .outboxRecords]
        ),
        .clockAhead: EventDescription(
            """
            The clock was set more than an hour ahead (`SCIM_CLOCK_SECONDS` tells by how much), changes were refused with 503, \
            and now it is right again.
            """,
            subject: "The clock was @SCIM_CLOCK_SECONDS@ seconds ahead, and is right again",
            meaning:
                "Meanwhile changes were refused with 503, and reads were served. Nothing was stamped with the wrong time.",
            advice: "Find out what has set the clock.",
            command: "timedatectl timesync-status",
            always: [.reason, .clockSeconds]
        ),
        .clockBehind: EventDescription(
            """
            The clock is behind the last change by `SCIM_CLOCK_SECONDS`, a second at least: until it has come there, `SCIM_TIME` \
            rises by a microsecond from one change to the next.
            """,
            subject: "The clock is @SCIM_CLOCK_SECONDS@ seconds behind the last change",
            meaning: "Changes go on. Until the clock has come there, their times are a microsecond apart.",
            advice: "Find out what has set the clock.",
            command: "timedatectl timesync-status",
            always: [.reason, .clockSeconds]
        ),
        .storeSnapshot: EventDescription(
            "A copy of the store was made (`backup`), or begun and not completed.",
            subject: "A backup of the store was made",
            meaning: "The copy is consistent: it holds everything up to one moment, and nothing after it.",
            command: Command.service,
            sometimes: [.actorID, .reason]
        ),
        .storeRestore: EventDescription(
            """
            An older copy of the store was put back by `restore`, or `audit restored` told so: a new trail begins, and \
            `SCIM_STORE_OLD` tells the id before.
            """,
            subject: "An older copy of the store was put back",
            meaning: """
                Records of this store have another SCIM_STORE from now on, since the numbers that follow were given before. \
                What was changed after the copy was made is not in the store; its records are in the journal, under \
                SCIM_STORE=@SCIM_STORE_OLD@.
                """,
            command: "\(Command.journal) SCIM_STORE=@SCIM_STORE_OLD@",
            always: [.storeOld],
            sometimes: [.actorID]
        ),
    ]
}
