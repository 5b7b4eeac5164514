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
        let body = try body(exchange)
        do throws(SCIMError) { return try SearchRequest.decode(body) } catch { throw Refusal(error) }
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
        if let cursor = parameters.cursor, let lifetime = features.cursorTimeoutSeconds {
            let further = furtherParts
            return .pending {
                await self.answerPage(cursor, lifetime, parameters, firstPart, further, access, exchange)
            }
        }
        let query = ResourceQuery(
            firstPart,
            furtherParts,
            access: access,
            baseURL: exchange.baseURL,
            page: page(parameters)
        )
        return try finish(directory.run(query), exchange) { run in
            Response(.ok, contentType: MediaType.scim, body: run.body)
        }
    }

    /// Answers with the page that a cursor stands for (RFC 9865 §2); the startIndex of such a request does not count.
    private func answerPage(
        _ text: String,
        _ lifetimeSeconds: Int,
        _ parameters: QueryParameters,
        _ firstPart: ResourceQuery.Part,
        _ furtherParts: [ResourceQuery.Part],
        _ access: TenantAccess,
        _ exchange: Exchange
    ) async -> Response {
        do throws(DirectoryError) {
            let cursors = try await directory.cursors(
                of: parameters,
                kinds: ([firstPart] + furtherParts).map(\.kind),
                access: access,
                lifetimeSeconds: lifetimeSeconds
            )
            let cursor = ResourceQuery.Page.Cursor(cursors, at: try cursors.position(text))
            var run = directory.run(
                ResourceQuery(
                    firstPart,
                    furtherParts,
                    access: access,
                    baseURL: exchange.baseURL,
                    page: page(parameters, cursor)
                )
            )
            while try !run.advance() { await Task.yield() }
            return Response(.ok, contentType: MediaType.scim, body: run.body)
        } catch {
            return answer(Refusal(error, requestID: exchange.requestID), exchange)
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
