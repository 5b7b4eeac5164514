import HTTP

/// Asks before a token is replaced, and tells what stops working.
enum RegeneratePage {
    struct Overlap: View {
        let value: String
        let title: String
        let seconds: Int
        let isFirst: Bool
    }

    struct Content: View {
        let current: TokenView
        let wasUsed: Bool
        /// All tokens that are good, if there is more than one.
        let several: [TokenView]
        let isSeveral: Bool
        /// The tokens that the page was made for: another page may have changed them meanwhile.
        let shown: String
        let overlaps: [Overlap]
    }

    /// How long the old token may stay valid.
    static let overlaps = [
        Overlap(
            value: "day",
            title: "1 day: time to paste the new token into the identity provider",
            seconds: 86_400,
            isFirst: true
        ),
        Overlap(value: "week", title: "7 days", seconds: 7 * 86_400, isFirst: false),
        Overlap(
            value: "none",
            title: "Not at all: whoever uses the old token is refused at once",
            seconds: 0,
            isFirst: false
        ),
    ]

    static let page = Page(template: "regenerate", title: "Regenerate the token", place: Navigation.secure)

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let answer = try await exchange.get("/tenants/\(exchange.tenant)/tokens")
        let tokens = TenantTokens(answer, now: exchange.console.environment.now())
        let tenant = try await exchange.tenantSummary()
        guard let current = tokens.current, SyncPage.obstacle(tenant, exchange).isEmpty else {
            return ConsoleHandler.redirect(to: "/tenants/\(exchange.tenant)/secure/advanced")
        }
        return exchange.page(
            Content(
                current: current,
                wasUsed: !current.lastUse.isEmpty,
                several: tokens.live,
                isSeveral: tokens.live.count > 1,
                shown: tokens.shown,
                overlaps: overlaps
            ),
            page
        )
    }
}

/// Asks before a token ends, and ends it.
enum EndTokenPage {
    struct Content: View {
        let token: TokenView
        let wasUsed: Bool
        let isOnlyOne: Bool
        let shown: String
    }

    static let page = Page(template: "end-token", title: "End a token", place: Navigation.secure)

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let answer = try await exchange.get("/tenants/\(exchange.tenant)/tokens")
        let tokens = TenantTokens(answer, now: exchange.console.environment.now())
        guard let token = tokens.live.first(where: { $0.id == exchange.parameters["id"] }) else {
            throw .notFound
        }
        return exchange.page(
            Content(
                token: token,
                wasUsed: !token.lastUse.isEmpty,
                isOnlyOne: tokens.live.count == 1,
                shown: tokens.shown
            ),
            page
        )
    }

    /// The token that the path names.
    static func tokenID(_ exchange: Exchange) throws(ConsoleFault) -> String {
        let id = exchange.parameters["id"] ?? ""
        guard id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
            throw .notFound
        }
        return id
    }

    @Sendable static func end(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let id = try tokenID(exchange)
        _ = try await exchange.once { () throws(ConsoleFault) in
            let answer = try await exchange.get("/tenants/\(exchange.tenant)/tokens")
            let tokens = TenantTokens(answer, now: exchange.console.environment.now())
            guard exchange.form["shown"] == tokens.shown else { throw TenantTokens.changed }
            return try await exchange.delete("/tenants/\(exchange.tenant)/tokens/\(id)")
        }
        return ConsoleHandler.redirect(to: "/tenants/\(exchange.tenant)/secure/advanced")
    }
}
