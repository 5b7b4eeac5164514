import Audit
import JSON
import SCIM
import Storage

extension ResourceDirectory {
    /// Replaces a resource (RFC 7644 §3.5.1): what the request leaves out is cleared, readOnly attributes stay.
    package func replace(
        _ id: UniqueID,
        with decoded: DecodedResource,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> ChangeOutcome {
        let members =
            context.kind.membersAttribute == nil
            ? [] : [MemberChange.replaceAll(decoded.members ?? MemberIDs())]
        return try await change(id, .replace, members: members, context) { current throws(SCIMError) in
            RequestedChange(
                resource: try decoded.resource.replacing(current),
                containsPassword: decoded.containsPassword,
                ignored: decoded.ignored
            )
        }
    }

    /// Applies PATCH operations, all or none (RFC 7644 §3.5.2).
    ///
    /// Operations on a group's members never load the group, and do not wait for each other.
    package func patch(
        _ id: UniqueID,
        _ plan: PatchPlan,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> ChangeOutcome {
        guard !plan.changesOnlyMembers else { return try await changeMembers(id, plan, context) }
        return try await change(id, .update, members: plan.members, context) { current throws(SCIMError) in
            RequestedChange(
                resource: try plan.apply(to: current),
                containsPassword: plan.containsPassword,
                ignored: plan.ignored
            )
        }
    }

    /// Deletes a resource, its rows and all its edges in one commit (RFC 7644 §3.6).
    package func delete(
        _ id: UniqueID,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> ChangeOutcome {
        try await exclusively(id, context) { () throws(DirectoryError) in
            try await deleteOnce(id, context)
        }
    }
}

// MARK: - How

/// What a request makes of a resource, apart from its members.
struct RequestedChange {
    let resource: Resource
    let containsPassword: Bool
    /// Attributes of the request that no schema defines.
    let ignored: [AttributePath]
}

/// The kind of change that a request asks for.
package enum ChangeVerb: Sendable { case create, replace, update, delete }

extension ResourceDirectory {
    /// How many groups are told in the same commit that a deleted member has left them.
    private static let stampedContainersMax = 1_000

    private func exclusively<R: Sendable>(
        _ id: UniqueID,
        _ context: ChangeContext,
        members: [MemberChange] = [],
        _ attempt: @Sendable () async throws(DirectoryError) -> R?
    ) async throws(DirectoryError) -> R {
        try await registry.withActor(tenant: context.tenant, kind: context.kind.code, id: id) {
            actor throws(DirectoryError) in
            try await actor.exclusively { _ throws(DirectoryError) in try await retrying(members, attempt) }
        }
    }

    private func change(
        _ id: UniqueID,
        _ verb: ChangeVerb,
        members: [MemberChange],
        _ context: ChangeContext,
        _ transform: @Sendable (Resource) throws(SCIMError) -> RequestedChange
    ) async throws(DirectoryError) -> ChangeOutcome {
        try await exclusively(id, context, members: members) { () throws(DirectoryError) in
            try await changeOnce(id, verb, members: members, context, transform)
        }
    }

    private func changeOnce(
        _ id: UniqueID,
        _ verb: ChangeVerb,
        members: [MemberChange],
        _ context: ChangeContext,
        _ transform: (Resource) throws(SCIMError) -> RequestedChange
    ) async throws(DirectoryError) -> ChangeOutcome? {
        let now = environment.now()
        var run = membership(id, members, context)
        let (current, requested) = try store.reading {
            snapshot throws(DirectoryError) -> (CurrentResource, RequestedChange) in
            let current = try load(id, context, snapshot)
            let requested: RequestedChange
            do throws(SCIMError) { requested = try transform(current.record.resource) } catch {
                throw .rejected(error)
            }
            try run.advance(snapshot)
            return (current, requested)
        }
        try await finish(&run)
        let delta = run.delta
        let status = context.successStatus(run.memberCount)
        let old = current.record
        let isSame = old.resource == requested.resource
        guard !isSame || !delta.isEmpty || requested.containsPassword else {
            return ChangeOutcome(
                id: id,
                status: status,
                hasChanged: false,
                version: current.version,
                ignored: delta.ignored(beside: requested.ignored)
            )
        }
        var changes = ResourceChangeset(id, context, environment)
        if !isSame {
            let new = ResourceRecord(created: old.created, lastModified: now, resource: requested.resource)
            changes.replace(old, version: current.recordVersion, with: new)
        }
        if !isSame || !delta.isEmpty {
            changes.change(delta)
            changes.stamp(now)
        }
        if context.condition != .none { changes.require(.version(current.versionKey, current.version)) }
        let paths = changedPaths(from: old.resource, to: requested.resource, type: context.kind.type)
        changes.append(
            record(
                verb,
                context,
                id,
                status: status,
                paths: paths,
                members: delta,
                old: current,
                new: requested,
                ignored: requested.ignored.count
            )
        )
        guard let receipt = try await commit(changes) else { return nil }
        return ChangeOutcome(
            id: id,
            status: status,
            hasChanged: true,
            version: receipt.version,
            changedPaths: paths,
            ignored: delta.ignored(beside: requested.ignored)
        )
    }

    /// Changes members alone: edges commute, so these changes run side by side and share commits.
    private func changeMembers(
        _ id: UniqueID,
        _ plan: PatchPlan,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> ChangeOutcome {
        try await registry.withActor(tenant: context.tenant, kind: context.kind.code, id: id) {
            actor throws(DirectoryError) in
            try await actor.concurrently { _ throws(DirectoryError) in
                try await retrying(plan.members) { () throws(DirectoryError) in
                    try await changeMembersOnce(id, plan, context)
                }
            }
        }
    }

    private func changeMembersOnce(
        _ id: UniqueID,
        _ plan: PatchPlan,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> ChangeOutcome? {
        let now = environment.now()
        var run = membership(id, plan.members, context)
        let current = try store.reading { snapshot throws(DirectoryError) in
            let current = try load(id, context, snapshot)
            try run.advance(snapshot)
            return current
        }
        try await finish(&run)
        let delta = run.delta
        let status = context.successStatus(run.memberCount)
        guard !delta.isEmpty else {
            return ChangeOutcome(
                id: id,
                status: status,
                hasChanged: false,
                version: current.version,
                ignored: delta.ignored(beside: plan.ignored)
            )
        }
        var changes = ResourceChangeset(id, context, environment)
        changes.require(
            context.condition == .none
                ? .present(Keys.record(context.tenant, context.kind.code, id))
                : .version(current.versionKey, current.version)
        )
        changes.change(delta)
        changes.stamp(now)
        changes.append(
            record(
                .update,
                context,
                id,
                status: status,
                paths: [],
                members: delta,
                old: current,
                ignored: plan.ignored.count
            )
        )
        guard let receipt = try await commit(changes) else { return nil }
        return ChangeOutcome(
            id: id,
            status: status,
            hasChanged: true,
            version: receipt.version,
            ignored: delta.ignored(beside: plan.ignored)
        )
    }

    private func deleteOnce(
        _ id: UniqueID,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> ChangeOutcome? {
        let now = environment.now()
        let (current, containers) = try store.reading {
            snapshot throws(DirectoryError) -> (CurrentResource, [UniqueID]) in
            let current = try load(id, context, snapshot)
            return (current, try snapshot.containers(of: id, space: context.tenant))
        }
        var changes = ResourceChangeset(id, context, environment)
        changes.delete(current.record, version: current.recordVersion)
        if context.condition != .none { changes.require(.version(current.versionKey, current.version)) }
        if let holder = context.access.kinds.holder {
            for container in containers.prefix(Self.stampedContainersMax) {
                changes.require(.present(Keys.record(context.tenant, holder.code, container)))
                changes.stamp(container, holder, now)
            }
        }
        let status = context.successStatus(0)
        changes.append(
            record(.delete, context, id, status: status, paths: [], members: MembershipDelta(), old: current)
        )
        guard try await commit(changes) != nil else { return nil }
        return ChangeOutcome(id: id, status: status, hasChanged: true, version: nil)
    }
}
