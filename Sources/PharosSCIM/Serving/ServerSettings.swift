import ArgumentParser
import Logging
import Server
import Service
import StorageLMDB

/// What a serving process is told.
struct ServerSettings: Sendable {
    var folder: DataFolder
    /// How SCIM clients connect.
    var `public`: PublicListener.Settings
    var trail: TrailSettings
    /// Where monitoring systems connect over TCP; nil for nowhere.
    var monitoringAddress: ListenAddress?
    /// The least level of lines in the operational log.
    var logLevel = Logger.Level.info
    /// Event loops, one thread each.
    var loopCount: Int
    var rates = RateLimits()
    var commitLog = LogSettings()
    /// Takes sockets from the service manager where it passes some.
    var takesInheritedSockets: Bool

    /// Everything that matters to who reads the audit trail, for a digest.
    var summary: String {
        var transportText = "plain insecure=\(`public`.allowsInsecure)"
        if case .tls(let certificatePath, let keyPath) = `public`.transport {
            transportText = "tls \(certificatePath) \(keyPath)"
        }
        return """
            data=\(folder.path) listen=\(`public`.listen.text) transport=\(transportText) publicURL=\(`public`.url ?? "")
            audit=\(trail.summary) body=\(`public`.bodyBytesMax)
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
