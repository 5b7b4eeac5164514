import Locking
import Storage

/// Where batches are decided, appended to the log, and made to count.
///
/// ```
/// changesets ─► decided on all that counts ─► rows in the open run ─► record in the log, durable ─► number published
///                      └─ conflict: its own outcome          └─ nothing appended: rows taken back
/// ```
///
/// `@unchecked Sendable`: everything that changes is used inside ``turn``. The commit thread has it for a batch, and whoever freezes
/// the open run in between.
@safe
final class StoreWriter: @unchecked Sendable {
    /// A run that is to be written to the data file, and the last record whose rows are in it.
    struct Frozen: Sendable {
        let run: Run
        let position: LogPosition
    }

    enum Attempt {
        /// Every changeset has its own outcome, and those that succeeded are durable.
        case done([PendingCommit.Outcome])
        /// Nothing was changed by any of them.
        case nothing(StoreError)
        /// The data file may have too little room left; nothing was changed.
        case needsRoom
        /// The log failed where it may have written.
        case unknown(StoreError)
    }

    /// Whose turn it is to write; in it, how long the last batch took.
    private let turn = Monitor<BatchTimes?>(nil)
    private let overlay: Overlay
    private let accountStates: AccountStates
    private let reader: ReadTransaction
    private let clock: @Sendable () -> Int64
    private let fault: (@Sendable () -> CInt?)?
    private var log: CommitLog
    private var state: StoreState
    private var clockGuard: ClockGuard
    private var record = RecordBuilder()
    /// Without any, but with room for those of a batch.
    private var changes = unsafe RunChanges()
    /// When the open run got its first row.
    private var filledSince: MonotonicTime?
    private let openBytes = Locked(0)

    init(
        _ overlay: Overlay,
        _ accountStates: AccountStates,
        reader: ReadTransaction,
        log: consuming CommitLog,
        state: StoreState,
        configuration: LMDBStore.Configuration,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.overlay = overlay
        self.accountStates = accountStates
        self.reader = reader
        self.log = log
        self.state = state
        self.clock = clock
        fault = configuration.commitFault
        clockGuard = ClockGuard(
            last: state.timeMicroseconds,
            now: clock(),
            aheadMax: configuration.clockAheadMax,
            tell: configuration.onClock
        )
        if !overlay.current.open.isEmpty { filledSince = .now }
    }

    /// Called once nobody writes any more, before the environment closes.
    func end() { turn.withLock { _ in reader.end() } }

    /// Gives every changeset of a batch its outcome.
    ///
    /// `room`: what the data file has left for rows that it does not hold yet, in bytes.
    func attempt(_ batch: ArraySlice<PendingCommit>, room: Int) -> Attempt {
        turn.withLock { decide(batch, room: room, &$0) }
    }

    /// How long the last batch took; nil if that has been asked for, or nothing was appended.
    func takeTimes() -> BatchTimes? { turn.withLock { $0.take() } }

    private func decide(
        _ batch: ArraySlice<PendingCommit>,
        room: Int,
        _ times: inout BatchTimes?
    ) -> Attempt {
        do throws(StoreError) { try reader.renew(overlay, writes: true) } catch { return .nothing(error) }
        defer { reader.reset() }
        let begin = MonotonicTime.now
        let runs = overlay.current
        let number = log.last.number + 1
        var writer = unsafe BatchWriter(
            reader: reader,
            run: runs.open,
            number: number,
            changes: unsafe changes
        )
        unsafe changes = unsafe RunChanges()
        var applier = ChangesetApplier(state)
        var outcomes: [PendingCommit.Outcome] = []
        outcomes.reserveCapacity(batch.count)
        do throws(StoreError) {
            let now = clock()
            try clockGuard.check(now)
            let need = runs.open.neededBytes + (runs.frozen?.neededBytes ?? 0)
            let added = batch.reduce(0) { $0 + Run.neededBytes(for: $1.changeset, $1.byteCount) }
            guard need + added <= room else { return .needsRoom }
            for pending in batch { outcomes.append(try apply(pending.changeset, &applier, &writer, now)) }
            // Conflicts alone leave nothing to be appended.
            guard applier.state != state else { return .done(outcomes) }
            try applier.finish(&writer)
        } catch {
            writer.takeBack()
            return .nothing(error)
        }
        let decided = MonotonicTime.now
        do throws(AppendFailure) {
            try append(writer, applier.state, usesReserve: batch.allSatisfy { $0.changeset.usesReserve })
        } catch {
            writer.takeBack()
            switch error {
            case .nothing(let error): return .nothing(error)
            case .unknown(let error): return .unknown(error)
            }
        }
        times = BatchTimes(deciding: decided - begin, appending: .now - decided)
        unsafe changes = unsafe writer.end()
        state = applier.state
        for pending in batch { accountStates.note(pending.changeset, in: number) }
        overlay.publish(number)
        if filledSince == nil { filledSince = .now }
        let bytes = runs.open.byteCount
        openBytes.withLock { $0 = bytes }
        return .done(outcomes)
    }

    /// Makes the rows of a batch durable.
    private func append(
        _ writer: borrowing BatchWriter,
        _ state: StoreState,
        usesReserve: Bool
    ) throws(AppendFailure) {
        if let code = fault?() {
            let error = StoreError(lmdb: code)
            throw error == .full ? .nothing(error) : .unknown(error)
        }
        record.clear()
        writer.write(to: &record)
        try log.append(&record, timeMicroseconds: state.timeMicroseconds, usesReserve: usesReserve)
    }

    /// Applies one changeset; a conflict is its own outcome, any other error spoils the batch.
    private func apply(
        _ changeset: Changeset,
        _ applier: inout ChangesetApplier,
        _ writer: inout BatchWriter,
        _ now: Int64
    ) throws(StoreError) -> PendingCommit.Outcome {
        do throws(StoreError) {
            return .success(try applier.apply(changeset, to: &writer, now: now))
        } catch {
            guard case .conflict = error else { throw error }
            return .failure(error)
        }
    }

    /// The last record of the log.
    var lastPosition: LogPosition { turn.withLock { _ in log.last } }

    // MARK: - The open run

    /// How many bytes the open run has taken.
    var openRunBytes: Int { openBytes.withLock { $0 } }

    /// How many rows and bytes wait for a checkpoint, and since when.
    var pending: (rows: Int, bytes: Int, since: MonotonicTime?) {
        turn.withLock { _ in
            let list = overlay.current
            let runs = [list.open] + (list.frozen.map { [$0] } ?? [])
            return (
                runs.reduce(0) { $0 + $1.nodeCount },
                runs.reduce(0) { $0 + ($1.isEmpty ? 0 : $1.byteCount) }, filledSince
            )
        }
    }

    /// Begins a new open run, if there is no frozen one, and the open one has rows that are at least so old.
    func freeze(olderThan age: Duration = .zero) -> Frozen? {
        turn.withLock { _ in
            guard let filledSince, .now - filledSince >= age, let run = overlay.freeze() else { return nil }
            self.filledSince = nil
            openBytes.withLock { $0 = 0 }
            return Frozen(run: run, position: log.last)
        }
    }
}
