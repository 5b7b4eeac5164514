import Audit
import JSON
import Locking
import Tenancy

/// One-time links by which people sign in to the console without an identity provider; kept in memory until they are used.
///
/// For the first sign-in, and for when a tenant's provider is lost.
package final class ConsoleLinks: Sendable {
    /// Links that are not used yet; beyond it the oldest ends.
    static let linksMax = 256
    /// Consoles that are known at a time; further ones are in no link.
    static let consolesMax = 16
    /// How often a console tells where it is.
    package static let announcementSeconds = 30
    /// Minutes for which a link may be good.
    package static let minutes = 1...60
    /// What a link's person may do, by the console's words.
    package static let roles = AuditRole.allCases.map(\.rawValue)

    /// A link that is not used yet.
    struct Link: Sendable {
        /// Nil for all tenants.
        let tenant: String?
        /// The number of the tenant of that name, since another one may have the name later.
        let tenantNumber: UInt32?
        let role: AuditRole
        /// The Unix user who has made it.
        let maker: String
        let expires: Timestamp
    }

    private struct State {
        var links: [[UInt8]: Link] = [:]
        /// In the order in which they were first told of.
        var consoles: [Console] = []
    }

    /// A console that has told where it is reached.
    private struct Console: Sendable {
        let url: String
        var lastTold: Timestamp
    }

    private let environment: DirectoryEnvironment
    private let state = Locked(State())

    package init(environment: DirectoryEnvironment) { self.environment = environment }

    /// Where the console is reached, as it has told lately; empty if none has.
    ///
    /// Of several the one that has been there for longest, so that one that is tried beside it takes nothing over.
    var consoleURL: String {
        let now = environment.now()
        return state.withLock { $0.consoles.first { Self.isThere($0, at: now) }?.url } ?? ""
    }

    /// Notes where a console is reached, which it tells every ``announcementSeconds``.
    func note(consoleURL url: String) {
        let now = environment.now()
        state.withLock { state in
            state.consoles.removeAll { !Self.isThere($0, at: now) }
            if let place = state.consoles.firstIndex(where: { $0.url == url }) {
                state.consoles[place].lastTold = now
            } else if state.consoles.count < Self.consolesMax, !url.isEmpty {
                state.consoles.append(Console(url: url, lastTold: now))
            }
        }
    }

    /// Whether a console has missed no two announcements.
    private static func isThere(_ console: Console, at now: Timestamp) -> Bool {
        now.microseconds - console.lastTold.microseconds <= Int64(announcementSeconds) * 2_500_000
    }

    /// When a link ends that is made now.
    func end(in minutes: Int) -> Timestamp {
        Timestamp(microseconds: environment.now().microseconds + Int64(minutes) * 60_000_000)
    }

    /// Makes a link.
    ///
    /// - Returns: its secret, 64 hexadecimal digits; only a digest of it is kept.
    func make(for tenant: Tenant?, role: AuditRole, by maker: String, until expires: Timestamp) -> String {
        let secret = environment.randomDigits()
        let now = environment.now()
        let link = Link(
            tenant: tenant?.name,
            tenantNumber: tenant?.number,
            role: role,
            maker: maker,
            expires: expires
        )
        state.withLock { state in
            state.links = state.links.filter { now < $0.value.expires }
            if state.links.count >= Self.linksMax,
                let first = state.links.min(by: { $0.value.expires < $1.value.expires })
            {
                state.links[first.key] = nil
            }
            state.links[digest(secret)] = link
        }
        return secret
    }

    /// Uses a link up; nil if there is none, or its time is over.
    func redeem(_ secret: String) -> Link? {
        let now = environment.now()
        return state.withLock { $0.links.removeValue(forKey: digest(secret)) }.flatMap {
            now < $0.expires ? $0 : nil
        }
    }

    private func digest(_ secret: String) -> [UInt8] { environment.sha256(Array(secret.utf8).span) }
}
