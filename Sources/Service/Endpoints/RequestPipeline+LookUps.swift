import Directory
import HTTP
import JSON
import Locking
import Notes
import Query
import SCIM
import Storage
import Tenancy

// Look-ups that follow each other on a connection, and differ in a name or an id alone.

extension RequestPipeline {
    /// The answer to a look-up that differs from one that the connection had before in a name or an id alone, and that is answered
    /// at one stretch; nil for all others.
    ///
    /// All that decided about that one has decided about this one too, but for the rate of the tenant. What is refused, or fails, is
    /// left to the general way, which has an ``Exchange`` to tell of it. `isCounted`: whether the request was counted.
    func answerLookUp(
        _ request: Request,
        _ known: KnownClient,
        _ requestID: RequestID,
        at now: Timestamp,
        _ isCounted: inout Bool
    ) -> Response? {
        if let list = known.list.withLock({ $0 }), let (lookUp, again) = list.atOneStretch,
            let key = list.key(in: request)
        {
            guard count(known, &isCounted), let body = try? lookUp.list(at: key) else { return nil }
            let response = Response(.ok, contentType: MediaType.scim, body: body)
            return answered(response, again, known, requestID, at: now)
        }
        guard let read = known.read.withLock({ $0 }), let id = read.id(in: request),
            count(known, &isCounted), let found = try? read.lookUp.resource(id)
        else { return nil }
        var response = Response(.ok, contentType: MediaType.scim, body: found.body)
        response.lines = read.lines(of: found.version, id)
        return answered(response, read.again, known, requestID, at: now)
    }

    /// Counts a request of a tenant; false if there are too many.
    private func count(_ known: KnownClient, _ isCounted: inout Bool) -> Bool {
        isCounted = limiter.request(of: known.access.tenant.number) == nil
        return isCounted
    }

    /// Notes an answer, and marks it for who counts requests.
    private func answered(
        _ response: consuming Response,
        _ again: RepeatedExchange,
        _ known: KnownClient,
        _ requestID: RequestID,
        at now: Timestamp
    ) -> Response {
        let tenant = known.access.tenant
        notes.note(
            again.exchange,
            again: now,
            UniqueID(requestID),
            at: again.place,
            of: tenant.number,
            tenant.name
        )
        var response = response
        response.requestID = requestID
        response.mark.route = again.exchange.route.rawValue
        response.mark.tenant = tenant.number
        return response
    }

    /// The answer to a list that differs from one that the connection had before in a name alone; nil for all others.
    func answerLikeOneBefore(_ exchange: inout Exchange, _ known: KnownClient) throws(Refusal) -> Outcome? {
        guard let list = known.list.withLock({ $0 }), let name = list.name(in: exchange.request) else {
            return nil
        }
        (exchange.place, exchange.query) = (list.place, list.query)
        try takeOver(&exchange, known)
        return try list.part(asking: name).map { part throws(Refusal) in
            try answer((part, list.page), exchange)
        }
    }

    /// Takes over who asks from the request before, and counts the request.
    private func takeOver(_ exchange: inout Exchange, _ known: KnownClient) throws(Refusal) {
        exchange.identify(known)
        exchange.client = ClientRecognition.product(of: exchange.request, known.access.tenant.clients)
        try limit(known.access, exchange, isWhole: true)
    }

    /// Whether answers to a tenant's reads tell and note nothing but the resources.
    private func isPlain(_ access: TenantAccess) -> Bool {
        access.tenant.settings.auditReads == .none && access.tenant.settings.serverTiming != .on
    }

    /// Remembers a list that is asked for by one name, for the next request of the connection.
    ///
    /// `filter`: as it was understood.
    func know(
        _ part: ResourceQuery.Part,
        _ page: ResourceQuery.Page,
        filter: String,
        _ exchange: Exchange
    ) {
        // Whoever sends other fields each time would never have anything of it.
        guard let known = exchange.known else { return }
        let lookUp = ResourceLookUp(part, page, access: known.access, baseURL: known.baseURL, queries)
        let again = repeated(exchange, ActivityQuery(exchange), known)
        let list = PreparedList(
            part,
            page,
            lookUp.flatMap { lookUp in again.map { (lookUp, $0) } },
            filter: filter,
            exchange
        )
        known.list.withLock { $0 = list }
    }

    /// Remembers a resource that is asked for by its id, for the next request of the connection.
    func know(_ kind: ResourceKind, _ projection: AttributeProjection, _ exchange: Exchange) {
        guard let known = exchange.known, let again = repeated(exchange, ActivityQuery(), known),
            let lookUp = ResourceLookUp(
                of: kind,
                projection,
                access: known.access,
                baseURL: known.baseURL,
                queries
            )
        else { return }
        let read = PreparedRead(lookUp, again, exchange)
        known.read.withLock { $0 = read }
    }

    /// What is noted of the requests that follow; nil if they are not answered at one stretch.
    ///
    /// Their client is the same, since the fields are, and what else shows it was looked for in this one.
    private func repeated(
        _ exchange: Exchange,
        _ query: ActivityQuery,
        _ known: KnownClient
    ) -> RepeatedExchange? {
        let tenant = known.access.tenant
        // A client that the tenant sees for the first time is noted before it is answered.
        guard isPlain(known.access), exchange.client.map(tenant.clients.contains) ?? true else { return nil }
        return RepeatedExchange(
            exchange.activity(.ok, query, at: directory.environment.now()),
            notes.place(of: tenant.number, tenant.name)
        )
    }
}
