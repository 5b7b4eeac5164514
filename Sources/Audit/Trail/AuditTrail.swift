package import Storage

/// Where a store's records can be found again, once they were delivered.
package protocol AuditJournal: Sendable {
    /// The records that are asked for; nil if no journal can be read.
    ///
    /// It blocks, for ``AuditTrail/microsecondsMax`` at most unless the journal hangs.
    func records(_ question: TrailQuestion) -> TrailPage?
}

/// Reads back what the trail tells of one resource.
///
/// ```
/// a journal can be read:  outbox, undelivered ─┐
///                         journal ─────────────┴─► each number once, the newest first
/// otherwise:              outbox, as far as rows are kept
/// ```
package struct AuditTrail: Sendable {
    /// Records of one page.
    package static let recordsMax = 50
    /// Rows of the outbox, or entries of the journal, that one page looks at; a page that ends there names the next.
    package static let rowsMax = 20_000
    /// How long one page looks in the journal: half a second.
    package static let microsecondsMax: Int64 = 500_000

    private let outbox: AuditOutbox
    private let journal: (any AuditJournal)?

    /// - Parameters:
    ///   - store: whose records are read.
    ///   - journal: where they were delivered to; nil if that cannot be read.
    package init(store: any Store, journal: (any AuditJournal)?) {
        outbox = AuditOutbox(store: store)
        self.journal = journal
    }

    /// The records that are asked for.
    ///
    /// It blocks, and belongs beside the event loops.
    package func page(_ question: TrailQuestion) throws(StoreError) -> TrailPage {
        guard let told = journal?.records(question) else {
            return try outbox.records(question, after: 0)
        }
        let undelivered = try outbox.records(question, after: outbox.storedPointer()).records.map { record in
            // Where it will be in the journal is not known; it is looked for from the end.
            TrailRecord(.init(sequence: record.place.sequence, position: .max), record.fields)
        }
        let known = Set(told.records.map(\.place.sequence))
        var all = undelivered.filter { !known.contains($0.place.sequence) } + told.records
        all.sort { $0.place.sequence > $1.place.sequence }
        let records = Array(all.prefix(question.limit))
        return TrailPage(
            records: records,
            next: all.count > records.count ? records.last?.place : told.next,
            isOfJournal: true
        )
    }
}

extension AuditOutbox {
    /// The records that are asked for among the rows behind an order.
    func records(_ question: TrailQuestion, after order: UInt64) throws(StoreError) -> TrailPage {
        let storeID = try Incarnation(of: store).current
        let end = question.before.position == .max ? nil : LogKeys.row(order: question.before.position)
        var page = TrailPage(records: [], next: nil, isOfJournal: false)
        var looked = 0
        try store.withSnapshot { snapshot throws(StoreError) in
            try snapshot.scanBackward(prefix: LogKeys.rows, before: end) { key, value, version in
                guard let row = LogRow(key: key, value: value, version: version), row.order > order else {
                    return .stop
                }
                let place = TrailQuestion.Place(sequence: row.sequence, position: row.order)
                guard looked < AuditTrail.rowsMax else {
                    page.next = .init(sequence: question.before.sequence, position: row.order + 1)
                    return .stop
                }
                looked += 1
                guard row.stream == question.stream, row.sequence < question.before.sequence,
                    AuditPayload.names(question.resource, in: row.payload)
                else { return .more }
                guard page.records.count < question.limit else {
                    page.next = page.records.last?.place
                    return .stop
                }
                page.records.append(
                    TrailRecord(place, AuditRow(row, storeID: storeID).journalEntry().fields)
                )
                return .more
            }
        }
        return page
    }
}

extension AuditPayload {
    /// Whether a record is about a resource, or about a group that it came into or left.
    fileprivate static func names(_ resource: UniqueID, in payload: [UInt8]) -> Bool {
        let text = resource.text.utf8
        var isNamed = false
        _ = read(payload.span) { field, place in
            guard field == .targetID || field == .memberAdded || field == .memberRemoved else { return }
            if payload[place].elementsEqual(text) { isNamed = true }
        }
        return isNamed
    }
}
