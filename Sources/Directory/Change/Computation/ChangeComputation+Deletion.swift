import Audit
import SCIM
import Storage
import Tenancy

extension ChangeComputation {
    /// Deletes a resource, its rows and its edges in one commit (RFC 7644 §3.6); those to many members follow in slices, and so do
    /// the groups of a member of many.
    func delete(_ id: UniqueID) throws(DirectoryError) -> ComputedChange {
        let holder = context.access.kinds.holder
        let limits = directory.membershipLimits
        var ending = EndingEdges()
        var sets: [UniqueID] = []
        var groups: [HoldingGroup] = []
        // Those that are being built, or removed.
        var unownedSets: [UniqueID] = []
        let current = try directory.store.reading { snapshot throws(DirectoryError) -> CurrentResource in
            let current = try directory.load(id, context, snapshot)
            if let holder {
                sets = try snapshot.sets(of: id, space: context.tenant, limit: limits.leftMax + 1)
                ending.leavesLater = sets.count > limits.leftMax
                for set in sets where !ending.leavesLater {
                    if let group = try snapshot.owner(ofSet: set, tenant: context.tenant, holder: holder.code)
                    {
                        groups.append(group)
                    } else if try snapshot.row(Keys.unownedSet(context.tenant, set), { _, _ in true }) != nil
                    {
                        unownedSets.append(set)
                    }
                }
            }
            if context.kind.membersAttribute != nil {
                let limit = limits.endedMax + 1
                let members = try snapshot.memberCount(
                    ofSet: current.membershipSet,
                    space: context.tenant,
                    from: nil,
                    limit: limit
                )
                ending.membersGoLater = members.count == limit
            }
            return current
        }
        var changes = ResourceChangeset(id, context, directory.environment)
        changes.require(current, versionToo: true)
        changes.delete(current.record, ending)
        changes.hurry()
        var record = ChangeRecord(.delete, of: id, status: context.successStatus(0))
        record.versions = .ended(current.version)
        changes.append(record.entry(context, directory.environment, named: [current.record.resource]))
        if let holder, ending.leavesLater {
            var record = ChangeRecord(.update, of: id, status: record.status)
            record.members.removed.add(id)
            changes.leaveLater(holder, record.entry(context, directory.environment, kind: holder))
        } else if let holder {
            // Whoever adds it to another group meanwhile makes this attempt fail, so that no group changes without its version.
            changes.require(.exactly(EdgeKeys.containers(of: id, space: context.tenant), sets))
            for group in groups { try leave(group, holder, id, status: record.status, &changes) }
            for set in unownedSets { changes.touch(unowned: set) }
        }
        return ComputedChange(changes: changes, outcome: record.outcome(version: nil, ignored: []))
    }

    private func leave(
        _ group: HoldingGroup,
        _ holder: ResourceKind,
        _ member: UniqueID,
        status: UInt16,
        _ changes: inout ResourceChangeset
    ) throws(DirectoryError) {
        // Else the group may have another set by now, and the member may not be in it.
        changes.require(.version(Keys.record(context.tenant, holder.code, group.id), group.recordVersion))
        var record = ChangeRecord(.update, of: group.id, status: status)
        record.members.removed.add(member)
        if directory.isStaging {
            // What comes later in the same commit reads the members through the version that is written here.
            let stamp = Keys.stamp(context.tenant, holder.code, group.id)
            let version = try directory.store.reading { snapshot throws(DirectoryError) in
                try snapshot.row(stamp) { _, version in version }
            }
            if let version {
                changes.require(.version(stamp, version))
                record.versions = .changed(from: version)
            }
        }
        changes.stamp(group.id, holder, now)
        changes.append(record.entry(context, directory.environment, kind: holder))
    }
}
