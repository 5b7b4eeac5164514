import Glibc
import Storage
import Synchronization

/// The one thread that commits: takes what waits, makes it durable with one record of the log, lets the tasks go on.
///
///     commit ─┐                                                    ┌─ resume
///     commit ─┼─► queue ─► next batch ─► decide each ─► record, synced ─┼─ resume
///     commit ─┘      │         │                               └─ resume (conflict: only its own)
///                    │         ├─ nothing written, e.g. full: each changeset again, alone
///                    │         └─ append failed: outcome unknown for the batch, the store stops
///                    └─ too much waits for a checkpoint: wait, but not for long
final class CommitThread: Sendable {
    private let writer: StoreWriter
    private let checkpointer: Checkpointer
    private let queue: CommitQueue
    private let configuration: LMDBStore.Configuration
    private let isDiskFull: @Sendable () -> Bool
    private let thread = StoreThread("commit")
    private let watchedAttempts = Atomic<UInt64>(0)
    let figures = CommitFigures()
    private let isEnding = Atomic(false)
    /// When the step began that the thread is in, in nanoseconds; 0 while it waits for work.
    private let stepSince = Atomic<Int64>(0)

    /// How long a commit waits for room once the process is about to end.
    private static let lastWaitMax = Duration.milliseconds(100)

    init(
        _ writer: StoreWriter,
        _ checkpointer: Checkpointer,
        folder: String,
        configuration: LMDBStore.Configuration
    ) {
        self.writer = writer
        self.checkpointer = checkpointer
        self.configuration = configuration
        queue = CommitQueue(configuration)
        isDiskFull = { configuration.isDiskFull(folder) }
    }

    func start() throws(StoreError) {
        try thread.start { [self] in run() }
    }

    /// Takes a changeset that has been validated; its task goes on when it is durable or refused.
    func add(_ pending: PendingCommit) { queue.add(pending) }

    /// Takes several in their order.
    func add(_ list: [PendingCommit]) { queue.add(list) }

    /// Rises with each batch that may have written a watched row, between its commit and its outcomes.
    var generation: UInt64 { watchedAttempts.load(ordering: .acquiring) }

    /// About how long a changeset of an account would wait.
    func wait(of account: UInt32) -> Duration { queue.wait(of: account) }

    /// How many changesets wait for the next batch.
    var waitingCount: Int { queue.count }

    /// For how long the thread has been in one step: a wait for room, or a batch that is written.
    var heldFor: Duration {
        let since = stepSince.load(ordering: .relaxed)
        return since == 0 ? .zero : MonotonicTime.now - MonotonicTime(nanoseconds: since)
    }

    @discardableResult
    private func beginStep() -> MonotonicTime {
        let now = MonotonicTime.now
        stepSince.store(now.nanoseconds, ordering: .relaxed)
        return now
    }

    /// Lets commits wait for room hardly at all from now on: the process ends, and what there is no room for stays out.
    func shortenWaits() { isEnding.store(true, ordering: .relaxed) }

    private var waitMax: Duration {
        isEnding.load(ordering: .relaxed) ? Self.lastWaitMax : configuration.commitWaitMax
    }

    /// Takes no more, finishes what waits, ends the thread.
    func stop() {
        queue.close()
        thread.join()
    }
}

// MARK: - On the thread

extension CommitThread {
    private func run() {
        let (changesetsMax, bytesMax) = (
            max(1, configuration.batchChangesetsMax), configuration.batchBytesMax
        )
        while let batch = queue.next(changesetsMax: changesetsMax, bytesMax: bytesMax) {
            beginStep()
            defer { stepSince.store(0, ordering: .relaxed) }
            let admitted = admit(batch)
            guard !admitted.isEmpty else { continue }
            if let fatal = perform(admitted[...]) {
                for waiting in queue.closeAndDrain() { waiting.resume(.failure(.closed)) }
                configuration.onFatal(fatal)
                return
            }
            freezeIfFull()
        }
    }

    /// Waits until the overlay has room; what may not go on then is refused.
    private func admit(_ batch: [PendingCommit]) -> [PendingCommit] {
        guard let first = batch.first else { return [] }
        let openBytes = writer.openRunBytes
        guard !checkpointer.hasRoom(openBytes) else { return batch }
        let end = first.since + waitMax
        let refusal = checkpointer.waitForRoom(openBytes, usesReserve: false, until: end)
        guard let refusal else { return batch }
        return batch.filter { pending in
            var refusal: StoreError? = refusal
            if pending.changeset.usesReserve {
                refusal = checkpointer.waitForRoom(openBytes, usesReserve: true, until: end)
            }
            if let refusal { pending.resume(.failure(refusal)) }
            return refusal == nil
        }
    }

    private func freezeIfFull() {
        guard writer.openRunBytes >= configuration.runBytesMax, let frozen = writer.freeze() else { return }
        checkpointer.take(frozen)
    }

    /// Gives every changeset of a batch its outcome; returns the error after which the store must stop.
    private func perform(_ batch: ArraySlice<PendingCommit>) -> StoreError? {
        let start = beginStep()
        let attempt = attempt(batch)
        if batch.contains(where: { configuration.watched.isWritten(by: $0.changeset) }) {
            watchedAttempts.wrappingAdd(1, ordering: .releasing)
        }
        switch attempt {
        case .done(let outcomes):
            figures.note(changes: batch.count, duration: .now - start)
            if let times = writer.takeTimes() { queue.note(times, changes: batch.count) }
            configuration.aroundOutcomes {
                for (pending, outcome) in zip(batch, outcomes) {
                    configuration.onAccount(pending.changeset.turn.account) { pending.resume(outcome) }
                }
            }
            return nil
        case .unknown(let error):
            for pending in batch { pending.resume(.failure(.outcomeUnknown)) }
            return error
        case .nothing(let error) where batch.count == 1:
            batch.first?.resume(.failure(error))
            // Full, corrupt and the like are the changeset's or the operator's; the system's errors are ours.
            if case .system = error { return error }
            return nil
        case .needsRoom where batch.count == 1:
            batch.first?.resume(.failure(.full))
            return nil
        case .nothing, .needsRoom:
            // One of them does not fit, or all together do not: alone, each gets its own outcome.
            for index in batch.indices {
                guard let fatal = perform(batch[index...index]) else { continue }
                for pending in batch[(index + 1)...] { pending.resume(.failure(.closed)) }
                return fatal
            }
            return nil
        }
    }

    private func attempt(_ batch: ArraySlice<PendingCommit>) -> StoreWriter.Attempt {
        let usesReserve = batch.allSatisfy { $0.changeset.usesReserve }
        let attempt = writer.attempt(batch, room: checkpointer.room(usesReserve: usesReserve))
        switch attempt {
        case .needsRoom where batch.count == 1:
            // How much room there is shows once all that waits is in the data file.
            guard checkpointer.drain(writer, until: .now + waitMax) else {
                return attempt
            }
            return writer.attempt(batch, room: checkpointer.room(usesReserve: usesReserve))
        case .unknown(.system(code: EIO)) where configuration.commitFault != nil && isDiskFull():
            return .nothing(.full)
        default: return attempt
        }
    }
}
