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
// and what it left behind, or is still being built, belongs to nobody and is seen by nobody. Edges that a large change joins or takes
// away are marked before it (``SetChange``), and what a mark means is looked up where one is met.

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
        var start: Key?
        var marked: (set: UniqueID, value: EdgeValue)?
        repeat {
            marked = nil
            try rows(prefix: EdgeKeys.containers(of: member, space: space), from: start) { key, value, _ in
                guard sets.count < limit else { return .stop }
                guard let set = Keys.id(fromKey: key) else { return .more }
                if let byte = value.isEmpty ? nil : value[0], EdgeValue(byte).isMarked {
                    marked = (set, EdgeValue(byte))
                    return .stop
                }
                sets.append(set)
                return .more
            }
            // What a mark means cannot be looked up within a walk.
            if let (set, value) = marked {
                if value.isMembership(try isMade(changeOf: set, tenant: space)) { sets.append(set) }
                start = EdgeKeys.twin(Edge(space: space, container: set, member: member)).next
            }
        } while marked != nil
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
        let prefix = EdgeKeys.members(of: set, space: space)
        var edges: [MemberEdge] = []
        var next: UniqueID?
        try walkMembers(ofSet: set, space: space, from: start.map(prefix.with)) { edge in
            guard edges.count < limit else {
                next = edge.member
                return .stop
            }
            edges.append(edge)
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
        let prefix = EdgeKeys.members(of: set, space: space)
        var count = 0
        var next: UniqueID?
        try walkMembers(ofSet: set, space: space, from: start.map(prefix.with)) { edge in
            guard count < limit else {
                next = edge.member
                return .stop
            }
            count += 1
            return .more
        }
        return (count, next)
    }

    /// Visits the members of a set in the order of their ids from a key on, or in the other one from below it.
    package func walkMembers(
        ofSet set: UniqueID,
        space: UInt32,
        from bound: Key?,
        isBackward: Bool = false,
        _ body: (MemberEdge) -> ScanStep
    ) throws(DirectoryError) {
        let prefix = EdgeKeys.members(of: set, space: space)
        var bound = bound
        var isMade: Bool?
        var marked: UniqueID?
        func visit(_ key: Span<UInt8>, _ value: Span<UInt8>) -> ScanStep {
            guard let member = Keys.id(fromKey: key), !value.isEmpty else { return .more }
            let value = EdgeValue(value[0])
            if value.isMarked {
                guard let isMade else {
                    marked = member
                    return .stop
                }
                guard value.isMembership(isMade) else { return .more }
            }
            return body(MemberEdge(member: member, kind: value.kind))
        }
        repeat {
            marked = nil
            if isBackward {
                try rowsBackward(prefix: prefix, before: bound) { key, value, _ in visit(key, value) }
            } else {
                try rows(prefix: prefix, from: bound) { key, value, _ in visit(key, value) }
            }
            // What a mark means cannot be looked up within a walk, and is the same for all of a set.
            if let marked {
                isMade = try self.isMade(changeOf: set, tenant: space)
                let key = prefix.with(marked)
                bound = isBackward ? key.next : key
            }
        } while marked != nil
    }

    /// At most `limit` members of the edges that leave a set, whatever these mean.
    func storedMembers(ofSet set: UniqueID, space: UInt32, limit: Int) throws(DirectoryError) -> [UniqueID] {
        var members: [UniqueID] = []
        try rows(prefix: EdgeKeys.members(of: set, space: space), from: nil) { key, _, _ in
            guard members.count < limit else { return .stop }
            if let member = Keys.id(fromKey: key) { members.append(member) }
            return .more
        }
        return members
    }

    func holds(_ edge: Edge) throws(DirectoryError) -> Bool {
        guard let value = try value(of: edge) else { return false }
        guard value.isMarked else { return true }
        return value.isMembership(try isMade(changeOf: edge.container, tenant: edge.space))
    }
}
