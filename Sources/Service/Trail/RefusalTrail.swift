import Audit
import Directory
import HTTP
import SCIM
import Storage
import Tenancy

/// Notes refusals in the audit trail.
///
/// Their answers do not wait for it.
///
/// A refused change keeps the event of the change; what is refused before a resource is known has events of its own.
struct RefusalTrail: Sendable {
    private let queue: AuditQueue

    init(queue: AuditQueue) { self.queue = queue }

    /// A credential that was not accepted: the trail tells what the answer does not.
    ///
    /// `isTenant`: whether the URL names a tenant that exists.
    func note(_ failure: AuthenticationFailure, _ exchange: Exchange, isTenant: Bool) {
        let (reason, tokenID) = Self.reason(of: failure)
        var record = AuditRecord(.authFailure, .failure(reason), actor: .anonymous)
        // The URL's tenant is a claim of somebody unknown: only a tenant that exists has a stream to write to.
        record.tenant = isTenant ? AuditSlug(exchange.tenant) : nil
        record.credentialID = tokenID.flatMap { AuditSlug("tok_\($0)") }
        record.origin = exchange.origin
        record.origin?.status = Status.unauthorized.code
        queue.record(record)
    }

    /// The trail's word for a failure, and the id of the token that was shown, if this server has made it.
    static func reason(of failure: AuthenticationFailure) -> (AuditReason, tokenID: String?) {
        switch failure {
        case .missing: (.missing, nil)
        case .malformed: (.malformed, nil)
        case .unknown(let id): (.unknown, id)
        case .expired(let id): (.expired, id)
        case .revoked(let id): (.revoked, id)
        case .foreign(let id): (.tenant, id)
        case .unavailable, .tooLongForLoop: (.storeFailure, nil)
        }
    }

    /// A sign-in to the console by somebody unknown.
    ///
    /// `tenant`: nil if none is known that exists.
    func noteSignIn(_ reason: AuditReason, to tenant: AuditSlug?, from address: AuditAddress?) {
        var record = AuditRecord(.consoleRefused, .failure(reason), actor: .anonymous)
        record.tenant = tenant
        record.origin = AuditOrigin(address: address)
        queue.record(record)
    }

    /// A request of a tenant, or of an address from which nobody was let in, that was one too many.
    ///
    /// The record has no more than what is limited, since it stands for all that comes after it.
    func noteLimited(_ exchange: Exchange) {
        var record = AuditRecord(
            .rateLimited,
            .failure(.rate),
            actor: exchange.access == nil ? .anonymous : .client(nil)
        )
        record.origin = AuditOrigin(status: Status.tooManyRequests.code)
        if let access = exchange.access {
            record.tenant = access.tenantSlug
        } else {
            record.origin?.address = exchange.request.peer.address.flatMap { AuditAddress($0) }
        }
        queue.record(record)
    }

    /// A request that was refused; reads that found nothing are everyday business and leave no trace.
    func note(_ refusal: Refusal, _ exchange: Exchange) {
        guard let event = event(of: refusal, exchange) else { return }
        var record = Self.record(event, .failure(refusal.reason), of: exchange, status: refusal.status)
        if !refusal.concernsNoResource { record.target = exchange.target }
        queue.record(record)
    }

    /// A bulk request that was carried out; what became of its operations is in records of their own.
    ///
    /// `reason`: why nothing was changed, if that is so.
    func noteBulk(operations: Int, _ reason: AuditReason?, _ exchange: Exchange) {
        var record = Self.record(
            .bulkRequest,
            reason.map { .failure($0) } ?? .success,
            of: exchange,
            status: .ok
        )
        record.results = UInt64(operations)
        queue.record(record)
    }

    /// A message that never became a request.
    func note(_ refusal: Refusal, of rejection: Rejection, from peer: Peer) {
        var record = AuditRecord(.requestRejected, .failure(refusal.reason), actor: .anonymous)
        record.origin = AuditOrigin(
            address: peer.address.flatMap { AuditAddress($0) },
            status: refusal.status.code
        )
        queue.record(record)
    }

    /// The record of a request, which is its client's if it was let in.
    private static func record(
        _ event: AuditEvent,
        _ outcome: AuditOutcome,
        of exchange: Exchange,
        status: Status
    ) -> AuditRecord {
        var record = AuditRecord(
            event,
            outcome,
            actor: exchange.access == nil ? .anonymous : .client(nil)
        )
        record.tenant = exchange.access?.tenantSlug
        record.credentialID = exchange.access?.credentialID
        record.origin = exchange.origin
        record.origin?.status = status.code
        return record
    }

    private func event(of refusal: Refusal, _ exchange: Exchange) -> AuditEvent? {
        switch refusal.status {
        case .unauthorized, .tooManyRequests: nil  // Noted where it was found out, with what is known there.
        case .forbidden where exchange.change == nil && refusal.reason != .sensitive:
            exchange.isSuspended ? .accessDenied : nil
        case .notFound where exchange.change == nil, .methodNotAllowed, .notImplemented: nil
        default: refusal.concernsNoResource ? .requestRejected : exchange.change ?? .requestRejected
        }
    }
}

extension Exchange {
    /// Where the request came from, for the audit trail.
    var origin: AuditOrigin {
        var origin = known?.origin(of: request) ?? Self.origin(of: request)
        origin.requestID = AuditSlug(requestID.text)
        origin.method = operation?.method ?? request.method.audited
        origin.bulk = operation?.position
        return origin
    }

    /// What the fields and the peer of a request tell.
    static func origin(of request: Request) -> AuditOrigin {
        AuditOrigin(
            address: request.peer.address.flatMap { AuditAddress($0) },
            userAgent: request.fields[.userAgent].flatMap { AuditUserAgent($0) },
            traceID: request.fields[.traceParent].flatMap(traceID)
        )
    }

    /// The trace id of a `traceparent` field: `00-<32 digits>-<16 digits>-<2 digits>` (W3C Trace Context §3.2).
    private static func traceID(_ field: String) -> AuditSlug? {
        let parts = field.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[1].utf8.count == 32,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        return AuditSlug(String(parts[1]))
    }

    /// Notes what the request would do to which resource, if it would change one.
    mutating func note(_ route: Route) {
        switch (route, request.method) {
        case (.collection(let kind), .post): note(.create, kind, nil)
        case (.resource(let kind, let text), .put): note(.replace, kind, UniqueID(text: text))
        case (.resource(let kind, let text), .patch): note(.update, kind, UniqueID(text: text))
        case (.resource(let kind, let text), .delete): note(.delete, kind, UniqueID(text: text))
        default: break
        }
    }

    private mutating func note(_ verb: ChangeVerb, _ kind: ResourceKind, _ id: UniqueID?) {
        change = .change(verb, kind)
        target = kind.typeSlug.map { AuditTarget(type: $0, id: id) }
    }

    /// The exchange as it is for one operation of its bulk request.
    ///
    /// `index`: the operation's place, from 0.
    func about(_ operation: BulkOperation, at index: Int, _ target: BulkTarget?) -> Exchange {
        var exchange = self
        let name = operation.bulkID.flatMap { AuditSlug($0) }
        exchange.operation = (
            operation.method.map { AuditMethod($0.rawValue) },
            AuditBulkPosition(id: name, index: UInt32(index))
        )
        guard let target, let method = operation.method else { return exchange }
        let verb: ChangeVerb =
            switch method {
            case .post: .create
            case .put: .replace
            case .patch: .update
            case .delete: .delete
            }
        exchange.place = ActivityRoute(method, target.kind)
        exchange.note(verb, target.kind, method == .post ? nil : target.id)
        return exchange
    }
}

extension FieldName {
    static let traceParent = FieldName("traceparent")
}

extension AuditReason {
    init(_ keyword: SCIMError.Keyword) {
        self =
            switch keyword {
            case .invalidFilter: .invalidFilter
            case .tooMany: .tooMany
            case .uniqueness: .uniqueness
            case .mutability: .mutability
            case .invalidSyntax: .invalidSyntax
            case .invalidPath: .invalidPath
            case .noTarget: .noTarget
            case .invalidValue: .invalidValue
            case .invalidVers: .invalidVers
            case .sensitive: .sensitive
            case .invalidCursor: .invalidCursor
            case .expiredCursor: .expiredCursor
            case .invalidCount: .invalidCount
            }
    }
}
