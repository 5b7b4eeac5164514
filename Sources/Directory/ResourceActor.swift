import Storage

/// Serialises the changes of one resource, on the loop that its id chooses.
///
/// ```
/// request ──► turn ──► snapshot ──► pure change ──► Changeset ──► commit ──► next turn
///                         ▲                            │ conflict
///                         └────────────────────────────┘ at most conflictRetriesMax times
/// ```
///
/// The actor only makes conflicts rare. What must hold is a precondition of the changeset, checked in the write
/// transaction, so a second process or another engine changes nothing about correctness.
package actor ResourceActor {
    /// Changes that may wait for one resource; more are refused as busy.
    static let waitersMax = 256
    /// How often a change is computed again after a conflict.
    static let conflictRetriesMax = 8
    /// How often more, if it names so many members: each that is deleted meanwhile costs an attempt, and can do so once.
    static let memberRetriesMax = 1_000
    /// Members that these further attempts look at in all, so that a large group is not computed a thousand times.
    static let retriedMembersMax = 10_000_000

    /// How often a change that names so many members is computed again.
    static func retriesMax(namedMembers count: Int) -> Int {
        guard count > 0 else { return conflictRetriesMax }
        return conflictRetriesMax + min(count, memberRetriesMax, retriedMembersMax / count)
    }

    private let executor: any SerialExecutor
    private var isTaken = false
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private var firstWaiter = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(executor: any SerialExecutor) { self.executor = executor }

    /// Runs a change while no other exclusive change of this resource runs.
    ///
    /// - Throws: ``DirectoryError/busy`` if ``waitersMax`` changes wait already.
    func exclusively<R: Sendable>(
        _ change: @Sendable (isolated ResourceActor) async throws(DirectoryError) -> R
    ) async throws(DirectoryError) -> R {
        try await waitForTurn()
        defer { passTurn() }
        return try await change(self)
    }

    private func waitForTurn() async throws(DirectoryError) {
        if isTaken {
            guard waiters.count - firstWaiter < Self.waitersMax else { throw .busy }
            await withCheckedContinuation { waiters.append($0) }
        }
        isTaken = true
    }

    /// Runs a change that commutes with others of the same resource, but not beside an exclusive one that has come before: it
    /// would break that one's conditions, again and again where many such changes come.
    ///
    /// - Throws: as ``exclusively(_:)``.
    func concurrently<R: Sendable>(
        _ change: @Sendable (isolated ResourceActor) async throws(DirectoryError) -> R
    ) async throws(DirectoryError) -> R {
        if isTaken {
            try await waitForTurn()
            passTurn()
        }
        return try await change(self)
    }

    /// Hands the turn to the change that has waited longest; `isTaken` stays true on the way.
    private func passTurn() {
        guard firstWaiter < waiters.count else {
            isTaken = false
            waiters.removeAll(keepingCapacity: false)
            firstWaiter = 0
            return
        }
        let next = waiters[firstWaiter]
        firstWaiter += 1
        if firstWaiter >= Self.waitersMax {
            waiters.removeFirst(firstWaiter)
            firstWaiter = 0
        }
        next.resume()
    }
}
