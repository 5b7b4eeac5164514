import ConsoleAssets
import HTTP
import JSON
import Logging

/// The web console: signs administrators in, and shows and changes what the server's admin interface offers.
///
/// Start reading here, then at ``Route``.
///
/// ```
/// request ─► asset? ─► route ─► session ─► role, tenant ─► form secret ─► page ─► backend ─► template ─► answer
///                       404     sign-in       404, 403        403
/// ```
package final class ConsoleHandler: RequestHandler {
    let backend: any ConsoleBackend
    let environment: ConsoleEnvironment
    let sessions: SessionStore
    let templates: Templates
    let providers: ProviderSignIn
    let log: Logger
    let watchers = Watchers(max: ContactPage.watchersMax)
    private let guesses: GuessLimit

    package init(
        backend: any ConsoleBackend,
        signIn: SignInSettings,
        client: any HTTPClient,
        environment: ConsoleEnvironment,
        log: Logger
    ) throws {
        self.backend = backend
        self.environment = environment
        self.log = log
        sessions = SessionStore(environment)
        templates = try Templates()
        providers = ProviderSignIn(signIn, client: client, environment)
        guesses = GuessLimit(now: environment.now)
    }

    package func handle(_ request: Request) -> Outcome {
        if let asset = Asset.answer(to: request) { return .ready(asset) }
        return .pending { await self.respond(to: request) }
    }

    /// Nothing but a form of a page is worth receiving.
    package func admit(_ head: Request) -> Admission {
        guard head.method == .post, Self.find(head).route != nil else {
            return .answered(page(for: .notFound, head, nil))
        }
        return .receive(tenant: 0)
    }

    package func response(to rejection: Rejection, from peer: Peer) -> Response {
        var response = Response(
            rejection.status,
            contentType: "text/plain; charset=utf-8",
            body: Array((rejection.detail + "\n").utf8)
        )
        response[.retryAfter] = rejection.retrySeconds.map { "\($0)" }
        return response
    }

    private func respond(to request: Request) async -> Response {
        let cookie = sessionCookie.value(in: request)
        let session = cookie.flatMap { sessions.session($0) }
        do throws(ConsoleFault) {
            let (found, parameters) = Self.find(request)
            guard let route = found else { throw .notFound }
            if route.access == .anyone, request.method == .post,
                let seconds = guesses.wait(request.peer.origin)
            {
                throw .tooMany(seconds: seconds)
            }
            if route.access != .anyone, session == nil {
                guard request.method != .post else { throw .expiredForm }
                return Self.redirect(to: "/sign-in")
            }
            let form = try FormInput(request)
            let exchange = Exchange(
                request: request,
                console: self,
                parameters: parameters,
                session: session,
                cookie: cookie,
                form: form
            )
            try check(route, exchange)
            return try await route.handle(exchange)
        } catch {
            if error == .unreachable { log.error("the server does not answer the console") }
            return page(for: error, request, session)
        }
    }

    /// Refuses an address that has tried too often to get in.
    func limitGuesses(_ exchange: Exchange) throws(ConsoleFault) {
        if let seconds = guesses.wait(exchange.request.peer.origin) { throw .tooMany(seconds: seconds) }
    }

    /// Counts an attempt to get in.
    func noteGuess(_ exchange: Exchange) { guesses.note(exchange.request.peer.origin) }

    private static func find(_ request: Request) -> (route: Route?, parameters: [String: String]) {
        let path = request.target.segments
        let method: Method = request.method == .head ? .get : request.method
        for route in Route.all where route.method == method {
            if let parameters = route.match(path) { return (route, parameters) }
        }
        return (nil, [:])
    }

    /// Whether the session's person may, and whether the form is one of the session's own pages.
    private func check(_ route: Route, _ exchange: Exchange) throws(ConsoleFault) {
        if exchange.request.method == .post { try checkOrigin(exchange.request) }
        guard route.access != .anyone, let session = exchange.session else { return }
        if exchange.parameters["tenant"] != nil {
            // A tenant of others is no different from one that is not there.
            guard session.scope.covers(exchange.tenant) else { throw .notFound }
        }
        switch route.access {
        case .anyone, .reader: break
        case .administrator: if !session.role.mayChange { throw .notAllowed }
        case .owner: if !session.role.mayManageTokens { throw .notAllowed }
        case .operatorOnly: if session.scope != .everything { throw .notFound }
        }
        if exchange.request.method == .post {
            let sent = Array(exchange.form["secret"].utf8)
            guard environment.constantTimeEquals(sent, Array(session.formSecret.utf8)) else {
                throw .expiredForm
            }
        }
    }

    /// Refuses what a page of another site has sent (Fetch Metadata, and the Origin field where a browser knows no better).
    private func checkOrigin(_ request: Request) throws(ConsoleFault) {
        let site = request.fields[FieldName("Sec-Fetch-Site")]
        if let site, site != "same-origin", site != "none" { throw .expiredForm }
        guard let origin = request.fields[FieldName("Origin")] else { return }
        let host = request.host ?? ""
        guard origin == "https://\(host)" || origin == "http://\(host)" else { throw .expiredForm }
    }

    /// The page that tells of a fault.
    private func page(for fault: ConsoleFault, _ request: Request, _ session: Session?) -> Response {
        var response = render(FaultView(sentence: "\(fault)"), FaultView.page, session, status: fault.status)
        if case .tooMany(let seconds) = fault { response[.retryAfter] = "\(seconds)" }
        return response
    }

    static func redirect(to path: String) -> Response {
        var response = Response(.seeOther, fields: [(.location, path)])
        PageHeaders.add(to: &response)
        return response
    }
}

/// What the page of a fault shows.
struct FaultView: View {
    static let page = Page(template: "fault", title: "This did not work")
    let sentence: String
}
