import Audit
import SCIM
import Storage
import Tenancy

extension ChangeComputation {
    /// What the answer of a change will show of other resources.
    struct AnsweredEdges {
        /// The members, if the answer shows them.
        var members: [MemberEdge]?
        /// The groups that hold the resource.
        var groups: [HoldingGroup] = []

        func after(_ delta: MembershipDelta) -> AnsweredEdges {
            AnsweredEdges(members: members.map(delta.members(after:)), groups: groups)
        }
    }

    /// Read with the resource itself: afterwards somebody may have deleted it.
    func answeredEdges(
        _ id: UniqueID,
        _ run: MembershipRun,
        _ pace: WorkPace,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> AnsweredEdges {
        var edges = AnsweredEdges()
        guard context.isAnswered, context.successStatus(run.memberCount) != Self.noContent else {
            return edges
        }
        if context.kind.groupsAttribute != nil, let holder = context.access.kinds.holder {
            edges.groups = try snapshot.groups(of: id, tenant: context.tenant, holder: holder.code, pace)
        }
        if context.kind.membersAttribute != nil, run.isDone,
            run.memberCount <= ResourceDirectory.membersAnsweredMax
        {
            let limit = ResourceDirectory.membersAnsweredMax + run.delta.removed.total + 1
            edges.members = try snapshot.members(
                ofSet: run.set,
                space: context.tenant,
                from: nil,
                limit: limit
            ).edges
        }
        return edges
    }

    /// `row`: the record's row, if the change has written it.
    func answer(
        _ status: UInt16,
        _ current: CurrentResource,
        row: [UInt8]? = nil,
        edges: AnsweredEdges
    ) -> ChangedResource? {
        guard context.isAnswered, status != Self.noContent else { return nil }
        return ChangedResource(
            row: row ?? current.record.encoded(id: current.id),
            version: current.version,
            lastModified: current.lastModified,
            members: edges.members,
            groups: edges.groups
        )
    }
}
