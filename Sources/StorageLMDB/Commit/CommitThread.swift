import Glibc
import Locking
import Storage
import Synchronization

/// The one thread that writes: takes what waits, makes it durable with one synced transaction, lets the
/// tasks go on.
///
///     commit ─┐                                     ┌─ resume
///     commit ─┼─► queue ─► next batch ─► apply each ─► sync ─┼─ resume
///     commit ─┘                │                    └─ resume (conflict: only its own)
///                              ├─ nothing written, e.g. full: each changeset again, alone
///                              └─ sync failed: outcome unknown for the batch, the store stops
final class CommitThread: Sendable {
    struct Limits: Sendable {
        let batchChangesetsMax: Int
        let batchBytesMax: Int
    }

    private let environment: Environment
    private let queue: CommitQueue
    private let limits: Limits
    private let clock: @Sendable () -> Int64
    private let onFatal: @Sendable (StoreError) -> Void
    private let aroundOutcomes: @Sendable (() -> Void) -> Void
    private let isDiskFull: @Sendable () -> Bool
    private let commitFault: (@Sendable () -> CInt?)?
    private let handle = Locked<pthread_t?>(nil)
    private let attempts = Atomic<UInt64>(0)

    init(
        _ environment: Environment,
        configuration: LMDBStore.Configuration,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.environment = environment
        self.queue = CommitQueue(configuration)
        self.limits = Limits(
            batchChangesetsMax: max(1, configuration.batchChangesetsMax),
            batchBytesMax: configuration.batchBytesMax
        )
        self.clock = clock
        self.onFatal = configuration.onFatal
        self.aroundOutcomes = configuration.aroundOutcomes
        let folder = environment.folder
        self.isDiskFull = { configuration.isDiskFull(folder) }
        self.commitFault = configuration.commitFault
    }

    /// Starts the thread; it goes on from the store's running numbers.
    func start(from state: StoreState) throws(StoreError) {
        let context = ThreadContext(thread: self, state: state)
        var started = pthread_t()
        // The new thread takes the reference over; if there is no thread, it is taken back here.
        let reference = unsafe Unmanaged.passRetained(context)
        let code = unsafe pthread_create(
            &started,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let context = unsafe Unmanaged<ThreadContext>.fromOpaque(argument).takeRetainedValue()
                context.thread.run(from: context.state)
                return nil
            },
            unsafe reference.toOpaque()
        )
        guard code == 0 else {
            unsafe reference.release()
            throw .system(code: code)
        }
        handle.withLock { $0 = started }
    }

    /// Takes a changeset that has been validated; its task goes on when it is durable or refused.
    func add(_ pending: PendingCommit) { queue.add(pending) }

    /// Rises with each batch, between its commit and its outcomes.
    var generation: UInt64 { attempts.load(ordering: .acquiring) }

    /// How many changesets wait for the next batch.
    var waitingCount: Int { queue.count }

    /// Takes no more, finishes what waits, ends the thread.
    func stop() {
        queue.close()
        guard let handle = handle.withLock({ $0.take() }) else { return }
        precondition(
            pthread_equal(handle, pthread_self()) == 0,
            "the store is closed from its own commit thread"
        )
        pthread_join(handle, nil)
    }
}

/// What a new thread is given.
private final class ThreadContext: Sendable {
    let thread: CommitThread
    let state: StoreState

    init(thread: CommitThread, state: StoreState) {
        self.thread = thread
        self.state = state
    }
}

// MARK: - On the thread

extension CommitThread {
    private enum Attempt {
        /// Every changeset has its own outcome, and those that succeeded are durable.
        case done([PendingCommit.Outcome])
        /// Nothing was changed by any of them.
        case nothing(StoreError)
        /// LMDB failed where it may have written.
        case unknown(StoreError)
    }

    private func run(from state: StoreState) {
        var state = state
        while let batch = queue.next(changesetsMax: limits.batchChangesetsMax, bytesMax: limits.batchBytesMax)
        {
            if let fatal = perform(batch[...], &state) {
                for waiting in queue.closeAndDrain() { waiting.resume(.failure(.closed)) }
                onFatal(fatal)
                return
            }
        }
    }

    /// Gives every changeset of a batch its outcome; returns the error after which the store must stop.
    private func perform(_ batch: ArraySlice<PendingCommit>, _ state: inout StoreState) -> StoreError? {
        let attempt = attempt(batch, &state)
        attempts.wrappingAdd(1, ordering: .releasing)
        switch attempt {
        case .done(let outcomes):
            aroundOutcomes {
                for (pending, outcome) in zip(batch, outcomes) { pending.resume(outcome) }
            }
            return nil
        case .unknown(let error):
            for pending in batch { pending.resume(.failure(.outcomeUnknown)) }
            return error
        case .nothing(let error):
            guard batch.count > 1 else {
                batch.first?.resume(.failure(error))
                // Full, corrupt and the like are the changeset's or the operator's; the system's errors are
                // ours.
                if case .system = error { return error }
                return nil
            }
            // One of them does not fit, or all together do not: alone, each gets its own outcome.
            for index in batch.indices {
                guard let fatal = perform(batch[index...index], &state) else { continue }
                for pending in batch[(index + 1)...] { pending.resume(.failure(.closed)) }
                return fatal
            }
            return nil
        }
    }

    private func attempt(_ batch: ArraySlice<PendingCommit>, _ state: inout StoreState) -> Attempt {
        // A beginning fails only if an earlier failure left the environment unusable: this batch's own,
        // perhaps.
        var mayHaveWritten = true
        do throws(StoreError) {
            var transaction = try WriteTransaction(environment)
            mayHaveWritten = false
            var applier = ChangesetApplier(state)
            var outcomes: [PendingCommit.Outcome] = []
            outcomes.reserveCapacity(batch.count)
            for pending in batch {
                outcomes.append(try apply(pending.changeset, &applier, &transaction))
            }
            // Conflicts alone need no sync: the transaction is dropped.
            guard applier.state != state else { return .done(outcomes) }
            try applier.finish(&transaction)
            mayHaveWritten = true
            if let code = commitFault?() { throw StoreError(lmdb: code) }
            try transaction.commit()
            state = applier.state
            return .done(outcomes)
        } catch {
            // A write that a full disk cuts short is EIO for LMDB. It comes before the page that would make
            // all count.
            if case .system(code: EIO) = error, mayHaveWritten, isDiskFull() { return .nothing(.full) }
            return mayHaveWritten && error != .full ? .unknown(error) : .nothing(error)
        }
    }

    /// Applies one changeset; a conflict is its own outcome, any other error spoils the transaction.
    private func apply(
        _ changeset: Changeset,
        _ applier: inout ChangesetApplier,
        _ transaction: inout WriteTransaction
    ) throws(StoreError) -> PendingCommit.Outcome {
        do throws(StoreError) {
            return .success(try applier.apply(changeset, to: &transaction, now: clock()))
        } catch {
            guard case .conflict = error else { throw error }
            return .failure(error)
        }
    }
}
