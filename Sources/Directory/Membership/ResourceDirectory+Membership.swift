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

    /// Takes the steps that are left: one on the loop, and more beside the loops.
    func finish(_ begun: consuming MembershipRun) async throws(DirectoryError) -> MembershipRun {
        var run = begun
        if !run.isDone, !run.evaluatesFilters {
            try store.lending { snapshot throws(DirectoryError) in try run.advance(snapshot, .loop) }
        }
        guard !run.isDone else { return run }
        let tenant = run.tenant
        let (steps, store) = (MembershipSteps(run), store)
        while true {
            let isDone = try await inBackground(of: tenant) { () throws(DirectoryError) in
                try steps.advance(in: store)
            }
            if isDone { return steps.finish() }
        }
    }

    /// Does work that would hold a loop for too long.
    ///
    /// - Throws: what the work throws; ``DirectoryError/busy`` if too much of the tenant's waits already.
    package func inBackground<R: Sendable>(
        of tenant: UInt32,
        _ work: @escaping @Sendable () throws(DirectoryError) -> R
    ) async throws(DirectoryError) -> R {
        let result = await environment.background.run(for: tenant) { () -> Result<R, DirectoryError> in
            do throws(DirectoryError) { return .success(try work()) } catch { return .failure(error) }
        }
        guard let result else { throw .busy }
        return try result.get()
    }
}

/// A run that is moved on by one thread after another, without being copied.
private final class MembershipSteps: Sendable {
    private let run: Locked<MembershipRun>

    init(_ run: consuming MembershipRun) { self.run = Locked(run) }

    /// Takes a step; true after the last one.
    func advance(in store: any Store) throws(DirectoryError) -> Bool {
        try run.withLock { run throws(DirectoryError) in
            try store.lending { snapshot throws(DirectoryError) in try run.advance(snapshot, .background) }
            return run.isDone
        }
    }

    func finish() -> MembershipRun { run.withLock { $0 } }
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
