import DequeModule
import Storage

/// A changeset and the task that waits for it.
struct PendingCommit: Sendable {
    typealias Outcome = Result<CommitReceipt, StoreError>

    let changeset: Changeset
    /// What the commit writes for it.
    let byteCount: Int
    /// What it takes while it waits.
    let heldByteCount: Int
    /// When it began to wait.
    let since = MonotonicTime.now
    private let continuation: CheckedContinuation<Outcome, Never>

    init(_ changeset: Changeset, _ continuation: CheckedContinuation<Outcome, Never>) {
        self.changeset = changeset
        self.byteCount = changeset.byteCount
        self.heldByteCount = changeset.heldByteCount
        self.continuation = continuation
    }

    /// Lets the task go on; called exactly once, whether or not the task was cancelled meanwhile.
    func resume(_ outcome: Outcome) { continuation.resume(returning: outcome) }
}

/// The changesets that wait for the commit thread, in order, within limits.
final class CommitQueue: Sendable {
    private struct State {
        var waiting: Deque<PendingCommit> = []
        /// What the waiting ones take.
        var bytes = 0
        var isClosed = false
        var threadSleeps = false
    }

    private let state = Monitor(State())
    private let changesetsMax: Int
    private let bytesMax: Int
    private let wakeThread: @Sendable (@escaping () -> Void) -> Void
    /// Made once: it would be a new closure for each wake-up.
    private let wakeAll: @Sendable () -> Void

    init(_ configuration: LMDBStore.Configuration) {
        changesetsMax = configuration.queueChangesetsMax
        bytesMax = configuration.queueBytesMax
        wakeThread = configuration.wakeThread
        wakeAll = { [state] in state.wakeAll() }
    }

    /// Adds a changeset, or answers at once: ``StoreError/busy`` when full, ``StoreError/closed`` when closed.
    func add(_ pending: PendingCommit) {
        enum Answer { case taken(wakes: Bool), refused(StoreError) }
        let answer = state.withLock { state -> Answer in
            guard !state.isClosed else { return .refused(.closed) }
            guard state.waiting.count < changesetsMax, state.bytes + pending.heldByteCount <= bytesMax else {
                return .refused(.busy)
            }
            state.waiting.append(pending)
            state.bytes += pending.heldByteCount
            defer { state.threadSleeps = false }
            return .taken(wakes: state.threadSleeps)
        }
        switch answer {
        case .taken(let wakes): if wakes { wakeThread(wakeAll) }
        case .refused(let error): pending.resume(.failure(error))
        }
    }

    /// How many changesets wait.
    var count: Int { state.withLock { $0.waiting.count } }

    /// Waits for work and takes the first of it, at most so much; nil once closed and empty.
    func next(changesetsMax: Int, bytesMax: Int) -> [PendingCommit]? {
        state.wait { state in
            guard let first = state.waiting.popFirst() else {
                state.threadSleeps = true
                return state.isClosed ? .some(nil) : nil
            }
            var batch = [first]
            var bytes = first.byteCount
            while batch.count < changesetsMax, let next = state.waiting.first,
                bytes + next.byteCount <= bytesMax
            {
                state.waiting.removeFirst()
                batch.append(next)
                bytes += next.byteCount
            }
            for pending in batch { state.bytes -= pending.heldByteCount }
            return batch
        }
    }

    /// Takes no more; what waits is still handed out by ``next(changesetsMax:bytesMax:)``.
    func close() {
        state.withLock { $0.isClosed = true }
        state.wakeAll()
    }

    /// Takes no more, and gives back what waits.
    func closeAndDrain() -> [PendingCommit] {
        state.withLock { state in
            state.isClosed = true
            defer {
                state.waiting = []
                state.bytes = 0
            }
            return Array(state.waiting)
        }
    }
}
