import Directory
import HTTP
import SCIM

// RFC 7644 §3.4.2 and §3.4.3: lists of resources, asked for by GET or POST, of one type or of all.

extension RequestPipeline {
    func list(_ kind: ResourceKind, _ exchange: Exchange) throws(Refusal) -> Outcome {
        try answer(try parameters(exchange), kind, [], exchange)
    }

    func listAll(_ exchange: Exchange) throws(Refusal) -> Outcome {
        try answerAll(try parameters(exchange), exchange)
    }

    func search(_ kind: ResourceKind, _ exchange: Exchange) throws(Refusal) -> Outcome {
        try answer(try searchRequest(exchange), kind, [], exchange)
    }

    func searchAll(_ exchange: Exchange) throws(Refusal) -> Outcome {
        try answerAll(try searchRequest(exchange), exchange)
    }

    private func searchRequest(_ exchange: Exchange) throws(Refusal) -> QueryParameters {
        guard let profile = exchange.access?.profile else { throw .unauthorized }
        let body = try body(exchange)
        do throws(SCIMError) { return try SearchRequest.decode(body, profile) } catch { throw Refusal(error) }
    }

    private func answerAll(_ parameters: QueryParameters, _ exchange: Exchange) throws(Refusal) -> Outcome {
        guard let kinds = exchange.access?.kinds.all, let first = kinds.first else { throw .unauthorized }
        return try answer(parameters, first, kinds.dropFirst(), exchange)
    }

    /// Answers with the page of resources that match, of `kind` and then of the further kinds.
    private func answer(
        _ parameters: QueryParameters,
        _ kind: ResourceKind,
        _ furtherKinds: ArraySlice<ResourceKind>,
        _ exchange: Exchange
    ) throws(Refusal) -> Outcome {
        guard let access = exchange.access else { throw .unauthorized }
        var profile = access.profile
        // F-11: among several types, every one knows other attributes.
        if !furtherKinds.isEmpty { profile.insert(.undefinedAttributesInFilters) }
        var filter: Filter?
        if let text = parameters.filter {
            do throws(SCIMError) { filter = try Filter.parse(text, profile) } catch { throw Refusal(error) }
        }
        let firstPart = try part(kind, filter, parameters, profile)
        var furtherParts: [ResourceQuery.Part] = []
        for kind in furtherKinds { furtherParts.append(try part(kind, filter, parameters, profile)) }
        if filter != nil, access.tenant.urlFilters == .refuse {
            try refuseSensitive([firstPart] + furtherParts, exchange)
        }
        guard let cursor = parameters.cursor, let lifetime = features.cursorTimeoutSeconds else {
            return try answer(page(parameters), firstPart, furtherParts, access, exchange)
        }
        let list = CursorList(
            parameters: parameters,
            first: firstPart,
            further: furtherParts,
            access: access,
            lifetimeSeconds: lifetime
        )
        if let key = directory.cursorKey { return try answer(list, cursor, key, exchange) }
        return .pending { await self.answerWithFirstKey(list, cursor, exchange) }
    }

    private func answer(
        _ page: ResourceQuery.Page,
        _ first: ResourceQuery.Part,
        _ further: [ResourceQuery.Part],
        _ access: TenantAccess,
        _ exchange: Exchange
    ) throws(Refusal) -> Outcome {
        let query = ResourceQuery(first, further, access: access, baseURL: exchange.baseURL, page: page)
        return try finish(directory.run(query), exchange) { run in
            Response(.ok, contentType: MediaType.scim, body: run.body)
        }
    }

    /// A list whose pages are asked for by cursor, once the request has been understood.
    private struct CursorList {
        let parameters: QueryParameters
        let first: ResourceQuery.Part
        let further: [ResourceQuery.Part]
        let access: TenantAccess
        /// How long its cursors are good for.
        let lifetimeSeconds: Int
    }

    /// Answers with the page that a cursor stands for (RFC 9865 §2); the startIndex of such a request does not count.
    private func answer(
        _ list: CursorList,
        _ text: String,
        _ key: CursorKey,
        _ exchange: Exchange
    ) throws(Refusal) -> Outcome {
        let cursors = directory.cursors(
            of: list.parameters,
            kinds: ([list.first] + list.further).map(\.kind),
            access: list.access,
            lifetimeSeconds: list.lifetimeSeconds,
            key: key
        )
        let position: ListPosition
        do throws(DirectoryError) { position = try cursors.position(text) } catch {
            throw Refusal(error, requestID: exchange.requestID)
        }
        let cursor = ResourceQuery.Page.Cursor(cursors, at: position)
        return try answer(page(list.parameters, cursor), list.first, list.further, list.access, exchange)
    }

    /// The same for the first such request of the process, which reads the key of the cursors from the store.
    private func answerWithFirstKey(
        _ list: CursorList,
        _ text: String,
        _ exchange: Exchange
    ) async -> Response {
        do throws(Refusal) {
            let key: CursorKey
            do throws(DirectoryError) { key = try await directory.readCursorKey() } catch {
                throw Refusal(error, requestID: exchange.requestID)
            }
            switch try answer(list, text, key, exchange) {
            case .ready(let response): return response
            case .pending(let operation): return await operation()
            }
        } catch {
            return answer(error, exchange)
        }
    }

    /// Refuses personal attributes in a URL (Q-08, RFC 7644 §7.5.2), where the tenant has that.
    private func refuseSensitive(_ parts: [ResourceQuery.Part], _ exchange: Exchange) throws(Refusal) {
        guard exchange.request.method != .post,
            parts.contains(where: { part in part.filter.map(part.kind.type.isSensitive) ?? false })
        else { return }
        throw Refusal(
            SCIMError(
                .sensitive,
                "Ask for personal attributes by POST to .search, not in a URL (RFC 7644 §3.4.3)."
            )
        )
    }

    private func page(
        _ parameters: QueryParameters,
        _ cursor: ResourceQuery.Page.Cursor? = nil
    ) -> ResourceQuery.Page {
        ResourceQuery.Page(
            startIndex: cursor == nil ? parameters.startIndex : 1,
            count: min(parameters.count ?? features.defaultPageSize, features.maxPageSize),
            direction: sort(parameters)?.direction,
            sortedResultsMax: features.sortedResultsMax,
            cursor: cursor
        )
    }

    /// What the client sorts by, as far as this server sorts.
    private func sort(_ parameters: QueryParameters) -> SortOrder? { features.sort ? parameters.sort : nil }

    private func part(
        _ kind: ResourceKind,
        _ filter: Filter?,
        _ parameters: QueryParameters,
        _ profile: Profile
    ) throws(Refusal) -> ResourceQuery.Part {
        let projection = try projection(kind, parameters)
        do throws(SCIMError) {
            return ResourceQuery.Part(
                kind: kind,
                projection: projection,
                filter: try filter.map { filter throws(SCIMError) in
                    try BoundFilter(filter, type: kind.type, profile)
                },
                sort: try sort(parameters).map { sort throws(SCIMError) in
                    try BoundSortOrder(sort, type: kind.type)
                }
            )
        } catch { throw Refusal(error) }
    }
}
