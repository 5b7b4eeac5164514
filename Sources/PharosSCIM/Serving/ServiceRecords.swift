import Audit
import Logging
import Reactor
import Storage
import StorageLMDB

/// The audit records that tell of the process itself: its start and its end.
final class ServiceRecords: Sendable {
    private let parts: Composition
    private let runningMark: String

    init(_ parts: Composition) {
        self.parts = parts
        runningMark = "\(parts.settings.folder.path)/running"
    }

    /// Stores the record of the start; the mark of the last run tells whether that one ended by itself.
    func started() async throws {
        let wasRunning = Host.exists(runningMark)
        try Host.replaceFile(runningMark, with: [], mode: 0o600)
        guard let version = AuditSlug(programVersion) else { return }
        var record = AuditRecord(.serviceStart, .success, actor: .system)
        record.details = .start(
            version: version,
            configuration: parts.reload.configuration,
            certificate: parts.reload.certificate?.audited,
            recovered: wasRunning
        )
        let settings = parts.settings.trail
        let policy = TrailPolicy(onFull: settings.onFull, acknowledgement: settings.acknowledgement)
        try await store(record, policy.mutations(parts.store))
    }

    /// Stores the record of the end, which is the last one.
    func stopped() async {
        var record = AuditRecord(.serviceStop, .success, actor: .system)
        record.details = .stop(undelivered: UInt64(parts.relay.status.undelivered))
        do {
            try await store(record)
            try Host.removeFile(runningMark)
        } catch {
            parts.log.error("the end could not be recorded: \(error)")
        }
    }

    private func store(_ record: AuditRecord, _ others: [Mutation] = []) async throws {
        var changes = Changeset()
        changes.mutations = [.append(record.logEntry())] + others
        _ = try await parts.store.commit(changes)
        parts.relay.wake()
    }
}
