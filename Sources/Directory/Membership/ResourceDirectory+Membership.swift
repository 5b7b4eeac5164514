import Locking
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

    /// Takes the steps that are left; others on the loop have their turn between them.
    func finish(_ run: inout MembershipRun) async throws(DirectoryError) {
        while !run.isDone {
            try store.reading { snapshot throws(DirectoryError) in try run.advance(snapshot) }
            if !run.isDone { await giveWay() }
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
