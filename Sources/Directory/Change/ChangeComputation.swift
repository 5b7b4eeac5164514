import Audit
import JSON
import SCIM
import Storage

/// What a change comes to on the state that it was computed on; nothing of it is written yet.
struct ComputedChange {
    /// What must still be so, and what is written then: nothing, if the resource is already as it was asked to be.
    let changes: ResourceChangeset
    let outcome: ChangeOutcome
}

/// Computes a change on what its directory shows, whether that is durable or staged.
///
/// ```
/// snapshot ─► resource, condition ─► asked for ─► members named ─► preconditions, rows, audit record ─► outcome
/// ```
struct ChangeComputation {
    private let directory: ResourceDirectory
    private let context: ChangeContext
    private let now: Timestamp

    private init(_ directory: ResourceDirectory, _ context: ChangeContext) {
        self.directory = directory
        self.context = context
        now = directory.environment.now()
    }

    /// Computes a change; gives way between the steps of one that names many members.
    ///
    /// - Throws: why it is refused, with nothing written.
    static func compute(
        _ change: Change,
        in directory: ResourceDirectory
    ) async throws(DirectoryError) -> ComputedChange {
        let computation = ChangeComputation(directory, change.context)
        switch change.action {
        case .create(let id, let decoded): return try await computation.create(id, decoded)
        case .replace(let id, let decoded): return try await computation.replace(id, decoded)
        case .patch(let id, let plan): return try await computation.patch(id, plan)
        case .delete(let id): return try computation.delete(id)
        }
    }

    /// The status of an answer without a body, which shows nothing of the resource.
    private static let noContent: UInt16 = 204
}

/// What a request makes of a resource, apart from its members.
struct RequestedChange {
    let resource: Resource
    let containsPassword: Bool
    /// Attributes of the request that no schema defines.
    let ignored: [AttributePath]
}

/// The kind of change that a request asks for.
package enum ChangeVerb: Sendable { case create, replace, update, delete }

// MARK: - Create and delete

extension ChangeComputation {
    /// Creates a resource (RFC 7644 §3.3).
    private func create(
        _ id: UniqueID,
        _ decoded: DecodedResource
    ) async throws(DirectoryError) -> ComputedChange {
        let named = [MemberChange.add(decoded.members ?? MemberIDs())]
        var run = directory.membership(id, named, context, isNew: true)
        try await directory.finish(&run)
        let members = run.delta
        var changes = ResourceChangeset(id, context, directory.environment)
        changes.create(ResourceRecord(created: now, lastModified: now, resource: decoded.resource))
        changes.change(members)
        var record = ChangeRecord(.create, of: id, status: context.successStatus(run.memberCount))
        record.paths = changedPaths(
            from: Resource(stored: JSONObject(), type: context.kind.type),
            to: decoded.resource,
            type: context.kind.type
        )
        record.members = members
        record.ignored = decoded.ignored.count
        changes.append(record.entry(context))
        var outcome = record.outcome(
            version: changes.version,
            ignored: members.ignored(beside: decoded.ignored)
        )
        if context.isAnswered, let row = changes.row {
            let isListed = run.memberCount <= ResourceDirectory.membersAnsweredMax
            outcome.resource = ChangedResource(
                row: row,
                version: changes.version,
                lastModified: now,
                members: isListed ? members.members(after: []) : nil
            )
        }
        return ComputedChange(changes: changes, outcome: outcome)
    }

    /// Deletes a resource, its rows and its edges in one commit (RFC 7644 §3.6); those to many members follow in slices.
    private func delete(_ id: UniqueID) throws(DirectoryError) -> ComputedChange {
        let holder = context.access.kinds.holder
        var containers: [UniqueID] = []
        // Without those that are deleted themselves, and whose edges are about to go.
        var groups: [UniqueID] = []
        var hasManyMembers = false
        let current = try directory.store.reading { snapshot throws(DirectoryError) -> CurrentResource in
            let current = try directory.load(id, context, snapshot)
            containers = try snapshot.containers(of: id, space: context.tenant)
            if let holder {
                for container in containers
                where try snapshot.kind(of: container, tenant: context.tenant, among: [holder]) != nil {
                    groups.append(container)
                }
            }
            if context.kind.membersAttribute != nil {
                let limit = directory.unlinkedAtOnceMax + 1
                let members = try snapshot.memberCount(
                    of: id,
                    space: context.tenant,
                    from: nil,
                    limit: limit
                )
                hasManyMembers = members.count == limit
            }
            return current
        }
        var changes = ResourceChangeset(id, context, directory.environment)
        changes.require(current, versionToo: true)
        changes.delete(current.record, membersLater: hasManyMembers)
        var record = ChangeRecord(.delete, of: id, status: context.successStatus(0))
        record.versions = .ended(current.version)
        changes.append(record.entry(context))
        if let holder {
            // Whoever adds it to another group meanwhile makes this attempt fail, so that no group changes without its version.
            changes.require(.exactly(EdgeKeys.containers(of: id, space: context.tenant), containers))
            for group in groups.prefix(Self.stampedContainersMax) {
                try leave(group, holder, id, status: record.status, &changes)
            }
        }
        return ComputedChange(changes: changes, outcome: record.outcome(version: nil, ignored: []))
    }

    /// How many groups are told in the same commit that a deleted member has left them.
    private static let stampedContainersMax = 1_000

    private func leave(
        _ group: UniqueID,
        _ holder: ResourceKind,
        _ member: UniqueID,
        status: UInt16,
        _ changes: inout ResourceChangeset
    ) throws(DirectoryError) {
        changes.require(.present(Keys.record(context.tenant, holder.code, group)))
        var record = ChangeRecord(.update, of: group, status: status)
        record.members.removed.add(member)
        if directory.isStaging {
            // What comes later in the same commit reads the members through the version that is written here.
            let stamp = Keys.stamp(context.tenant, holder.code, group)
            let version = try directory.store.reading { snapshot throws(DirectoryError) in
                try snapshot.row(stamp) { _, version in version }
            }
            if let version {
                changes.require(.version(stamp, version))
                record.versions = .changed(from: version)
            }
        }
        changes.stamp(group, holder, now)
        changes.append(record.entry(context, kind: holder))
    }
}

// MARK: - Replace and PATCH

extension ChangeComputation {
    /// Replaces a resource (RFC 7644 §3.5.1): what the request leaves out is cleared, readOnly attributes stay.
    private func replace(
        _ id: UniqueID,
        _ decoded: DecodedResource
    ) async throws(DirectoryError) -> ComputedChange {
        let members =
            context.kind.membersAttribute == nil
            ? [] : [MemberChange.replaceAll(decoded.members ?? MemberIDs())]
        return try await update(id, .replace, members: members, membersAlone: false) {
            current throws(SCIMError) in
            RequestedChange(
                resource: try decoded.resource.replacing(current),
                containsPassword: decoded.containsPassword,
                ignored: decoded.ignored
            )
        }
    }

    /// Applies PATCH operations, all or none (RFC 7644 §3.5.2); operations on a group's members never load the group.
    private func patch(_ id: UniqueID, _ plan: PatchPlan) async throws(DirectoryError) -> ComputedChange {
        let membersAlone = plan.changesOnlyMembers
        return try await update(id, .update, members: plan.members, membersAlone: membersAlone) {
            current throws(SCIMError) in
            RequestedChange(
                resource: membersAlone ? current : try plan.apply(to: current),
                containsPassword: plan.containsPassword,
                ignored: plan.ignored
            )
        }
    }

    /// `membersAlone`: whether nothing else can change, so that the change commutes with others of other members.
    private func update(
        _ id: UniqueID,
        _ verb: ChangeVerb,
        members: [MemberChange],
        membersAlone: Bool,
        _ transform: (Resource) throws(SCIMError) -> RequestedChange
    ) async throws(DirectoryError) -> ComputedChange {
        var run = directory.membership(id, members, context)
        let (current, requested, before) = try directory.store.reading {
            snapshot throws(DirectoryError) -> (CurrentResource, RequestedChange, [MemberEdge]?) in
            let current = try directory.load(id, context, snapshot)
            let requested: RequestedChange
            do throws(SCIMError) { requested = try transform(current.record.resource) } catch {
                throw .rejected(error)
            }
            try run.advance(snapshot)
            return (current, requested, try answeredMembers(id, run, snapshot))
        }
        try await directory.finish(&run)
        let delta = run.delta
        var record = ChangeRecord(verb, of: id, status: context.successStatus(run.memberCount))
        // A PUT, an answer that shows the members and a condition rest on all of them. What comes later in the same commit
        // reads them through the version that is written here.
        let restsOnVersion =
            !membersAlone || delta.restsOnAll || context.condition != .none || record.status != Self.noContent
            || directory.isStaging
        var changes = ResourceChangeset(id, context, directory.environment)
        changes.require(current, versionToo: restsOnVersion)
        changes.require(delta)
        let ignored = delta.ignored(beside: requested.ignored)
        let isSame = membersAlone || current.record.resource == requested.resource
        let isTouched = !isSame || !delta.isEmpty
        guard isTouched || requested.containsPassword else {
            var outcome = record.outcome(version: current.version, ignored: ignored)
            outcome.hasChanged = false
            outcome.resource = answer(record.status, current, members: before)
            return ComputedChange(changes: changes, outcome: outcome)
        }
        let new = ResourceRecord(
            created: current.record.created,
            lastModified: isSame ? current.record.lastModified : now,
            resource: requested.resource
        )
        if !isSame { changes.replace(current.record, with: new) }
        if isTouched {
            changes.change(delta)
            changes.stamp(now)
        }
        if !isSame {
            record.paths = changedPaths(
                from: current.record.resource,
                to: requested.resource,
                type: context.kind.type
            )
        }
        record.members = delta
        record.versions = restsOnVersion ? .changed(from: current.version) : .made
        record.ignored = requested.ignored.count
        changes.append(record.entry(context, old: current.record.resource, new: requested))
        let left = isTouched ? current.left(by: changes, new, at: now) : current
        // Beside others who change members, it is not this change alone that makes the state.
        var outcome = record.outcome(version: restsOnVersion ? left.version : nil, ignored: ignored)
        outcome.resource = answer(record.status, left, members: before.map(delta.members(after:)))
        return ComputedChange(changes: changes, outcome: outcome)
    }
}

// MARK: - Answers

extension ChangeComputation {
    /// The members before a change, if its answer will show those after it.
    private func answeredMembers(
        _ id: UniqueID,
        _ run: MembershipRun,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [MemberEdge]? {
        guard context.kind.membersAttribute != nil, context.isAnswered, run.isDone,
            run.memberCount <= ResourceDirectory.membersAnsweredMax,
            context.successStatus(run.memberCount) != Self.noContent
        else { return nil }
        let limit = ResourceDirectory.membersAnsweredMax + run.delta.removed.total
        return try snapshot.members(of: id, space: context.tenant, from: nil, limit: limit + 1).edges
    }

    private func answer(
        _ status: UInt16,
        _ current: CurrentResource,
        members: [MemberEdge]?
    ) -> ChangedResource? {
        guard context.isAnswered, status != Self.noContent else { return nil }
        return ChangedResource(
            row: current.record.encoded(id: current.id),
            version: current.version,
            lastModified: current.lastModified,
            members: members
        )
    }
}
