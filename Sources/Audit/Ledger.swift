package import Storage

/// The one way by which a change with an audit record becomes durable.
///
/// ```
/// changeset ─► does the trail take records? ─► store ─► wake the relay ─► durable
/// ```
package struct Ledger: Sendable {
    package let store: any Store
    private let gate: AuditGate
    private let committed: @Sendable () -> Void

    /// Makes a ledger.
    ///
    /// - Parameters:
    ///   - store: takes the changesets.
    ///   - gate: while it is closed, nothing is committed but what makes things safer.
    ///   - committed: called after each commit: ``AuditRelay/wake()``.
    package init(store: any Store, gate: AuditGate, committed: @escaping @Sendable () -> Void) {
        self.store = store
        self.gate = gate
        self.committed = committed
    }

    /// Whether the audit trail takes records, so that changes can be made.
    package var isAccepting: Bool { gate.isAccepting }

    /// Makes a changeset durable.
    ///
    /// `isSafer`: whether it ends what somebody may do, so that it passes a closed gate (``AuditGate/reserveMax``), and a disk that is nearly full.
    /// - Throws: ``LedgerError``, after which nothing has changed, unless it is ``StoreError/outcomeUnknown``.
    package func commit(_ changeset: Changeset, isSafer: Bool = false) async throws(LedgerError) {
        guard gate.admits(isSafer: isSafer) else { throw .auditUnavailable }
        var changeset = changeset
        changeset.usesReserve = isSafer
        do throws(StoreError) {
            _ = try await store.commit(changeset)
            committed()
        } catch {
            throw LedgerError(error)
        }
    }

    /// Makes changesets durable in their order, each with its own outcome as of ``commit(_:isSafer:)``.
    package func commit(_ changesets: [Changeset]) async -> [Result<Void, LedgerError>] {
        guard gate.admits(isSafer: false) else { return changesets.map { _ in .failure(.auditUnavailable) } }
        let outcomes = await store.commit(changesets)
        committed()
        return outcomes.map { $0.map { _ in () }.mapError { LedgerError($0) } }
    }
}

/// Why a changeset was not committed.
package enum LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The precondition at this index did not hold.
    case conflict(precondition: Int)
    /// The audit trail takes no records.
    case auditUnavailable
    /// The store refused.
    case store(StoreError)

    init(_ error: StoreError) {
        self = if case .conflict(let index) = error { .conflict(precondition: index) } else { .store(error) }
    }

    package var description: String {
        switch self {
        case .conflict: "somebody else changed the same thing at the same time"
        case .auditUnavailable: "the audit trail takes no records"
        case .store(let error): error.description
        }
    }
}
