import ConsoleAssets
import HTTP
import JSON
import Locking
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
    /// The largest form without a file.
    static let formBytesMax = 64 * 1_024
    /// The largest body: a form with a file.
    package static let bodyBytesMax = ImportStore.fileBytesMax + formBytesMax

    let backend: any ConsoleBackend
    let tables: any ImportTables
    let imports: ImportStore
    let importTurns = ImportTurns()
    let environment: ConsoleEnvironment
    let sessions: SessionStore
    let templates: Templates
    let providers: ProviderSignIn
    let log: Logger
    let addressCheck: AddressCheck
    let watchers = Watchers(max: ContactPage.watchersMax)
    /// Wrong links, and begun sign-ins.
    let wrongLinks: GuessLimit
    let signIns: GuessLimit

    package init(
        backend: any ConsoleBackend,
        tables: any ImportTables,
        signIn: SignInSettings,
        client: any HTTPClient,
        environment: ConsoleEnvironment,
        log: Logger
    ) throws {
        self.backend = backend
        self.tables = tables
        imports = ImportStore(now: environment.now)
        self.environment = environment
        self.log = log
        sessions = SessionStore(environment)
        templates = try Templates()
        providers = ProviderSignIn(signIn, client: client, environment)
        addressCheck = AddressCheck(client, environment)
        wrongLinks = GuessLimit(max: GuessLimit.linksMax, now: environment.now)
        signIns = GuessLimit(max: GuessLimit.signInsMax, now: environment.now)
    }

    /// Takes other settings for the sign-in; who has signed in stays so, as far as the new ones let them.
    package func replace(_ settings: SignInSettings) {
        providers.replace(settings)
        sessions.judge { claims, scope in providers.admit(claims, to: scope) }
    }

    /// Answers the pages that wait for news, so that the console can stop.
    package func stop() { watchers.stop() }

    /// Begins a session.
    ///
    /// - Returns: what its cookie holds.
    /// - Throws: ``ConsoleFault/notAllowed`` if other settings have come meanwhile that do not let the person in.
    func begin(_ signedIn: SignedIn) async throws(ConsoleFault) -> String {
        var tenantCreated = ""
        if let tenant = signedIn.scope.tenant {
            let summary = try await backend.send(.get, "/tenants/\(tenant)", nil, for: signedIn.person)
            tenantCreated = summary.text("created")
        }
        let cookie = sessions.begin(signedIn, tenantCreated: tenantCreated)
        if let claims = signedIn.claims, providers.admit(claims, to: signedIn.scope) == nil {
            sessions.end(cookie)
            throw .notAllowed
        }
        return cookie
    }

    package func handle(_ request: Request) -> Outcome {
        if let asset = Asset.answer(to: request) { return .ready(asset) }
        return .pending { await self.respond(to: request) }
    }

    /// A form is received from those alone who may send it.
    package func admit(_ head: Request) -> Admission {
        do throws(ConsoleFault) {
            let entrance = try enter(head)
            guard entrance.route.method == .post else { throw .invalid("This page takes no form.") }
            if let length = head.fields[.contentLength].flatMap({ Int($0) }) {
                guard length <= entrance.route.bodyBytesMax else { throw .tooLarge }
            } else if head.fields[FieldName("Transfer-Encoding")] != nil {
                // Browsers tell a form's length, by which it is decided how much is received.
                throw .invalid("A form comes with its length.")
            }
            return .receive(tenant: 0)
        } catch {
            return .answered(page(for: error, nil))
        }
    }

    package func response(to rejection: Rejection, from peer: Peer) -> Response {
        if rejection.status == .contentTooLarge { return page(for: .tooLarge, nil) }
        var response = Response(
            rejection.status,
            contentType: "text/plain; charset=utf-8",
            body: Array((rejection.detail + "\n").utf8)
        )
        response[.retryAfter] = rejection.retrySeconds.map { "\($0)" }
        return response
    }

    private func respond(to request: Request) async -> Response {
        var session: Session?
        do throws(ConsoleFault) {
            let entrance = try enter(request)
            session = entrance.session
            if entrance.route.access != .anyone, session == nil { return Self.redirect(to: "/sign-in") }
            guard request.body.count <= entrance.route.bodyBytesMax else { throw .tooLarge }
            var exchange = Exchange(
                request: request,
                console: self,
                parameters: entrance.parameters,
                session: session,
                cookie: entrance.cookie,
                form: try await form(of: request)
            )
            if request.method == .post, let session, entrance.route.access != .anyone {
                let sent = Array(exchange.form["secret"].utf8)
                guard environment.constantTimeEquals(sent, Array(session.formSecret.utf8)) else {
                    throw .expiredForm
                }
            }
            if let session, !exchange.tenant.isEmpty {
                let summary = try await exchange.tenantSummary()
                exchange.summary = summary
                // The session is for a tenant that is gone; its name means another one now.
                if session.scope != .everything, summary.text("created") != session.tenantCreated {
                    if let cookie = entrance.cookie { sessions.end(cookie) }
                    return Self.redirect(to: "/sign-in")
                }
            }
            return try await entrance.route.handle(exchange)
        } catch {
            if error == .unreachable { log.error("the server does not answer the console") }
            return page(for: error, session)
        }
    }

    /// What a form has sent; a large one is taken apart beside the loops.
    private func form(of request: Request) async throws(ConsoleFault) -> FormInput {
        guard request.body.count > Self.formBytesMax else { return try FormInput(request) }
        let form = await environment.background.run(for: 0) { () -> Result<FormInput, ConsoleFault> in
            do throws(ConsoleFault) { return .success(try FormInput(request)) } catch {
                return .failure(error)
            }
        }
        guard let form else { throw .tooMany(seconds: 10) }
        return try form.get()
    }

    /// Where a head leads, and who sends it.
    private struct Entrance {
        let route: Route
        let parameters: [String: String]
        /// What the session's cookie holds.
        let cookie: String?
        let session: Session?
    }

    /// All that a head alone decides.
    private func enter(_ head: Request) throws(ConsoleFault) -> Entrance {
        guard let (route, parameters) = Self.find(head) else { throw .notFound }
        let cookie = sessionCookie.value(in: head)
        let session = cookie.flatMap { sessions.session($0, countsAsUse: route.isAsked) }
        if head.method == .post {
            try checkOrigin(head)
            guard route.access == .anyone || session != nil else { throw .expiredForm }
        }
        if let session { try check(route, parameters["tenant"], session) }
        return Entrance(route: route, parameters: parameters, cookie: cookie, session: session)
    }

    private static func find(_ request: Request) -> (route: Route, parameters: [String: String])? {
        let path = request.target.segments
        let method: Method = request.method == .head ? .get : request.method
        for route in Route.all where route.method == method {
            if let parameters = route.match(path) { return (route, parameters) }
        }
        return nil
    }

    /// Whether the session's person may.
    private func check(_ route: Route, _ tenant: String?, _ session: Session) throws(ConsoleFault) {
        guard route.access != .anyone else { return }
        // A tenant of others is no different from one that is not there, and what is no name from neither.
        if let tenant, !Self.isName(tenant) || !session.scope.covers(tenant) { throw .notFound }
        switch route.access {
        case .anyone, .reader: break
        case .administrator: if !session.role.mayChange { throw .notAllowed }
        case .owner: if !session.role.mayManageTokens { throw .notAllowed }
        case .operatorOnly: if session.scope != .everything { throw .notFound }
        }
    }

    /// Whether a text may be a tenant's name, so that it is one segment of a path as it is.
    private static func isName(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"):
                true
            default: false
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
    private func page(for fault: ConsoleFault, _ session: Session?) -> Response {
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
