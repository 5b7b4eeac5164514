internal import Storage

/// The rows that the relay is about to deliver, in their order, and which of them it has seen in the journal.
struct AuditBatch {
    private var rows: [AuditRow]
    private var waiting: Set<AuditRecordID>
    var attempt = 0
    var backOffMicroseconds: Int64 = 0

    init(_ rows: [AuditRow] = []) {
        self.rows = rows
        waiting = Set(rows.lazy.map(\.id))
    }

    var isEmpty: Bool { rows.isEmpty }
    var isConfirmed: Bool { waiting.isEmpty }
    var waitingCount: Int { waiting.count }

    /// The entries not seen yet.
    var entries: [JournalEntry] {
        rows.compactMap { waiting.contains($0.id) ? $0.journalEntry(attempt: attempt) : nil }
    }

    /// Notes that a record was seen; duplicates and others' records are nothing new.
    mutating func confirm(_ id: AuditRecordID) { waiting.remove(id) }

    /// Takes off the rows up to the first one not seen; gives the last of them, or nil if there are none.
    mutating func removeConfirmed() -> (order: UInt64, count: Int)? {
        let count = rows.firstIndex { waiting.contains($0.id) } ?? rows.count
        guard count > 0 else { return nil }
        let order = rows[count - 1].row.order
        rows.removeFirst(count)
        if !rows.isEmpty { backOffMicroseconds = 0 }
        return (order, count)
    }
}
