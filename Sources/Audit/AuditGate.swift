internal import Synchronization

/// Whether changes may be made: closed while the outbox is full and the journal takes nothing.
///
/// Whoever commits a change asks first. A change that passes just before the gate closes is recorded all the same.
package final class AuditGate: Sendable {
    private let accepting: Atomic<Bool>

    package init(isAccepting: Bool = true) { accepting = Atomic(isAccepting) }

    /// Costs one load; false means answering 503 (RFC 7644 §3.12) with nothing changed.
    package var isAccepting: Bool { accepting.load(ordering: .relaxed) }

    package func setAccepting(_ isAccepting: Bool) { accepting.store(isAccepting, ordering: .relaxed) }
}
