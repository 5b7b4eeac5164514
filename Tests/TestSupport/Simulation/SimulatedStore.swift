internal import Locking
package import Storage

/// What may go wrong with a commit.
package enum StoreFault: String, Sendable, Hashable, CaseIterable {
    /// Somebody else wrote what the changeset was computed from.
    case conflict
    case busy, full
    /// The answer is lost; the change was made.
    case lostAnswer
    /// The answer is lost; the change was not made.
    case lostChange

    /// Whether the caller cannot know what became of the change.
    package var isUnknown: Bool { self == .lostAnswer || self == .lostChange }
}

/// What a ``SimulatedStore`` keeps its rows in: a store that commits while its caller waits.
package protocol SimulatedBase: Store {
    func commitNow(_ changeset: Changeset) throws(StoreError) -> CommitReceipt

    /// The process dies, or power fails; what is kept is what another process finds.
    func crash()
}

extension MemoryStore: SimulatedBase {
    package func crash() {}
}

/// A store whose commits happen when the scheduler lets them, and fail where they are told to.
///
/// ```
/// commit ─► turn ─► fault? ─► applied ─► turn ─► answer
///             ▲                            ▲
///             └──── others go on ──────────┘
/// ```
///
/// As beside a thread that commits, one that waits may also be applied between two reads of a task that gives nobody a turn.
///
/// What is kept is the base's. A crash ends this store, and another one over the same base goes on.
package final class SimulatedStore: Store {
    /// Something that happened to a commit.
    package enum Event: Sendable, Hashable {
        case applied(version: UInt64)
        case conflicted
        case failed(StoreFault)
    }

    private struct State: Sendable {
        var isEnded = false
        /// Commits that are not applied yet, in their order.
        var waiting: [PendingCommit] = []
    }

    private final class PendingCommit: Sendable {
        let changeset: Changeset
        let outcome = Locked<Result<CommitReceipt, StoreError>?>(nil)

        init(_ changeset: Changeset) { self.changeset = changeset }
    }

    private let base: any SimulatedBase
    private let scheduler: VirtualScheduler
    private let state = Locked(State())
    private let fault: @Sendable () -> StoreFault?
    private let overtakes: @Sendable () -> Bool
    private let note: @Sendable (Event) -> Void

    /// Makes a store over what `base` keeps.
    ///
    /// - Parameters:
    ///   - base: outlives a crash.
    ///   - scheduler: decides when a commit happens.
    ///   - fault: asked once for each commit, in the order in which they happen.
    ///   - overtakes: asked before each read whether a commit that waits comes first.
    ///   - note: told what became of each.
    package init(
        _ base: any SimulatedBase,
        scheduler: VirtualScheduler,
        fault: @escaping @Sendable () -> StoreFault?,
        overtakes: @escaping @Sendable () -> Bool = { false },
        note: @escaping @Sendable (Event) -> Void
    ) {
        self.base = base
        self.scheduler = scheduler
        self.fault = fault
        self.overtakes = overtakes
        self.note = note
    }

    /// The process dies: nothing is read and nothing is made durable from now on.
    package func crash() { state.withLock { $0.isEnded = true } }

    private var isEnded: Bool { state.withLock(\.isEnded) }

    package func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) {
        guard !isEnded else { throw .closed }
        if let next = state.withLock({ $0.waiting.first }), overtakes() { apply(next) }
        try base.lendSnapshot(to: body)
    }

    package var generation: UInt64? { base.generation }

    package func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt {
        try changeset.validate()
        let commit = PendingCommit(changeset)
        state.withLock { $0.waiting.append(commit) }
        await scheduler.turn()
        guard !isEnded else { throw .closed }
        apply(commit)
        await scheduler.turn()
        guard !isEnded, let outcome = commit.outcome.withLock(\.self) else { throw .closed }
        return try outcome.get()
    }

    /// Applies a commit, unless that has been done already.
    private func apply(_ commit: PendingCommit) {
        let isWaiting = state.withLock { state in
            guard let place = state.waiting.firstIndex(where: { $0 === commit }) else { return false }
            state.waiting.remove(at: place)
            return true
        }
        guard isWaiting else { return }
        let outcome = outcome(of: commit.changeset)
        commit.outcome.withLock { $0 = outcome }
    }

    private func outcome(of changeset: Changeset) -> Result<CommitReceipt, StoreError> {
        let fault = fault()
        let error = fault.flatMap { $0.error(for: changeset) }
        if let fault, let error, fault != .lostAnswer {
            note(.failed(fault))
            return .failure(error)
        }
        do throws(StoreError) {
            let receipt = try base.commitNow(changeset)
            note(.applied(version: receipt.version.number))
            if let fault, let error {
                note(.failed(fault))
                return .failure(error)
            }
            return .success(receipt)
        } catch {
            note(.conflicted)
            return .failure(error)
        }
    }

    /// The base goes on.
    package func close() { crash() }
}

extension StoreFault {
    /// The error that the caller sees; nil if the changeset cannot meet this fault.
    fileprivate func error(for changeset: Changeset) -> StoreError? {
        switch self {
        case .conflict:
            // Only a row that somebody has written may have been written again: a value that is taken stays taken.
            changeset.preconditions.firstIndex { if case .version = $0 { true } else { false } }
                .map { .conflict(precondition: $0) }
        case .busy: .busy
        case .full: .full
        case .lostAnswer, .lostChange: .outcomeUnknown
        }
    }
}
