import Audit
import Locking
import Storage
import Tenancy

extension ResourceDirectory {
    /// Finishes what an earlier change of a resource's members has left to be done, or undoes one that has not come to be.
    ///
    /// `own`: what is left as it is. What is staged over this store does not count: it conflicts with what is done here.
    /// - Throws: why a slice was not committed, or what the store throws.
    func settleSet(
        of id: UniqueID,
        _ context: ChangeContext,
        except own: SetPreparation? = nil
    ) async throws(DirectoryError) {
        guard context.kind.membersAttribute != nil else { return }
        let tenant = context.tenant
        var waits = 0
        while true {
            let change = try ledger.store.reading { snapshot throws(DirectoryError) -> SetChange? in
                guard try snapshot.isAnySetChanging(tenant: tenant),
                    let set = try snapshot.membershipSet(of: id, tenant: tenant, holder: context.kind.code)
                else { return nil }
                return try snapshot.setChange(of: set, tenant: tenant)
            }
            guard let change, change.id != own?.id else { return }
            // Where another process has undone what is prepared here, there is nobody here to wait for.
            let mayWait = waits < Self.waitsMax && change.set != own?.set
            if mayWait, await setsInWork.waitForEnd(of: change.set) {
                waits += 1
            } else {
                try await settle(change)
                await giveWay()
            }
        }
    }

    /// How often a change waits for one that is preparing a change of the same set, before it undoes what that has prepared.
    private static let waitsMax = 8

    /// Does a slice of the first change of a set that is left to be done; false if there is none.
    func settleSets() async throws(DirectoryError) -> Bool {
        let change = try store.reading { snapshot throws(DirectoryError) -> SetChange? in
            var found: SetChange?
            var isDamaged = false
            try snapshot.rows(prefix: Keys.setChanges, from: nil) { key, row, version in
                if let set = Keys.id(fromKey: key), setsInWork.contains(set) { return .more }
                found = SetChange(key, row, version)
                isDamaged = found == nil
                return .stop
            }
            guard !isDamaged else { throw .storage(.corrupt("the row of a change of memberships")) }
            return found
        }
        guard let change else { return false }
        try await settle(change)
        return true
    }

    /// Takes the marks of a part away, or, once there is none, the change's row; after a conflict it is to be looked at again.
    private func settle(_ change: SetChange) async throws(DirectoryError) {
        let slice = try ledger.store.reading { snapshot throws(DirectoryError) in
            try settling(change, snapshot)
        }
        _ = try await commitSlice(slice)
    }

    private func settling(
        _ change: SetChange,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Changeset {
        var (next, slice) = (change, Changeset())
        slice.turn.account = change.tenant
        slice.preconditions = [change.asFound]
        slice.mutations = [.version(environment.makeVersion())]
        guard change.state != .preparing else {
            // Whoever prepares it, in another process, learns of it by the row's new version.
            next.state = .undoing
            slice.mutations.append(next.put)
            return slice
        }
        guard let part = try snapshot.firstPart(of: change) else {
            slice.mutations = [.delete(change.key)]
            return slice
        }
        if change.state == .made {
            let end = change.parts.upperBound
            next.parts = min(part.number + 1, end)..<end
        }
        slice.mutations += [next.put, .delete(part.key)]
        let (tenant, set) = (change.tenant, change.set)
        var marked: [MarkedEdge] = []
        // The edges of members who have been deleted meanwhile are gone.
        for edge in part.edges
        where try snapshot.value(of: Edge(space: tenant, container: set, member: edge.member)) == edge.value {
            marked.append(edge)
        }
        for (value, members) in marked.byValue {
            let edges = Edges(space: tenant, container: set, members: members)
            slice.preconditions.append(.allPresent(EdgeKeys.members(of: set, space: tenant), members))
            slice.mutations +=
                value.isMembership(change.state == .made) ? edges.rewriting(value.kind) : [.unlink(edges)]
        }
        return slice
    }
}

/// The edges that one slice of a change has marked.
private struct SetChangePart {
    let key: Key
    let number: UInt32
    let edges: [MarkedEdge]
}

extension StoreSnapshot where Self: ~Copyable {
    fileprivate func firstPart(of change: SetChange) throws(DirectoryError) -> SetChangePart? {
        var part: SetChangePart?
        var isDamaged = false
        let prefix = Keys.parts(ofSetChange: change.set, change.tenant)
        try rows(prefix: prefix, from: nil) { key, row, _ in
            guard key.count == prefix.bytes.count + 4, let edges = MarkedEdge.edges(ofRow: row) else {
                isDamaged = true
                return .stop
            }
            part = SetChangePart(
                key: Key([UInt8](copying: key)),
                number: key.bigEndian32(at: prefix.bytes.count),
                edges: edges
            )
            return .stop
        }
        guard !isDamaged else { throw .storage(.corrupt("a part of a change of memberships")) }
        return part
    }
}
