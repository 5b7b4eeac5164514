import HTTP
import JSON

/// Secure › Advanced and Direct › Settings: the section User and Group Sync.
enum SyncPage {
    struct Content: View {
        let heading: String
        let isEnabled: Bool
        /// When SCIM was asked for; empty if it was not.
        let asked: String
        let tenantURL: String
        let authentication: String
        let isOpenID: Bool
        let current: TokenView?
        let hasToken: Bool
        /// What is to be done where no token is good any more; empty where one is, or there never was one.
        let endedMessage: String
        let replacements: [Replacement]
        let mayGenerate: Bool
        let mayRegenerate: Bool
        /// Why no token can be made; empty if one can.
        let whyNot: String
        let clients: String
        let users: Int
        let groups: Int
    }

    /// An old token is good beside the new one: how far the change from the one to the other is.
    struct Replacement: View {
        let oldID: String
        let oldEnds: String
        let oldLastUse: String
        /// Whether the old token can end, and why.
        let sentence: String
        /// Whether the old one is still used after the new one was first seen, or the new one was never seen.
        let isWaiting: Bool
        /// After how long without a use the server ends the old one; empty for never.
        let endsUnused: String
        let waits: [Wait]
    }

    /// For how long the old token must not have been used before it ends by itself.
    struct Wait: View {
        let value: String
        let title: String
        let seconds: Int
        let isChosen: Bool
    }

    /// For how long the old token must have rested while the new one was in use, so that it counts as given up.
    private static let oldIsIdleSeconds: Int64 = 600

    /// What may be chosen.
    static let waits = [
        Wait(value: "never", title: "not by itself", seconds: 0, isChosen: false),
        Wait(value: "minutes", title: "10 minutes", seconds: 600, isChosen: false),
        Wait(value: "hour", title: "1 hour", seconds: 3_600, isChosen: false),
        Wait(value: "day", title: "1 day", seconds: 86_400, isChosen: false),
    ]

    static let secure = Page(template: "sync", title: "Secure › Advanced", place: Navigation.secure)
    static let direct = Page(template: "sync", title: "Direct › Settings", place: Navigation.direct)

    @Sendable static func showSecure(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        exchange.page(try await view(exchange, heading: secure.title), secure)
    }

    @Sendable static func showDirect(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        exchange.page(try await view(exchange, heading: direct.title), direct)
    }

    /// Asks the operators for SCIM, which is available upon request.
    @Sendable static func ask(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        _ = try await exchange.once { () throws(ConsoleFault) in
            try await exchange.post("/tenants/\(exchange.tenant)/request-scim")
        }
        return ConsoleHandler.redirect(to: "/tenants/\(exchange.tenant)/secure/advanced")
    }

    /// Has the server end the old token by itself, or not.
    @Sendable static func retire(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        guard let wait = waits.first(where: { $0.value == exchange.form["unused"] }) else {
            throw .invalid("Choose for how long the old token must not have been used.")
        }
        let id = try EndTokenPage.tokenID(exchange)
        _ = try await exchange.once { () throws(ConsoleFault) in
            try await exchange.post(
                "/tenants/\(exchange.tenant)/tokens/\(id)/retire",
                [("unusedSeconds", .number(JSONNumber(wait.seconds)))]
            )
        }
        return ConsoleHandler.redirect(to: "/tenants/\(exchange.tenant)/secure/advanced")
    }

    /// Why no token of a tenant can be made here, as a sentence; empty if one can.
    static func obstacle(_ tenant: JSONObject, _ exchange: Exchange) -> String {
        let authentication = tenant.text("authentication")
        if !tenant.flag("scimEnabled") { return "SCIM is not enabled for this tenant." }
        if authentication != "openid" {
            return
                "SCIM with Okta supports OpenID authentication only, and this tenant uses \(authentication)."
        }
        return exchange.session?.role.mayManageTokens == true
            ? "" : "Only an owner of this tenant can make a token."
    }

    private static func view(_ exchange: Exchange, heading: String) async throws(ConsoleFault) -> Content {
        let tenant = try await exchange.tenantSummary()
        let now = exchange.console.environment.now()
        let tokens = TenantTokens(try await exchange.get("/tenants/\(exchange.tenant)/tokens"), now: now)
        let isEnabled = tenant.flag("scimEnabled")
        let authentication = tenant.text("authentication")
        let isOpenID = authentication == "openid"
        let asked = tenant.object("scimRequested")
        let whyNot = obstacle(tenant, exchange)
        return Content(
            heading: heading,
            isEnabled: isEnabled,
            asked: asked.members.isEmpty
                ? "" : "\(TimeText.minute(asked.text("time"))), by \(ActorName.title(asked.object("by")))",
            tenantURL: tenant.text("tenantURL"),
            authentication: isOpenID ? "OpenID Connect" : authentication,
            isOpenID: isOpenID,
            current: tokens.current,
            hasToken: tokens.current != nil,
            endedMessage: tokens.endedMessage,
            replacements: replacements(tokens, now: now),
            mayGenerate: tokens.current == nil && whyNot.isEmpty,
            mayRegenerate: tokens.current != nil && whyNot.isEmpty,
            whyNot: whyNot,
            clients: tenant.texts("clients").map(ClientName.title).joined(separator: ", "),
            users: tenant.object("resources").integer("User"),
            groups: tenant.object("resources").integer("Group")
        )
    }

    static func replacements(_ tokens: TenantTokens, now: Int64) -> [Replacement] {
        guard let new = tokens.current else { return [] }
        return tokens.live.dropFirst().map { replacement(of: $0, by: new, now: now) }
    }

    private static func replacement(of old: TokenView, by new: TokenView, now: Int64) -> Replacement {
        let isSeen = !new.lastUsedTime.isEmpty
        // A client that tries the new token, and one that has changed over, both use the old one once more at the most.
        let isOldUsed =
            isSeen && old.lastUsedTime > new.firstUsedTime
            && TimeText.seconds(from: old.lastUsedTime, to: new.lastUsedTime) < oldIsIdleSeconds
        let oldUse = "\(old.client) used the old token \(TimeText.ago(old.lastUsedTime, now: now))"
        let sentence: String
        if isOldUsed {
            sentence =
                "\(oldUse), after the new one had been seen: something still holds the old token. Find it before the old token ends."
        } else if isSeen {
            sentence =
                "\(new.client) used the new token \(TimeText.ago(new.lastUsedTime, now: now)): the old one can end."
        } else {
            sentence =
                (old.lastUsedTime.isEmpty ? "" : "\(oldUse). ")
                + "Nobody has used the new token yet. Paste it into the identity provider."
        }
        return Replacement(
            oldID: old.id,
            oldEnds: old.expires,
            oldLastUse: old.lastUse,
            sentence: sentence,
            isWaiting: !isSeen || isOldUsed,
            endsUnused: old.endsUnusedSeconds == 0
                ? "" : TimeText.span(seconds: Int64(old.endsUnusedSeconds)),
            waits: waits.map { wait in
                let isChosen = wait.seconds == old.endsUnusedSeconds
                return Wait(value: wait.value, title: wait.title, seconds: wait.seconds, isChosen: isChosen)
            }
        )
    }
}
