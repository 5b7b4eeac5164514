internal import JSON
internal import Locking
internal import Storage

// The journal may lose what it has shown: it writes to disk minutes later, or only to memory. The last records stay in the store for
// longer than that, so that a start can give them back.

extension AuditRelay {
    /// How old a record may be, against the newest one, to be looked for.
    private static let ageMax: Int64 = 24 * 60 * 60 * 1_000_000
    /// How much earlier than its commit a record may seem to have come to the journal, since clocks are set.
    private static let slack: Int64 = 60_000_000
    private static let attemptsMax = 3

    /// Sends records again that were delivered once, are still in the store and that the journal has lost.
    func replay(through sink: inout some AuditSink & ~Copyable) {
        let rows = deliveredRows()
        guard let first = rows.first else { return }
        // Only of these: the journal may have far more of the same time.
        let wanted = Set(rows.map { AuditRecordID(stream: $0.stream, sequence: $0.sequence) })
        var present: [AuditRecordID: TrailHash] = [:]
        let isTold = sink.find(since: first.timeMicroseconds - Self.slack) { id, hash in
            if wanted.contains(id) { present[id] = hash }
        }
        guard isTold else { return }
        let lost = LostRecords.find(rows, present, firstHeads, TrailChain(storeID: storeID, digest: digest))
        var count: UInt64 = 0
        var start = 0
        while start < lost.count, !isStopping {
            let end = min(lost.count, start + configuration.batchRecordsMax)
            count += send(Array(lost[start..<end]), through: &sink)
            start = end
        }
        guard count > 0, let earliest = lost.first else { return }
        var record = AuditRecord(.auditReplay, .success, actor: .system)
        let time = Timestamp(microseconds: earliest.row.row.timeMicroseconds)
        record.coalesced = AuditCoalescing(count: count, firstTime: time)
        report(record)
    }

    /// The last rows in front of the pointer, as many as always stay, and none that is much older than the others.
    private func deliveredRows() -> [LogRow] {
        let pointer = shared.withLock { $0.stored }
        let kept = configuration.retainedRowsMin
        do throws(StoreError) {
            let rows = try outbox.rows(after: pointer > kept ? pointer - kept : 0, limit: Int(clamping: kept))
            guard let newest = rows.last(where: { $0.order <= pointer }) else { return [] }
            return rows.filter {
                $0.order <= pointer && $0.timeMicroseconds >= newest.timeMicroseconds - Self.ageMax
            }
        } catch {
            return []
        }
    }

    /// Sends some records; gives how many were read back.
    private func send(_ records: [SealedRecord], through sink: inout some AuditSink & ~Copyable) -> UInt64 {
        var batch = AuditBatch(records)
        for attempt in 1...Self.attemptsMax where !batch.isConfirmed {
            // Whoever finds a copy of the first delivery after all finds the same hash.
            batch.attempt = attempt + 1
            guard sink.send(batch.entries) else { break }
            let end = pacer.monotonicMicroseconds + configuration.confirmationMicrosecondsMax
            repeat {
                sink.readBack { batch.confirm($0) }
                guard !batch.isConfirmed else { break }
                pacer.pause(microseconds: configuration.pollMicroseconds)
            } while pacer.monotonicMicroseconds < end
        }
        return UInt64(records.count - batch.waitingCount)
    }
}

/// Which delivered records a journal lacks.
enum LostRecords {
    /// The rows that are not present, sealed as they were; those that cannot be sealed so are left out.
    ///
    /// What comes behind a lost record tells whether its hash is the one that it had: the next record of the stream, or the stream's head.
    static func find(
        _ rows: [LogRow],
        _ present: [AuditRecordID: TrailHash],
        _ heads: [String: ChainHead],
        _ sealing: TrailChain
    ) -> [SealedRecord] {
        var chain = sealing
        var lost: [SealedRecord] = []
        for (stream, rows) in Dictionary(grouping: rows, by: \.stream) {
            var before: TrailHash?
            var open: [SealedRecord] = []
            for row in rows {
                let previous = before ?? chain.anchor(of: row)
                if let hash = present[AuditRecordID(stream: stream, sequence: row.sequence)] {
                    if !open.isEmpty, chain.seal(row, after: previous).head.hash == hash { lost += open }
                    open = []
                    before = hash
                } else {
                    let record = chain.seal(row, after: previous)
                    open.append(record)
                    before = record.head.hash
                }
            }
            if let last = open.last, last.head == heads[stream] { lost += open }
        }
        return lost.sorted { $0.row.row.order < $1.row.row.order }
    }
}
