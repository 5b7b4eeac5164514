package import Storage

/// A store in memory in which something happens before what is asked of it.
package protocol InterceptingStore: Store {
    var base: MemoryStore { get }
    func beforeRead()
    /// What it throws is what the commit throws.
    func beforeCommit(_ changeset: Changeset) async throws(StoreError)
}

extension InterceptingStore {
    package func beforeRead() {}

    package func beforeCommit(_ changeset: Changeset) async throws(StoreError) {}

    package func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) {
        beforeRead()
        try base.lendSnapshot(to: body)
    }

    package var generation: UInt64? { base.generation }

    package func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt {
        try await beforeCommit(changeset)
        return try await base.commit(changeset)
    }

    package func close() { base.close() }
}
