internal import JSON
internal import Locking
internal import Storage

extension AuditRelay {
    /// Delivers until ``stop()``; blocks the calling thread, which must be a thread of its own.
    package func run(_ sink: consuming some AuditSink & ~Copyable) {
        defer { replays.endAll() }
        guard replayAtStart(through: &sink) else { return waitForStop() }
        var batch = AuditBatch()
        var chain = TrailChain(storeID: storeID, digest: digest, heads: firstHeads)
        var delivered = firstHeads
        var checkpoints = CheckpointPlan(firstHeads, digest)
        var storedAt = pacer.monotonicMicroseconds
        var prunedAt = storedAt - configuration.pruneMicroseconds
        while !hasTimeEnded {
            if batch.isEmpty, let actor = replays.begin() {
                let outcome = replay(through: &sink, delivered, by: actor)
                replays.end(outcome)
                guard outcome != .rolledBack else { return waitForStop() }
            }
            if batch.isEmpty {
                let rows = nextRows()
                considerCheckpoint(&checkpoints, before: rows.first)
                batch = AuditBatch(rows.map { chain.seal($0) })
            }
            if batch.isEmpty {
                // A checkpoint may have been stored since the rows were read.
                if isStopping, !isCheckpointAwaited(checkpoints), nextRows().isEmpty { break }
                pacer.wait(microsecondsMax: isPointerStored ? 1_000_000 : configuration.pointerMicroseconds)
            } else {
                if batch.attempt >= configuration.staleAttempts {
                    // A journal that has been away for long may have come back without what it had.
                    sink.lookAnew()
                    switch replay(through: &sink, delivered, by: .system) {
                    case .rolledBack: return waitForStop()
                    case .done: break
                    case .unreadable where !sink.isSearchable: break
                    case .unreadable, .incomplete:
                        shared.withLock { $0.status.refusedCount += 1 }
                        backOff(&batch)
                        continue
                    }
                }
                deliver(&batch, through: &sink) { records in
                    checkpoints.note(records)
                    for record in records { delivered[record.row.row.stream] = record.head }
                }
            }
            let time = pacer.monotonicMicroseconds
            if time - storedAt >= configuration.pointerMicroseconds {
                storedAt = time
                let prunes = time - prunedAt >= configuration.pruneMicroseconds
                let isMoreToPrune = storePointer(prunes: prunes)
                if prunes, !isMoreToPrune { prunedAt = time }
            }
        }
        finish()
    }

    /// Gives the journal back what it has lost, before it gets what is new: behind that, what is missing would count as deleted.
    ///
    /// - Returns: false if nothing may be delivered.
    private func replayAtStart(through sink: inout some AuditSink & ~Copyable) -> Bool {
        var backOff = configuration.backOffMicrosecondsMin
        while true {
            switch replay(through: &sink, firstHeads, by: .system) {
            case .done: return true
            case .rolledBack: return false
            case .unreadable where !sink.isSearchable: return true
            case .unreadable, .incomplete: break
            }
            guard !isStopping else { return false }
            if replays.begin() != nil { replays.end(.incomplete) }
            sink.lookAnew()
            pacer.pause(microseconds: backOff)
            backOff = min(backOff * 2, configuration.backOffMicrosecondsMax)
        }
    }

    /// Delivers nothing: the records stay in the store until somebody has said what to do.
    private func waitForStop() {
        while !isStopping {
            if replays.begin() != nil { replays.end(.rolledBack) }
            pacer.wait(microsecondsMax: 1_000_000)
        }
    }

    var isStopping: Bool { shared.withLock { $0.stopsAt != nil } }

    var hasTimeEnded: Bool {
        let end = shared.withLock { $0.stopsAt }
        return end.map { pacer.monotonicMicroseconds >= $0 } ?? false
    }

    private var isPointerStored: Bool { shared.withLock { $0.stored == $0.delivered } }

    /// An error of the store is for its other users to tell of; the relay tries again.
    private func nextRows() -> [LogRow] {
        do throws(StoreError) {
            return try outbox.rows(
                after: shared.withLock { $0.delivered },
                limit: configuration.batchRecordsMax
            )
        } catch {
            pacer.pause(microseconds: configuration.backOffMicrosecondsMin)
            return []
        }
    }

    // MARK: - Delivery

    /// Sends what the journal does not show yet, and looks for it; backs off if none of it appears.
    private func deliver(
        _ batch: inout AuditBatch,
        through sink: inout some AuditSink & ~Copyable,
        _ delivered: ([SealedRecord]) -> Void
    ) {
        // After a pause the journal may have caught up with what was sent before.
        if batch.attempt > 0 { look(for: &batch, in: &sink) }
        guard !batch.isConfirmed else { return delivered(advance(&batch)) }

        batch.attempt += 1
        let isTaken = sink.send(batch.entries)
        if batch.attempt > 1 || !isTaken {
            let resent = batch.attempt > 1 ? UInt64(batch.waitingCount) : 0
            shared.withLock {
                $0.status.resentCount += resent
                if !isTaken { $0.status.refusedCount += 1 }
            }
        }
        let before = batch.waitingCount
        let end = pacer.monotonicMicroseconds + configuration.confirmationMicrosecondsMax
        while true {
            look(for: &batch, in: &sink)
            guard isTaken, !batch.isConfirmed, pacer.monotonicMicroseconds < end, !hasTimeEnded else { break }
            pacer.pause(microseconds: configuration.pollMicroseconds)
        }
        let hasProgress = batch.waitingCount < before
        delivered(advance(&batch))
        if !batch.isEmpty, !hasProgress { backOff(&batch) }
    }

    private func look(for batch: inout AuditBatch, in sink: inout some AuditSink & ~Copyable) {
        sink.readBack { batch.confirm($0) }
    }

    private func advance(_ batch: inout AuditBatch) -> [SealedRecord] {
        let confirmed = batch.removeConfirmed()
        guard let last = confirmed.last else { return [] }
        let time = pacer.monotonicMicroseconds
        shared.withLock {
            $0.delivered = last.row.row.order
            for record in confirmed { $0.heads[record.row.row.stream] = record.head }
            $0.lastConfirmation = time
            $0.status.confirmedCount += UInt64(confirmed.count)
        }
        waiters.settle(through: last.row.row.order)
        return confirmed
    }

    /// Waits ever longer; a signal does not end this wait, because commits go on while the journal is away.
    private func backOff(_ batch: inout AuditBatch) {
        let doubled = batch.backOffMicroseconds * 2
        batch.backOffMicroseconds = min(
            max(doubled, configuration.backOffMicrosecondsMin),
            configuration.backOffMicrosecondsMax
        )
        let end = pacer.monotonicMicroseconds + batch.backOffMicroseconds
        // In slices, so that a stop is noticed; at least one, so that the rest of the time is not spent spinning.
        repeat {
            pacer.pause(microseconds: configuration.backOffMicrosecondsMin)
        } while pacer.monotonicMicroseconds < end && !isStopping
    }
}

// MARK: - The pointer

extension AuditRelay {
    /// Begins to store the pointer, unless that is under way or there is nothing to store; does not wait for it.
    ///
    /// - Returns: whether more rows may be prunable.
    private func storePointer(prunes: Bool) -> Bool {
        let (delivered, heads, isWorthIt, isStoring) = shared.withLock {
            ($0.delivered, $0.heads, $0.delivered != $0.stored, $0.isStoring)
        }
        guard !isStoring else { return prunes }
        let prunable = prunes ? lastPrunable(delivered) : nil
        guard isWorthIt || prunable != nil else { return false }
        let changeset = AuditOutbox.advance(
            to: delivered,
            heads: heads,
            pruningThrough: prunable,
            limit: configuration.pruneRowsMax
        )
        shared.withLock { $0.isStoring = true }
        // The relay's thread may be blocked by the journal at any time, the commit must not be.
        Task {
            var isStored = true
            do throws(StoreError) { _ = try await outbox.store.commit(changeset) } catch { isStored = false }
            shared.withLock {
                $0.isStoring = false
                guard isStored else { return }
                $0.stored = delivered
                for (stream, head) in heads where $0.heads[stream] == head { $0.heads[stream] = nil }
                if let prunable { $0.status.prunedThrough = prunable }
            }
            pacer.signal()
        }
        return prunable != nil
    }

    private func lastPrunable(_ delivered: UInt64) -> UInt64? {
        let age = configuration.retention.components.seconds * 1_000_000
        do throws(StoreError) {
            return try outbox.lastPrunable(
                delivered: delivered,
                before: Timestamp(microseconds: now().microseconds - age),
                keeping: configuration.retainedRowsMin...configuration.retainedRowsMax,
                limit: configuration.pruneRowsMax
            )
        } catch {
            return nil
        }
    }

    /// Stores the pointer for the next start, within the time that is left; a lost pointer only costs duplicates.
    private func finish() {
        let end = pacer.monotonicMicroseconds + configuration.lastPointerMicrosecondsMax
        while pacer.monotonicMicroseconds < end, !isPointerStored {
            _ = storePointer(prunes: false)
            pacer.wait(microsecondsMax: configuration.backOffMicrosecondsMin)
        }
    }
}
