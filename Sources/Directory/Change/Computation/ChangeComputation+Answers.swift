import Audit
import JSON
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
        _ membership: BegunMembership,
        _ pace: WorkPace,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> AnsweredEdges {
        var edges = AnsweredEdges()
        guard context.isAnswered, context.successStatus(membership.memberCount) != Self.noContent else {
            return edges
        }
        if context.kind.groupsAttribute != nil, let holder = context.access.kinds.holder {
            edges.groups = try snapshot.groups(of: id, tenant: context.tenant, holder: holder.code, pace)
        }
        if context.kind.membersAttribute != nil, case .found(let found) = membership,
            found.memberCount <= ResourceDirectory.membersAnsweredMax
        {
            let limit = ResourceDirectory.membersAnsweredMax + found.delta.removed.total + 1
            edges.members = try snapshot.members(
                ofSet: found.set,
                space: context.tenant,
                from: nil,
                limit: limit
            ).edges
        }
        return edges
    }

    /// `record` and `left`: the resource as the change leaves it; `row`: the record's row, if the change has written it.
    func answer(
        _ status: UInt16,
        _ record: ResourceRecord,
        _ left: (version: CommitVersion, lastModified: Timestamp),
        row: [UInt8]? = nil,
        edges: AnsweredEdges,
        of id: UniqueID
    ) -> ChangedResource? {
        guard context.isAnswered, status != Self.noContent else { return nil }
        return ChangedResource(
            row: row ?? record.encoded(id: id),
            version: left.version,
            lastModified: left.lastModified,
            members: edges.members,
            groups: edges.groups
        )
    }
}
