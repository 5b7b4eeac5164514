import Directory
import HTTP
import JSON
import Query
import SCIM
import Tenancy

// RFC 7644 §3.4.2 and §3.4.3: lists of resources, asked for by GET or POST, of one type or of all.

extension RequestPipeline {
    func list(_ kind: ResourceKind, _ exchange: Exchange) throws(Refusal) -> Outcome {
        try answerList(of: kind, try parameters(exchange), exchange)
    }

    func listAll(_ exchange: Exchange) throws(Refusal) -> Outcome {
        try answerAll(try parameters(exchange), exchange)
    }

    func search(_ kind: ResourceKind, _ exchange: Exchange) throws(Refusal) -> Outcome {
        try understand(exchange) { _ throws(Refusal) in
            try self.searchRequest(exchange)
        } then: { parameters throws(Refusal) in
            try self.answerList(of: kind, parameters, exchange)
        }
    }

    func searchAll(_ exchange: Exchange) throws(Refusal) -> Outcome {
        try understand(exchange) { _ throws(Refusal) in
            try self.searchRequest(exchange)
        } then: { parameters throws(Refusal) in
            try self.answerAll(parameters, exchange)
        }
    }

    /// Answers with a list that needed not be understood anew.
    func answer(
        _ list: (part: ResourceQuery.Part, page: ResourceQuery.Page),
        _ exchange: Exchange
    ) throws(Refusal) -> Outcome {
        guard let access = exchange.access else { throw .unauthorized }
        return try answerPage(
            list.page,
            of: AskedList(first: list.part, further: [], access: access),
            exchange
        )
    }

    private func searchRequest(_ exchange: Exchange) throws(Refusal) -> QueryParameters {
        guard let profile = exchange.access?.profile else { throw .unauthorized }
        let body = try body(exchange)
        do throws(SCIMError) { return try SearchRequest.decode(body, profile) } catch { throw Refusal(error) }
    }

    private func answerAll(_ parameters: QueryParameters, _ exchange: Exchange) throws(Refusal) -> Outcome {
        guard let kinds = exchange.access?.kinds.all, let first = kinds.first else { throw .unauthorized }
        return try answerList(of: first, and: kinds.dropFirst(), parameters, exchange)
    }

    /// Answers with the page of resources that match, of `kind` and then of the further kinds.
    private func answerList(
        of kind: ResourceKind,
        and furtherKinds: ArraySlice<ResourceKind> = [],
        _ parameters: QueryParameters,
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
        let firstPart = try part(of: kind, filter: filter, profile: profile, parameters)
        var furtherParts: [ResourceQuery.Part] = []
        for kind in furtherKinds {
            furtherParts.append(try part(of: kind, filter: filter, profile: profile, parameters))
        }
        if filter != nil, !access.isOperators, access.tenant.settings.urlFilters == .refuse {
            try refuseSensitive([firstPart] + furtherParts, exchange)
        }
        let list = AskedList(first: firstPart, further: furtherParts, access: access)
        guard let cursor = parameters.cursor, let lifetime = features.cursorTimeoutSeconds else {
            let page = page(parameters)
            if furtherParts.isEmpty, let filter = parameters.filter {
                know(firstPart, page, filter: filter, exchange)
            }
            return try answerPage(page, of: list, exchange)
        }
        let asked = AskedCursor(list: list, parameters: parameters, text: cursor, lifetimeSeconds: lifetime)
        if let key = queries.cursorKey { return try answerCursor(asked, key, exchange) }
        return .pending { await self.answerFirstCursor(asked, exchange) }
    }

    /// A list that is asked for, once the request has been understood.
    private struct AskedList {
        let first: ResourceQuery.Part
        let further: [ResourceQuery.Part]
        let access: TenantAccess
    }

    private func answerPage(
        _ page: ResourceQuery.Page,
        of list: AskedList,
        _ exchange: Exchange
    ) throws(Refusal) -> Outcome {
        let query = ResourceQuery(
            list.first,
            list.further,
            access: list.access,
            baseURL: exchange.baseURL,
            page: page
        )
        guard list.access.tenant.settings.serverTiming == .on else {
            return try finish(query, exchange, isStreamed: true) { run in
                Response(.ok, contentType: MediaType.scim, body: run.body)
            }
        }
        let (now, start) = (directory.environment.now, directory.environment.now())
        return try finish(query, exchange, isStreamed: true) { run in
            Response(.ok, contentType: MediaType.scim, body: run.body)
                .adding(
                    .serverTiming,
                    Self.timing(of: run, microseconds: now().microseconds - start.microseconds)
                )
        }
    }

    /// How a query was answered (W3C Server Timing §2).
    private static func timing(of run: QueryRun, microseconds: Int64) -> String {
        let thousandths = "\(1_000 + max(microseconds, 0) % 1_000)".dropFirst()
        return """
            plan;desc="\(run.planName)", rows;desc="\(run.rowCount)", query;dur=\(max(microseconds, 0) / 1_000).\(thousandths)
            """
    }

    /// A page of a list that is asked for by cursor.
    private struct AskedCursor {
        let list: AskedList
        let parameters: QueryParameters
        /// Empty for the first page.
        let text: String
        /// How long the cursors to the pages beside it are good for.
        let lifetimeSeconds: Int
    }

    /// Answers with the page that a cursor stands for (RFC 9865 §2); the startIndex of such a request does not count.
    private func answerCursor(
        _ asked: AskedCursor,
        _ key: CursorKey,
        _ exchange: Exchange
    ) throws(Refusal) -> Outcome {
        let list = asked.list
        let cursors = queries.cursors(
            of: asked.parameters,
            kinds: ([list.first] + list.further).map(\.kind),
            access: list.access,
            lifetimeSeconds: asked.lifetimeSeconds,
            key: key
        )
        let position: ListPosition
        do throws(DirectoryError) { position = try cursors.position(asked.text) } catch {
            throw Refusal(error, requestID: exchange.requestID)
        }
        let cursor = ResourceQuery.Page.Cursor(cursors, at: position)
        return try answerPage(page(asked.parameters, cursor), of: list, exchange)
    }

    /// The same for the first such request of the process, which reads the key of the cursors from the store.
    private func answerFirstCursor(_ asked: AskedCursor, _ exchange: Exchange) async -> Response {
        do throws(Refusal) {
            let key: CursorKey
            do throws(DirectoryError) { key = try await queries.readCursorKey() } catch {
                throw Refusal(error, requestID: exchange.requestID)
            }
            switch try answerCursor(asked, key, exchange) {
            case .ready(let response): return response
            case .pending(let operation): return await operation()
            }
        } catch {
            return answerRefusal(error, exchange)
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
        of kind: ResourceKind,
        filter: Filter?,
        profile: Profile,
        _ parameters: QueryParameters
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
                },
                text: parameters.filter
            )
        } catch { throw Refusal(error) }
    }
}

extension FieldName {
    fileprivate static let serverTiming = FieldName("Server-Timing")
}
