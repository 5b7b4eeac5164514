import Audit
import Directory
import HTTP
import Query
import SCIM
import Storage
import Tenancy

/// Notes reads in the audit trail, of those tenants that want it.
///
/// Their answers do not wait for it.
struct ReadTrail: Sendable {
    private let queue: AuditQueue

    init(queue: AuditQueue) { self.queue = queue }

    /// Notes that a query was answered, if its tenant has such queries recorded.
    ///
    /// `written`: how many resources the answer shows; nil where they are still being sent.
    func note(_ query: ResourceQuery, _ status: Status, written: Int?, _ exchange: Exchange) {
        let settings = query.access.tenant.settings
        guard !query.access.isOperators, settings.auditReads != .none, status.code < 400,
            settings.auditReads == .all || query.isSensitive,
            settings.auditReadSample.takes(exchange.requestID)
        else { return }
        let id = query.resourceID
        var record = AuditRecord(id == nil ? .resourceSearch : .resourceRead, .success, actor: .client(nil))
        record.tenant = query.access.tenantSlug
        record.credentialID = query.access.credentialID
        record.origin = exchange.origin
        record.origin?.status = status.code
        record.target = query.kind.typeSlug.map { AuditTarget(type: $0, id: id) }
        if id == nil { record.results = written.map(UInt64.init) }
        record.details = .read(
            filter: query.filter.map { AuditFilterShape($0) },
            sampleRate: settings.auditReadSample.rate
        )
        queue.record(record)
    }
}

extension AuditFilterShape {
    fileprivate init(_ filter: BoundFilter) {
        self.init(
            filter.shape.compactMap { part in
                switch part {
                // A name of a schema of the tenant's own, whose characters were checked when it was added.
                case .attribute(let names):
                    AuditAttributePath(names.joined(separator: ".")).map { .attribute($0) }
                case .comparison(let comparison): Word(rawValue: comparison.rawValue).map { .word($0) }
                case .present: .word(.pr)
                case .value: .word(.value)
                case .and: .word(.and)
                case .or: .word(.or)
                case .not: .word(.not)
                case .open: .word(.open)
                case .close: .word(.close)
                case .openValues: .word(.openValues)
                case .closeValues: .word(.closeValues)
                }
            }
        )
    }
}

extension ResourceQuery {
    /// Whether it may tell of whom somebody was looking for.
    fileprivate var isSensitive: Bool { filter.map(kind.type.isSensitive) ?? false }
}

extension ReadSample {
    /// Whether a request is one of the sample: all records of one request, or none.
    fileprivate func takes(_ requestID: RequestID) -> Bool {
        // The lower bits of an id are random.
        rate == 1 || (requestID.low & 0xFFFF_FFFF).isMultiple(of: rate)
    }
}
