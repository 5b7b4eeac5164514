import Audit
import Systemd

/// Where audit records are delivered.
enum AuditOutput: String, CaseIterable, Sendable {
    /// journald, confirmed by reading back.
    case journal
    /// Standard output, one JSON object on each line.
    case stdout
    /// Standard error, so that standard output stays one line for scripts.
    case stderr
}

/// What a serving process is told of the audit trail.
struct TrailSettings: Sendable {
    var output: AuditOutput
    /// Whether records on standard output are sentences for a person, and not JSON.
    var printsSentences = false
    /// The journal's namespace; nil for the unit's own, or the default journal.
    var journalNamespace: String?
    /// The file of the key that signs the audit trail; nil for the unit's credential, or a key in the data folder.
    var keyPath: String?
    /// Undelivered records that the outbox holds.
    var outboxRecordsMax = AuditHealthLimits().outboxRecordsMax
    var onFull = AuditOnFull.refuse
    var acknowledgement = AuditAcknowledgement.store

    /// The journal namespace in which audit records are found again; nil for the default journal.
    var namespace: String? { journalNamespace ?? JournalSink.namespaceOfUnit }

    var health: AuditHealthLimits {
        var limits = AuditHealthLimits()
        limits.outboxRecordsMax = outboxRecordsMax
        limits.refusesWhenFull = onFull == .refuse
        return limits
    }
}

extension TrailSettings {
    /// What the settings say of the trail, if they go together.
    init(_ values: SettingValues) throws(SettingFault) {
        self.init(
            output: values[Settings.auditOutput] ?? .journal,
            journalNamespace: values[Settings.journalNamespace],
            keyPath: values[Settings.auditKey],
            outboxRecordsMax: UInt64(
                values[Settings.auditOutbox] ?? Int(AuditHealthLimits().outboxRecordsMax)
            ),
            onFull: values[Settings.auditOnFull] ?? .refuse,
            acknowledgement: values[Settings.auditAck] ?? .store
        )
        if acknowledgement != .store, output != .journal {
            throw values.fault(
                "--audit-ack journal needs --audit-output journal: nothing else can be read back."
            )
        }
    }
}
