import Storage
import Tenancy

/// An edge as seen from its container.
package struct MemberEdge {
    package let member: UniqueID
    /// The code of the member's kind.
    package let kind: UInt8
}

/// A group that holds a member, and how.
package struct HoldingGroup: Sendable {
    package let id: UniqueID
    /// The set that holds the group's memberships.
    let set: UniqueID
    /// The group's name as others show it; it may be empty.
    let display: String
    /// The version of the group's record.
    let recordVersion: CommitVersion
}

// A group's memberships are the edges that leave its set, which is an id of its own: the group's until a change replaces the
// set, and then another, with a row that leads from it to the group. So a group loses or changes any number of members at once,
// and what it left behind, or is still being built, belongs to nobody and is seen by nobody.

extension WorkPace {
    /// How many groups of a member are looked up, or written, at a stretch.
    var groupsMax: Int { self == .loop ? 500 : .max - 1 }
}

extension StoreSnapshot where Self: ~Copyable {
    /// The set that holds a group's memberships; nil if there is no such group.
    ///
    /// `holder`: the code of the groups' kind.
    package func membershipSet(
        of group: UniqueID,
        tenant: UInt32,
        holder: UInt8
    ) throws(DirectoryError) -> UniqueID? {
        var set: UniqueID?
        try look(at: Keys.record(tenant, holder, group)) { row, _ in
            set = ResourceRecordLayout(row).map { $0.membershipSet ?? group }
        }
        return set
    }

    /// The group that owns a set; nil if none does.
    package func owner(
        ofSet set: UniqueID,
        tenant: UInt32,
        holder: UInt8
    ) throws(DirectoryError) -> HoldingGroup? {
        if let group = try group(set, owning: set, tenant, holder) { return group }
        let owner = try row(Keys.setOwner(tenant, set)) { row, _ in UniqueID(bytes: row) }
        guard let owner = owner ?? nil else { return nil }
        return try group(owner, owning: set, tenant, holder)
    }

    private func group(
        _ id: UniqueID,
        owning set: UniqueID,
        _ tenant: UInt32,
        _ holder: UInt8
    ) throws(DirectoryError) -> HoldingGroup? {
        var group: HoldingGroup?
        try look(at: Keys.record(tenant, holder, id)) { row, version in
            guard let layout = ResourceRecordLayout(row), layout.membershipSet ?? id == set else { return }
            group = HoldingGroup(
                id: id,
                set: set,
                display: layout.display(in: row),
                recordVersion: version
            )
        }
        return group
    }

    /// The groups that hold a member, in the order of their ids.
    package func groups(
        of member: UniqueID,
        tenant: UInt32,
        holder: UInt8,
        _ pace: WorkPace
    ) throws(DirectoryError) -> [HoldingGroup] {
        var groups: [HoldingGroup] = []
        let sets = try sets(of: member, space: tenant, limit: pace.groupsMax + 1)
        guard sets.count <= pace.groupsMax else { throw .tooLongForLoop }
        for set in sets {
            if let group = try owner(ofSet: set, tenant: tenant, holder: holder) { groups.append(group) }
        }
        // They come in the order of their sets, which nearly always is the same.
        if groups.contains(where: { $0.id != $0.set }) { groups.sort { $0.id < $1.id } }
        return groups
    }

    /// At most `limit` sets that hold a member, in the order of their ids, whether or not a group owns them.
    func sets(of member: UniqueID, space: UInt32, limit: Int) throws(DirectoryError) -> [UniqueID] {
        var sets: [UniqueID] = []
        try rows(prefix: EdgeKeys.containers(of: member, space: space), from: nil) { key, _, _ in
            guard sets.count < limit else { return .stop }
            if let set = Keys.id(fromKey: key) { sets.append(set) }
            return .more
        }
        return sets
    }

    /// Whether some deleted resource of the tenant has not left all of its groups yet.
    package func isAnybodyLeaving(tenant: UInt32) throws(DirectoryError) -> Bool {
        var isFound = false
        try rows(prefix: Keys.leavingMembers(ofTenant: tenant), from: nil) { _, _, _ in
            isFound = true
            return .stop
        }
        return isFound
    }

    /// At most `limit` members of a set in the order of their ids, from `start` on, and where to go on.
    package func members(
        ofSet set: UniqueID,
        space: UInt32,
        from start: UniqueID?,
        limit: Int
    ) throws(DirectoryError) -> (edges: [MemberEdge], next: UniqueID?) {
        var edges: [MemberEdge] = []
        var next: UniqueID?
        let prefix = EdgeKeys.members(of: set, space: space)
        try rows(prefix: prefix, from: start.map(prefix.with)) { key, value, _ in
            guard let member = Keys.id(fromKey: key), !value.isEmpty else { return .more }
            guard edges.count < limit else {
                next = member
                return .stop
            }
            edges.append(MemberEdge(member: member, kind: value[0]))
            return .more
        }
        return (edges, next)
    }

    /// How many members a set has from `start` on, counted up to `limit`, and where to go on.
    func memberCount(
        ofSet set: UniqueID,
        space: UInt32,
        from start: UniqueID?,
        limit: Int
    ) throws(DirectoryError) -> (count: Int, next: UniqueID?) {
        var count = 0
        var next: UniqueID?
        let prefix = EdgeKeys.members(of: set, space: space)
        try rows(prefix: prefix, from: start.map(prefix.with)) { key, _, _ in
            guard count < limit else {
                next = Keys.id(fromKey: key)
                return .stop
            }
            count += 1
            return .more
        }
        return (count, next)
    }

    func holds(_ edge: Edge) throws(DirectoryError) -> Bool {
        try row(EdgeKeys.edge(edge)) { _, _ in true } ?? false
    }
}
