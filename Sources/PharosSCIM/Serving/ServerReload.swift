import Audit
import JSON
import Locking
import Logging
import Reactor
import Service
import TLS

/// Reads settings, certificate and key again while the server runs, and knows which of them are in use.
final class ServerReload: Sendable {
    /// What changes by a reload.
    private struct InUse {
        var settings: ServerSettings
        /// Of all settings and of the certificate.
        var digest: AuditDigest?
    }

    /// Nil if the server speaks plain HTTP.
    private let tls: TLSContext?
    private let limiter: RateLimiter
    private let queue: AuditQueue
    private let log: Logger
    /// Held for as long as a reload takes, so that two at once follow each other.
    private let current: Locked<InUse>

    private static let fileBytesMax = 1 << 20

    init(_ settings: ServerSettings, tls: TLSContext?, limiter: RateLimiter, queue: AuditQueue, log: Logger) {
        self.tls = tls
        self.limiter = limiter
        self.queue = queue
        self.log = log
        current = Locked(InUse(settings: settings, digest: Self.digest(of: settings)))
    }

    /// The digest of what the operator has configured, the certificate included.
    var configuration: AuditDigest? { current.withLock { $0.digest } }

    /// The certificate that new connections get.
    var certificate: Certificate? { tls?.certificate }

    /// Reads everything and records it; if anything cannot be used, nothing changes.
    func perform() -> ServerControl.Reload {
        current.withLock { inUse in
            let news: News
            do throws(SettingFault) {
                news = try News(since: inUse.settings)
            } catch {
                return failed("The settings stay as they were: \(error)")
            }
            do throws(TLSError) {
                try reloadCertificate(news.settings)
            } catch {
                return failed("The certificate and the settings stay as they were: \(error)")
            }
            limiter.replace(news.settings.rates)
            LogThreshold.current = news.settings.logLevel
            let digest = Self.digest(of: news.settings)
            record(old: inUse.digest, new: digest)
            inUse = InUse(settings: news.settings, digest: digest)
            return tell(news)
        }
    }

    /// What has changed since the settings were read.
    private struct News {
        /// Those in use with what a reload takes.
        let settings: ServerSettings
        let taken: [String]
        /// What is written otherwise than it is in use, and needs a restart.
        let waiting: [String]

        init(since old: ServerSettings) throws(SettingFault) {
            guard let configured = old.configured else {
                settings = old
                (taken, waiting) = ([], [])
                return
            }
            let read = try configured.sources.read()
            // What does not go together would not start either.
            _ = try ServerSettings(read, sources: configured.sources)
            let changed = configured.values.changed(to: read)
            let values = configured.values.taking(changed.filter(\.isReloaded), from: read)
            settings = try ServerSettings(values, sources: configured.sources)
            taken = changed.filter(\.isReloaded).map(\.name)
            waiting = changed.filter { !$0.isReloaded }.map(\.name)
        }
    }

    private func reloadCertificate(_ settings: ServerSettings) throws(TLSError) {
        guard let tls, case .tls(let certificatePath, let keyPath) = settings.public.transport else { return }
        try tls.reload(certificateFile: certificatePath, keyFile: keyPath)
    }

    private func failed(_ sentence: String) -> ServerControl.Reload {
        log.error("\(sentence)")
        return .failed(sentence)
    }

    private func tell(_ news: News) -> ServerControl.Reload {
        var metadata: Logger.Metadata = [:]
        if let certificate {
            metadata["serial"] = "\(certificate.serialNumber)"
            metadata["end"] = "\(certificate.end.text)"
        }
        if !news.taken.isEmpty { metadata["changed"] = "\(news.taken.joined(separator: ","))" }
        log.notice("reloaded", metadata: metadata)
        if !news.waiting.isEmpty {
            log.warning("changed, and in use only after a restart: \(news.waiting.joined(separator: ", "))")
        }
        var done = ServerControl.Reloaded()
        done.certificate = certificate.map { .init(serialNumber: $0.serialNumber, notAfter: $0.end.text) }
        done.changed = news.taken
        done.needsRestart = news.waiting
        return .done(done)
    }

    private func record(old: AuditDigest?, new: AuditDigest?) {
        guard let old, let new else { return }
        var record = AuditRecord(.configReload, .success, actor: .system)
        record.details = .reload(old: old, new: new, certificate: certificate?.audited)
        queue.record(record)
    }

    private static func digest(of settings: ServerSettings) -> AuditDigest? {
        var text = Array("\(settings.configured?.values.summary ?? "")\n".utf8)
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
