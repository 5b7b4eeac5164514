import Locking

/// A store in memory: for tests and simulations, and the model that every engine is compared with.
package final class MemoryStore: Store {
    private struct Contents: Sendable {
        var rows: SortedRows
        var state: StoreState
        var isClosed = false
        var generation: UInt64 = 0
        /// Counts what has taken effect.
        var batch: UInt64 = 0
        var nextFailure: Failure?
    }

    private struct Failure: Sendable {
        let error: StoreError
        let applies: Bool
    }

    private let contents: Locked<Contents>
    private let watched: WatchedKeys
    private let accountStates: AccountStates
    private let clock: @Sendable () -> Int64

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - storeID: the store's own id.
    ///   - watched: the rows of which ``generation`` tells.
    ///   - accountKeys: the rows of which ``StoreSnapshot/state(of:)`` tells.
    ///   - clock: microseconds since 1970; may stand still or go back, commit times rise all the same.
    package init(
        storeID: UniqueID = UniqueID(high: 0x7000, low: 0x8000_0000_0000_0001),
        watched: WatchedKeys = .all,
        accountKeys: AccountKeys = .all,
        clock: @escaping @Sendable () -> Int64 = { 0 }
    ) {
        var writer = MemoryWriter(rows: SortedRows())
        do throws(StoreError) {
            let opened = try ChangesetApplier.openStore(in: &writer, isEmpty: true, newStoreID: storeID)
            self.contents = Locked(Contents(rows: writer.rows, state: opened.state))
        } catch {
            fatalError(
                "a MemoryWriter never refuses a put, and an empty store has nothing to misread: \(error)"
            )
        }
        self.watched = watched
        accountStates = AccountStates(of: accountKeys)
        self.clock = clock
    }

    package func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) {
        let (rows, batch) = contents.withLock { ($0.isClosed ? nil : $0.rows, $0.batch) }
        guard let rows else { throw .closed }
        try body(MemorySnapshot(rows: rows, batch: batch, accountStates: accountStates))
    }

    package var generation: UInt64? { contents.withLock(\.generation) }

    package func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt {
        try commitNow(changeset)
    }

    /// Commits without waiting, as all commits of this engine do.
    package func commitNow(_ changeset: Changeset) throws(StoreError) -> CommitReceipt {
        try changeset.validate()
        return try contents.withLock { contents throws(StoreError) in
            try apply(changeset, to: &contents)
        }
    }

    package func close() {
        contents.withLock { $0.isClosed = true }
    }

    /// Lets the next commit fail, for tests of the callers.
    ///
    /// - Parameters:
    ///   - error: what it throws.
    ///   - applying: whether the changeset takes effect all the same, as ``StoreError/outcomeUnknown`` allows.
    package func failNextCommit(with error: StoreError, applying: Bool = false) {
        contents.withLock { $0.nextFailure = Failure(error: error, applies: applying) }
    }

    /// Replaces or deletes any row, past the seam and its rules, for tests of what checks find.
    ///
    /// - Parameters:
    ///   - key: also one of the store's own.
    ///   - value: nil deletes the row.
    ///   - isIntact: whether the row's checksum is right.
    package func overwrite(_ key: Key, with value: [UInt8]?, isIntact: Bool = true) {
        contents.withLock { contents in
            contents.generation += 1
            contents.batch += 1
            accountStates.noteAll(in: contents.batch)
            guard let value else {
                _ = contents.rows.remove(key)
                return
            }
            var stored: [UInt8] = []
            let version = CommitVersion(contents.state.version)
            StoredRow(key: key.bytes.span, version: version, value: value.span).append(to: &stored)
            if !isIntact { stored[StoredRow.headerBytes - 1] ^= 1 }
            contents.rows.put(key, stored + value)
        }
    }

    private func apply(
        _ changeset: Changeset,
        to contents: inout Contents
    ) throws(StoreError) -> CommitReceipt {
        guard !contents.isClosed else { throw .closed }
        let failure = contents.nextFailure
        contents.nextFailure = nil
        if let failure, !failure.applies { throw failure.error }

        var writer = MemoryWriter(rows: contents.rows)
        var applier = ChangesetApplier(contents.state)
        let receipt = try applier.apply(changeset, to: &writer, now: clock())
        try applier.finish(&writer)
        contents.rows = writer.rows
        contents.state = applier.state
        if watched.isWritten(by: changeset) { contents.generation += 1 }
        contents.batch += 1
        accountStates.note(changeset, in: contents.batch)
        if let failure { throw failure.error }
        return receipt
    }
}

/// One state of a ``MemoryStore``.
struct MemorySnapshot: StoreSnapshot, ~Copyable {
    let rows: SortedRows
    /// What has taken effect before it was taken.
    var batch: UInt64 = 0
    var accountStates: AccountStates?

    func state(of account: UInt32) -> UInt64? { accountStates?.state(of: account, upTo: batch) }

    func state(of account: UInt32, kind: UInt8) -> UInt64? {
        accountStates?.state(of: account, kind: kind, upTo: batch)
    }

    func show(_ key: Key, to body: (Span<UInt8>, CommitVersion) -> Void) throws(StoreError) {
        _ = try rows.read(key, body)
    }

    func scan(
        prefix: Key,
        from start: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        try prefix.checkScan(start)
        rows.scan(from: max(prefix, start ?? prefix)) { Self.show($0, prefix, body) }
    }

    func scanBackward(
        prefix: Key,
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        try prefix.checkScan(end)
        rows.scanBackward(before: prefix.end(of: end)) { Self.show($0, prefix, body) }
    }

    /// Shows a row to the body of a scan, which ends behind the prefix.
    private static func show(
        _ row: SortedRows.Row,
        _ prefix: Key,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) -> ScanStep {
        let stored = row.stored.span
        guard row.key.bytes.span.hasPrefix(prefix.bytes.span), let version = StoredRow.version(of: stored)
        else { return .stop }
        return body(row.key.bytes.span, stored.extracting(droppingFirst: StoredRow.headerBytes), version)
    }

    func scanDamaged(
        from start: Key,
        rowsMax: Int,
        _ body: (Span<UInt8>) -> ScanStep
    ) throws(StoreError) -> Key? {
        var (left, next) = (rowsMax, Key?.none)
        rows.scan(from: start) { row in
            guard left > 0 else {
                next = row.key
                return .stop
            }
            left -= 1
            let key = row.key.bytes.span
            return StoredRow.isIntact(key: key, stored: row.stored.span) ? .more : body(key)
        }
        return next
    }
}

/// The write transaction of a ``MemoryStore``: a copy that replaces the rows if all goes well.
struct MemoryWriter: RowWriter {
    private(set) var rows: SortedRows

    init(rows: SortedRows) { self.rows = rows }

    func read<R>(_ key: Key, _ body: (Span<UInt8>, CommitVersion) -> R) throws(StoreError) -> R? {
        try rows.read(key, body)
    }

    mutating func put(_ key: Key, _ value: Span<UInt8>, version: CommitVersion) throws(StoreError) {
        var stored: [UInt8] = []
        stored.reserveCapacity(StoredRow.headerBytes + value.count)
        StoredRow(key: key.bytes.span, version: version, value: value).append(to: &stored)
        stored.append(copying: value)
        rows.put(key, stored)
    }

    mutating func delete(_ key: Key) throws(StoreError) -> Bool { rows.remove(key) }

    func keys(prefix: Key, from start: Key?, limit: Int) throws(StoreError) -> [Key] {
        var keys: [Key] = []
        rows.scan(from: max(prefix, start ?? prefix)) { row in
            guard keys.count < limit, row.key.bytes.span.hasPrefix(prefix.bytes.span) else { return .stop }
            keys.append(row.key)
            return .more
        }
        return keys
    }
}

extension SortedRows {
    fileprivate func read<R>(
        _ key: Key,
        _ body: (Span<UInt8>, CommitVersion) -> R
    ) throws(StoreError) -> R? {
        guard key.bytes.count <= StorageLimits.keyBytesMax else { throw .tooLarge }
        guard let stored = self[key] else { return nil }
        guard let version = StoredRow.version(of: stored.span) else {
            throw .corrupt("a row is shorter than its header")
        }
        return body(stored.span.extracting(droppingFirst: StoredRow.headerBytes), version)
    }
}
