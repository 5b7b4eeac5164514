import Directory
import HTTP
import Locking
import Query
import SCIM
import Storage
import Tenancy

// Look-ups that follow each other on a connection, and differ in a name or an id alone.

extension RequestPipeline {
    /// The answer to a request that differs from one that the connection had before in a name or an id alone; nil for all others.
    ///
    /// All that decided about that one has decided about this one too, but for the rate of the tenant.
    func answerLikeOneBefore(_ exchange: inout Exchange, _ known: KnownClient) throws(Refusal) -> Outcome? {
        if let list = known.list.withLock({ $0 }), let name = list.name(in: exchange.request) {
            (exchange.place, exchange.query) = (list.place, list.query)
            try takeOver(&exchange, known)
            if let body = try found(
                { () throws(DirectoryError) in try list.lookUp?.list(of: name) },
                exchange
            ) {
                return .ready(Response(.ok, contentType: MediaType.scim, body: body))
            }
            return try list.part(asking: name).map { part throws(Refusal) in
                try answer((part, list.page), exchange)
            }
        }
        guard let read = known.read.withLock({ $0 }), let id = read.id(in: exchange.request) else {
            return nil
        }
        (exchange.place, exchange.query) = (read.place, ActivityQuery())
        try takeOver(&exchange, known)
        // One that is not there is refused in the general way, as one that is long is written.
        guard let found = try found({ () throws(DirectoryError) in try read.lookUp.resource(id) }, exchange)
        else { return try self.read(read.lookUp.kind, id.text, exchange) }
        return .ready(answer(found))
    }

    private func found<R>(
        _ body: () throws(DirectoryError) -> R?,
        _ exchange: Exchange
    ) throws(Refusal) -> R? {
        do throws(DirectoryError) { return try body() } catch {
            throw Refusal(error, requestID: exchange.requestID)
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
        let lookUp =
            isPlain(known.access)
            ? ResourceLookUp(part, page, access: known.access, baseURL: known.baseURL, queries) : nil
        let list = PreparedList(part, page, lookUp, filter: filter, exchange)
        known.list.withLock { $0 = list }
    }

    /// Remembers a resource that is asked for by its id, for the next request of the connection.
    func know(_ kind: ResourceKind, _ projection: AttributeProjection, _ exchange: Exchange) {
        guard let known = exchange.known, isPlain(known.access),
            let lookUp = ResourceLookUp(
                of: kind,
                projection,
                access: known.access,
                baseURL: known.baseURL,
                queries
            )
        else { return }
        let read = PreparedRead(lookUp, exchange)
        known.read.withLock { $0 = read }
    }
}
