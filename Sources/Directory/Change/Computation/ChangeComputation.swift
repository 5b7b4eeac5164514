import Audit
import JSON
import SCIM
import Storage
import Tenancy

/// What a change comes to on the state that it was computed on; nothing of it is written yet.
struct ComputedChange {
    /// What must still be so, and what is written then: nothing, if the resource is already as it was asked to be.
    var changes: ResourceChangeset
    let outcome: ChangeOutcome
    /// What must be written before; the changeset then has it as a condition.
    var work: MembershipWork?
}

/// What a change of many members has to write before its commit.
enum MembershipWork {
    /// A new set; ``ResourceChangeset/require(built:version:)`` then makes it a condition.
    case build(MembershipBuild)
    /// Marks in the set that is there; ``ResourceChangeset/make(_:)`` then makes them what they say.
    case marks(MembershipDelta, set: UniqueID)
}

/// What earlier attempts of the same change have written before their commits.
struct BegunWork {
    /// The new set of memberships.
    var set: UniqueID?
    /// The marks in the set that is there.
    var marks: SetPreparation?
}

/// Computes a change on what its directory shows, whether that is durable or staged.
///
/// ```
/// snapshot ─► resource, condition ─► asked for ─► members named ─► preconditions, rows, audit record ─► outcome
/// ```
struct ChangeComputation: Sendable {
    let directory: ResourceDirectory
    let context: ChangeContext
    let now: Timestamp
    private let begun: BegunWork

    private init(_ directory: ResourceDirectory, _ context: ChangeContext, _ begun: BegunWork) {
        self.directory = directory
        self.context = context
        self.begun = begun
        now = directory.environment.now()
    }

    /// Computes a change; gives way between the steps of one that names many members.
    ///
    /// `begun`: what earlier attempts have written.
    /// - Throws: why it is refused, with nothing written.
    static func compute(
        _ change: Change,
        in directory: ResourceDirectory,
        begun: BegunWork
    ) async throws(DirectoryError) -> ComputedChange {
        if change.writesMembers {
            try await directory.settleSet(of: change.id, change.context, except: begun.marks)
        }
        let computation = ChangeComputation(directory, change.context, begun)
        switch change.action {
        case .create(let id, let decoded): return try await computation.create(id, decoded)
        case .replace(let id, let decoded): return try await computation.replace(id, decoded)
        case .patch(let id, let plan): return try await computation.patch(id, plan)
        case .delete(let id): return try computation.delete(id)
        case .restore(let id, let record): return try computation.restore(id, record)
        case .restoreMembers(let id, let ids): return try await computation.restoreMembers(of: id, ids)
        }
    }

    /// The status of an answer without a body, which shows nothing of the resource.
    static let noContent: UInt16 = 204
}

/// What a request makes of a resource, apart from its members.
package struct RequestedChange {
    let resource: Resource
    let containsPassword: Bool
    /// Attributes of the request that no schema defines.
    let ignored: [AttributePath]
}

/// The kind of change that a request asks for.
package enum ChangeVerb: Sendable { case create, replace, update, delete }

// MARK: - Create

extension ChangeComputation {
    /// Creates a resource (RFC 7644 §3.3).
    private func create(
        _ id: UniqueID,
        _ decoded: DecodedResource
    ) async throws(DirectoryError) -> ComputedChange {
        let named = [MemberChange.add(decoded.members ?? MemberIDs())]
        let run = try await directory.finish(directory.membership(id, named, context, isNew: true))
        let members = run.delta
        var changes = ResourceChangeset(id, context, directory.environment)
        var new = ResourceRecord(created: now, lastModified: now, resource: decoded.resource)
        let work = place(members, of: id, &new, inPlaceOf: nil, &changes)
        changes.create(new)
        var record = ChangeRecord(.create, of: id, status: context.successStatus(run.memberCount))
        record.paths = paths(of: decoded.resource)
        record.members = members
        record.ignored = decoded.ignored.count
        changes.append(record.entry(context, directory.environment, named: [decoded.resource]))
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
                members: isListed ? members.members(after: []) : nil,
                groups: []
            )
        }
        return ComputedChange(changes: changes, outcome: outcome, work: work)
    }

    /// The paths of all that a new resource has.
    func paths(of resource: Resource) -> [String] {
        ResourceDifference(from: Resource(stored: JSONObject(), type: context.kind.type), to: resource).paths
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
        return try await update(id, .replace, only: nil, members: members, membersAlone: false) {
            current,
            _ throws(SCIMError) in
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
        return try await update(
            id,
            .update,
            only: directory.readsWholeRecords ? nil : names(of: plan),
            members: plan.members,
            membersAlone: membersAlone
        ) { current, budget throws(SCIMError) in
            guard let resource = membersAlone ? current : try plan.apply(to: current, &budget) else {
                return nil
            }
            return RequestedChange(
                resource: resource,
                containsPassword: plan.containsPassword,
                ignored: plan.ignored
            )
        }
    }

    /// The attributes that carrying a plan out, its record in the audit trail and the index rows need to know.
    private func names(of plan: PatchPlan) -> [String] {
        var names = plan.neededNames
        func add(_ more: [String]) { for name in more where !names.contains(name) { names.append(name) } }
        if RecordPart.displayNames.contains(where: plan.names.contains) { add(RecordPart.displayNames) }
        if context.access.tenant.identifierKey != nil { add(IdentifierKey.attributes) }
        return names
    }

    /// Changes what is there.
    ///
    /// `names`: the attributes that the transformation looks at; nil for all. `membersAlone`: whether nothing else can change, so
    /// that the change commutes with others of other members.
    private func update(
        _ id: UniqueID,
        _ verb: ChangeVerb,
        only names: [String]?,
        members: [MemberChange],
        membersAlone: Bool,
        _ transform: @escaping Transformation
    ) async throws(DirectoryError) -> ComputedChange {
        let begun = try await begin(id, only: names, members, transform)
        let (current, requested) = (begun.current, begun.requested)
        let membership = try await directory.finish(begun.membership)
        let delta = membership.delta
        var record = ChangeRecord(verb, of: id, status: context.successStatus(membership.memberCount))
        // A PUT, an answer that shows the members and a condition rest on all of them. What comes later in the same commit
        // reads them through the version that is written here.
        let restsOnVersion =
            !membersAlone || delta.restsOnAll || context.condition != .none || record.status != Self.noContent
            || directory.isStaging
        var changes = ResourceChangeset(id, context, directory.environment, recordKey: current.recordKey)
        changes.require(current, versionToo: restsOnVersion)
        changes.require(delta, in: membership.set)
        if !members.isEmpty, !isMarked(delta) { changes.requireSettled(membership.set) }
        let ignored = delta.ignored(beside: requested.ignored)
        let difference =
            membersAlone
            ? nil : ResourceDifference(from: current.record.resource, to: requested.resource)
        let isSame = difference?.isEmpty ?? true
        let isTouched = !isSame || !delta.isEmpty
        guard isTouched || requested.containsPassword else {
            var outcome = record.outcome(version: current.version, ignored: ignored)
            outcome.hasChanged = false
            outcome.effect = []
            outcome.resource = answer(
                record.status,
                current.record,
                (current.version, current.lastModified),
                edges: begun.edges,
                of: id
            )
            return ComputedChange(changes: changes, outcome: outcome)
        }
        var new = current.record.with(
            requested.resource,
            lastModified: isSame ? current.record.lastModified : now
        )
        let work = place(delta, of: id, &new, inPlaceOf: membership.set, &changes)
        if !isSame || new.membershipSet != current.record.membershipSet {
            changes.replace(current.record, with: new, difference)
        }
        if isTouched { changes.stamp(now) }
        record.paths = difference?.paths ?? []
        // A delta is many lists, which are all empty but where members are named.
        if !delta.isEmpty || delta.unknownCount > 0 { record.members = delta }
        record.versions = restsOnVersion ? .changed(from: current.version) : .made
        record.ignored = requested.ignored.count
        changes.append(
            record.entry(
                context,
                directory.environment,
                old: current.record.resource,
                new: requested,
                named: [requested.resource, current.record.resource]
            )
        )
        let left =
            isTouched
            ? current.left(by: changes, at: now)
            : (version: current.version, lastModified: current.lastModified)
        // Beside others who change members, it is not this change alone that makes the state.
        var outcome = record.outcome(version: restsOnVersion ? left.version : nil, ignored: ignored)
        if difference?.contains("active") == true,
            Activation(context.kind, from: current.record.resource, to: requested.resource) == .deactivated
        {
            outcome.effect.insert(.deactivated)
            changes.hurry()
        }
        if delta.removed.total > 0 { changes.hurry() }
        outcome.resource = answer(
            record.status,
            isTouched ? new : current.record,
            left,
            row: changes.row,
            edges: begun.edges.after(delta),
            of: id
        )
        return ComputedChange(changes: changes, outcome: outcome, work: work)
    }

    /// Whether the edges are marked before the commit.
    ///
    /// What shares a commit with others is written in it.
    private func isMarked(_ delta: MembershipDelta) -> Bool { delta.place == .marks && !directory.isStaging }

    /// Writes the members where they belong: in the set that is there, or in a new one; or tells what has to be written before.
    ///
    /// `old`: the set that is there; nil for a resource that is being created. What shares a commit with others is built in it.
    private func place(
        _ delta: MembershipDelta,
        of id: UniqueID,
        _ record: inout ResourceRecord,
        inPlaceOf old: UniqueID?,
        _ changes: inout ResourceChangeset
    ) -> MembershipWork? {
        if isMarked(delta) { return .marks(delta, set: old ?? id) }
        let isNew = delta.place == .newSet
        let isBuilt = isNew && !directory.isStaging && delta.linkCount > directory.membershipLimits.endedMax
        guard isBuilt || isNew && old != nil else {
            changes.change(delta, in: old ?? id)
            return nil
        }
        let set = begun.set ?? directory.makeID()
        record.membershipSet = set
        changes.own(set, inPlaceOf: old, isBuilt: isBuilt)
        guard isBuilt else {
            changes.change(delta, in: set)
            return nil
        }
        return .build(MembershipBuild(set: set, delta: delta))
    }
}
