import Storage
import Tenancy

extension ResourceDirectory {
    /// Does a slice of what changes have left to be done; safe to interrupt and to repeat, also by several at once.
    ///
    /// Deleted members leave their groups, the marks of large changes are taken away, and memberships of sets that no group owns are
    /// removed.
    /// - Returns: false if nothing was left.
    /// - Throws: why the commit failed; it is worth trying again.
    package func settleMemberships() async throws(DirectoryError) -> Bool {
        if try await leaveGroups() { return true }
        if try await settleSets() { return true }
        return try await removeUnowned()
    }

    /// Lets a deleted member leave some of the groups that still hold it; each is stamped and has its record.
    ///
    /// - Returns: false if there is no such member.
    func leaveGroups() async throws(DirectoryError) -> Bool {
        let changes = try store.reading { snapshot throws(DirectoryError) -> Changeset? in
            guard let leaving = try LeavingMember.first(snapshot) else { return nil }
            return try leaving.leave(
                at: environment.now(),
                version: environment.makeVersion(),
                limit: membershipLimits.leftPerSliceMax,
                snapshot
            )
        }
        guard let changes else { return false }
        // After a conflict it looks again: somebody else has changed a group, or has done this.
        _ = try await commitSlice(changes)
        return true
    }

    /// Slices that a change waits for at most, if it meets a deleted member who has not left all of its groups yet.
    private static let awaitedSlicesMax = 1_000

    /// Lets deleted members leave their groups now.
    func letLeave() async throws(DirectoryError) {
        for _ in 0..<Self.awaitedSlicesMax { guard try await leaveGroups() else { return } }
    }

    /// Removes some memberships of a set that no group owns.
    private func removeUnowned() async throws(DirectoryError) -> Bool {
        let changes = try store.reading { snapshot throws(DirectoryError) -> Changeset? in
            guard let unowned = try firstUnownedSet(snapshot) else { return nil }
            let members = try snapshot.storedMembers(
                ofSet: unowned.set,
                space: unowned.tenant,
                limit: membershipLimits.sliceMax
            )
            var changes = Changeset()
            changes.preconditions = [.version(unowned.key, unowned.version)]
            if members.isEmpty {
                changes.preconditions.append(
                    .exactly(EdgeKeys.members(of: unowned.set, space: unowned.tenant), [])
                )
                changes.mutations = [.delete(unowned.key)]
            } else {
                // Whoever was building the set, and is not of this process, learns of it by the row's new version.
                changes.mutations = [
                    .version(environment.makeVersion()), .put(unowned.key, []),
                    .unlink(Edges(space: unowned.tenant, container: unowned.set, members: members)),
                ]
            }
            return changes
        }
        guard let changes else { return false }
        _ = try await commitSlice(changes)
        return true
    }

    private struct UnownedSet {
        let key: Key
        let tenant: UInt32
        let set: UniqueID
        let version: CommitVersion
    }

    private func firstUnownedSet(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> UnownedSet? {
        var found: UnownedSet?
        try snapshot.rows(prefix: Keys.unownedSets, from: nil) { key, _, version in
            guard let set = Keys.id(fromKey: key), !setsInWork.contains(set) else { return .more }
            found = UnownedSet(
                key: Key([UInt8](copying: key)),
                tenant: key.bigEndian32(at: Keys.unownedSets.bytes.count),
                set: set,
                version: version
            )
            return .stop
        }
        return found
    }
}
