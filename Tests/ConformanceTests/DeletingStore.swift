import Locking
import Storage
import TestSupport

/// A store in which somebody deletes a resource just before a commit that needs it.
final class DeletingStore: Store {
    private let base = MemoryStore(clock: { 1 })
    /// How many commits will meet that.
    let deletionsLeft = Locked(0)

    func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) {
        try base.lendSnapshot(to: body)
    }

    var generation: UInt64? { base.generation }

    func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt {
        for case .allPresent(let prefix, let ids) in changeset.preconditions {
            guard let id = ids.first, takesTurn() else { continue }
            let rows = try base.keys(prefix.with(id))
            _ = try await base.commit(
                Changeset(rows.map { .delete($0) } + [.unlinkContainers(space: 1, member: id)])
            )
        }
        return try await base.commit(changeset)
    }

    func close() { base.close() }

    private func takesTurn() -> Bool {
        deletionsLeft.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }
}
