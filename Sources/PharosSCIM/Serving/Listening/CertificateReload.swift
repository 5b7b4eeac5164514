import Audit
import JSON
import Locking
import Logging
import Reactor
import Service
import TLS

/// Reads the certificate and its key again while the server runs, and knows the configuration that is in use.
final class CertificateReload: Sendable {
    private let settings: ServerSettings
    /// Nil if the server speaks plain HTTP.
    private let tls: TLSContext?
    private let queue: AuditQueue
    private let log: Logger
    /// The digest of the configuration in use.
    private let current: Locked<AuditDigest?>

    private static let fileBytesMax = 1 << 20

    init(_ settings: ServerSettings, tls: TLSContext?, queue: AuditQueue, log: Logger) {
        self.settings = settings
        self.tls = tls
        self.queue = queue
        self.log = log
        current = Locked(Self.digest(of: settings))
    }

    /// The digest of what the operator has configured, the certificate included.
    var configuration: AuditDigest? { current.withLock { $0 } }

    /// The certificate that new connections get.
    var certificate: Certificate? { tls?.certificate }

    /// Reads both files again and records it; if they cannot be used, nothing changes.
    func perform() -> ServerControl.Reload {
        guard let tls else { return .nothing }
        do throws(TLSError) {
            try tls.reload()
        } catch {
            log.error("the certificate stays as it was", metadata: ["error": "\(error)"])
            return .failed("The certificate stays as it was: \(error)")
        }
        guard let certificate else { return .nothing }
        let end = certificate.end.text
        log.notice(
            "certificate reloaded",
            metadata: ["serial": "\(certificate.serialNumber)", "end": "\(end)"]
        )
        record()
        return .certificate(serialNumber: certificate.serialNumber, notAfter: end)
    }

    private func record() {
        let new = Self.digest(of: settings)
        let old = current.withLock { current in
            defer { current = new }
            return current
        }
        guard let old, let new else { return }
        var record = AuditRecord(.configReload, .success, actor: .system)
        record.details = .reload(old: old, new: new, certificate: certificate?.audited)
        queue.record(record)
    }

    private static func digest(of settings: ServerSettings) -> AuditDigest? {
        var text = Array("\(settings.summary)\n".utf8)
        if case .tls(let certificate, _) = settings.public.transport {
            let content = try? Host.readFile(certificate, bytesMax: fileBytesMax)
            text += content.flatMap { $0 } ?? []
        }
        return AuditDigest(Digest.sha256(text.span))
    }
}

extension Certificate {
    /// When it ends.
    var end: Timestamp { Timestamp(microseconds: notAfter * 1_000_000) }

    /// What records tell of it; a serial number that is longer than RFC 5280 allows is left out.
    var audited: AuditCertificate? {
        AuditSlug(serialNumber).map { AuditCertificate(serialNumber: $0, notAfter: end) }
    }
}
