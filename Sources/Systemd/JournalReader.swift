internal import Audit
internal import Glibc

/// Follows the records of one store in the journal; belongs to one thread at a time.
struct JournalReader: ~Copyable {
    private let journal: Journal
    private var readsUntilProcess = 0

    /// Rotated and new files are looked for after this many reads that found nothing new.
    private static let readsPerProcess = 16

    init(storeID: String, namespace: String?) throws(JournalError) {
        let journal = try Journal(namespace: namespace)
        // Without this first call, the library would never learn of rotated files.
        try journal.watchFiles()
        // `_UID` cannot be forged: another user's entry confirms nothing.
        try journal.match("SCIM_STORE=\(storeID)")
        try journal.match("_UID=\(getuid())")
        try journal.standOnLast()
        self.journal = journal
    }

    /// Visits the records that have come since the last call.
    mutating func read(_ body: (AuditRecordID) -> Void) throws(JournalError) {
        if readsUntilProcess == 0 {
            readsUntilProcess = JournalReader.readsPerProcess
            journal.learnFiles()
        }
        readsUntilProcess -= 1
        while try journal.goOn() {
            guard let stream = journal.value(of: "SCIM_STREAM"), let text = journal.value(of: "SCIM_SEQ"),
                let sequence = UInt64(text)
            else { continue }
            body(AuditRecordID(stream: stream, sequence: sequence))
        }
    }
}
