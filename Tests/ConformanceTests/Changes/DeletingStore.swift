import Locking
import Storage
import TestSupport

/// A store in which somebody deletes a resource just before a commit that needs it.
final class DeletingStore: InterceptingStore {
    let base = MemoryStore(clock: { 1 })
    /// How many commits will meet that.
    let deletionsLeft = Locked(0)

    func beforeCommit(_ changeset: Changeset) async throws(StoreError) {
        for case .allPresent(let prefix, let ids) in changeset.preconditions {
            guard let id = ids.first, takesTurn() else { continue }
            let rows = try base.keys(prefix.with(id))
            _ = try await base.commit(
                Changeset(rows.map { .delete($0) } + [.unlinkContainers(space: 1, member: id)])
            )
        }
    }

    private func takesTurn() -> Bool {
        deletionsLeft.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }
}
