import Audit
import JSON
import Locking
import Logging
import Reactor
import Storage
import StorageLMDB
import TLS

/// The audit records that tell of the process itself: its start, its reloads, its end.
final class ServiceRecords: Sendable {
    private let parts: Composition
    private let runningMark: String
    /// The digest of the configuration in use.
    private let current: Locked<AuditDigest?>

    private static let fileBytesMax = 1 << 20

    init(_ parts: Composition) {
        self.parts = parts
        runningMark = "\(parts.settings.folder.path)/running"
        current = Locked(Self.digest(of: parts.settings))
    }

    /// Stores the record of the start; the mark of the last run tells whether that one ended by itself.
    func started() async throws {
        let wasRunning = Host.exists(runningMark)
        try Host.replaceFile(runningMark, with: [], mode: 0o600)
        guard let version = AuditSlug(programVersion) else { return }
        var record = AuditRecord(.serviceStart, .success, actor: .system)
        record.details = .start(
            version: version,
            configuration: current.withLock { $0 },
            recovered: wasRunning
        )
        try await store(record)
    }

    /// Records that the certificate was read again.
    func reloaded() {
        let new = Self.digest(of: parts.settings)
        let old = current.withLock { current in
            defer { current = new }
            return current
        }
        guard let old, let new else { return }
        var record = AuditRecord(.configReload, .success, actor: .system)
        record.details = .reload(old: old, new: new)
        parts.queue.record(record)
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

    private func store(_ record: AuditRecord) async throws {
        var changes = Changeset()
        changes.mutations = [.append(record.logEntry())]
        _ = try await parts.store.commit(changes)
        parts.relay.wake()
    }

    /// The digest of what the operator has configured, the certificate included.
    private static func digest(of settings: ServerSettings) -> AuditDigest? {
        var text = Array("\(settings.summary)\n".utf8)
        if case .tls(let certificate, _) = settings.transport {
            let content = try? Host.readFile(certificate, bytesMax: fileBytesMax)
            text += content.flatMap { $0 } ?? []
        }
        return AuditDigest(Digest.sha256(text.span))
    }
}
