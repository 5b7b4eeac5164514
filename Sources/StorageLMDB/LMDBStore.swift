import CLMDB
import Locking
import Storage

/// A durable store in a folder: a log, the latest rows in memory, and LMDB below them.
///
///     withSnapshot ─► ReaderPool ─► ReadTransaction ─► runs of the overlay, over the map of data.mdb
///     commit ─► CommitQueue ─► CommitThread ─► StoreWriter ─► open run, and a record of log/, synced
///     Checkpointer ─► frozen run ─► WriteTransaction ─► data.mdb, synced
///
/// One process owns the folder (``StoreFolder``). A commit returns after the record of its batch has been synced. A start puts the rows of all
/// records into the overlay that the data file does not have yet.
package final class LMDBStore: Store {
    /// Sizes and limits; the defaults suit a server.
    package struct Configuration: Sendable {
        /// The largest size of the data file; address space is reserved for it, memory and disk are not.
        package var mapBytes = 64 << 30
        /// Read transactions at one time.
        package var readersMax = 512
        /// The most changesets that one record makes durable, and the most bytes of them.
        package var batchChangesetsMax = 128
        package var batchBytesMax = 1 << 20
        /// The rows of which ``LMDBStore/generation`` tells.
        package var watched = WatchedKeys.all
        /// The rows of which ``StoreSnapshot/state(of:)`` tells.
        package var accountKeys = AccountKeys.all
        /// The log's files.
        package var log = LogSettings()
        /// A run of the overlay that has so many bytes is written to the data file; the next is open meanwhile, so that twice as much may be held.
        package var runBytesMax = 32 << 20
        /// By how much an open run may be larger for changesets that use the reserve, while the disk is full.
        package var runReserveBytes = 8 << 20
        /// The most rows that one transaction of a checkpoint writes.
        package var checkpointRowsMax = 20_000
        /// Rows are written to the data file at the latest when they are so old.
        package var checkpointInterval = Duration.seconds(30)
        /// How long a commit waits for a checkpoint.
        package var commitWaitMax = Duration.seconds(5)
        /// How long closing the store may take for a checkpoint; a start replays what that leaves.
        package var closeMax = Duration.seconds(5)
        /// How far the clock may be ahead of what it can have come to by itself.
        package var clockAheadMax = Duration.seconds(60 * 60)
        /// Told on the commit thread that commits are refused because of the clock, and that they are no longer.
        package var onClock: @Sendable (ClockNews) -> Void = { _ in }
        /// The most changesets that may wait, and the most memory that they take; beyond, commits are ``StoreError/busy``.
        ///
        /// Of one tenant half as much may wait, and one changeset of any size; one with as many edges as ``StorageLimits`` allow takes half.
        package var queueChangesetsMax = 8192
        package var queueBytesMax = 128 << 20
        /// Makes the id of a new store.
        package var makeStoreID: @Sendable () -> UniqueID = {
            UniqueID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
        }
        /// Makes the number that tells one use of a log file from another.
        var makeSalt: @Sendable () -> UInt64 = { .random(in: .min ... .max) }
        /// Told once, on a thread of the store, if the store had to stop; the owner then restarts the process.
        ///
        /// Must not call ``LMDBStore/close()``.
        package var onFatal: @Sendable (StoreError) -> Void = { _ in }
        /// Runs the body that lets the tasks of a batch go on, so that whoever runs them can take them together.
        package var aroundOutcomes: @Sendable (() -> Void) -> Void = { $0() }
        /// Runs the body that lets one of them go on, on the account of its changeset.
        package var onAccount: @Sendable (UInt32, () -> Void) -> Void = { $1() }
        /// Wakes the commit thread, which is the body, at a moment when the caller has added all that it has.
        package var wakeThread: @Sendable (@escaping () -> Void) -> Void = { $0() }
        /// Whether the disk of a folder is full.
        package var isDiskFull: @Sendable (_ folder: String) -> Bool = { DiskSpace.isUsedUp(at: $0) }
        /// For tests: asked in place of each append; a number is taken for the system's answer, and nothing is written.
        package var commitFault: (@Sendable () -> CInt?)?
        /// For tests: asked before each transaction of a checkpoint becomes durable; a number is taken for LMDB's answer.
        package var checkpointFault: (@Sendable () -> CInt?)?
        /// For tests: run by a reader that has taken the list of runs, before it begins its transaction of the data file.
        var readerPause: (@Sendable () -> Void)?
        /// For tests: takes the place of the log's folder.
        package var logDisk: (any LogDisk)?

        package init() {}
    }

    /// Gone once the store is closed, and the lock with it.
    private let folder: Locked<StoreFolder?>
    let environment: Environment
    let readers: ReaderPool
    let shelf: SegmentShelf
    let writer: StoreWriter
    private let checkpointer: Checkpointer
    private let commitThread: CommitThread
    let accountStates: AccountStates
    /// What the start has found in the log.
    package let recovery: StoreRecovery
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
        do throws(StoreError) {
            let opened = try LMDBStore.openStore(environment, newStoreID: configuration.makeStoreID())
            upgradedFrom = opened.upgradedFrom
            let parts = try OpenedParts(environment, path: path, configuration: configuration, clock: clock)
            recovery = parts.recovery
            // On every start: a power cut may have come between the first commit and the first time here.
            try folder.syncNames()
            readers = parts.readers
            shelf = parts.shelf
            writer = parts.writer
            checkpointer = parts.checkpointer
            commitThread = parts.commitThread
            accountStates = parts.accountStates
        } catch {
            environment.close()
            throw error
        }
        self.folder = Locked(folder)
        self.environment = environment
        try startThreads()
    }

    /// Starts the threads; if one cannot be had, the store closes with self.
    private func startThreads() throws(StoreError) {
        try shelf.start()
        try checkpointer.start(writer)
        try commitThread.start()
    }

    deinit { close() }

    package func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) {
        try readers.withTransaction { transaction throws(StoreError) in
            try body(LMDBSnapshot(reader: transaction, accountStates: accountStates))
        }
    }

    /// Told by a thread that takes turns, at the end of each: the snapshots of a turn share a read transaction, which is held no longer.
    ///
    /// A thread that has told it once tells it before the store closes.
    package func endTurn() { readers.endTurn() }

    package var generation: UInt64? { commitThread.generation }

    package func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt {
        try changeset.validate()
        let outcome = await withCheckedContinuation { continuation in
            commitThread.add(PendingCommit(changeset, continuation))
        }
        return try outcome.get()
    }

    package func commit(_ changesets: [Changeset]) async -> [Result<CommitReceipt, StoreError>] {
        guard !changesets.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let group = CommitGroup(changesets.count, continuation)
            var list: [PendingCommit] = []
            list.reserveCapacity(changesets.count)
            for (place, changeset) in changesets.enumerated() {
                do throws(StoreError) {
                    try changeset.validate()
                    list.append(PendingCommit(changeset, at: place, of: group))
                } catch {
                    group.note(.failure(error), at: place)
                }
            }
            commitThread.add(list)
        }
    }

    package func wait(of account: UInt32) -> Duration { commitThread.wait(of: account) }

    /// How many changesets wait for the next batch; the limit is ``Configuration/queueChangesetsMax``.
    package var waitingCommitCount: Int { commitThread.waitingCount }

    /// What has been committed so far.
    package var commitFigures: CommitFigures { commitThread.figures }

    /// What the disk has left for this user, in bytes; nil if that cannot be found out.
    package var diskFreeBytes: UInt64? { DiskSpace.freeBytes(at: environment.folder) }

    /// What the store tells of its log, overlay and checkpoints.
    package var status: StoreStatus {
        let (extent, pending, checkpoint) = (shelf.extent, writer.pending, checkpointer.status)
        return StoreStatus(
            logSegments: extent.count,
            logBytes: extent.bytes,
            overlayRows: pending.rows,
            overlayBytes: pending.bytes,
            overlayAge: pending.since.map { .now - $0 },
            checkpointCount: checkpoint.count,
            checkpointAge: .now - checkpoint.lastAt,
            failure: checkpoint.failure ?? shelf.failure
        )
    }

    /// For how long the commit thread has been in one step; a wait for room is one, and bounded.
    package var commitHeldFor: Duration { commitThread.heldFor }

    /// Says that the process is about to end: a commit no longer waits for room, but for a moment.
    package func shortenWaits() { commitThread.shortenWaits() }

    /// Visits rows of the audit log that may have been trimmed, as far as files of the commit log are kept that have them: those before an
    /// order, in their order, until the body says to stop.
    ///
    /// Reads files on the caller's thread, up to ``LogSettings/retainedBytesMax`` of them.
    package func scanOldLogRows(
        before order: UInt64,
        _ body: (LogRow) -> ScanStep
    ) throws(StoreError) {
        try shelf.retained.scanRows(before: order, body)
    }

    package func close() {
        // Held until the files are closed: then the lock is free.
        guard let folder = folder.withLock({ $0.take() }) else { return }
        commitThread.stop()
        checkpointer.stop()
        shelf.stop()
        readers.close()
        writer.end()
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
