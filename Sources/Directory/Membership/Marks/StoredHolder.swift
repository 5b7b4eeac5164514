import Storage
import Tenancy

/// An edge that reaches a resource, and what it means.
struct StoredHolder {
    let edge: Edge
    let value: EdgeValue
    /// The version of the edge's row.
    let version: CommitVersion
    /// The group that owns the set; nil if none does.
    let group: HoldingGroup?
    /// The change of the set that has marked the edge; nil if there is none.
    let change: SetChange?
    /// Whether the set is noted as one that no group owns: it is being built, or removed.
    let isUnowned: Bool

    /// Whether the group has the resource as a member.
    var isMembership: Bool { group != nil && value.isMembership(change?.state == .made) }

    /// Nobody has written the edge since.
    var asFound: Precondition { .version(EdgeKeys.twin(edge), version) }
}

extension StoreSnapshot where Self: ~Copyable {
    /// At most `limit` edges that reach a resource, in the order of their sets, whatever they mean.
    func holders(
        of member: UniqueID,
        tenant: UInt32,
        holder: UInt8,
        limit: Int
    ) throws(DirectoryError) -> [StoredHolder] {
        var edges: [(edge: Edge, value: EdgeValue, version: CommitVersion)] = []
        try rows(prefix: EdgeKeys.containers(of: member, space: tenant), from: nil) { key, value, version in
            guard edges.count < limit else { return .stop }
            if let edge = EdgeKeys.edge(fromKey: key), !value.isEmpty {
                edges.append((edge, EdgeValue(value[0]), version))
            }
            return .more
        }
        var holders: [StoredHolder] = []
        for (edge, value, version) in edges {
            let set = edge.container
            let group = try owner(ofSet: set, tenant: tenant, holder: holder)
            holders.append(
                StoredHolder(
                    edge: edge,
                    value: value,
                    version: version,
                    group: group,
                    change: value.isMarked ? try setChange(of: set, tenant: tenant) : nil,
                    isUnowned: group == nil ? try isUnowned(set, tenant) : false
                )
            )
        }
        return holders
    }

    private func isUnowned(_ set: UniqueID, _ tenant: UInt32) throws(DirectoryError) -> Bool {
        try row(Keys.unownedSet(tenant, set)) { _, _ in true } ?? false
    }
}
