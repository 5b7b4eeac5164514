internal import JSON
internal import Locking
internal import Storage

// The journal may lose what it has shown: it writes to disk minutes later, or only to memory, and it is put back as files are. The last
// records stay in the store for longer than that, and those before them in the files of its log, so that a start can give them back.

extension AuditRelay {
    /// How much earlier than its commit a record may seem to have come to the journal, since clocks are set.
    private static let slack: Int64 = 60_000_000
    private static let attemptsMax = 3

    /// Compares the journal with the store, and sends records again that were delivered once, are still in the store and that the journal has
    /// lost.
    ///
    /// - Parameters:
    ///   - sink: the journal.
    ///   - heads: where the streams end that were delivered.
    ///   - actor: who wants it.
    /// - Returns: ``ReplayOutcome/rolledBack`` if the journal has records that the store does not know: it is an older copy, whose next
    ///   records would have numbers that were given before. Then nothing may be delivered (``Incarnation``).
    func replay(
        through sink: inout some AuditSink & ~Copyable,
        _ heads: [String: ChainHead],
        by actor: AuditActor
    ) -> ReplayOutcome {
        let ends = streamEnds()
        var rows = DeliveredRows(outbox, through: shared.withLock { $0.delivered }, configuration)
        var present = SequenceSets()
        var isKnown = true
        let isFound = sink.find(since: rows.since - Self.slack) { id, _ in
            present.insert(id)
            isKnown = id.sequence <= ends[id.stream] ?? 0
            return isKnown
        }
        guard isFound else { return .unreadable }
        guard isKnown else {
            shared.withLock { $0.status.isRolledBack = true }
            return .rolledBack
        }
        guard let first = rows.recent.first else { return .done(sent: 0) }
        if !present.contains(AuditRecordID(first)), rows.addOlder(from: olderRows) {
            present = SequenceSets()
            guard
                sink.find(
                    since: rows.since - Self.slack,
                    {
                        present.insert($0); _ = $1; return true
                    }
                )
            else {
                return .unreadable
            }
        }
        return resend(rows, present, through: &sink, heads, by: actor)
    }

    private func resend(
        _ rows: DeliveredRows,
        _ present: SequenceSets,
        through sink: inout some AuditSink & ~Copyable,
        _ heads: [String: ChainHead],
        by actor: AuditActor
    ) -> ReplayOutcome {
        var lost = LostRecords(rows, present)
        guard let earliest = lost.earliest else { return .done(sent: 0) }
        var hashes: [AuditRecordID: TrailHash] = [:]
        let isFound = sink.find(since: rows.since - Self.slack) { id, hash in
            if lost.borders.contains(id) { hashes[id] = hash }
            return true
        }
        guard isFound else { return .unreadable }
        let chain = TrailChain(storeID: storeID, digest: digest)
        lost.check(rows, hashes, heads, chain)
        var sent: UInt64 = 0
        var takesAll = true
        var waiting: [SealedRecord] = []
        lost.seal(rows, hashes, chain) { record in
            waiting.append(record)
            // The first one finds out whether the journal shows what it takes, so that one which does not is not filled again and again.
            guard waiting.count == (sent == 0 ? 1 : configuration.batchRecordsMax) else { return .more }
            let taken = send(waiting, through: &sink)
            sent += taken
            takesAll = taken == waiting.count && !hasTimeEnded
            waiting = []
            return takesAll ? .more : .stop
        }
        if takesAll {
            let taken = send(waiting, through: &sink)
            sent += taken
            takesAll = taken == waiting.count
        }
        if sent > 0 {
            var record = AuditRecord(.auditReplay, .success, actor: actor)
            record.coalesced = AuditCoalescing(count: sent, firstTime: Timestamp(microseconds: earliest))
            report(record)
        }
        return takesAll ? .done(sent: sent) : .incomplete
    }

    /// The last number of each stream.
    private func streamEnds() -> [String: UInt64] {
        var ends: [String: UInt64] = [:]
        do throws(StoreError) {
            try outbox.store.withSnapshot { snapshot throws(StoreError) in
                try snapshot.scan(prefix: LogKeys.heads, from: nil) { key, value, _ in
                    if let stream = LogKeys.stream(fromKey: key), let head = StreamHead(value: value) {
                        ends[stream] = head.sequence
                    }
                    return .more
                }
            }
        } catch {
            // The store's other users tell of it.
        }
        return ends
    }

    /// Sends some records; gives how many were read back.
    private func send(_ records: [SealedRecord], through sink: inout some AuditSink & ~Copyable) -> UInt64 {
        var batch = AuditBatch(records)
        for attempt in 1...Self.attemptsMax where !batch.isConfirmed {
            // Whoever finds a copy of the first delivery after all finds the same hash.
            batch.attempt = attempt + 1
            if attempt > 1 { sink.lookAnew() }
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
