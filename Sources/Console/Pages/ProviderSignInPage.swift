import HTTP

/// Sign-in by the tenant's identity provider, on its way there and back.
enum ProviderSignInPage {
    struct Content: View {}

    private static let page = Page(template: "signed-in", title: "Signed in")

    /// Sends the browser to the provider: a link, since a form may not lead elsewhere.
    @Sendable static func begin(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let tenant = exchange.parameters["tenant"]
        try exchange.console.signIns.check(exchange)
        exchange.console.signIns.note(exchange)
        let (cookie, url) = try await exchange.console.providers.begin(tenant)
        var response = ConsoleHandler.redirect(to: url)
        signInCookie.set(cookie, on: &response)
        return response
    }

    /// Takes what the provider has sent the browser back with.
    @Sendable static func finish(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        guard let cookie = signInCookie.value(in: exchange.request) else {
            throw .invalid("This sign-in was not begun in this browser, or its time is over. Begin it again.")
        }
        let (console, peer) = (exchange.console, exchange.request.peer)
        let found: SignedIn
        switch try await console.providers.finish(exchange.request.target.queryItems, cookie) {
        case .signedIn(let signedIn): found = signedIn
        case .noRole(let person, let scope):
            await console.noteNoRole(of: person, scope, peer)
            throw .invalid(
                "You are signed in at your identity provider, but nobody has given you a role here. Ask an owner of the tenant."
            )
        case .refused(let scope, let sentence):
            await console.noteRefusal(scope, peer)
            throw .invalid(sentence)
        }
        try await console.noteSignIn(of: found, peer)
        // A page and no redirect: the browser would not send the session's cookie along a way that began at the provider.
        var response = exchange.console.render(Content(), page, nil)
        signInCookie.remove(on: &response)
        if let old = exchange.cookie { exchange.console.sessions.end(old) }
        sessionCookie.set(try await exchange.console.begin(found), on: &response)
        return response
    }
}
