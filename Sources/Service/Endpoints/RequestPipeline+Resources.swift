import Audit
import Directory
import HTTP
import JSON
import Locking
import Notes
import Query
import SCIM
import Storage
import Tenancy

// RFC 7644 §3.3 to §3.6: one function per operation, each from its request to its answer.

extension RequestPipeline {
    func read(_ kind: ResourceKind, _ id: String, _ exchange: Exchange) throws(Refusal) -> Outcome {
        guard let id = UniqueID(text: id) else { throw .noSuchResource }
        guard let access = exchange.access else { throw .unauthorized }
        let members = kind.membersAttribute == nil ? nil : try MembersCursor.page(exchange.request.target)
        let projection = try projection(kind, try parameters(exchange))
        if members == nil { know(kind, projection, exchange) }
        let query = ResourceQuery(
            id,
            of: kind,
            access: access,
            baseURL: exchange.baseURL,
            projection: projection,
            members: members
        )
        return try finish(query, exchange, isStreamed: members == nil) { run in
            guard let version = run.version, let location = run.location else {
                return self.answerRefusal(.noSuchResource, exchange)
            }
            var fields = Self.fields(of: version, at: location)
            if let next = run.nextMember { fields.append((MembersCursor.nextField, next.text)) }
            if let field = exchange.request.fields[.ifNoneMatch], EntityTags(field).match(version) {
                return Response(.notModified, fields: fields)
            }
            return Response(.ok, fields: fields, contentType: MediaType.scim, body: run.body)
        }
    }

    /// The answer with a resource.
    func answer(
        _ found: (body: [UInt8], version: CommitVersion, location: String),
        isCreated: Bool = false
    ) -> Response {
        let fields = Self.fields(of: found.version, at: found.location, isCreated: isCreated)
        return Response(
            isCreated ? .created : .ok,
            fields: fields,
            contentType: MediaType.scim,
            body: found.body
        )
    }

    private static func fields(
        of version: CommitVersion,
        at location: String,
        isCreated: Bool = false
    ) -> [(FieldName, String)] {
        [(.eTag, version.entityTag), (isCreated ? .location : .contentLocation, location)]
    }

    func create(_ kind: ResourceKind, _ exchange: Exchange) throws(Refusal) -> Outcome {
        let projection = try projection(kind, try parameters(exchange))
        let asked = AskedChange(method: .post, kind: kind, id: directory.makeID())
        return try carryOut(asked, projection, exchange)
    }

    func replace(_ kind: ResourceKind, _ id: String, _ exchange: Exchange) throws(Refusal) -> Outcome {
        let projection = try projection(kind, try parameters(exchange))
        var asked = AskedChange(method: .put, kind: kind, id: UniqueID(text: id))
        asked.condition = VersionCondition(exchange.request)
        return try carryOut(asked, projection, exchange)
    }

    func patch(_ kind: ResourceKind, _ id: String, _ exchange: Exchange) throws(Refusal) -> Outcome {
        let parameters = try parameters(exchange)
        let projection = try projection(kind, parameters)
        var asked = AskedChange(method: .patch, kind: kind, id: exchange.target?.id ?? UniqueID(text: id))
        asked.condition = VersionCondition(exchange.request)
        asked.wantsBody = parameters.namesAttributes
        return try carryOut(asked, projection, exchange)
    }

    func delete(_ kind: ResourceKind, _ id: String, _ exchange: Exchange) throws(Refusal) -> Outcome {
        guard let id = UniqueID(text: id) else { throw .noSuchResource }
        var asked = AskedChange(method: .delete, kind: kind, id: id)
        asked.condition = VersionCondition(exchange.request)
        return try carryOut(asked, .identity, exchange)
    }

    private func carryOut(
        _ asked: AskedChange,
        _ projection: AttributeProjection,
        _ exchange: Exchange
    ) throws(Refusal) -> Outcome {
        // What nearly all changes need, without closures that hold the whole exchange.
        if exchange.request.body.count <= Self.bodyBytesOnLoopMax,
            let change = try change(asked, exchange, .loop)
        {
            return outcome(of: change, projection, exchange)
        }
        return beside(exchange) { () throws(Refusal) in
            try self.change(asked, exchange, .background)
        } then: { change in
            self.outcome(of: change, projection, exchange)
        }
    }

    /// Understands a change that is a request of its own; nil if that takes too long for a loop, and happens on one.
    private func change(
        _ asked: AskedChange,
        _ exchange: Exchange,
        _ pace: WorkPace
    ) throws(Refusal) -> Change? {
        guard let access = exchange.access else { throw .unauthorized }
        var asked = asked
        if asked.method != .delete { asked.body = try body(asked, access, exchange) }
        do throws(DirectoryError) {
            let change = try change(asked, access, exchange, pace)
            keep(change, asked, exchange)
            return change
        } catch .tooLongForLoop {
            return nil
        } catch {
            throw Refusal(error, requestID: exchange.requestID)
        }
    }

    private func outcome(
        of change: Change,
        _ projection: AttributeProjection,
        _ exchange: Exchange
    ) -> Outcome {
        // The change has all that it needs of the body. One that was read on the loop must not stay beside it until the commit;
        // a long one is counted until the answer.
        let rest = exchange.withoutBody
        return .pending { await self.answerChange(change, showing: projection, rest) }
    }
}

// MARK: - Shared steps

extension RequestPipeline {
    func parameters(_ exchange: Exchange) throws(Refusal) -> QueryParameters {
        guard exchange.request.target.hasQuery else { return QueryParameters() }
        var texts = QueryParameters.Texts()
        for item in exchange.request.target.queryItems { texts.take(item.name, item.value) }
        do throws(SCIMError) { return try QueryParameters(texts) } catch { throw Refusal(error) }
    }

    /// What the answer shows; worked out before anything changes, so that a bad request changes nothing.
    func projection(
        _ kind: ResourceKind,
        _ parameters: QueryParameters
    ) throws(Refusal) -> AttributeProjection {
        guard parameters.attributes != nil || parameters.excludedAttributes != nil else {
            return kind.defaultProjection
        }
        do throws(SCIMError) {
            return try AttributeProjection(
                attributes: parameters.attributes,
                excluded: parameters.excludedAttributes,
                type: kind.type
            )
        } catch { throw Refusal(error) }
    }

    /// Makes something of a request's body, and goes on with that: on the loop if the body is short, else beside the loops.
    ///
    /// `read`: nil if it takes too long for a loop, and happens on one.
    func understand<Understood: Sendable>(
        _ exchange: Exchange,
        _ read: @escaping @Sendable (WorkPace) throws(Refusal) -> Understood?,
        then proceed: @escaping @Sendable (Understood) throws(Refusal) -> Outcome
    ) throws(Refusal) -> Outcome {
        if exchange.request.body.count <= Self.bodyBytesOnLoopMax, let understood = try read(.loop) {
            return try proceed(understood)
        }
        return beside(exchange, { () throws(Refusal) in try read(.background) }, then: proceed)
    }

    /// The same for what takes too long for a loop.
    private func beside<Understood: Sendable>(
        _ exchange: Exchange,
        _ read: @escaping @Sendable () throws(Refusal) -> Understood?,
        then proceed: @escaping @Sendable (Understood) throws(Refusal) -> Outcome
    ) -> Outcome {
        .pending {
            do throws(Refusal) {
                let read = try await self.inBackground(exchange) { () throws(Refusal) in
                    guard let understood = try read() else {
                        preconditionFailure("nothing takes too long beside the loops")
                    }
                    return understood
                }
                switch try proceed(read) {
                case .ready(let response): return response
                case .pending(let operation): return await operation()
                }
            } catch {
                return self.answerRefusal(error, exchange)
            }
        }
    }

    /// Does work for a request beside the loops.
    ///
    /// - Throws: what the work throws, or that too much of the tenant's waits already.
    func inBackground<R: Sendable>(
        _ exchange: Exchange,
        _ work: @escaping @Sendable () throws(Refusal) -> R
    ) async throws(Refusal) -> R {
        guard let access = exchange.access else { throw .unauthorized }
        let result: Result<R, Refusal>
        do throws(DirectoryError) {
            result = try await directory.inBackground(of: access.tenant.number) {
                Result { () throws(Refusal) in try work() }
            }
        } catch { throw Refusal(error, requestID: exchange.requestID) }
        return try result.get()
    }

    /// Bytes of a body that is read on the event loop: about a millisecond for what takes longest to read.
    static let bodyBytesOnLoopMax = 8_192

    /// Runs a query to its end: at once if one step on the loop is enough, else beside the loops.
    ///
    /// `isStreamed`: whether a long answer is sent while it is written; then what `response` gets has only its beginning.
    func finish(
        _ query: ResourceQuery,
        _ exchange: Exchange,
        isStreamed: Bool = false,
        _ plain: @escaping @Sendable (QueryRun) -> Response
    ) throws(Refusal) -> Outcome {
        let response = noting(query, exchange, plain)
        let started: QueryRun
        let free: HeldTurn?
        do throws(DirectoryError) {
            // Who has long queries under way already holds the loop for less with each further one.
            let others = queryTurns.count(of: query.access) + scans.count(of: query.access)
            let (run, isDone) = try queries.begin(query, beside: others)
            if isDone { return .ready(response(run)) }
            started = run
            free = run.looksAtAll ? nil : queryTurns.hold(query.access)
            guard run.looksAtAll || free != nil else { throw .busy }
        } catch { throw Refusal(error, requestID: exchange.requestID) }
        if isStreamed, let free, started.canBeStreamed { return .ready(stream(started, free, response)) }
        return .pending {
            do throws(DirectoryError) {
                let held = if let free { free } else { await self.scans.hold(query.access) }
                guard let turn = held else { throw .busy }
                defer { withExtendedLifetime(turn) {} }
                if isStreamed {
                    let (run, isDone) = try await self.queries.writeHead(started, endsWithTask: true)
                    if isDone { return response(run) }
                    // Who reads slowly keeps no other from looking, if there is a turn for it elsewhere.
                    let other = run.looksAtAll ? self.queryTurns.hold(query.access) : nil
                    return self.stream(run, other ?? turn, response)
                }
                return response(try await self.queries.finish(started, endsWithTask: true))
            } catch {
                return self.answerRefusal(Refusal(error, requestID: exchange.requestID), exchange)
            }
        }
    }

    /// The same answer, noted in the audit trail where the tenant has reads recorded.
    private func noting(
        _ query: ResourceQuery,
        _ exchange: Exchange,
        _ response: @escaping @Sendable (QueryRun) -> Response
    ) -> @Sendable (QueryRun) -> Response {
        guard query.access.tenant.settings.auditReads != .none else { return response }
        let rest = exchange.withoutBody
        return { run in
            let answer = response(run)
            self.reads.note(query, answer.status, written: run.shownCount, rest)
            return answer
        }
    }

    /// Answers with what a run has written, and sends the rest while it is written.
    private func stream(
        _ run: QueryRun,
        _ turn: HeldTurn,
        _ response: @Sendable (QueryRun) -> Response
    ) -> Response {
        var answer = response(run)
        if answer.status == .ok { answer.rest = StreamedMembers(queries.stream(run), turn) }
        return answer
    }

    /// What the answer to a change shows: beside the rest what it has written (RFC 7643 §7 `returned`: request).
    private func projection(
        _ projection: AttributeProjection,
        with outcome: ChangeOutcome,
        of kind: ResourceKind,
        _ exchange: Exchange
    ) -> AttributeProjection {
        guard !kind.answersAsStored, !outcome.changedPaths.isEmpty,
            let parameters = try? parameters(exchange), parameters.attributes == nil
        else { return projection }
        let wider = try? AttributeProjection(
            attributes: nil,
            excluded: parameters.excludedAttributes,
            written: outcome.changedPaths,
            type: kind.type
        )
        return wider ?? projection
    }

    /// Makes a change and answers with the resource as it then is.
    private func answerChange(
        _ change: Change,
        showing projection: AttributeProjection,
        _ exchange: Exchange
    ) async -> Response {
        let kind = change.context.kind
        do throws(DirectoryError) {
            let outcome = try await directory.perform(change)
            notes.noteIgnored(outcome.ignored, of: kind, change.context.access)
            notes.count(outcome.effect.counts, change.context.access)
            guard outcome.status != Status.noContent.code else {
                let tag = outcome.version.map { [(FieldName.eTag, $0.entityTag)] } ?? []
                return Response(.noContent, fields: tag)
            }
            let access = change.context.access
            let shown = self.projection(projection, with: outcome, of: kind, exchange)
            if let found = try queries.resource(
                outcome.id,
                left: outcome.resource,
                of: kind,
                shown,
                access: access,
                baseURL: exchange.baseURL
            ) {
                return answer(found, isCreated: outcome.isCreated)
            }
            let query = ResourceQuery(
                outcome.id,
                of: kind,
                access: access,
                baseURL: exchange.baseURL,
                projection: shown
            )
            let (run, turn) = try await answer(query, outcome.resource)
            guard let version = run.version, let location = run.location else { throw .notFound }
            var response = answer((run.body, version, location), isCreated: outcome.isCreated)
            if let turn { response.rest = StreamedMembers(queries.stream(run), turn) }
            return response
        } catch {
            return answerRefusal(Refusal(error, requestID: exchange.requestID), exchange)
        }
    }

    /// What the answer to a change shows: all of it, or its beginning with the turn in which the rest is written and sent.
    ///
    /// Where no turn is free, all is written at once: the change has been made, so that it has to be answered.
    private func answer(
        _ query: ResourceQuery,
        _ left: ChangedResource?
    ) async throws(DirectoryError) -> (QueryRun, HeldTurn?) {
        let (begun, isDone) = try queries.begin(query, left: left)
        if isDone { return (begun, nil) }
        guard let turn = queryTurns.hold(query.access) else {
            return (try await queries.finish(begun, endsWithTask: false), nil)
        }
        let (run, isWhole) = try await queries.writeHead(begun, endsWithTask: false)
        return (run, isWhole ? nil : turn)
    }
}

extension ChangeOutcome {
    fileprivate var isCreated: Bool { status == Status.created.code }
}
