import ArgumentParser
import Audit

/// Where the audit trail goes, and what holds when it does not get there.
struct TrailOptions: ParsableArguments {
    @Option(help: "Where audit records go: journal, stdout or stderr.")
    var auditOutput = AuditOutput.journal

    @Option(
        help: ArgumentHelp(
            "The journal namespace in which records are looked for. (default: the unit's LogNamespace=)",
            valueName: "name"
        )
    )
    var journalNamespace: String?

    @Option(
        help: ArgumentHelp(
            "The private Ed25519 key that signs the audit trail. (default: the credential audit-key, else audit-key in the data folder)",
            valueName: "file"
        )
    )
    var auditKey: String?

    @Option(
        help: ArgumentHelp(
            "How many records may wait for the journal until changes are refused.",
            valueName: "n"
        )
    )
    var auditOutbox = AuditHealthLimits().outboxRecordsMax

    @Option(
        help:
            "What happens then: refuse changes, or continue, where further records wait as long as the disk has room."
    )
    var auditOnFull = AuditOnFull.refuse

    @Option(
        help:
            "When a change is answered: once it and its record are in the store, or once the record has been read back from the journal."
    )
    var auditAck = AuditAcknowledgement.store

    private static let outboxRecords: ClosedRange<UInt64> = 10...10_000_000

    func validate() throws {
        guard Self.outboxRecords.contains(auditOutbox) else {
            throw ValidationError(
                "--audit-outbox is from \(Self.outboxRecords.lowerBound) to \(Self.outboxRecords.upperBound)."
            )
        }
        guard auditAck == .store || auditOutput == .journal else {
            throw ValidationError(
                "--audit-ack journal needs --audit-output journal: nothing else can be read back."
            )
        }
    }

    var settings: TrailSettings {
        TrailSettings(
            output: auditOutput,
            journalNamespace: journalNamespace,
            keyPath: auditKey,
            outboxRecordsMax: auditOutbox,
            onFull: auditOnFull,
            acknowledgement: auditAck
        )
    }
}

extension AuditOnFull: ExpressibleByArgument {}
extension AuditAcknowledgement: ExpressibleByArgument {}
