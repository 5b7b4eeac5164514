extension EventDescription {
    /// The trail about itself.
    static let trail: [AuditEvent: EventDescription] = [
        .auditCheckpoint: EventDescription(
            """
            Where all streams end, signed: at the start, once a minute while there are new records, once an hour otherwise, and at \
            the end.
            """,
            subject:
                "A checkpoint over @SCIM_CHECKPOINT_STREAMS@ streams and @SCIM_CHECKPOINT_RECORDS@ records",
            meaning: """
                The signature covers every record up to @SCIM_CHECKPOINT_TIME@. A copy of it on another machine shows later \
                that nothing was cut off.
                """,
            command: Command.verify,
            always: [
                .checkpointTime, .checkpointStreams, .checkpointRecords, .checkpointRoot, .checkpointSize,
                .checkpointTree,
                .checkpointKey, .checkpointSignature,
            ],
            sometimes: [.checkpointHead, .checkpointHeadMore]
        ),
        .auditReplay: EventDescription(
            """
            Records of the last day that the journal had lost were sent again, at a start or by `audit replay` (`SCIM_COUNT`, and \
            `SCIM_FIRST_TIME` of the oldest).
            """,
            subject: "@SCIM_COUNT@ records that the journal had lost were sent again",
            meaning: """
                The journal had shown them and lost them again, as at a power cut, or where it was in memory. They have the \
                hashes that they had, so that the trail is whole again.
                """,
            advice: "If it happens more than once, look at where the journal is kept, and at its disk.",
            command: Command.verify,
            always: [.count, .firstTime]
        ),
        .auditDegraded: EventDescription(
            "The oldest undelivered record waits for more than 30 seconds, or a tenth of the outbox is full.",
            subject: "The audit trail is behind by @SCIM_OUTBOX_RECORDS@ records",
            meaning: """
                The records are safe in the store, but the journal does not confirm them; the oldest waits for \
                @SCIM_OUTBOX_AGE_SECONDS@ seconds. Requests are served as usual. Should the store's outbox fill up, changes \
                will be refused.
                """,
            advice: "Look at the journal of the namespace and at its disk, /var/log/journal.",
            command: "systemctl status systemd-journald@scim.service",
            always: outbox.union([.reason])
        ),
        .auditRecovered: EventDescription(
            "The journal confirms records again.",
            subject: "The audit trail has caught up",
            meaning: """
                The journal confirms records again. Nothing was lost: every record was kept in the store until the journal \
                had it.
                """,
            command: Command.verify,
            always: outbox
        ),
        .auditRefusing: EventDescription(
            "The outbox is full: changes are refused.",
            subject: "Changes are refused: the audit outbox is full",
            meaning: """
                @SCIM_OUTBOX_RECORDS@ records wait for the journal, which is as many as the store keeps. Every change is \
                answered with status 503 until the journal takes records again; reads are served. No change went unrecorded.
                """,
            advice: "Make room for the journal, or start it again.",
            command: "systemctl restart systemd-journald@scim.service",
            always: outbox.union([.reason])
        ),
        .auditPolicy: EventDescription(
            """
            What the trail records was changed: a setting of a tenant (`auditIdentifiers`, `auditReads`), or at a start what the server was told (`auditOnFull`, `auditAck`).
            """,
            subject: "What the audit trail records was changed",
            meaning:
                "SCIM_ATTR names the setting, SCIM_SETTING_OLD and SCIM_SETTING_NEW tell what it was and is.",
            command: Command.service,
            always: [.attribute, .settingOld, .settingNew],
            sometimes: [.actorID, .tenant]
        ),
        .auditVerify: EventDescription(
            "The trail was verified with `audit verify --record`, as the timer of the service does every hour.",
            subject: "The audit trail was verified",
            meaning: """
                @SCIM_RESULTS@ records were looked at. A failure means that records were changed, moved, put in, cut off or lost; \
                SCIM_REASON tells the gravest of it.
                """,
            advice: """
                After a failure, keep the journal and the data folder as they are, and look at what the command tells: it names \
                the first fault of each stream.
                """,
            command: Command.verify,
            always: [.actorID, .results],
            sometimes: [.reason]
        ),
    ]

    private static let outbox: Set<AuditField> = [.outboxRecords, .outboxAge]
}
