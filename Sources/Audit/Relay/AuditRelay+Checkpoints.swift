internal import JSON
internal import Locking
internal import Storage

extension AuditRelay {
    /// Makes a checkpoint if one is due and all records of the last commit are delivered; does not wait until it is stored.
    ///
    /// `next`: the first row that is not delivered yet. To be called between batches, when what is sealed is delivered.
    func considerCheckpoint(_ plan: inout CheckpointPlan, before next: LogRow?) {
        guard let signer else { return }
        switch shared.withLock({ $0.checkpoint }) {
        case .none: break
        case .onItsWay: return
        case .failed(let streams):
            plan.takeBack(
                streams,
                until: pacer.monotonicMicroseconds + configuration.backOffMicrosecondsMax
            )
            shared.withLock { $0.checkpoint = .none }
        }
        guard plan.isDue(at: pacer.monotonicMicroseconds, isStopping: isStopping, configuration) else {
            return
        }
        // It covers whole commits: whoever verifies it tells by the time which records it covers.
        if let next, let time = plan.time, next.timeMicroseconds <= time.microseconds { return }
        // The last one of a process covers all of its records.
        if next != nil, isStopping { return }
        make(&plan, signer)
    }

    /// Whether the process is to end and a last checkpoint is still to be made or stored.
    func isCheckpointAwaited(_ plan: CheckpointPlan) -> Bool {
        guard signer != nil else { return false }
        if case .onItsWay = shared.withLock({ $0.checkpoint }) { return true }
        return plan.isDue(at: pacer.monotonicMicroseconds, isStopping: true, configuration)
    }

    private func make(_ plan: inout CheckpointPlan, _ signer: CheckpointSigner) {
        let streams = plan.changedStreams
        let changeset: Changeset
        do throws(StoreError) {
            guard let made = try checkpoint(&plan, signer) else { return }
            changeset = made
        } catch {
            // The store's other users tell of it; the next turn tries again.
            return
        }
        let heads = plan.heads
        plan.begin(at: pacer.monotonicMicroseconds)
        shared.withLock { $0.checkpoint = .onItsWay }
        Task {
            var isStored = true
            do throws(StoreError) { _ = try await outbox.store.commit(changeset) } catch { isStored = false }
            if isStored { checkpointed(heads) }
            shared.withLock { $0.checkpoint = isStored ? .none : .failed(streams) }
            pacer.signal()
        }
    }

    /// The next checkpoint as a commit; what the last one left in the store decides which it is.
    private func checkpoint(
        _ plan: inout CheckpointPlan,
        _ signer: CheckpointSigner
    ) throws(StoreError) -> Changeset? {
        let stored = try outbox.store.withSnapshot { snapshot throws(StoreError) in
            try snapshot.read(CheckpointState.key) { value, version in
                (CheckpointState(value: value), version)
            }
        }
        var precondition = Precondition.absent(CheckpointState.key)
        var state = CheckpointState()
        if let (found, version) = stored {
            guard let found else { throw .corrupt("the row of the checkpoints is malformed") }
            state = found
            precondition = .version(CheckpointState.key, version)
        }
        guard
            let (checkpoint, next) = plan.checkpoint(
                after: state,
                store: journalStoreID,
                signer: signer,
                digest
            )
        else { return nil }
        var record = AuditRecord(.auditCheckpoint, .success, actor: .system)
        record.details = .checkpoint(checkpoint)
        return Changeset(
            when: [precondition],
            [.put(CheckpointState.key, next.value), .append(record.logEntry())]
        )
    }
}
