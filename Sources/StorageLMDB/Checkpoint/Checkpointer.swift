import Locking
import Storage
import Synchronization

/// The thread that moves what the log has into the data file, a run at a time.
///
/// ```
/// open run ─ full, or old ─► frozen run ─► transactions of the data file ─► run dropped, segments of the log given back
///                                 └─ disk full: again, until there is room; commits wait or are refused meanwhile
/// ```
final class Checkpointer: Sendable {
    private struct State {
        var frozen: StoreWriter.Frozen?
        /// Which part of it is in the data file.
        var share = 0.0
        /// Why the last attempt failed.
        var failure: StoreError?
        /// The last record whose rows are all in the data file.
        var position: LogPosition
        var lastAt = MonotonicTime.now
        var count: UInt64 = 0
        /// When a store that is closing gives up; nil while it is not.
        var stopsAt: MonotonicTime?
    }

    private let environment: Environment
    private let overlay: Overlay
    private let readers: ReaderPool
    private let shelf: SegmentShelf
    private let checkpoint: Checkpoint
    private let configuration: LMDBStore.Configuration
    private let state: Monitor<State>
    private let thread = StoreThread("checkpoint")
    /// What the data file has left, in bytes.
    private let roomBytes: Atomic<Int>

    init(
        _ environment: Environment,
        _ overlay: Overlay,
        readers: ReaderPool,
        shelf: SegmentShelf,
        position: LogPosition,
        configuration: LMDBStore.Configuration
    ) throws(StoreError) {
        self.environment = environment
        self.overlay = overlay
        self.readers = readers
        self.shelf = shelf
        self.configuration = configuration
        checkpoint = Checkpoint(
            environment: environment,
            fault: configuration.checkpointFault,
            transactionRowsMax: configuration.checkpointRowsMax
        )
        state = Monitor(State(position: position))
        roomBytes = Atomic(try environment.roomBytes())
    }

    // MARK: - For the commit thread

    /// What the data file has left for new rows, for changesets that use the reserve or do not.
    func room(usesReserve: Bool) -> Int {
        let room = roomBytes.load(ordering: .relaxed)
        return usesReserve ? room : room - min(Self.mapReserveMax, configuration.mapBytes / 64)
    }

    private static let mapReserveMax = 64 << 20
    /// By how much the open run may be ahead of the frozen one's progress, as a share of a run.
    private static let lead = 0.25

    /// Takes a run to be written.
    func take(_ frozen: StoreWriter.Frozen) {
        state.withLock { state in
            state.frozen = frozen
            state.share = 0
        }
        state.wakeAll()
    }

    /// Whether the open run may take another batch whatever is under way.
    func hasRoom(_ openBytes: Int) -> Bool { fill(openBytes, usesReserve: false) <= Self.lead }

    private func fill(_ openBytes: Int, usesReserve: Bool) -> Double {
        let full = configuration.runBytesMax + (usesReserve ? configuration.runReserveBytes : 0)
        return Double(openBytes) / Double(max(1, full))
    }

    /// Waits until the open run may take another batch: it fills no faster than the frozen one is written.
    ///
    /// - Returns: why it may not; nil if it may.
    func waitForRoom(_ openBytes: Int, usesReserve: Bool, until end: MonotonicTime) -> StoreError? {
        let fill = fill(openBytes, usesReserve: usesReserve)
        guard fill > Self.lead else { return nil }
        enum Answer { case go, refused(StoreError) }
        let answer = state.wait(until: end) { state -> Answer? in
            if state.frozen == nil || fill <= state.share + Self.lead { return .go }
            // While the checkpoint cannot go on, there is nothing to wait for; what room there is may be used.
            if let failure = state.failure { return fill < 1 ? .go : .refused(failure) }
            return usesReserve && fill < 1 ? .go : nil
        }
        switch answer {
        case .go: return nil
        case .refused(let error): return error
        case nil: return .busy
        }
    }

    /// Waits until all that counts is in the data file, while nobody commits; false if that is not to be had in time.
    func drain(_ writer: StoreWriter, until end: MonotonicTime) -> Bool {
        while true {
            let isDone = state.wait(until: end) { state -> Bool? in
                if state.frozen == nil { return true }
                return state.failure == nil ? nil : false
            }
            guard isDone == true else { return false }
            guard let frozen = writer.freeze() else { return true }
            take(frozen)
        }
    }

    // MARK: - The thread

    func start(_ writer: StoreWriter) throws(StoreError) {
        try thread.start { [self] in work(writer) }
    }

    /// Writes what is left, within the time that a closing store has, and ends the thread.
    func stop() {
        let end = MonotonicTime.now + configuration.closeMax
        state.withLock { $0.stopsAt = end }
        state.wakeAll()
        thread.join()
    }

    private enum Task { case write(StoreWriter.Frozen), look, stop }

    private func work(_ writer: StoreWriter) {
        var retryAt: MonotonicTime?
        while true {
            let wake = retryAt ?? .now + configuration.checkpointInterval / 2
            let task = state.wait(until: wake) { state -> Task? in
                if let frozen = state.frozen, state.stopsAt != nil || retryAt.map({ $0 <= .now }) ?? true {
                    return .write(frozen)
                }
                return state.stopsAt == nil ? nil : .stop
            }
            let isStopping = state.withLock { $0.stopsAt != nil }
            switch task ?? .look {
            case .write(let frozen):
                let isWritten = write(frozen)
                guard isWritten || !isStopping else { return }
                retryAt = isWritten ? nil : .now + configuration.log.retryInterval
            case .look where retryAt == nil:
                if let frozen = writer.freeze(olderThan: configuration.checkpointInterval) { take(frozen) }
            case .look: retryAt = .now
            case .stop:
                guard let frozen = writer.freeze() else { return }
                take(frozen)
            }
        }
    }

    /// Writes a run, and drops it once the data file has it; false if that failed.
    private func write(_ frozen: StoreWriter.Frozen) -> Bool {
        let old = state.withLock { $0.position }
        do throws(StoreError) {
            try checkpoint.write(frozen.run, through: frozen.position, after: old) { share in
                state.withLock { $0.share = share }
                state.wakeAll()
                return state.withLock { $0.stopsAt.map { $0 > .now } ?? true }
            }
            roomBytes.store(try environment.roomBytes(), ordering: .relaxed)
        } catch {
            if error == .full { try? checkpoint.passOver(frozen, after: old) }
            return note(error)
        }
        state.withLock { state in
            // At once: as soon as the overlay has none, the commit thread may freeze the next run and hand it over.
            overlay.dropFrozen()
            state.frozen = nil
            state.failure = nil
            state.position = frozen.position
            state.lastAt = .now
            state.count += 1
        }
        readers.letGoOfRuns()
        shelf.release(before: frozen.position.segment)
        state.wakeAll()
        return true
    }

    /// Notes why a checkpoint failed; all but a lack of room is for the store's owner to act on.
    private func note(_ error: StoreError) -> Bool {
        var failure = error
        if case .system = error, configuration.isDiskFull(environment.folder) { failure = .full }
        let isNews = state.withLock { state in
            defer { state.failure = failure }
            return state.failure != failure && state.stopsAt == nil
        }
        state.wakeAll()
        if failure == .full { shelf.yieldRoom() } else if isNews { configuration.onFatal(failure) }
        return false
    }

    /// When the last run was written, how many were, and why the last attempt failed, if it did.
    var status: (lastAt: MonotonicTime, count: UInt64, failure: StoreError?) {
        state.withLock { ($0.lastAt, $0.count, $0.failure) }
    }
}
