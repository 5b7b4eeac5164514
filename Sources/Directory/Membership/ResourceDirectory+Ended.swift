import Storage

extension ResourceDirectory {
    /// Memberships that one commit removes, two rows each, so that others wait only a little.
    static let unlinkedPerCommitMax = Administration.rowsPerCommitMax / 2

    /// Removes the next memberships of a deleted group; safe to interrupt and to repeat, also by several at once.
    ///
    /// - Returns: false if there were none.
    /// - Throws: why the commit failed; it is worth trying again.
    package func unlinkEndedMembers() async throws(DirectoryError) -> Bool {
        var changes = Changeset()
        try store.reading { snapshot throws(DirectoryError) in
            var ended: (key: Key, tenant: UInt32, id: UniqueID)?
            try snapshot.rows(prefix: Keys.ended, from: nil) { key, _, _ in
                if let id = Keys.id(fromKey: key) {
                    ended = (Key([UInt8](copying: key)), key.bigEndian32(at: Keys.ended.bytes.count), id)
                }
                return .stop
            }
            guard let ended else { return }
            let limit = Self.unlinkedPerCommitMax
            let members = try snapshot.members(of: ended.id, space: ended.tenant, from: nil, limit: limit)
                .edges.map(\.member)
            if members.isEmpty {
                changes.preconditions = [.exactly(EdgeKeys.members(of: ended.id, space: ended.tenant), [])]
                changes.mutations = [.delete(ended.key)]
            } else {
                changes.mutations = [
                    .unlink(Edges(space: ended.tenant, container: ended.id, members: members))
                ]
            }
        }
        guard !changes.mutations.isEmpty else { return false }
        do throws(StoreError) { _ = try await store.commit(changes) } catch { throw DirectoryError(error) }
        return true
    }
}
