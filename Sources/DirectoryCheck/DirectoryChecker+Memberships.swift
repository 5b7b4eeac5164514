import Audit
import Directory
import SCIM
import Storage
import Tenancy

extension DirectoryChecker {
    /// A group's set has a row that leads back to the group, unless it has the group's own id.
    func checkSet(
        of id: UniqueID,
        _ record: ResourceRecord,
        _ row: Row,
        _ tenant: UInt32,
        _ name: String,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        guard let set = record.membershipSet else { return [] }
        let key = Keys.setOwner(tenant, set)
        let owner = try snapshot.row(key) { row, _ in UniqueID(bytes: row) }
        guard owner != .some(.some(id)) else { return [] }
        return [
            DirectoryFinding(
                "\(name): its set of memberships is not known to be its own",
                repair: Changeset(when: [row.asFound], [.put(key, id.bytes)])
            )
        ]
    }

    func checkSetOwner(
        _ row: Row,
        _ tenant: UInt32,
        _ tenants: [UInt32: CheckedTenant],
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        if let set = row.id, let owner = UniqueID(bytes: row.value.span),
            let holder = tenants[tenant]?.kinds.holder,
            try snapshot.owner(ofSet: set, tenant: tenant, holder: holder.code)?.id == owner
        {
            return []
        }
        return [DirectoryFinding("a set of memberships belongs to no group", repair: row.deletion)]
    }

    /// What a group owns must not be taken for what was left behind.
    func checkUnownedSet(
        _ row: Row,
        _ tenants: [UInt32: CheckedTenant],
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        let tenant = row.key.span.bigEndian32(at: Keys.unownedSets.bytes.count)
        guard let set = row.id, let holder = tenants[tenant]?.kinds.holder,
            let owner = try snapshot.owner(ofSet: set, tenant: tenant, holder: holder.code)
        else { return [] }
        return [
            DirectoryFinding(
                "\(holder.type.name) \(owner.id.text): its memberships are about to be removed",
                repair: row.deletion
            )
        ]
    }

    func checkLeavingMember(
        _ row: Row,
        _ tenants: [UInt32: CheckedTenant],
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        let tenant = row.key.span.bigEndian32(at: Keys.leavingMembers.bytes.count)
        guard let id = row.id, let kinds = tenants[tenant]?.kinds,
            let kind = try snapshot.kind(of: id, tenant: tenant, among: kinds.all)
        else { return [] }
        return [
            DirectoryFinding(
                "\(kind.type.name) \(id.text): it is about to leave its groups, but is not deleted",
                repair: row.deletion
            )
        ]
    }

    /// A change of a set is of one that a group owns, and has all of its parts.
    func checkSetChange(
        _ row: Row,
        _ tenants: [UInt32: CheckedTenant],
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        let number = row.key.span.bigEndian32(at: Keys.setChanges.bytes.count)
        guard let holder = tenants[number]?.kinds.holder else { return [] }
        guard let change = SetChange(row.key.span, row.value.span, row.version),
            let owner = try snapshot.owner(ofSet: change.set, tenant: number, holder: holder.code)
        else {
            return [DirectoryFinding("a change of memberships is of no group", repair: row.deletion)]
        }
        guard change.state == .made else { return [] }
        var missing: [Key] = []
        for part in change.parts {
            let key = Keys.part(part, ofSetChange: change.set, number)
            if try snapshot.row(key, { _, _ in true }) == nil { missing.append(key) }
        }
        guard !missing.isEmpty else { return [] }
        let edges = try snapshot.edgesWithoutPart(of: change)
        let count = (edges.count + missing.count - 1) / missing.count
        var repair = Changeset(when: [row.asFound])
        for (place, key) in missing.enumerated() {
            let part = edges.dropFirst(place * count).prefix(count)
            repair.mutations.append(.put(key, MarkedEdge.row(part)))
        }
        return [
            DirectoryFinding(
                "\(holder.type.name) \(owner.id.text): a part of a change of its memberships is lost",
                repair: repair
            )
        ]
    }

    func checkSetChangePart(
        _ row: Row,
        _ tenants: [UInt32: CheckedTenant],
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        let key = row.key.span
        let setOffset = Keys.setChangeParts.bytes.count + 4
        let tenant = key.bigEndian32(at: Keys.setChangeParts.bytes.count)
        guard let holder = tenants[tenant]?.kinds.holder else { return [] }
        if key.count == setOffset + UniqueID.byteCount + 4, MarkedEdge.edges(ofRow: row.value.span) != nil,
            let set = UniqueID(bytes: key, at: setOffset),
            try snapshot.row(Keys.setChange(tenant, set), { _, _ in true }) != nil,
            try snapshot.owner(ofSet: set, tenant: tenant, holder: holder.code) != nil
        {
            return []
        }
        return [
            DirectoryFinding("a part of a change of memberships belongs to none", repair: row.deletion)
        ]
    }

    /// Every edge of a living tenant joins two records.
    ///
    /// The storage layer checks that each edge has its twin.
    func checkEdge(
        _ row: Row,
        _ tenants: [UInt32: CheckedTenant],
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        guard let edge = EdgeKeys.edge(fromKey: row.key.span), let tenant = tenants[edge.space] else {
            return []
        }
        // Of a set that no group owns, the edges are on their way out, or are not in use yet.
        let unowned = Keys.unownedSet(edge.space, edge.container)
        guard try snapshot.row(unowned, { _, _ in true }) == nil else { return [] }
        let member = try snapshot.kind(of: edge.member, tenant: edge.space, among: tenant.kinds.memberKinds)
        let leaving = Keys.leavingMember(edge.space, edge.member)
        if member == nil, try snapshot.row(leaving, { _, _ in true }) != nil { return [] }
        let owner = try owner(of: edge, tenant, snapshot)
        let value = row.value.first.map(EdgeValue.init)
        guard owner != nil, let value, member?.code == value.kind else {
            return [
                DirectoryFinding(
                    "edge \(edge.container.text) → \(edge.member.text): an end is missing or of another type",
                    repair: try mended(edge, when: [row.asFound], tenants, snapshot)
                )
            ]
        }
        guard value.isMarked,
            try snapshot.setChange(of: edge.container, tenant: edge.space) == nil
        else { return [] }
        return [
            DirectoryFinding(
                "edge \(edge.container.text) → \(edge.member.text): it is marked by a change that is not there",
                repair: try mended(edge, when: [row.asFound], tenants, snapshot)
            )
        ]
    }

    private func owner(
        of edge: Edge,
        _ tenant: CheckedTenant,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> HoldingGroup? {
        guard let holder = tenant.kinds.holder else { return nil }
        return try snapshot.owner(ofSet: edge.container, tenant: edge.space, holder: holder.code)
    }

    /// Writes both rows of an edge whose ends are there, and deletes those of any other; nil if the tenant's kinds are not known.
    ///
    /// A group that loses a member thereby has a new version and its record.
    func mended(
        _ edge: Edge,
        when preconditions: [Precondition],
        _ tenants: [UInt32: CheckedTenant],
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Changeset? {
        guard let tenant = tenants[edge.space] else { return nil }
        var changes = Changeset(when: preconditions, [.version(environment.makeVersion()), .unlink(edge)])
        guard let holder = tenant.kinds.holder, let owner = try owner(of: edge, tenant, snapshot) else {
            return changes
        }
        var value: EdgeValue?
        for key in [EdgeKeys.edge(edge), EdgeKeys.twin(edge)] where value == nil {
            value = try snapshot.row(key) { row, _ in row.isEmpty ? nil : EdgeValue(row[0]) } ?? nil
        }
        let change = try snapshot.setChange(of: edge.container, tenant: edge.space)
        let isMembership = value?.isMembership(change?.state == .made) ?? true
        let member = try snapshot.kind(of: edge.member, tenant: edge.space, among: tenant.kinds.memberKinds)
        if let member {
            if let change, let value, value.isMarked {
                // The change goes on with it.
                changes.preconditions.append(change.asFound)
                changes.mutations.append(.link(edge, kind: value.with(kind: member.code).byte))
            } else if isMembership {
                changes.mutations.append(.link(edge, kind: member.code))
            }
            return changes
        }
        guard isMembership else { return changes }
        var record = AuditRecord(.groupMembers, .success, actor: actor)
        record.tenant = tenant.name
        record.target = holder.typeSlug.map { AuditTarget(type: $0, id: owner.id) }
        record.members = AuditMembership(removed: AuditMembers([edge.member]))
        record.versions = .made
        changes.mutations += [
            .put(Keys.stamp(edge.space, holder.code, owner.id), Stamp.row(environment.now())),
            .append(record.logEntry()),
        ]
        return changes
    }
}
