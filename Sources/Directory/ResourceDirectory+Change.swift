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
        let (current, requested, before) = try store.reading {
            snapshot throws(DirectoryError) -> (CurrentResource, RequestedChange, [MemberEdge]?) in
            let current = try load(id, context, snapshot)
            let requested: RequestedChange
            do throws(SCIMError) { requested = try transform(current.record.resource) } catch {
                throw .rejected(error)
            }
            try run.advance(snapshot)
            return (current, requested, try answeredMembers(id, run, context, snapshot))
        }
        try await finish(&run)
        let delta = run.delta
        let status = context.successStatus(run.memberCount)
        let old = current.record
        let isSame = old.resource == requested.resource
        var changes = ResourceChangeset(id, context, environment)
        // A PUT, an answer that shows the members and a condition rest on all of them; so does the version in the record.
        changes.require(current, versionToo: true)
        changes.require(delta)
        guard !isSame || !delta.isEmpty || requested.containsPassword else {
            guard try await hold(changes) else { return nil }
            return ChangeOutcome(
                id: id,
                status: status,
                hasChanged: false,
                version: current.version,
                resource: answer(context, status, current, members: before),
                ignored: delta.ignored(beside: requested.ignored)
            )
        }
        let new = ResourceRecord(
            created: old.created,
            lastModified: isSame ? old.lastModified : now,
            resource: requested.resource
        )
        if !isSame { changes.replace(old, with: new) }
        let isTouched = !isSame || !delta.isEmpty
        if isTouched {
            changes.change(delta)
            changes.stamp(now)
        }
        let paths = changedPaths(from: old.resource, to: requested.resource, type: context.kind.type)
        changes.append(
            record(
                verb,
                context,
                id,
                status: status,
                paths: paths,
                members: delta,
                versions: .changed(from: current.version),
                old: old.resource,
                new: requested,
                ignored: requested.ignored.count
            )
        )
        guard try await commit(changes) != nil else { return nil }
        let left = current.left(by: changes, new, at: now, isTouched: isTouched)
        return ChangeOutcome(
            id: id,
            status: status,
            hasChanged: true,
            version: left.version,
            resource: answer(context, status, left, members: before.map(delta.members(after:))),
            changedPaths: paths,
            ignored: delta.ignored(beside: requested.ignored)
        )
    }

    /// Changes members alone: edges commute, so these changes run side by side and share commits, unless their answers show
    /// all members.
    private func changeMembers(
        _ id: UniqueID,
        _ plan: PatchPlan,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> ChangeOutcome {
        try await registry.withActor(tenant: context.tenant, kind: context.kind.code, id: id) {
            actor throws(DirectoryError) in
            let outcome = try await actor.concurrently { _ throws(DirectoryError) in
                try await retrying(plan.members) { () throws(DirectoryError) in
                    try await changeMembersOnce(id, plan, context, hasTurn: false)
                }
            }
            if let outcome { return outcome }
            return try await actor.exclusively { _ throws(DirectoryError) in
                try await retrying(plan.members) { () throws(DirectoryError) in
                    // The turn is there, so that it is waited for no more.
                    try await changeMembersOnce(id, plan, context, hasTurn: true).flatMap { $0 }
                }
            }
        }
    }

    /// One attempt; the outer nil if it has to be made again, the inner one if it has to wait for its turn.
    private func changeMembersOnce(
        _ id: UniqueID,
        _ plan: PatchPlan,
        _ context: ChangeContext,
        hasTurn: Bool
    ) async throws(DirectoryError) -> ChangeOutcome?? {
        let now = environment.now()
        var run = membership(id, plan.members, context)
        let (current, before) = try store.reading {
            snapshot throws(DirectoryError) -> (CurrentResource, [MemberEdge]?) in
            let current = try load(id, context, snapshot)
            try run.advance(snapshot)
            return (current, try answeredMembers(id, run, context, snapshot))
        }
        try await finish(&run)
        let delta = run.delta
        let status = context.successStatus(run.memberCount)
        let restsOnAll = delta.restsOnAll || context.condition != .none || status != Self.noContent
        guard hasTurn || !restsOnAll || delta.isEmpty else { return .some(nil) }
        var changes = ResourceChangeset(id, context, environment)
        // What comes later in the same commit reads the members through the version that is written here.
        let showsVersion = restsOnAll || isStaging
        changes.require(current, versionToo: showsVersion)
        changes.require(delta)
        guard !delta.isEmpty else {
            guard try await hold(changes) else { return nil }
            return ChangeOutcome(
                id: id,
                status: status,
                hasChanged: false,
                version: current.version,
                resource: answer(context, status, current, members: before),
                ignored: delta.ignored(beside: plan.ignored)
            )
        }
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
                versions: showsVersion ? .changed(from: current.version) : .made,
                ignored: plan.ignored.count
            )
        )
        guard try await commit(changes) != nil else { return nil }
        let left = current.left(by: changes, current.record, at: now, isTouched: true)
        return ChangeOutcome(
            id: id,
            status: status,
            hasChanged: true,
            // Beside others who change members, it is not this change alone that makes the state.
            version: showsVersion ? left.version : nil,
            resource: answer(context, status, left, members: before.map(delta.members(after:))),
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
        changes.require(current, versionToo: true)
        changes.delete(current.record)
        let status = context.successStatus(0)
        changes.append(
            record(
                .delete,
                context,
                id,
                status: status,
                paths: [],
                members: MembershipDelta(),
                versions: .ended(current.version)
            )
        )
        if let holder = context.access.kinds.holder {
            // Whoever adds it to another group meanwhile makes this attempt fail, so that no group changes without its version.
            changes.require(.exactly(EdgeKeys.containers(of: id, space: context.tenant), containers))
            for container in containers.prefix(Self.stampedContainersMax) {
                changes.require(.present(Keys.record(context.tenant, holder.code, container)))
                let version = isStaging ? try stampVersion(of: container, holder, context) : nil
                // What comes later in the same commit reads the members through the version that is written here.
                if let version {
                    changes.require(.version(Keys.stamp(context.tenant, holder.code, container), version))
                }
                changes.stamp(container, holder, now)
                changes.append(leaving(id, container, holder, context, from: version, status: status))
            }
        }
        guard try await commit(changes) != nil else { return nil }
        return ChangeOutcome(id: id, status: status, hasChanged: true, version: nil)
    }
}

// MARK: - Answers

extension ResourceDirectory {
    private func stampVersion(
        of group: UniqueID,
        _ holder: ResourceKind,
        _ context: ChangeContext
    ) throws(DirectoryError) -> CommitVersion? {
        try store.reading { snapshot throws(DirectoryError) in
            try snapshot.row(Keys.stamp(context.tenant, holder.code, group)) { _, version in version }
        }
    }

    /// The members before a change, if its answer will show those after it.
    private func answeredMembers(
        _ id: UniqueID,
        _ run: MembershipRun,
        _ context: ChangeContext,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [MemberEdge]? {
        guard context.kind.membersAttribute != nil, context.isAnswered, run.isDone,
            run.memberCount <= Self.membersAnsweredMax,
            context.successStatus(run.memberCount) != Self.noContent
        else { return nil }
        let limit = Self.membersAnsweredMax + run.delta.removed.total
        return try snapshot.members(of: id, space: context.tenant, from: nil, limit: limit + 1).edges
    }

    private func answer(
        _ context: ChangeContext,
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

    /// The status of an answer without a body, which shows nothing of the resource.
    private static let noContent: UInt16 = 204
}

extension CurrentResource {
    /// The resource after a change of it.
    fileprivate func left(
        by changes: ResourceChangeset,
        _ new: ResourceRecord,
        at now: Timestamp,
        isTouched: Bool
    ) -> CurrentResource {
        guard isTouched else { return self }
        let hasMembers = versionKey != recordKey
        return CurrentResource(
            id: id,
            record: new,
            recordKey: recordKey,
            recordVersion: changes.row == nil ? recordVersion : changes.version,
            version: hasMembers || changes.row != nil ? changes.version : version,
            versionKey: versionKey,
            lastModified: now
        )
    }
}
