import Audit
import Directory
import HTTP
import JSON
import SCIM
import Tenancy

extension AdminHandler {
    /// `GET /tenants/NAME/tokens`: each token with its state, who has made it, and when it was used last.
    func showTokens(_ name: String) async throws(AdministrationError) -> Response {
        let tenant = try administration.tenant(name)
        let uses = try await activity(of: tenant).tokens
        let now = administration.now
        let tokens = try administration.standings(of: name).map { standing in
            let use = uses.first { $0.tokenID == standing.token.id }
            return JSONValue.object(AdminMessage.token(standing, use: use, now: now))
        }
        return AdminMessage.json([.init("tokens", .array(tokens))])
    }

    func regenerateToken(
        _ name: String,
        _ input: AdminInput,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response {
        let issued = try await administration.regenerateToken(
            tenant: name,
            overlapSeconds: input.integer("overlapSeconds") ?? 0,
            expecting: input.texts("replaces"),
            uses: try await activity(of: administration.tenant(name)).tokens,
            by: actor
        )
        return AdminMessage.issued(issued, url: tenantURL(name))
    }

    /// One token, as it stands among the tenant's others.
    func showToken(_ token: Token) throws(AdministrationError) -> Response {
        let standing = try administration.standings(of: token.tenantName).first { $0.token.id == token.id }
        guard let standing else { throw .noSuchToken }
        return AdminMessage.json(.ok, .object(AdminMessage.token(standing, now: administration.now)))
    }

    /// How long the token is good that a tenant's client should use; nothing if there is none.
    func tokenEnd(of name: String) throws(AdministrationError) -> [AdminMessage.Member] {
        let now = administration.now
        guard let current = TokenStanding.current(of: try administration.standings(of: name), at: now) else {
            return []
        }
        let members = [
            AdminMessage.Member("id", .string(current.token.id)),
            AdminMessage.Member("state", .string(current.state.rawValue)),
            AdminMessage.Member("expires", .string(current.token.expires.text)),
            AdminMessage.Member("daysLeft", .number(JSONNumber(current.daysLeft(at: now)))),
        ]
        return [AdminMessage.Member("token", .object(AdminMessage.object(members)))]
    }

    /// What is to be told of a tenant's tokens because somebody has to act on it.
    func tokenMessages(of name: String) throws(AdministrationError) -> AdminMessage.Member {
        let messages = try administration.standings(of: name).filter { $0.notice != nil }.compactMap {
            standing in
            standing.message.map { "Token \(standing.token.id): \($0)" }
        }
        return AdminMessage.Member("tokenMessages", .array(messages.map(JSONValue.string)))
    }
}
