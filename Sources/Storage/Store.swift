/// The storage seam: ordered rows, consistent snapshots for reads, one ``Changeset`` per write.
///
/// Nothing above this protocol knows how a batch becomes durable, and no write transaction crosses it.
package protocol Store: Sendable {
    /// Lends one consistent state to the body, once, synchronously, on the caller's thread.
    ///
    /// Engines implement this; callers use ``withSnapshot(_:)``.
    func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError)

    /// Has risen by the time a commit returns that wrote a row which the store watches (``WatchedKeys``), in this process: while it
    /// stays the same, what was read of such rows after it still holds.
    ///
    /// Nil if the engine cannot tell, so that nothing may be kept.
    var generation: UInt64? { get }

    /// About how long a changeset of an account (``CommitTurn``) would wait now until it is durable.
    func wait(of account: UInt32) -> Duration

    /// Makes the changeset durable; returns after that, and only then.
    func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt

    /// Makes changesets durable in their order, each with its own outcome; returns once all of them have theirs.
    func commit(_ changesets: [Changeset]) async -> [Result<CommitReceipt, StoreError>]

    /// Stops taking commits, finishes those taken, closes the engine. Never called inside a snapshot's body.
    func close()
}

extension Store {
    package func wait(of account: UInt32) -> Duration { .zero }

    package func commit(_ changesets: [Changeset]) async -> [Result<CommitReceipt, StoreError>] {
        var outcomes: [Result<CommitReceipt, StoreError>] = []
        outcomes.reserveCapacity(changesets.count)
        for changeset in changesets {
            do throws(StoreError) { outcomes.append(.success(try await commit(changeset))) } catch {
                outcomes.append(.failure(error))
            }
        }
        return outcomes
    }

    /// Reads one consistent state, synchronously, on the caller's thread.
    ///
    /// The body must be short: it never waits.
    @inlinable @inline(__always)
    package func withSnapshot<R>(
        _ body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> R
    ) throws(StoreError) -> R {
        var result: R?
        try lendSnapshot { snapshot throws(StoreError) in result = try body(snapshot) }
        guard let result else { preconditionFailure("a snapshot is lent exactly once, or an error thrown") }
        return result
    }
}

/// One consistent state of the store.
///
/// Spans go down into the body; values come up. The requirements are not generic: across an existential, a generic
/// one costs a walk through the runtime's type metadata on every read. The generic functions around them are inlined,
/// so that their results have types that the compiler knows.
package protocol StoreSnapshot: VersionedRows, ~Copyable {
    /// Shows the row of a key to the body; does not call it if there is none.
    ///
    /// Engines implement this; callers use ``read(_:_:)``.
    func show(_ key: Key, to body: (Span<UInt8>, CommitVersion) -> Void) throws(StoreError)

    /// Visits the rows whose keys begin with `prefix`, in key order, starting at `start` if given (inclusive).
    func scan(
        prefix: Key,
        from start: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError)

    /// Visits the rows whose keys begin with `prefix`, in descending key order, from below `end` if given (exclusive).
    func scanBackward(
        prefix: Key,
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError)

    /// Visits the keys of the rows whose checksum is wrong, from `start` on, and reads `rowsMax` rows at most, each whole.
    ///
    /// - Returns: where the next rows begin; nil if these were the last ones, or the body has stopped.
    func scanDamaged(
        from start: Key,
        rowsMax: Int,
        _ body: (Span<UInt8>) -> ScanStep
    ) throws(StoreError) -> Key?

    /// Tells states of an account's rows apart: two snapshots of one store in this process that have the same number here see
    /// the same rows of the account, and edges in its space (``AccountStates``).
    ///
    /// Nil if the engine cannot tell.
    func state(of account: UInt32) -> UInt64?

    /// The same of one kind of an account's rows (``AccountKeys``).
    func state(of account: UInt32, kind: UInt8) -> UInt64?
}

extension StoreSnapshot where Self: ~Copyable {
    package func state(of account: UInt32) -> UInt64? { nil }

    package func state(of account: UInt32, kind: UInt8) -> UInt64? { nil }

    /// Reads the row of a key; nil if there is none.
    @inlinable @inline(__always)
    package func read<R>(_ key: Key, _ body: (Span<UInt8>, CommitVersion) -> R) throws(StoreError) -> R? {
        var result: R?
        try show(key) { row, version in result = body(row, version) }
        return result
    }
}

extension StoreSnapshot where Self: ~Copyable {
    package func version(of key: Key) throws(StoreError) -> CommitVersion? {
        try read(key) { _, version in version }
    }

    package func keys(prefix: Key, from start: Key?, limit: Int) throws(StoreError) -> [Key] {
        var keys: [Key] = []
        try scan(prefix: prefix, from: start) { key, _, _ in
            guard keys.count < limit else { return .stop }
            keys.append(Key([UInt8](copying: key)))
            return .more
        }
        return keys
    }
}

/// Whether a scan goes on.
package enum ScanStep: Sendable { case more, stop }

/// Limits that hold for every engine.
package enum StorageLimits {
    package static let keyBytesMax = 511
    package static let valueBytesMax = 100_000
    /// Of keys, values and log entries; edges are counted apart.
    package static let changesetBytesMax = 8_000_000
    /// Edges that a changeset names, and ids whose rows have to be there: a body of 64 MiB names fewer members.
    package static let changesetEdgesMax = 2_000_000
    package static let streamBytesMax = 64
}
