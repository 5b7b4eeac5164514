import Audit
import Storage
import Tenancy

/// Who changes what, and how the change will be answered.
///
/// A reference type, because every step of a change passes it along.
package final class ChangeContext: Sendable {
    package let access: TenantAccess
    package let kind: ResourceKind
    /// The Tenant URL without a slash at its end.
    package let baseURL: String
    /// Where the request came from; nil if there was none.
    package let origin: AuditOrigin?
    package let condition: VersionCondition
    /// Whether the answer may show the resource.
    package let isAnswered: Bool
    /// The status of a successful answer, for the audit record: it may depend on how many members the group has.
    package let successStatus: @Sendable (_ members: Int) -> UInt16

    package init(
        access: TenantAccess,
        kind: ResourceKind,
        baseURL: String,
        origin: AuditOrigin?,
        condition: VersionCondition,
        isAnswered: Bool = false,
        successStatus: @escaping @Sendable (_ members: Int) -> UInt16
    ) {
        self.access = access
        self.kind = kind
        self.baseURL = baseURL
        self.origin = origin
        self.condition = condition
        self.isAnswered = isAnswered
        self.successStatus = successStatus
    }

    /// What an operator reads or changes, to whom nothing is answered as to a client.
    package convenience init(ofOperator access: TenantAccess, _ kind: ResourceKind, baseURL: String = "") {
        self.init(
            access: access,
            kind: kind,
            baseURL: baseURL,
            origin: nil,
            condition: .none,
            successStatus: { _ in 0 }
        )
    }

    package var tenant: UInt32 { access.tenant.number }
}

/// What a client demands of the version it is about to change (RFC 7644 §3.14, RFC 9110 §13.1).
package enum VersionCondition: Sendable, Equatable {
    case none
    /// `If-Match: *` or a list of tags; a tag that this server never made matches nothing.
    case ifMatch(any: Bool, versions: [CommitVersion])
    /// `If-None-Match`, for changes: fails where it matches.
    case ifNoneMatch(any: Bool, versions: [CommitVersion])

    func allows(_ version: CommitVersion) -> Bool {
        switch self {
        case .none: true
        case .ifMatch(let any, let versions): any || versions.contains(version)
        case .ifNoneMatch(let any, let versions): !any && !versions.contains(version)
        }
    }
}
