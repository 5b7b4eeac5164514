import Locking
import Storage

/// A changeset and the task that waits for it.
///
/// One object, which passes from queue to batch: a copy of what it holds would count all of it anew.
final class PendingCommit: Sendable {
    typealias Outcome = Result<CommitReceipt, StoreError>

    let changeset: Changeset
    /// What the commit writes for it.
    let byteCount: Int
    /// What it takes while it waits.
    let heldByteCount: Int
    /// When it began to wait.
    let since = MonotonicTime.now
    private let waiter: Waiter

    private enum Waiter {
        case alone(CheckedContinuation<Outcome, Never>)
        case among(CommitGroup, place: Int)
    }

    convenience init(_ changeset: Changeset, _ continuation: CheckedContinuation<Outcome, Never>) {
        self.init(changeset, .alone(continuation))
    }

    /// One of several that a task waits for together.
    convenience init(_ changeset: Changeset, at place: Int, of group: CommitGroup) {
        self.init(changeset, .among(group, place: place))
    }

    private init(_ changeset: Changeset, _ waiter: Waiter) {
        self.changeset = changeset
        (byteCount, heldByteCount) = changeset.byteCounts
        self.waiter = waiter
    }

    /// Lets the task go on; called exactly once, whether or not the task was cancelled meanwhile.
    func resume(_ outcome: Outcome) {
        switch waiter {
        case .alone(let continuation): continuation.resume(returning: outcome)
        case .among(let group, let place): group.note(outcome, at: place)
        }
    }
}

/// The outcomes of changesets that one task waits for: it goes on when all of them have theirs.
final class CommitGroup: Sendable {
    private struct State {
        var outcomes: [PendingCommit.Outcome?]
        var openCount: Int
    }

    private let state: Locked<State>
    private let continuation: CheckedContinuation<[PendingCommit.Outcome], Never>

    init(_ count: Int, _ continuation: CheckedContinuation<[PendingCommit.Outcome], Never>) {
        state = Locked(State(outcomes: Array(repeating: nil, count: count), openCount: count))
        self.continuation = continuation
    }

    /// Called exactly once for each place.
    func note(_ outcome: PendingCommit.Outcome, at place: Int) {
        let all = state.withLock { state -> [PendingCommit.Outcome]? in
            state.outcomes[place] = outcome
            state.openCount -= 1
            return state.openCount == 0 ? state.outcomes.compactMap(\.self) : nil
        }
        if let all { continuation.resume(returning: all) }
    }
}

/// The changesets that wait for the commit thread, in the order of ``CommitLanes``, within limits.
final class CommitQueue: Sendable {
    private struct State {
        var lanes = CommitLanes()
        var isClosed = false
        var threadSleeps = false
        var pace = CommitPace()
        var sharing = Sharing()
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

    private enum Answer { case taken(wakes: Bool), refused(StoreError) }

    /// Adds a changeset, or answers at once: ``StoreError/busy`` when full, ``StoreError/closed`` when closed.
    func add(_ pending: PendingCommit) {
        switch state.withLock({ add(pending, to: &$0) }) {
        case .taken(let wakes): if wakes { wakeThread(wakeAll) }
        case .refused(let error): pending.resume(.failure(error))
        }
    }

    /// Adds changesets in their order, so that no batch begins before all of them wait; answers at once as ``add(_:)`` does.
    func add(_ list: [PendingCommit]) {
        let answers = state.withLock { state in list.map { add($0, to: &state) } }
        for (pending, answer) in zip(list, answers) {
            switch answer {
            case .taken(let wakes): if wakes { wakeThread(wakeAll) }
            case .refused(let error): pending.resume(.failure(error))
            }
        }
    }

    private func add(_ pending: PendingCommit, to state: inout State) -> Answer {
        guard !state.isClosed else { return .refused(.closed) }
        guard hasRoom(for: pending, in: state.lanes) else { return .refused(.busy) }
        state.lanes.add(pending)
        state.sharing.note(pending.changeset.turn.account, at: pending.since.nanoseconds)
        defer { state.threadSleeps = false }
        return .taken(wakes: state.threadSleeps)
    }

    /// Within the limits of all, and of one tenant, so that others still find room: half of them.
    ///
    /// A tenant's only changeset may be of any size.
    private func hasRoom(for pending: PendingCommit, in lanes: CommitLanes) -> Bool {
        guard lanes.count < changesetsMax, lanes.bytes + pending.heldByteCount <= bytesMax else {
            return false
        }
        let account = pending.changeset.turn.account
        let own = lanes.waiting(of: account)
        guard account != 0, own.count > 0 else { return true }
        return own.count < (changesetsMax + 1) / 2 && own.bytes + pending.heldByteCount <= bytesMax / 2
    }

    /// How many changesets wait.
    var count: Int { state.withLock { $0.lanes.count } }

    /// About how long a changeset of an account would wait.
    func wait(of account: UInt32) -> Duration {
        state.withLock { state in
            // Each of its own waits for one of each other account that has something to wait for, if that has so many.
            let round = state.lanes.accountCount + (state.lanes.waiting(of: account).count == 0 ? 1 : 0)
            let ahead = min(state.lanes.count, state.lanes.waiting(of: account).count * round + round)
            return state.pace.time(for: ahead)
        }
    }

    /// Waits for work and takes the first of it, at most so much; nil once closed and empty.
    ///
    /// While several tenants have work, a batch is decided in a part of the time in which it is made durable: whoever has one
    /// change waits for the end of a batch, and of the next one.
    func next(changesetsMax: Int, bytesMax: Int) -> [PendingCommit]? {
        state.wait { state in
            guard let first = state.lanes.popFirst() else {
                state.threadSleeps = true
                state.pace.rest()
                return state.isClosed ? .some(nil) : nil
            }
            let isShared = state.sharing.isShared(at: MonotonicTime.now.nanoseconds)
            let changesetsMax = isShared ? min(changesetsMax, state.pace.sharedMax) : changesetsMax
            var batch = [first]
            var bytes = first.byteCount
            while batch.count < changesetsMax, let next = state.lanes.first,
                bytes + next.byteCount <= bytesMax, let taken = state.lanes.popFirst()
            {
                batch.append(taken)
                bytes += taken.byteCount
            }
            state.pace.begin(batch.count)
            return batch
        }
    }

    /// Notes how long a batch of so many changesets took.
    func note(_ times: BatchTimes, changes: Int) {
        state.withLock { $0.pace.note(times, changes: changes) }
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
            return state.lanes.popAll()
        }
    }
}
