internal import Storage

/// The records that the relay is about to deliver, in their order, and which of them it has seen in the journal.
struct AuditBatch {
    private var records: [SealedRecord]
    private var waiting: Set<AuditRecordID>
    var attempt = 0
    var backOffMicroseconds: Int64 = 0

    init(_ records: [SealedRecord] = []) {
        self.records = records
        waiting = Set(records.lazy.map(\.row.id))
    }

    var isEmpty: Bool { records.isEmpty }
    var isConfirmed: Bool { waiting.isEmpty }
    var waitingCount: Int { waiting.count }

    /// The entries not seen yet.
    var entries: [JournalEntry] {
        records.compactMap { waiting.contains($0.row.id) ? $0.entry(attempt: attempt) : nil }
    }

    /// Notes that a record was seen; duplicates and others' records are nothing new.
    mutating func confirm(_ id: AuditRecordID) { waiting.remove(id) }

    /// Takes off the records up to the first one not seen; none if that is the first.
    mutating func removeConfirmed() -> [SealedRecord] {
        let count = records.firstIndex { waiting.contains($0.row.id) } ?? records.count
        guard count > 0 else { return [] }
        let confirmed = Array(records[..<count])
        records.removeFirst(count)
        if !records.isEmpty { backOffMicroseconds = 0 }
        return confirmed
    }
}
