import Audit
import SCIM
import Storage
import Tenancy

extension ResourceDirectory {
    /// Makes a change durable, beside those of others of the same resource, or stages it.
    ///
    /// - Throws: why it was not made; nothing has changed, unless it is ``DirectoryError/outcomeUnknown``.
    package func perform(_ change: Change) async throws(DirectoryError) -> ChangeOutcome {
        guard !isStaging, !change.isCreation else { return try await makeAlone(change) }
        let address = ResourceRegistry.Address(
            tenant: change.context.tenant,
            kind: change.context.kind.code,
            id: change.id
        )
        return try await registry.withActor(address) { actor throws(DirectoryError) in
            try await actor.perform(change, in: self)
        }
    }

    /// Makes a change in a commit of its own; computes it again when something has come between, a bounded number of times.
    ///
    /// - Throws: as ``perform(_:)``; ``DirectoryError/busy`` if something came between every time.
    func makeAlone(_ change: Change) async throws(DirectoryError) -> ChangeOutcome {
        var begun = BegunWork()
        defer {
            if let set = begun.set { setsInWork.remove(set) }
            if let marks = begun.marks { setsInWork.remove(marks.set) }
        }
        for _ in 0...ResourceActor.retriesMax(namedMembers: change.namedMembers) {
            var computed = try await ChangeComputation.compute(change, in: self, begun: begun)
            guard try await carryOut(computed.work, &begun, change.context, &computed.changes) else {
                // A member that is deleted, and has not left the group yet, can neither join a set nor be in a new one.
                try await letLeave()
                continue
            }
            let isMade =
                computed.outcome.hasChanged
                ? try await commit(computed.changes) : try await hold(computed.changes)
            if isMade { return computed.outcome }
        }
        throw .busy
    }

    /// Writes what a change needs to be written before its commit, which then rests on it.
    ///
    /// - Returns: false if something has come between, so that the change must be computed again.
    private func carryOut(
        _ work: MembershipWork?,
        _ begun: inout BegunWork,
        _ context: ChangeContext,
        _ changes: inout ResourceChangeset
    ) async throws(DirectoryError) -> Bool {
        if let marks = begun.marks {
            if case .marks(_, marks.set)? = work {
            } else {
                // They are of no use any more, and undone by whoever comes next.
                setsInWork.remove(marks.set)
                begun.marks = nil
            }
        }
        switch work {
        case nil: break
        case .build(let build):
            begun.set = build.set
            guard let version = try await carryOut(build, context) else { return false }
            changes.require(built: build.set, version: version)
        case .marks(let delta, let set):
            guard let prepared = try await mark(delta, in: set, &begun.marks, context) else { return false }
            changes.make(prepared)
        }
        return true
    }

    /// Commits once.
    ///
    /// - Returns: false if what the change rests on has changed since it was read, so that it must be computed again.
    /// - Throws: ``DirectoryError/rejected(_:)`` with `uniqueness` if a unique value is taken.
    func commit(_ changes: ResourceChangeset) async throws(DirectoryError) -> Bool {
        do throws(LedgerError) {
            if isStaging {
                try await stage(changes.changeset)
            } else {
                try await ledger.commit(changes.changeset)
            }
            return true
        } catch .conflict(let index) {
            guard let refusal = changes.refusal(forConflictAt: index) else { return false }
            throw refusal
        } catch {
            throw DirectoryError(error)
        }
    }

    /// Makes sure that what a request found nothing to change in is still so when what shares its commit is made; a request
    /// alone was right when it looked.
    ///
    /// - Returns: false if it has changed already.
    private func hold(_ changes: ResourceChangeset) async throws(DirectoryError) -> Bool {
        guard isStaging else { return true }
        var guards = Changeset()
        guards.preconditions = changes.changeset.preconditions
        do throws(LedgerError) { try await stage(guards) } catch .conflict { return false } catch {
            throw DirectoryError(error)
        }
        return true
    }

    /// Adds to what shares a commit; the ledger is asked for the whole.
    private func stage(_ changeset: Changeset) async throws(LedgerError) {
        do throws(StoreError) { _ = try await store.commit(changeset) } catch .conflict(let index) {
            throw .conflict(precondition: index)
        } catch {
            throw .store(error)
        }
    }
}

extension ResourceChangeset {
    /// Why the change is refused if the precondition at an index does not hold; nil if it is to be computed again.
    func refusal(forConflictAt index: Int) -> DirectoryError? {
        uniqueness[index].map { attribute in
            .rejected(
                SCIMError(
                    .uniqueness,
                    "The value of \(attribute.path) is already taken by another resource of this tenant."
                )
            )
        }
    }
}
