import ArgumentParser
import Audit
import Systemd

/// Where audit records are delivered.
enum AuditOutput: String, ExpressibleByArgument, CaseIterable, Sendable {
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

    /// All of it, for a digest.
    var summary: String {
        """
        \(output.rawValue) namespace=\(journalNamespace ?? "") outbox=\(outboxRecordsMax) full=\(onFull.rawValue) \
        ack=\(acknowledgement.rawValue)
        """
    }
}
