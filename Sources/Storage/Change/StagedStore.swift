import Locking

/// Collects changesets that shall become one, and shows the store as it will be after them.
///
///     commit(changeset) ─► preconditions ─► staged rows      later reads and preconditions see them
///     changeset         ─► one changeset ─► base.commit      all of them or none
///
/// What is staged follows the same ``ChangesetApplier`` as a write transaction. A precondition that the staged rows
/// decide is decided here; every other one becomes a precondition of the whole, so that what was read from the base
/// still holds when the base commits. Rows that were staged have the versions that their changesets chose, or
/// ``CommitVersion/pending`` if they leave it to the commit.
///
/// For one task at a time. Each read of the base sees a state of its own.
package final class StagedStore: Store {
    /// What has been staged so far.
    fileprivate struct State: Sendable {
        var rows = SortedRows()
        var changeset = Changeset()
        var preconditions: Set<Precondition> = []
        /// After which nothing more is staged: what was staged is half done.
        var failure: StoreError?
        /// Keys that a later changeset will put.
        var announced: Set<Key> = []
        var byteCount = 0

        /// Whether a key's row was announced and has not come yet.
        func isAwaited(_ key: Key) -> Bool { announced.contains(key) && rows[key] == nil }
    }

    /// Rows of the base that one changeset may delete by sweeping edges; more are ``StoreError/tooLarge``.
    package static let deletionsMax = 10_000

    /// What lies below: while that is a staged store, nothing that is staged here can be committed.
    private let below: Locked<any Store>
    private let staged = Locked(State())
    /// The rows of the base that the change which is being staged has looked at.
    private let reads = BaseReads()

    package init(base: any Store) { below = Locked(base) }

    private var base: any Store { below.withLock { $0 } }

    /// Lies from now on over the store to which the one below has been committed, whose rows are there now.
    package func settle(on base: any Store) { below.withLock { $0 = base } }

    package func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) {
        let state = state
        try body(StagedSnapshot(state, StagedRows(base: base, reads: reads, rows: state.rows)))
    }

    /// What is staged can be taken back.
    package var generation: UInt64? { nil }

    /// Stages a changeset; nothing of it is durable before the ``changeset`` is committed.
    ///
    /// - Returns: the version ``CommitVersion/pending``.
    /// - Throws: ``StoreError/conflict(precondition:)`` and the like with nothing staged of the changeset;
    ///   ``StoreError/tooLarge`` if it does not fit beside what is staged.
    package func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt {
        try changeset.validate()
        if let failure = staged.withLock(\.failure) { throw failure }
        return try staged.withLock { staged throws(StoreError) in try stage(changeset, &staged) }
    }

    /// The base stays open: it belongs to somebody else.
    package func close() {}

    /// How much of ``StorageLimits/changesetBytesMax`` is taken.
    ///
    /// Edges count with their rows, which are staged as any others, and those that are swept as if each had been named.
    package var byteCount: Int { staged.withLock(\.byteCount) }

    private var state: State { staged.withLock { $0 } }

    /// Lets ``Precondition/present(_:)`` hold for rows that a later changeset puts, and shows them as empty till then.
    package func announce(_ keys: some Sequence<Key>) {
        staged.withLock { $0.announced.formUnion(keys) }
    }

    /// Takes announcements back that nothing staged relies on.
    package func revoke(_ keys: some Sequence<Key>) {
        staged.withLock { $0.announced.subtract(keys) }
    }

    /// Forgets what was looked at before; called when the next change begins.
    package func beginChange() { reads.clear() }

    /// Makes a condition that the rows of the base which the change has looked at are as they were, so that what it was refused for
    /// holds when that which is staged is committed; false if they do not fit beside it.
    package func keepReads() -> Bool {
        var reads = Changeset()
        reads.preconditions = self.reads.conditions
        let byteCount = reads.byteCount
        return staged.withLock { staged in
            guard staged.byteCount + byteCount <= StorageLimits.changesetBytesMax else { return false }
            staged.byteCount += byteCount
            for condition in reads.preconditions where staged.preconditions.insert(condition).inserted {
                staged.changeset.preconditions.append(condition)
            }
            return true
        }
    }

    /// Whether what was read from the base for what is staged is still so.
    package func stillHolds() throws(StoreError) -> Bool {
        let preconditions = state.changeset.preconditions
        return try base.withSnapshot { snapshot throws(StoreError) in
            for precondition in preconditions where try !snapshot.satisfies(precondition) { return false }
            return true
        }
    }

    /// What is staged as one changeset for the base; nil if nothing is written by it.
    ///
    /// Nothing more may be staged afterwards. If it meets a conflict, the base has changed meanwhile: stage anew, in a new store.
    package var changeset: Changeset? {
        let staged = state
        guard !staged.changeset.mutations.isEmpty else { return nil }
        var changeset = staged.changeset
        // A row that was announced and never put is missing in the base too, which then refuses.
        for key in staged.announced where staged.isAwaited(key) {
            changeset.preconditions.append(.present(key))
        }
        return changeset
    }

    /// The ids behind a prefix in the keys of the base; nil unless those of the base and of what is staged are `ids`.
    ///
    /// The base is read once: in another of its states, what is asked of it when it commits would be something else than what is
    /// found to hold here.
    private func baseIDs(
        under prefix: Key,
        behind rows: SortedRows,
        if ids: [UniqueID]
    ) throws(StoreError) -> [UniqueID]? {
        var hidden = 0
        var shown: Set<UniqueID> = []
        rows.scan(from: prefix) { row in
            guard row.key.bytes.span.hasPrefix(prefix.bytes.span) else { return .stop }
            if row.stored.isEmpty {
                hidden += 1
            } else if let id = UniqueID(bytes: row.key.bytes.span, at: prefix.bytes.count) {
                shown.insert(id)
            }
            return .more
        }
        var base: [UniqueID] = []
        // More cannot be there if the ids are all.
        let baseMax = ids.count + hidden
        try self.base.lendSnapshot { snapshot throws(StoreError) in
            try snapshot.scan(prefix: prefix, from: nil) { key, _, _ in
                if let id = UniqueID(bytes: key, at: prefix.bytes.count) { base.append(id) }
                return base.count > baseMax ? .stop : .more
            }
        }
        guard base.count <= baseMax else { return nil }
        let seen = shown.union(base.filter { rows[prefix.with($0)] == nil })
        return seen.count == ids.count && ids.allSatisfy(seen.contains) ? base : nil
    }

    /// Decides the conditions that what is staged decides, and looks whether the others hold in the base, in one state of it.
    ///
    /// - Returns: those others, which the base decides once more.
    /// - Throws: ``StoreError/conflict(precondition:)`` with the first that does not hold.
    private func decide(
        _ preconditions: [Precondition],
        _ staged: State
    ) throws(StoreError) -> [Precondition] {
        var undecided: [Precondition] = []
        undecided.reserveCapacity(preconditions.count)
        try base.lendSnapshot { snapshot throws(StoreError) in
            for (index, precondition) in preconditions.enumerated() {
                if case .exactly(let prefix, let ids) = precondition {
                    guard let base = try baseIDs(under: prefix, behind: staged.rows, if: ids) else {
                        throw .conflict(precondition: index)
                    }
                    // What is staged has a part in it, so that the base has to stay as it is.
                    undecided.append(.exactly(prefix, base))
                    continue
                }
                try precondition.eachRow { key, condition throws(StoreError) in
                    if case .present = condition, staged.isAwaited(key) { return }
                    guard key.bytes.count <= StorageLimits.keyBytesMax else { throw .tooLarge }
                    let version: CommitVersion?
                    if let stored = staged.rows[key] {
                        version = StagedRows.version(of: stored)
                    } else {
                        version = try snapshot.version(of: key)
                        reads.note(key, version)
                        undecided.append(condition)
                    }
                    guard condition.isMet(by: version) else { throw .conflict(precondition: index) }
                }
            }
        }
        return undecided
    }

    private func stage(
        _ changeset: Changeset,
        _ staged: inout State
    ) throws(StoreError) -> CommitReceipt {
        var byteCount = staged.byteCount + changeset.byteCount
        guard byteCount <= StorageLimits.changesetBytesMax else { throw .tooLarge }
        let undecided = try decide(changeset.preconditions, staged)
        var applier = ChangesetApplier(staging: .beforePending)
        var writer = StagedWriter(rows: StagedRows(base: base, reads: reads, rows: staged.rows))
        // Without a copy that could be gone back to, the rows are changed where they are. Only what is small and names all its rows
        // is sure not to be too large.
        let before = changeset.isSure(byteCount: byteCount - staged.byteCount) ? nil : staged.rows
        staged.rows = SortedRows()
        defer { staged.rows = writer.rows.rows }
        let receipt: CommitReceipt
        do throws(StoreError) {
            receipt = try applier.perform(changeset.mutations, in: &writer, now: 0)
            byteCount += applier.sweptBytes
            guard byteCount <= StorageLimits.changesetBytesMax else { throw .tooLarge }
        } catch {
            if let before { writer.rows.rows = before } else { staged.failure = error }
            throw error
        }
        staged.byteCount = byteCount
        staged.changeset.mutations += changeset.mutations
        staged.changeset.turn = staged.changeset.turn.with(changeset.turn)
        for precondition in undecided where staged.preconditions.insert(precondition).inserted {
            staged.changeset.preconditions.append(precondition)
        }
        return receipt
    }
}

extension Changeset {
    /// Whether all its rows are named and few, given the size of the changeset.
    fileprivate func isSure(byteCount: Int) -> Bool {
        byteCount <= 100_000
            && mutations.allSatisfy {
                switch $0 {
                case .version, .put, .delete, .increment, .tally, .link, .unlink, .append: true
                case .deletePrefix, .unlinkMembers, .unlinkContainers, .trimLog: false
                }
            }
    }
}

extension CommitVersion {
    /// The version of what is staged: no commit ever has it.
    package static let pending = CommitVersion(.max)
}

extension StoreState {
    fileprivate static var beforePending: StoreState {
        var state = StoreState()
        state.version = CommitVersion.pending.number - 1
        return state
    }
}

// MARK: - Views

private struct StagedSnapshot: StoreSnapshot, ~Copyable {
    private let staged: StagedStore.State
    private let rows: StagedRows

    init(_ staged: StagedStore.State, _ rows: StagedRows) {
        self.staged = staged
        self.rows = rows
    }

    func show(_ key: Key, to body: (Span<UInt8>, CommitVersion) -> Void) throws(StoreError) {
        if staged.isAwaited(key) {
            body([UInt8]().span, .pending)
        } else {
            try rows.show(key, to: body)
        }
    }

    func scan(
        prefix: Key,
        from start: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        try rows.scan(prefix: prefix, from: start, body)
    }

    func scanBackward(
        prefix: Key,
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        try rows.scanBackward(prefix: prefix, before: end, body)
    }

    func scanDamaged(
        from start: Key,
        rowsMax: Int,
        _ body: (Span<UInt8>) -> ScanStep
    ) throws(StoreError) -> Key? {
        try rows.base.withSnapshot { snapshot throws(StoreError) in
            try snapshot.scanDamaged(from: start, rowsMax: rowsMax, body)
        }
    }
}

private struct StagedWriter: RowWriter {
    var rows: StagedRows
    private var deletions = 0

    init(rows: StagedRows) { self.rows = rows }

    func read<R>(_ key: Key, _ body: (Span<UInt8>, CommitVersion) -> R) throws(StoreError) -> R? {
        var result: R?
        try rows.show(key) { value, version in result = body(value, version) }
        return result
    }

    mutating func put(_ key: Key, _ value: Span<UInt8>, version: CommitVersion) throws(StoreError) {
        rows.rows.put(key, StagedRows.stored(value, version: version))
    }

    mutating func delete(_ key: Key) throws(StoreError) -> Bool {
        guard try read(key, { _, _ in }) != nil else { return false }
        deletions += 1
        guard deletions <= StagedStore.deletionsMax else { throw .tooLarge }
        rows.rows.put(key, [])
        return true
    }

    func keys(prefix: Key, from start: Key?, limit: Int) throws(StoreError) -> [Key] {
        var keys: [Key] = []
        try rows.scan(prefix: prefix, from: start) { key, _, _ in
            guard keys.count < limit else { return .stop }
            keys.append(Key([UInt8](copying: key)))
            return .more
        }
        return keys
    }
}
