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
        var holders: [StoredHolder] = []
        let current = try directory.store.reading { snapshot throws(DirectoryError) -> CurrentResource in
            let current = try directory.load(id, context, snapshot)
            if let holder {
                holders = try snapshot.holders(
                    of: id,
                    tenant: context.tenant,
                    holder: holder.code,
                    limit: limits.leftMax + 1
                )
                ending.leavesLater = holders.count > limits.leftMax
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
        if context.kind.membersAttribute != nil { changes.requireSettled(current.membershipSet) }
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
            let sets = holders.map(\.edge.container)
            changes.require(.exactly(EdgeKeys.containers(of: id, space: context.tenant), sets))
            for stored in holders {
                // Else a change of the group's members may have removed it, or be about to.
                changes.require(stored.asFound)
                if let group = stored.group {
                    if stored.value.isMarked { changes.touch(stored.change, of: group.set) }
                    if stored.isMembership { try leave(group, holder, id, status: record.status, &changes) }
                } else if stored.isUnowned {
                    changes.touch(unowned: stored.edge.container)
                }
            }
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
