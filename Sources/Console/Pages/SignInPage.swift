import HTTP
import JSON

/// How to sign in, and out again.
enum SignInPage {
    struct Content: View {
        /// Whether somebody has just signed out.
        let hasSignedOut: Bool
        /// Where they sign out of their identity provider too; empty if there is no such place.
        let providerSignOut: String
        /// Whether sign-in by a provider is offered to anybody.
        let isProviderOffered: Bool
        let isOfferedToOperators: Bool
        /// The tenant that was asked for; empty if none was.
        let wanted: String
        let isWantedOffered: Bool
        let isWantedRefused: Bool
    }

    static let page = Page(template: "sign-in", title: "Sign in")

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let hasSignedOut = exchange.query("out") == "1"
        guard exchange.session == nil || hasSignedOut else { return ConsoleHandler.redirect(to: "/") }
        let providers = exchange.console.providers
        // Read from the address, so only what could be a tenant's name goes on.
        let wanted = exchange.query("tenant").filter {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
        }
        let providerSignOut = hasSignedOut ? await providers.signOutURL(exchange.query("from")) : nil
        let isOffered = !wanted.isEmpty && providers.isOffered(to: wanted)
        return exchange.page(
            Content(
                hasSignedOut: hasSignedOut,
                providerSignOut: providerSignOut ?? "",
                isProviderOffered: providers.isOffered,
                isOfferedToOperators: providers.isOfferedToOperators,
                wanted: wanted,
                isWantedOffered: isOffered,
                isWantedRefused: !wanted.isEmpty && !isOffered
            ),
            page
        )
    }

    @Sendable static func signOut(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        if let cookie = exchange.cookie { exchange.console.sessions.end(cookie) }
        if let session = exchange.session {
            await exchange.console.noteSignOut(of: session, exchange.request.peer)
        }
        var from = ""
        if let session = exchange.session, session.claims != nil {
            from = "&from=\(exchange.console.providers.expectSignOut(from: session.scope.tenant))"
        }
        var response = ConsoleHandler.redirect(to: "/sign-in?out=1\(from)")
        sessionCookie.remove(on: &response)
        // The browser forgets what it kept of the pages (Clear-Site-Data).
        response.fields.append((FieldName("Clear-Site-Data"), "\"cache\", \"storage\""))
        return response
    }
}

/// The one-time link that an operator has made at the command line.
///
/// Opening it does nothing, since mail filters open links too: a button signs in.
enum LinkPage {
    struct Content: View {}

    static let page = Page(template: "link", title: "Sign in by a one-time link")

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        exchange.page(Content(), page)
    }

    @Sendable static func redeem(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let found: SignedIn
        try exchange.console.wrongLinks.check(exchange)
        do throws(ConsoleFault) {
            let answer = try await exchange.post(
                "/console-links/redeem",
                [("secret", .string(exchange.parameters["secret"] ?? ""))]
                    + SignInNote.address(exchange.request.peer)
            )
            let tenant = answer.text("tenant")
            found = SignedIn(
                person: Person(id: answer.text("person"), name: "Link made by \(answer.text("by"))"),
                role: Role(rawValue: answer.text("role")) ?? .reader,
                scope: tenant.isEmpty ? .everything : .tenant(tenant)
            )
        } catch .refused(let word, _) where word == "notThere" {
            exchange.console.wrongLinks.note(exchange)
            throw .invalid(
                "This link was used already, or its time is over. Ask an operator for another one: pharos-scim console link"
            )
        }
        var response = ConsoleHandler.redirect(to: "/")
        // A session that this browser had ends with it.
        if let cookie = exchange.cookie { exchange.console.sessions.end(cookie) }
        sessionCookie.set(try await exchange.console.begin(found), on: &response)
        return response
    }
}
