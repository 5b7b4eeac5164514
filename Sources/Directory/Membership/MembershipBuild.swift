import Audit
import Locking
import Storage
import Tenancy

/// A new set of memberships that is too large for the commit of its change, and is therefore written before it, in slices.
///
/// ```
/// note that nobody owns the set ─► slice ─► slice ─► … ─► the change's commit gives it to the group
///                                    └── a member is deleted, or something else conflicts: computed again, and only the
///                                        difference is written
/// ```
struct MembershipBuild: Sendable {
    let set: UniqueID
    /// Its links are the members.
    let delta: MembershipDelta
}

extension ResourceDirectory {
    /// Writes the set as it is to be, or what it still lacks of that.
    ///
    /// - Returns: the version of the row that says that nobody owns it: a condition of the commit that gives it to its group, as
    ///   the deletion of a member writes it anew. Nil if a member is gone already.
    func carryOut(
        _ build: MembershipBuild,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> CommitVersion? {
        setsInWork.insert(build.set)
        let version = environment.makeVersion()
        let unowned = Keys.unownedSet(context.tenant, build.set)
        let tenant = Precondition.present(Keys.tenant(context.access.tenant.name))
        var beginning = Changeset()
        beginning.turn.account = context.tenant
        beginning.preconditions = [tenant]
        beginning.mutations = [.version(version), .put(unowned, [])]
        guard try await commitSlice(beginning) else { return nil }
        var slices = MembershipSlices(build, tenant: context.tenant, limit: membershipLimits.sliceMax)
        while !slices.isDone {
            var slice = try store.reading { snapshot throws(DirectoryError) in try slices.next(snapshot) }
            if !slice.mutations.isEmpty {
                slice.turn.account = context.tenant
                slice.preconditions += [tenant, .version(unowned, version)]
                guard try await commitSlice(slice) else { return nil }
            }
            await giveWay()
        }
        return version
    }

    /// Commits; false if a precondition does not hold any more.
    func commitSlice(_ changeset: Changeset) async throws(DirectoryError) -> Bool {
        do throws(LedgerError) {
            try await ledger.commit(changeset)
            return true
        } catch .conflict {
            return false
        } catch {
            throw DirectoryError(error)
        }
    }
}

/// Compares a set with what it is to be, from the first member to the last.
private struct MembershipSlices {
    private let build: MembershipBuild
    private let tenant: UInt32
    private let limit: Int
    /// The members to be linked, in the order of their ids.
    private let links: [MemberEdge]
    private var link = 0
    private var start: UniqueID?
    private(set) var isDone = false

    init(_ build: MembershipBuild, tenant: UInt32, limit: Int) {
        self.build = build
        self.tenant = tenant
        self.limit = max(1, limit)
        links = build.delta.members(after: [])
    }

    /// What the next members need, if anything; their records are conditions.
    mutating func next(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Changeset {
        let wanted = links[link..<min(link + limit, links.count)]
        var end = wanted.endIndex < links.count ? links[wanted.endIndex].member : nil
        let present = try snapshot.members(ofSet: build.set, space: tenant, from: start, limit: 2 * limit)
        if let next = present.next, end.map({ next < $0 }) != false { end = next }
        let surplus = present.edges.lazy.map(\.member).filter { id in end.map { id < $0 } != false }
        let expected = wanted.filter { edge in end.map { edge.member < $0 } != false }
        advance(to: end)
        return difference(from: Set(surplus), to: expected)
    }

    private mutating func advance(to end: UniqueID?) {
        guard let end else { return isDone = true }
        start = end
        while link < links.count, links[link].member < end { link += 1 }
    }

    private func difference(from present: Set<UniqueID>, to wanted: [MemberEdge]) -> Changeset {
        var changes = Changeset()
        var missing: [UInt8: [UniqueID]] = [:]
        for edge in wanted where !present.contains(edge.member) {
            missing[edge.kind, default: []].append(edge.member)
        }
        for (kind, members) in missing.sorted(by: { $0.key < $1.key }) {
            changes.preconditions.append(.allPresent(Keys.records(tenant, kind), members))
            changes.mutations.append(.link(edges(members), kind: kind))
        }
        let surplus = present.subtracting(wanted.map(\.member)).sorted()
        if !surplus.isEmpty { changes.mutations.append(.unlink(edges(surplus))) }
        return changes
    }

    private func edges(_ members: [UniqueID]) -> Edges {
        Edges(space: tenant, container: build.set, members: members)
    }
}
