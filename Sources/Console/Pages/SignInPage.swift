import HTTP
import JSON

/// How to sign in, and out again.
enum SignInPage {
    struct Content: View {
        /// Whether somebody has just signed out.
        let hasSignedOut: Bool
    }

    static let page = Page(template: "sign-in", title: "Sign in")

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        guard exchange.session == nil else { return ConsoleHandler.redirect(to: "/") }
        return exchange.page(Content(hasSignedOut: exchange.query("out") == "1"), page)
    }

    @Sendable static func signOut(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        if let cookie = exchange.cookie { exchange.console.sessions.end(cookie) }
        var response = ConsoleHandler.redirect(to: "/sign-in?out=1")
        SessionCookie.remove(on: &response)
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
        let found: (person: Person, role: Role, scope: Scope)
        do throws(ConsoleFault) {
            let answer = try await exchange.post(
                "/console-links/redeem",
                [("secret", .string(exchange.parameters["secret"] ?? ""))]
            )
            let name = answer.text("by")
            let tenant = answer.text("tenant")
            found = (
                Person(id: "link.\(name)", name: "Link made by \(name)"),
                Role(rawValue: answer.text("role")) ?? .reader,
                tenant.isEmpty ? .everything : .tenant(tenant)
            )
        } catch .refused {
            exchange.console.noteWrongGuess(exchange)
            throw .invalid(
                "This link was used already, or its time is over. Ask an operator for another one: pharos-scim console link"
            )
        }
        var response = ConsoleHandler.redirect(to: "/")
        // A session that this browser had ends with it.
        if let cookie = exchange.cookie { exchange.console.sessions.end(cookie) }
        SessionCookie.set(
            exchange.console.sessions.begin(found.person, found.role, found.scope),
            on: &response
        )
        return response
    }
}
