import Audit
import Storage

extension Administration {
    /// Records how a verification of the audit trail went.
    ///
    /// - Parameters:
    ///   - records: how many records it has looked at.
    ///   - fault: the gravest kind of fault that it has found; nil for an intact trail.
    ///   - actor: who has asked for it.
    /// - Throws: what committing throws; nothing is recorded then.
    package func noteVerification(
        records: UInt64,
        fault: AuditReason?,
        by actor: AuditActor
    ) async throws(AdministrationError) {
        var record = AuditRecord(.auditVerify, fault.map { .failure($0) } ?? .success, actor: actor)
        record.results = records
        var changes = Changeset()
        changes.mutations = [.append(record.logEntry())]
        guard try await commit(changes) else { throw .conflict }
    }
}
