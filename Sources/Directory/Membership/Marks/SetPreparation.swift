import Locking
import Storage
import Tenancy

/// How far one change, in all of its attempts, has come with marking the edges of a set.
struct SetPreparation {
    let set: UniqueID
    let id: UniqueID
    var marked: [MarkedEdge] = []
    var partCount: UInt32 = 0
}

extension MembershipDelta {
    /// The edges that change; nil if the kind of one that goes is not among `kinds`.
    func edges(_ kinds: [UniqueID: UInt8]) -> [MarkedEdge]? {
        var edges: [MarkedEdge] = []
        edges.reserveCapacity(linkCount + unlinks.count)
        for list in links {
            for member in list.members { edges.append(MarkedEdge(member, .joining(list.kind))) }
        }
        for member in unlinks {
            guard let kind = kinds[member] else { return nil }
            edges.append(MarkedEdge(member, .leaving(kind)))
        }
        return edges
    }
}

extension ResourceDirectory {
    /// Marks the edges that a change joins to a set and takes from it, or those that it has not marked yet.
    ///
    /// `preparation`: what earlier attempts have done; nil afterwards if that is of no use, so that it has to be undone.
    /// - Returns: the change of the set, to be made with the commit; nil if something has come between.
    /// - Throws: why a slice was not committed, or what the store throws.
    func mark(
        _ delta: MembershipDelta,
        in set: UniqueID,
        _ preparation: inout SetPreparation?,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> SetChange? {
        guard let kinds = try await kinds(ofEdges: delta.unlinks, from: set, context.tenant),
            let edges = delta.edges(kinds)
        else { return nil }
        guard let (begun, left) = try await begin(set, edges, &preparation, context) else {
            if let useless = preparation { setsInWork.remove(useless.set) }
            preparation = nil
            return nil
        }
        var change = begun
        let limit = max(1, membershipLimits.sliceMax)
        for start in stride(from: 0, to: left.count, by: limit) {
            let part = left[start..<min(start + limit, left.count)]
            var slice = slice(part, number: change.parts.upperBound, of: change)
            slice.preconditions.append(.present(context.access.tenantKey))
            guard try await commitSlice(slice) else { return nil }
            preparation?.marked += part
            change.parts = 0..<change.parts.upperBound + 1
            preparation?.partCount = change.parts.upperBound
            await giveWay()
        }
        return change
    }

    /// The kinds of a set's edges, in steps; nil if one of them is not there any more.
    private func kinds(
        ofEdges members: [UniqueID],
        from set: UniqueID,
        _ tenant: UInt32
    ) async throws(DirectoryError) -> [UniqueID: UInt8]? {
        var kinds: [UniqueID: UInt8] = [:]
        for start in stride(from: 0, to: members.count, by: Self.edgesPerLookMax) {
            if start > 0 { await giveWay() }
            let some = members[start..<min(start + Self.edgesPerLookMax, members.count)]
            let isWhole = try store.reading { snapshot throws(DirectoryError) in
                for member in some {
                    let edge = Edge(space: tenant, container: set, member: member)
                    guard let value = try snapshot.value(of: edge) else { return false }
                    kinds[member] = value.kind
                }
                return true
            }
            guard isWhole else { return nil }
        }
        return kinds
    }

    /// Edges that are looked at in one turn of a loop.
    private static let edgesPerLookMax = 1_000

    /// Begins to mark, or goes on; nil if that is impossible before something else is undone.
    private func begin(
        _ set: UniqueID,
        _ edges: [MarkedEdge],
        _ preparation: inout SetPreparation?,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> (change: SetChange, left: [MarkedEdge])? {
        if let begun = preparation {
            guard begun.set == set else { return nil }
            return try store.reading { snapshot throws(DirectoryError) in
                try goOn(begun, edges, context.tenant, snapshot)
            }
        }
        // Once the change's row is there, the group keeps its set: who deletes it, or gives it another, requires that there is none.
        let holder = context.kind.code
        let owner = try store.reading { snapshot throws(DirectoryError) in
            try snapshot.owner(ofSet: set, tenant: context.tenant, holder: holder)
        }
        guard let owner else { return nil }
        let change = SetChange(
            of: set,
            tenant: context.tenant,
            id: makeID(),
            version: environment.makeVersion()
        )
        guard setsInWork.insert(set) else {
            _ = await setsInWork.waitForEnd(of: set)
            return nil
        }
        preparation = SetPreparation(set: set, id: change.id)
        var beginning = Changeset()
        beginning.turn.account = context.tenant
        beginning.preconditions = [
            .present(context.access.tenantKey), .absent(change.key),
            .version(Keys.record(context.tenant, holder, owner.id), owner.recordVersion),
        ]
        beginning.mutations = [.version(change.version), change.put]
        return try await commitSlice(beginning) ? (change, edges) : nil
    }

    /// What is left to be marked; nil if something is marked that is not to be so any more.
    private func goOn(
        _ begun: SetPreparation,
        _ edges: [MarkedEdge],
        _ tenant: UInt32,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> (change: SetChange, left: [MarkedEdge])? {
        guard var change = try snapshot.setChange(of: begun.set, tenant: tenant), change.id == begun.id,
            change.state == .preparing
        else { return nil }
        change.parts = 0..<begun.partCount
        let wanted = Dictionary(edges.map { ($0.member, $0.value) }) { first, _ in first }
        for edge in begun.marked where wanted[edge.member] != edge.value {
            // The edges of a member who has been deleted are gone.
            let stored = Edge(space: tenant, container: begun.set, member: edge.member)
            guard try snapshot.value(of: stored)?.isMarked != true else { return nil }
        }
        let marked = Set(begun.marked.map(\.member))
        return (change, edges.filter { !marked.contains($0.member) })
    }

    private func slice(
        _ edges: ArraySlice<MarkedEdge>,
        number: UInt32,
        of change: SetChange
    ) -> Changeset {
        let (tenant, set) = (change.tenant, change.set)
        var slice = Changeset()
        slice.turn.account = tenant
        slice.preconditions = [change.asFound]
        slice.mutations = [.put(Keys.part(number, ofSetChange: set, tenant), MarkedEdge.row(edges))]
        let rows = EdgeKeys.members(of: set, space: tenant)
        for (value, members) in edges.byValue {
            if value.isMembership(false) {
                slice.preconditions.append(.allPresent(rows, members))
            } else {
                slice.preconditions.append(.allAbsent(rows, members))
                slice.preconditions.append(.allPresent(Keys.records(tenant, value.kind), members))
            }
            slice.mutations += Edges(space: tenant, container: set, members: members).rewriting(value.byte)
        }
        return slice
    }
}

extension Collection<MarkedEdge> {
    /// The members of the edges by what these say, each list in the order of this one.
    var byValue: [(value: EdgeValue, members: [UniqueID])] {
        var lists: [UInt8: [UniqueID]] = [:]
        for edge in self { lists[edge.value.byte, default: []].append(edge.member) }
        return lists.sorted { $0.key < $1.key }.map { (EdgeValue($0.key), $0.value) }
    }
}

extension Edges {
    /// Writes the edges with this value, whatever they had before.
    func rewriting(_ value: UInt8) -> [Mutation] { [.unlink(self), .link(self, kind: value)] }
}
