import Audit
import HTTP

/// What the server does for a console that runs as a user of its own: what its pages show and change, and nothing that is an
/// operator's alone.
///
/// A console that somebody has broken into can neither stop nor export or delete anything, make links, or let a tenant in.
package enum ConsoleCommands {
    /// A command, and whether it is asked for somebody.
    struct Command: Sendable {
        let method: Method
        /// Segments: one that begins with a colon matches any, and `*` at the end one or more.
        let pattern: [String]
        /// Whether the console has to name the person; if not, it asks for itself.
        let needsPerson: Bool

        init(_ method: Method, _ pattern: String, needsPerson: Bool = true) {
            self.method = method
            self.pattern = pattern.split(separator: "/").map(String.init)
            self.needsPerson = needsPerson
        }

        func matches(_ path: [String]) -> Bool {
            let isOpen = pattern.last == "*"
            guard isOpen ? path.count >= pattern.count : path.count == pattern.count else { return false }
            return zip(pattern, path).allSatisfy { $0 == "*" || $0.hasPrefix(":") || $0 == $1 }
        }
    }

    static let all: [Command] = [
        Command(.get, "/tenants"),
        Command(.get, "/tenants/:tenant"),
        Command(.get, "/tenants/:tenant/activity"),
        Command(.get, "/tenants/:tenant/failures/:id"),
        Command(.get, "/tenants/:tenant/tokens"),
        Command(.get, "/tenants/:tenant/scim/v2/*"),
        Command(.get, "/tenants/:tenant/groups/:id/members"),
        Command(.get, "/tenants/:tenant/story"),
        Command(.post, "/tenants/:tenant/rehearsals"),
        Command(.post, "/tenants/:tenant/import/users"),
        Command(.post, "/tenants/:tenant/import/cards"),
        Command(.post, "/tenants/:tenant/import/stop"),
        Command(.post, "/tenants/:tenant/request-scim"),
        Command(.post, "/tenants/:tenant/tokens"),
        Command(.post, "/tenants/:tenant/tokens/regenerate"),
        Command(.delete, "/tenants/:tenant/tokens/:id"),
        Command(.post, "/tenants/:tenant/tokens/:id/retire"),
        Command(.post, "/console-links/redeem", needsPerson: false),
        Command(.post, "/console-links/console", needsPerson: false),
        Command(.post, "/console-sign-ins", needsPerson: false),
    ]

    /// The command that a head asks for; nil if it is not one for a console.
    static func command(_ method: Method, _ path: [String]) -> Command? {
        all.first { $0.method == method && $0.matches(path) }
    }

    /// Whether a console may ask this of the server.
    package static func allow(_ method: Method, _ target: Target) -> Bool {
        command(method, target.segments) != nil
    }

    /// A person as a console names them: by an e-mail address, a digest or a link, so that nobody is taken for a Unix user.
    ///
    /// Nil for any other text.
    static func person(_ text: String) -> AuditSlug? {
        guard text.utf8.contains(UInt8(ascii: "@")) || text.hasPrefix("person.") || text.hasPrefix("link.")
        else { return nil }
        return AuditSlug(person: text)
    }

    /// The console itself, as the audit trail names it.
    static let actor = AuditActor.admin(AuditSlug("console"))
}
