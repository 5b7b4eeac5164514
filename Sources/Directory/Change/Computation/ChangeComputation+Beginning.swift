import SCIM
import Storage
import Tenancy

extension ChangeComputation {
    /// Makes of a resource what a request asks for; nil if that costs more than the budget has.
    typealias Transformation =
        @Sendable (Resource, inout WorkBudget) throws(SCIMError) -> RequestedChange?

    /// What one look at the store tells of the resource that is to be changed.
    struct Begun {
        let current: CurrentResource
        let requested: RequestedChange
        let edges: AnsweredEdges
        /// Unfinished if the request names many members.
        let membership: BegunMembership
    }

    /// Reads the resource, and makes of it what is asked for: on the loop, unless that takes too long.
    ///
    /// `names`: the attributes that this looks at; nil for all.
    func begin(
        _ id: UniqueID,
        only names: [String]?,
        _ members: [MemberChange],
        _ transform: @escaping Transformation
    ) async throws(DirectoryError) -> Begun {
        do throws(DirectoryError) {
            return try begin(id, only: names, members, transform, .loop)
        } catch .tooLongForLoop {
            return try await directory.inBackground(of: context.tenant) { () throws(DirectoryError) in
                try begin(id, only: names, members, transform, .background)
            }
        }
    }

    private func begin(
        _ id: UniqueID,
        only names: [String]?,
        _ members: [MemberChange],
        _ transform: Transformation,
        _ pace: WorkPace
    ) throws(DirectoryError) -> Begun {
        var begun: Begun?
        try directory.store.lending { snapshot throws(DirectoryError) in
            let current = try directory.load(id, context, snapshot, only: names)
            let requested = try requested(of: current.record.resource, transform, pace)
            let membership = try membership(of: current, members, pace, snapshot)
            begun = Begun(
                current: current,
                requested: requested,
                edges: try answeredEdges(id, membership, pace, snapshot),
                membership: membership
            )
        }
        guard let begun else { preconditionFailure("a snapshot is lent exactly once, or an error thrown") }
        return begun
    }

    private func membership(
        of current: CurrentResource,
        _ members: [MemberChange],
        _ pace: WorkPace,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> BegunMembership {
        guard context.kind.membersAttribute != nil else {
            return .found(FoundMembership(nothingIn: current.membershipSet))
        }
        var run = directory.membership(current.id, members, context)
        run.set = current.membershipSet
        try run.advance(snapshot, pace)
        return BegunMembership(run)
    }

    private func requested(
        of resource: Resource,
        _ transform: Transformation,
        _ pace: WorkPace
    ) throws(DirectoryError) -> RequestedChange {
        var budget = WorkBudget(pace == .loop ? PatchLimits.workOnLoopMax : PatchLimits.workMax)
        do throws(SCIMError) {
            if let requested = try transform(resource, &budget) { return requested }
        } catch {
            throw .rejected(error)
        }
        guard pace == .background else { throw .tooLongForLoop }
        throw .rejected(.tooMuchWork)
    }
}
