import JSON
import SCIM
import Storage

/// What a client wants to read: one resource, or the page of those that match a filter.
package struct ResourceQuery: Sendable {
    package enum Selection: Sendable {
        /// Exactly this resource; the answer is the resource itself.
        case resource(UniqueID)
        /// A list response (RFC 7644 §3.4.2): the matching resources from `startIndex` (1 is the first), at most `count`.
        case page(filter: BoundFilter?, startIndex: Int, count: Int)
    }

    let access: TenantAccess
    let kind: ResourceKind
    let baseURL: String
    let projection: AttributeProjection
    let selection: Selection

    /// `baseURL`: the Tenant URL without a slash at its end.
    package init(
        access: TenantAccess,
        kind: ResourceKind,
        baseURL: String,
        projection: AttributeProjection,
        selection: Selection
    ) {
        self.access = access
        self.kind = kind
        self.baseURL = baseURL
        self.projection = projection
        self.selection = selection
    }
}

/// The plan for a query: which resources are looked at.
enum QueryPlan {
    /// These and no others can match: an index named them. If they all do, the filter need not be evaluated.
    case candidates([UniqueID], allMatch: Bool)
    /// All resources of the kind, in the order of their ids, which is the order of their creation.
    case all

    /// More candidates than this are not worth a list of their own.
    private static let candidatesMax = 10_000

    init(
        _ query: ResourceQuery,
        environment: DirectoryEnvironment,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) {
        self = .all
        switch query.selection {
        case .resource(let id): self = .candidates([id], allMatch: true)
        case .page(nil, _, _): return
        case .page(let filter?, _, _):
            for equality in filter.equalities {
                if let ids = try Self.lookUp(equality, query, environment, snapshot) {
                    self = .candidates(ids, allMatch: filter.isOneEquality)
                    return
                }
            }
        }
    }

    /// The resources that an index names for an equality; nil if no index covers the attribute.
    private static func lookUp(
        _ equality: BoundFilter.Equality,
        _ query: ResourceQuery,
        _ environment: DirectoryEnvironment,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UniqueID]? {
        let (tenant, kind) = (query.access.tenant.number, query.kind)
        guard equality.attribute.container == nil else { return nil }
        let attribute = equality.attribute.attribute
        if let sub = equality.attribute.subAttribute {
            guard sub.name == "value" else { return nil }
            return try lookUpEdges(attribute, equality.text, query, snapshot)
        }
        if attribute === CommonAttributes.id { return UniqueID(text: equality.text).map { [$0] } ?? [] }
        let value = Keys.IndexedValue(
            attribute: attribute.name,
            comparable: equality.text,
            sha256: environment.sha256
        )
        if kind.uniqueAttributes.contains(where: { $0 === attribute }) {
            let key = Keys.unique(tenant, kind.code, value)
            let id = try snapshot.row(key) { row, _ in UniqueID(bytes: row) } ?? nil
            return id.map { [$0] } ?? []
        }
        guard kind.indexedAttributes.contains(where: { $0 === attribute }) else { return nil }
        var ids: [UniqueID] = []
        let prefix = Keys.index(tenant, kind.code, value)
        let keyBytes = prefix.bytes.count + UniqueID.byteCount
        try snapshot.rows(prefix: prefix, from: nil) { key, _, _ in
            // A longer key belongs to a longer value that begins like this one.
            if key.count == keyBytes, let id = Keys.id(fromKey: key) { ids.append(id) }
            return ids.count <= candidatesMax ? .more : .stop
        }
        return ids.count <= candidatesMax ? ids : nil
    }

    /// The resources at the other end of a group's or a member's edges; nil if the attribute is no such thing.
    private static func lookUpEdges(
        _ attribute: AttributeDefinition,
        _ text: String,
        _ query: ResourceQuery,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UniqueID]? {
        let (tenant, kind) = (query.access.tenant.number, query.kind)
        if attribute === kind.groupsAttribute {
            guard let group = UniqueID(text: text) else { return [] }
            let members = try snapshot.members(of: group, space: tenant, from: nil, limit: candidatesMax + 1)
                .edges
            return members.count > candidatesMax ? nil : members.filter { $0.kind == kind.code }.map(\.member)
        }
        if attribute === kind.membersAttribute {
            guard let member = UniqueID(text: text) else { return [] }
            return try snapshot.containers(of: member, space: tenant)
        }
        return nil
    }
}
