import ArgumentParser
import Server
import Service
import StorageLMDB
import Systemd

/// Where audit records are delivered.
enum AuditOutput: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// journald, confirmed by reading back.
    case journal
    /// Standard output, one JSON object on each line.
    case stdout
    /// Standard error, so that standard output stays one line for scripts.
    case stderr
}

/// What a serving process is told.
struct ServerSettings: Sendable {
    var folder: DataFolder
    /// How SCIM clients connect.
    var `public`: PublicListener.Settings
    var auditOutput: AuditOutput
    /// Whether records on standard output are sentences for a person, and not JSON.
    var printsSentences = false
    /// The journal's namespace; nil for the unit's own, or the default journal.
    var journalNamespace: String?
    /// The file of the key that signs the audit trail; nil for the unit's credential, or a key in the data folder.
    var auditKeyPath: String?
    /// Where monitoring systems connect over TCP; nil for nowhere.
    var monitoringAddress: ListenAddress?
    /// Event loops, one thread each.
    var loopCount: Int
    var rates = RateLimits()
    var commitLog = LogSettings()
    /// Takes sockets from the service manager where it passes some.
    var takesInheritedSockets: Bool

    /// The journal namespace in which audit records are found again; nil for the default journal.
    var namespace: String? { journalNamespace ?? JournalSink.namespaceOfUnit }

    /// Everything that matters to who reads the audit trail, for a digest.
    var summary: String {
        var transportText = "plain insecure=\(`public`.allowsInsecure)"
        if case .tls(let certificatePath, let keyPath) = `public`.transport {
            transportText = "tls \(certificatePath) \(keyPath)"
        }
        return """
            data=\(folder.path) listen=\(`public`.listen.text) transport=\(transportText) publicURL=\(`public`.url ?? "")
            audit=\(auditOutput.rawValue) namespace=\(journalNamespace ?? "") body=\(`public`.bodyBytesMax)
            requests=\(Self.text(rates.requests)) failures=\(Self.text(rates.failures)) proxies=\(`public`.proxies?.description ?? "")
            """
    }

    private static func text(_ rate: Rate?) -> String { rate.map { "\($0.perSecond),\($0.burst)" } ?? "any" }
}

/// A URL's scheme and authority, where Tenant URLs begin.
struct PublicURL: ExpressibleByArgument {
    /// Without a slash at the end.
    let text: String

    init?(argument: String) {
        let text = argument.hasSuffix("/") ? String(argument.dropLast()) : argument
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return nil }
        let authority = text.dropFirst(scheme.count)
        guard !authority.isEmpty,
            authority.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"/?#@\"<>\\".utf8.contains($0) })
        else { return nil }
        self.text = text
    }
}
