import CLMDB
import Locking
import Storage

/// A durable store in a folder, over LMDB.
///
///     withSnapshot ─► ReaderPool ─► ReadTransaction ─► map
///     commit ─► CommitQueue ─► CommitThread ─► WriteTransaction ─► data.mdb, synced
///
/// One process owns the folder (``StoreFolder``). A commit returns after its batch has been synced.
package final class LMDBStore: Store {
    /// Sizes and limits; the defaults suit a server.
    package struct Configuration: Sendable {
        /// The largest size of the data file; address space is reserved for it, memory and disk are not.
        package var mapBytes = 64 << 30
        /// Read transactions at one time.
        package var readersMax = 512
        /// The most changesets that one synced transaction makes durable, and the most bytes of them.
        package var batchChangesetsMax = 128
        package var batchBytesMax = 8 << 20
        /// The most changesets that may wait, and the most memory that they take; beyond, commits are ``StoreError/busy``.
        ///
        /// One with as many edges as ``StorageLimits`` allow takes half of it, so that others still find room.
        package var queueChangesetsMax = 8192
        package var queueBytesMax = 128 << 20
        /// Makes the id of a new store.
        package var makeStoreID: @Sendable () -> UniqueID = {
            UniqueID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
        }
        /// Told once, on the commit thread, if the store had to stop; the owner then restarts the process.
        ///
        /// Must not call ``LMDBStore/close()``.
        package var onFatal: @Sendable (StoreError) -> Void = { _ in }
        /// Runs the body that lets the tasks of a batch go on, so that whoever runs them can take them together.
        package var aroundOutcomes: @Sendable (() -> Void) -> Void = { $0() }
        /// Wakes the commit thread, which is the body, at a moment when the caller has added all that it has.
        package var wakeThread: @Sendable (@escaping () -> Void) -> Void = { $0() }
        /// Whether the disk of a folder is full.
        package var isDiskFull: @Sendable (_ folder: String) -> Bool = { DiskSpace.isUsedUp(at: $0) }
        /// For tests: asked in place of each sync; a number is taken for LMDB's answer, and nothing is written.
        package var commitFault: (@Sendable () -> CInt?)?

        package init() {}
    }

    /// Gone once the store is closed, and the lock with it.
    private let folder: Locked<StoreFolder?>
    private let environment: Environment
    private let readers: ReaderPool
    private let commitThread: CommitThread
    /// The format that the store had before it was opened; nil if that was the current one.
    package let upgradedFrom: UInt32?

    /// Opens the store in a folder, or creates it; the folder's parent must exist.
    ///
    /// - Parameters:
    ///   - path: the folder, on a local file system.
    ///   - configuration: sizes and limits.
    ///   - clock: microseconds since 1970; commit times rise even if it does not, also over restarts.
    /// - Throws: ``StoreError/inUse(holder:)`` if another process has it open, ``StoreError/newerFormat(_:reader:)`` if a later program has
    ///   written it, ``StoreError/corrupt(_:)`` if the files are not those of a store, ``StoreError/system(code:)``.
    package init(
        path: String,
        configuration: Configuration = Configuration(),
        clock: @escaping @Sendable () -> Int64
    ) throws(StoreError) {
        let folder = try StoreFolder(path: path)
        let environment = try Environment(
            folder: path,
            mapBytes: configuration.mapBytes,
            readersMax: configuration.readersMax
        )
        let commitThread = CommitThread(environment, configuration: configuration, clock: clock)
        do throws(StoreError) {
            let opened = try LMDBStore.openStore(environment, newStoreID: configuration.makeStoreID())
            upgradedFrom = opened.upgradedFrom
            // On every start: a power cut may have come between the first commit and the first time here.
            try folder.syncNames()
            try commitThread.start(from: opened.state)
        } catch {
            environment.close()
            throw error
        }
        self.folder = Locked(folder)
        self.environment = environment
        self.readers = ReaderPool(environment)
        self.commitThread = commitThread
    }

    deinit { close() }

    package func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) {
        try readers.withTransaction { transaction throws(StoreError) in
            try body(LMDBSnapshot(reader: transaction))
        }
    }

    package var generation: UInt64? { commitThread.generation }

    package func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt {
        try changeset.validate()
        let outcome = await withCheckedContinuation { continuation in
            commitThread.add(PendingCommit(changeset, continuation))
        }
        return try outcome.get()
    }

    /// How many changesets wait for the next batch; the limit is ``Configuration/queueChangesetsMax``.
    package var waitingCommitCount: Int { commitThread.waitingCount }

    package func close() {
        // Held until the files are closed: then the lock is free.
        guard let folder = folder.withLock({ $0.take() }) else { return }
        commitThread.stop()
        readers.close()
        environment.close()
        _ = consume folder
    }

    /// Begins and ends on the caller's thread, before there is a commit thread.
    private static func openStore(
        _ environment: Environment,
        newStoreID: UniqueID
    ) throws(StoreError) -> OpenedStore {
        var transaction = try WriteTransaction(environment)
        let isEmpty = try transaction.isEmpty()
        let opened = try ChangesetApplier.openStore(
            in: &transaction,
            isEmpty: isEmpty,
            newStoreID: newStoreID
        )
        if isEmpty || opened.upgradedFrom != nil { try transaction.commit() }
        return opened
    }
}
