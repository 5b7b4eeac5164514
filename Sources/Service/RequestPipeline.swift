import Audit
import Directory
import HTTP
import JSON
import Logging
import Notes
import Query
import SCIM
import Tenancy

/// A SCIM request from its target to its answer.
///
/// Start reading here.
///
/// ```
/// target ─► tenant and version ─► credential ─► rate ─► route ─► method ─► endpoint ─► answer
///              400, 404           401, 403, 429  429     404       405       SCIM errors
/// ```
///
/// Reads are answered on the spot, on the connection's loop; changes and long queries go on as an operation. What stands
/// before the endpoint needs the head only, so that a body is received from those alone who get that far.
package final class RequestPipeline: RequestHandler {
    let directory: ResourceDirectory
    let notes: Notebook
    let queries: ResourceQueries
    let authenticator: Authenticator
    let limiter: RateLimiter
    let features: ServiceProviderFeatures
    let trail: RefusalTrail
    let reads: ReadTrail
    let bulkTurns = Turns.ofBulk()
    let queryTurns = Turns.ofLongQueries()
    let scans = ScanQueue()
    let log: Logger
    /// Waits until the journal has all records; nil where changes are answered without it (``AuditAcknowledgement``).
    private let confirmation: (@Sendable () async -> Bool)?
    /// Scheme and authority of the Tenant URLs, without a slash at the end.
    let publicURL: String
    private let requestIDs = RequestIDs()
    /// Whether the log has a line for each answer.
    private let logsAnswers: Bool

    package init(
        directory: ResourceDirectory,
        notes: Notebook,
        authenticator: Authenticator,
        limiter: RateLimiter,
        features: ServiceProviderFeatures,
        auditQueue: AuditQueue,
        confirmation: (@Sendable () async -> Bool)? = nil,
        publicURL: String,
        log: Logger
    ) {
        self.confirmation = confirmation
        self.directory = directory
        self.notes = notes
        queries = ResourceQueries(directory)
        self.authenticator = authenticator
        self.limiter = limiter
        self.features = features
        trail = RefusalTrail(queue: auditQueue)
        reads = ReadTrail(queue: auditQueue)
        self.publicURL = publicURL
        self.log = log
        logsAnswers = log.logLevel <= .debug
    }

    package func handle(_ request: Request) -> Outcome {
        let requestID = requestIDs.next()
        let now = directory.environment.now()
        let known = knownClient(request, at: now)
        var isCounted = false
        if let known, let response = answerLookUp(request, known, requestID, at: now, &isCounted) {
            return logsAnswers ? logged(.ready(response), request, requestID) : .ready(response)
        }
        let exchange = Exchange(request, requestID: requestID, isCounted: isCounted)
        let outcome = named(respond(to: exchange, known), requestID)
        return logsAnswers ? logged(outcome, request, requestID) : outcome
    }

    /// The outcome with the request's id in its answer.
    private func named(_ outcome: consuming Outcome, _ requestID: RequestID) -> Outcome {
        switch consume outcome {
        case .ready(var response):
            response.requestID = requestID
            return .ready(response)
        case .pending(let operation):
            return .pending {
                var response = await operation()
                response.requestID = requestID
                return response
            }
        }
    }

    package func admit(_ head: Request) -> Admission {
        var exchange = Exchange(head, requestID: requestIDs.next())
        var response: Response
        do throws(Refusal) {
            switch try enter(&exchange, knownClient(head, at: directory.environment.now()), isWhole: false) {
            case .route(let route):
                if let access = exchange.access { return .receive(tenant: access.tenant.number) }
                response = try discover(route, exchange)
                exchange.mark(&response)
                noteAnswer(response.status, exchange)
            case .unread(let tenant): return .receive(tenant: tenant)
            }
        } catch {
            response = answerRefusal(error, exchange)
        }
        response.requestID = exchange.requestID
        return .answered(response)
    }

    package func response(to rejection: Rejection, from peer: Peer) -> Response {
        let refusal = Refusal(
            rejection.status,
            rejection.detail,
            keyword: rejection.status == .badRequest ? .invalidSyntax : nil,
            reason: rejection.retrySeconds == nil ? .malformed : .busy,
            fields: rejection.retrySeconds.map { [(.retryAfter, "\($0)")] } ?? []
        )
        trail.note(refusal, of: rejection, from: peer)
        var response = refusal.response
        response.requestID = requestIDs.next()
        return response
    }

    /// Answers an operator, who reads as a client does and counts as none.
    func answer(_ request: Request, for access: TenantAccess) -> Outcome {
        var exchange = Exchange(request, requestID: requestIDs.next())
        exchange.access = access
        return respond(to: exchange, nil)
    }

    /// The pipeline itself; `known`: who asks, if the connection's last request has shown it.
    private func respond(to exchange: consuming Exchange, _ known: KnownClient?) -> Outcome {
        do throws(Refusal) {
            if let known, let outcome = try answerLikeOneBefore(&exchange, known) {
                return noted(noting(outcome, exchange), exchange)
            }
            switch try enter(&exchange, known, isWhole: true) {
            case .route(let route):
                let outcome = confirmed(try perform(route, exchange), route, exchange)
                return noted(noting(outcome, exchange), exchange)
            case .unread(let tenant): return respond(to: exchange, onceReadFor: tenant)
            }
        } catch {
            return .ready(answerRefusal(error, exchange))
        }
    }

    /// Goes on with a request once its tenant's own schemas have been read, beside the loops.
    private func respond(to exchange: Exchange, onceReadFor tenant: UInt32) -> Outcome {
        .pending {
            let read: Result<Exchange, Refusal>
            do throws(DirectoryError) {
                read = try await self.directory.inBackground(of: tenant) {
                    var exchange = exchange
                    do throws(Refusal) {
                        _ = try self.authenticate(&exchange, .background)
                        return .success(exchange)
                    } catch { return .failure(error) }
                }
            } catch {
                read = .failure(Refusal(error, requestID: exchange.requestID))
            }
            switch read {
            case .failure(let refusal): return self.answerRefusal(refusal, exchange)
            case .success(let exchange):
                return switch self.respond(to: exchange, nil) {
                case .ready(let response): response
                case .pending(let operation): await operation()
                }
            }
        }
    }

    /// All that the head alone decides: where the request leads, and whether it gets there.
    ///
    /// Afterwards the exchange has an access, except for the one endpoint that needs none. `isWhole`: whether the body has
    /// come, so that the request counts; `known`: who asks, if the connection's last request has shown it.
    private func enter(
        _ exchange: inout Exchange,
        _ known: KnownClient?,
        isWhole: Bool
    ) throws(Refusal) -> Entrance {
        let request = exchange.request
        let rest: ArraySlice<String>
        if let known, let segments = known.rest(of: request.target) {
            exchange.identify(known)
            rest = segments[...]
        } else {
            let segments = request.target.segments
            guard let path = TenantPath(segments) else {
                exchange.tenant = segments.first ?? ""
                exchange.place = .missingBase
                throw .noSuchEndpoint
            }
            exchange.tenant = path.tenant
            guard case .supported = path.version else {
                throw Refusal(SCIMError(.invalidVers, "This server speaks version v2 of the protocol."))
            }
            exchange.baseURL = tenantURL(path.tenant)
            // RFC 7643 §5: who has no credential yet may read how to get one.
            if path.rest.elementsEqual(Route.openPath), request.fields[.authorization] == nil {
                exchange.place = .serviceProviderConfig
                try limitFailures(exchange)
                return .route(.serviceProviderConfig)
            }
            if exchange.access == nil {
                // Asked for before the store is read: a commit in between makes what is known older than it is. An access that was
                // read earlier is not remembered, since nobody knows what has been committed since.
                let generation = authenticator.generation
                if let tenant = try authenticate(&exchange, .loop) { return .unread(tenant: tenant) }
                know(exchange, generation)
            }
            rest = path.rest
        }
        guard let access = exchange.access else { throw .unauthorized }
        exchange.request.memo?.account = access.tenant.number
        exchange.client =
            access.isOperators ? nil : ClientRecognition.product(of: request, access.tenant.clients)
        let found = Route(rest, kinds: access.kinds)
        exchange.place =
            found.map { ActivityRoute($0) } ?? (rest.first == "scim" ? .doubledBase : .unknown)
        if !access.isOperators { try limit(access, exchange, isWhole: isWhole) }
        guard access.tenant.isSCIMEnabled || access.isOperators else {
            exchange.isSuspended = true
            throw .suspended
        }
        guard let route = found else { throw .noSuchEndpoint }
        if case .notOffered(let what) = route {
            throw Refusal(
                .notImplemented,
                "\(what) is not offered by this server.",
                reason: .notImplemented
            )
        }
        guard route.methods.contains(request.method) else { throw .methodNotAllowed(route.methods) }
        exchange.note(route)
        try refuseConditions(exchange)
        return .route(route)
    }

    /// How far a head gets.
    private enum Entrance {
        case route(Route)
        /// The credential is good, but its tenant's own schemas are yet to be read.
        case unread(tenant: UInt32)
    }

    /// The Tenant URL without a slash at its end, in one allocation.
    private func tenantURL(_ tenant: String) -> String {
        let end = "/scim/v2"
        var url = ""
        url.reserveCapacity(publicURL.utf8.count + 1 + tenant.utf8.count + end.utf8.count)
        url += publicURL
        url += "/"
        url += tenant
        url += end
        return url
    }

    /// Holds the answer to a change until the journal has its record, where that is asked for.
    private func confirmed(_ outcome: Outcome, _ route: Route, _ exchange: Exchange) -> Outcome {
        guard let confirmation, case .pending(let operation) = outcome, exchange.change != nil || route.isBulk
        else { return outcome }
        let rest = exchange.withoutBody
        return .pending {
            let response = await operation()
            guard response.status.code < 400, await !confirmation() else { return response }
            self.log.error(
                "a change is not confirmed by the journal",
                metadata: ["request": "\(rest.requestID)"]
            )
            self.noteRefused(.unconfirmed, rest)
            var refusal = Refusal.unconfirmed.response
            refusal.mark.reason = Refusal.unconfirmed.reason.place
            return refusal
        }
    }

    private func perform(_ route: Route, _ exchange: Exchange) throws(Refusal) -> Outcome {
        switch route {
        case .collection(let kind) where exchange.request.method == .post:
            try create(kind, exchange)
        case .collection(let kind):
            try list(kind, exchange)
        case .search(let kind):
            try search(kind, exchange)
        case .root:
            try listAll(exchange)
        case .searchRoot:
            try searchAll(exchange)
        case .bulk:
            try bulk(exchange)
        case .resource(let kind, let id):
            switch exchange.request.method {
            case .put: try replace(kind, id, exchange)
            case .patch: try patch(kind, id, exchange)
            case .delete: try delete(kind, id, exchange)
            default: try read(kind, id, exchange)
            }
        default:
            try answerDiscovery(route, exchange)
        }
    }

    /// The one gate in front of every route: who is not let in learns nothing about what is behind it.
    ///
    /// - Returns: nil with the exchange's access set, or the tenant whose own schemas are yet to be read beside the loops.
    private func authenticate(_ exchange: inout Exchange, _ pace: WorkPace) throws(Refusal) -> UInt32? {
        do throws(AuthenticationFailure) {
            let found: Result<TenantAccess, AuthenticationFailure>? =
                exchange.request.fields.withBytes(of: .authorization) { credentials in
                    do throws(AuthenticationFailure) {
                        return .success(
                            try authenticator.authenticate(credentials, tenant: exchange.tenant, pace)
                        )
                    } catch { return .failure(error) }
                }
            guard let found else { throw .missing }
            exchange.access = try found.get()
            return nil
        } catch .tooLongForLoop(let tenant) {
            return tenant
        } catch .unavailable(let error) {
            throw Refusal(.storage(error), requestID: exchange.requestID)
        } catch {
            try limitFailures(exchange)
            let tenant = directory.tenantNumber(of: exchange.tenant)
            exchange.refusedBy = tenant ?? 0
            trail.note(error, exchange, isTenant: tenant != nil)
            if let tenant { note(error, exchange, of: tenant) }
            throw .unauthorized
        }
    }

    /// Counts a request behind which no good token stands, and refuses it if its address has sent too many.
    private func limitFailures(_ exchange: Exchange) throws(Refusal) {
        guard let seconds = limiter.failure(from: exchange.request.peer.origin) else { return }
        trail.noteLimited(exchange)
        noteRefused(.tooManyRequests(seconds), exchange)
        throw .tooManyRequests(seconds)
    }

    /// Counts a request of a tenant, and refuses it if there are too many.
    func limit(_ access: TenantAccess, _ exchange: Exchange, isWhole: Bool) throws(Refusal) {
        guard !exchange.isCounted else { return }
        let number = access.tenant.number
        let wait = isWhole ? limiter.request(of: number) : limiter.announcedRequest(of: number)
        guard let seconds = wait else { return }
        trail.noteLimited(exchange)
        noteRefused(.tooManyRequests(seconds), exchange)
        throw .tooManyRequests(seconds)
    }

    /// Turns a refusal into its answer, and notes it.
    func answerRefusal(_ refusal: Refusal, _ exchange: Exchange) -> Response {
        note(refusal, exchange)
        var response =
            if refusal.reason == .busy, let tenant = exchange.access?.tenant.number {
                refusal.response(after: directory.wait(of: tenant))
            } else {
                refusal.response
            }
        exchange.mark(&response)
        response.mark.reason = refusal.reason.place
        return response
    }

    /// Notes a refusal in the log if it is the server's fault, and in the audit trail where it belongs there.
    func note(_ refusal: Refusal, _ exchange: Exchange) {
        // That it is busy is what a flood brings about, and must not flood the log in turn; the audit trail counts it.
        if refusal.status.code >= 500, refusal.status != .notImplemented, refusal.reason != .busy {
            var metadata: Logger.Metadata = [
                "request": "\(exchange.requestID)", "reason": "\(refusal.reason)",
            ]
            if let trace = exchange.origin.traceID { metadata["trace"] = "\(trace.text)" }
            log.error("request failed", metadata: metadata)
        }
        // What an operator reads is no exchange with a client.
        guard exchange.access?.isOperators != true else { return }
        trail.note(refusal, exchange)
        // These were noted where they were found out.
        guard refusal.status != .unauthorized, refusal.status != .tooManyRequests else { return }
        noteRefused(refusal, exchange)
    }
}

extension Response {
    consuming func adding(_ name: FieldName, _ value: String) -> Response {
        var response = self
        response.fields.append((name, value))
        return response
    }
}
