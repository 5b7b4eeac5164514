import Audit
import Directory
import HTTP
import JSON
import Notes
import SCIM
import Storage
import Tenancy

// What a request leaves in its tenant's activity. Nobody's answer waits for it, and nothing here fails.

extension RequestPipeline {
    /// The answer to a request, which is noted when it is there.
    func noted(_ outcome: consuming Outcome, _ exchange: Exchange) -> Outcome {
        switch consume outcome {
        case .ready(var response):
            noteAnswer(response.status, exchange)
            exchange.mark(&response)
            return .ready(response)
        case .pending(let operation):
            // The body must not stay until the answer.
            let rest = exchange.withoutBody
            return .pending {
                var response = await operation()
                self.noteAnswer(response.status, rest)
                rest.mark(&response)
                return response
            }
        }
    }

    /// Notes an answer that is no refusal; refusals have been noted where they were found out.
    func noteAnswer(_ status: Status, _ exchange: Exchange) {
        guard status.code < 400, exchange.access?.isOperators != true else { return }
        if let access = exchange.access {
            let query = exchange.query ?? ActivityQuery(exchange)
            let noted = exchange.activity(status, query, at: directory.environment.now())
            notes.note(noted, of: access.tenant.number, access.tenant.name)
        } else if let tenant = directory.tenantNumber(of: exchange.tenant) {
            notes.note(
                exchange.activity(status, at: directory.environment.now()),
                of: tenant,
                exchange.tenant
            )
        }
    }

    /// Notes a credential that was not accepted.
    func note(_ failure: AuthenticationFailure, _ exchange: Exchange, of tenant: UInt32) {
        let (reason, tokenID) = RefusalTrail.reason(of: failure)
        var noted = exchange
        noted.client = ClientRecognition.product(of: exchange.request, ClientProducts())
        let isShown =
            switch failure {
            case .expired, .revoked: true
            // Whose token it is, or whether it is anybody's, is not for this tenant.
            default: false
            }
        notes.note(
            noted.activity(
                Status.unauthorized,
                reason: reason,
                tokenID: isShown ? tokenID : nil,
                at: directory.environment.now()
            ),
            of: tenant,
            exchange.tenant,
            detail: FixedSentence.unauthorized.rawValue
        )
    }

    /// Notes a refusal, of a request or of an operation of a bulk request.
    func noteRefused(_ refusal: Refusal, _ exchange: Exchange) {
        guard let tenant = exchange.access?.tenant.number ?? directory.tenantNumber(of: exchange.tenant)
        else { return }
        let name = exchange.access?.tenant.name ?? exchange.tenant
        let noted = exchange.activity(
            refusal.status,
            exchange.access == nil ? ActivityQuery() : ActivityQuery(exchange),
            keyword: refusal.keyword,
            reason: refusal.reason,
            at: directory.environment.now()
        )
        let detail = refusal.sentence?.rawValue ?? 0
        let resource = refusal.concernsNoResource ? nil : exchange.target?.id
        guard exchange.operation == nil else {
            let failure = ActivityFailure(noted, detail: detail, resource: resource)
            return notes.noteOperation(failure, of: tenant, name)
        }
        notes.note(noted, of: tenant, name, detail: detail, resource: resource)
    }
}

extension Exchange {
    func activity(
        _ status: Status,
        _ query: ActivityQuery = ActivityQuery(),
        keyword: SCIMError.Keyword? = nil,
        reason: AuditReason? = nil,
        tokenID: String? = nil,
        at time: Timestamp
    ) -> ActivityExchange {
        ActivityExchange(
            at: time,
            method: operation?.method ?? request.method.audited,
            route: place,
            query: query,
            status: status.code,
            keyword: keyword,
            reason: reason,
            tokenID: tokenID ?? access?.tokenID,
            client: client,
            requestID: UniqueID(requestID)
        )
    }
}

extension UniqueID {
    init(_ requestID: RequestID) { self.init(high: requestID.high, low: requestID.low) }
}

extension Method {
    /// Compares no text for the methods of SCIM.
    var audited: AuditMethod {
        switch self {
        case .get: .get
        case .head: .head
        case .post: .post
        case .put: .put
        case .patch: .patch
        case .delete: .delete
        default: AuditMethod(text)
        }
    }
}

extension ActivityRoute {
    init(_ route: Route) {
        self =
            switch route {
            case .serviceProviderConfig: .serviceProviderConfig
            case .schemas, .schema: .schemas
            case .resourceTypes, .resourceType: .resourceTypes
            case .collection(let kind): Self.of(kind, .users, .groups, .resources)
            case .resource(let kind, _): Self.of(kind, .user, .group, .resource)
            case .search(let kind): Self.of(kind, .usersSearch, .groupsSearch, .resourcesSearch)
            case .root: .root
            case .searchRoot: .search
            case .bulk: .bulk
            case .notOffered: .me
            }
    }

    /// The route of an operation of a bulk request, if it were a request of its own.
    init(_ method: BulkMethod, _ kind: ResourceKind) {
        self =
            method == .post
            ? Self.of(kind, .users, .groups, .resources) : Self.of(kind, .user, .group, .resource)
    }

    /// The word for a kind, of those of users, of groups and of others.
    private static func of(
        _ kind: ResourceKind,
        _ user: ActivityRoute,
        _ group: ActivityRoute,
        _ other: ActivityRoute
    ) -> ActivityRoute {
        switch kind.type.name {
        case "User": user
        case "Group": group
        default: other
        }
    }
}
