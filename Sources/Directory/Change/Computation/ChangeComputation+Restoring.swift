import Audit
import SCIM
import Storage
import Tenancy

extension ChangeComputation {
    /// Creates a resource as it was exported; one that is there already, exactly so, is left as it is.
    func restore(_ id: UniqueID, _ restored: ResourceRecord) throws(DirectoryError) -> ComputedChange {
        var record = ChangeRecord(.create, of: id, status: context.successStatus(0))
        var changes = ResourceChangeset(id, context, directory.environment)
        if let present = try present(id) {
            guard present.record.resource == restored.resource, present.record.created == restored.created,
                present.lastModified == restored.lastModified
            else {
                throw .rejected(SCIMError(.uniqueness, "A resource of this id is there and differs."))
            }
            changes.require(present, versionToo: true)
            return unchanged(record, present, changes)
        }
        changes.create(restored)
        record.paths = paths(of: restored.resource)
        changes.append(record.entry(context, directory.environment, named: [restored.resource]))
        return ComputedChange(
            changes: changes,
            outcome: record.outcome(version: changes.version, ignored: [])
        )
    }

    /// Adds members as they were exported.
    func restoreMembers(of id: UniqueID, _ ids: MemberIDs) async throws(DirectoryError) -> ComputedChange {
        guard let present = try present(id) else { throw .notFound }
        // Whatever the profile takes from clients: an export names nobody who is not in it.
        var run = MembershipRun(
            [.add(ids)],
            of: id,
            directory.renderer(context),
            directory.membershipLimits,
            leavesOutUnknown: false
        )
        run.set = present.membershipSet
        run = try await directory.finish(run)
        var record = ChangeRecord(.update, of: id, status: context.successStatus(run.memberCount))
        var changes = ResourceChangeset(id, context, directory.environment)
        changes.require(present, versionToo: run.delta.restsOnAll)
        changes.require(run.delta, in: run.set)
        changes.requireSettled(run.set)
        guard !run.delta.isEmpty else { return unchanged(record, present, changes) }
        changes.change(run.delta, in: run.set)
        // The group's time of change is that of the export, not that of the import.
        changes.stamp(present.lastModified)
        record.members = run.delta
        changes.append(record.entry(context, directory.environment, named: [present.record.resource]))
        return ComputedChange(changes: changes, outcome: record.outcome(version: nil, ignored: []))
    }

    private func unchanged(
        _ record: ChangeRecord,
        _ present: CurrentResource,
        _ changes: ResourceChangeset
    ) -> ComputedChange {
        var outcome = record.outcome(version: present.version, ignored: [])
        outcome.hasChanged = false
        outcome.effect = []
        return ComputedChange(changes: changes, outcome: outcome)
    }

    /// The resource; nil if it is not there.
    private func present(_ id: UniqueID) throws(DirectoryError) -> CurrentResource? {
        do throws(DirectoryError) {
            return try directory.store.reading { snapshot throws(DirectoryError) in
                try directory.load(id, context, snapshot)
            }
        } catch .notFound {
            return nil
        }
    }
}
