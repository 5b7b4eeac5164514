internal import Synchronization

/// Whether changes may be made: closed while the outbox is full and the journal takes nothing.
///
/// Whoever commits a change asks first. A change that passes just before the gate closes is recorded all the same. A few changes
/// that make things safer pass a closed gate: an operator must be able to end a token that was stolen.
package final class AuditGate: Sendable {
    /// Changes that pass until the gate is open again, each with a record beyond what the outbox holds.
    package static let reserveMax = 10_000

    private let accepting: Atomic<Bool>
    private let reserve = Atomic(AuditGate.reserveMax)

    package init(isAccepting: Bool = true) { accepting = Atomic(isAccepting) }

    /// Costs one load; false means answering 503 (RFC 7644 §3.12) with nothing changed.
    package var isAccepting: Bool { accepting.load(ordering: .relaxed) }

    package func setAccepting(_ isAccepting: Bool) {
        accepting.store(isAccepting, ordering: .relaxed)
        if isAccepting { reserve.store(Self.reserveMax, ordering: .relaxed) }
    }

    /// Whether a change may be made; one that makes things safer takes from the reserve if need be.
    func admits(isSafer: Bool) -> Bool {
        if isAccepting { return true }
        guard isSafer else { return false }
        let left = reserve.wrappingSubtract(1, ordering: .relaxed).newValue
        if left < 0 { reserve.wrappingAdd(1, ordering: .relaxed) }
        return left >= 0
    }
}
