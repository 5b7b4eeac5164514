import SCIM
import Storage
import Tenancy

extension ResourceDirectory {
    /// Begins to find out what a request changes in a resource's members; nothing, if its kind has none.
    func membership(
        _ id: UniqueID,
        _ changes: [MemberChange],
        _ context: ChangeContext,
        isNew: Bool = false
    ) -> MembershipRun {
        MembershipRun(
            changes,
            of: id,
            renderer(context),
            membershipLimits,
            isNew: isNew,
            leavesOutUnknown: context.access.profile.contains(.unknownMembers)
        )
    }

    /// Takes the steps that are left, if any are.
    func finish(_ begun: BegunMembership) async throws(DirectoryError) -> FoundMembership {
        switch begun {
        case .found(let found): found
        case .unfinished(let run): FoundMembership(try await finish(run))
        }
    }

    /// Takes the steps that are left: one on the loop, and more beside the loops.
    func finish(_ begun: consuming MembershipRun) async throws(DirectoryError) -> MembershipRun {
        var run = begun
        if !run.isDone, !run.evaluatesFilters {
            try store.lending { snapshot throws(DirectoryError) in try run.advance(snapshot, .loop) }
        }
        guard !run.isDone else { return run }
        let store = store
        return try await stepping(run, of: run.tenant) { run throws(DirectoryError) in
            try store.lending { snapshot throws(DirectoryError) in try run.advance(snapshot, .background) }
            return run.isDone
        }
    }
}

extension MemberChange {
    /// How many ids the change names.
    var namedCount: Int {
        switch self {
        case .add(let ids), .remove(let ids), .replaceAll(let ids): ids.count
        case .exchange(let leaving, let wanted): leaving.count + wanted.count
        case .removeAll, .removeMatching: 0
        }
    }
}
