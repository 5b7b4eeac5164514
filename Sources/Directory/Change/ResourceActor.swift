import DequeModule
import Locking
import Storage
import Tenancy

/// Puts the changes of one resource in a row, and lets those that wait share a commit.
///
/// ```
/// change ─► nobody there: computed, committed ─┐
/// change ─► waits ─┐                           ▼
/// change ─► waits ─┴───────────────► computed one on the other, one commit ─► each its own answer
/// ```
///
/// The actor only makes conflicts rare, and a busy resource fast. What must hold is a precondition of the changeset, checked
/// in the write transaction, so a second process or another engine changes nothing about correctness.
///
/// What waits is computed when its turn has come, not on top of what is under way: that may yet fail.
package actor ResourceActor {
    /// Changes that may wait for one resource; more are refused as busy.
    package static let waitingMax = 256
    /// What those may take in memory.
    package static let waitingBytesMax = 16_000_000
    /// Changes that share a commit at most.
    package static let gatheredMax = 64
    /// Members that a change may name to share a commit: one that names more takes long enough to be worth its own.
    static let gatheredMembersMax = 1_000
    /// How often changes are computed together before each is made alone.
    static let gatheringsMax = 3

    /// How often a change is computed again after a conflict.
    package static let conflictRetriesMax = 8
    /// How often more, if it names so many members: each that is deleted meanwhile costs an attempt, and can do so once.
    static let memberRetriesMax = 1_000
    /// Members that these further attempts look at in all, so that a large group is not computed a thousand times.
    static let retriedMembersMax = 10_000_000

    /// How often a change that names so many members is computed again.
    static func retriesMax(namedMembers count: Int) -> Int {
        guard count > 0 else { return conflictRetriesMax }
        return conflictRetriesMax + min(count, memberRetriesMax, retriedMembersMax / count)
    }

    typealias Outcome = Result<ChangeOutcome, DirectoryError>

    private struct Waiter {
        let change: Change
        let turn: CheckedContinuation<Turn, Never>
    }

    private enum Turn {
        /// It is this change's turn, and that of these.
        case lead([Waiter])
        case done(Outcome)
    }

    private let executor: any SerialExecutor
    private var isUnderWay = false
    private var waiting: Deque<Waiter> = []
    private var waitingBytes = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(executor: any SerialExecutor) { self.executor = executor }

    /// Makes a change when those that came before it have been made.
    ///
    /// - Throws: as ``ResourceDirectory/perform(_:)``; ``DirectoryError/busy`` if too much waits already.
    func perform(
        _ change: Change,
        in directory: ResourceDirectory
    ) async throws(DirectoryError) -> ChangeOutcome {
        let followers: [Waiter]
        switch isUnderWay ? await waitForTurn(change) : .lead([]) {
        case .done(let outcome): return try outcome.get()
        case .lead(let others): followers = others
        }
        isUnderWay = true
        defer { passTurn() }
        guard !followers.isEmpty else { return try await directory.makeAlone(change) }
        let outcomes = await make([change] + followers.map(\.change), in: directory)
        for (follower, outcome) in zip(followers, outcomes.dropFirst()) {
            follower.turn.resume(returning: .done(outcome))
        }
        return try outcomes[0].get()
    }

    /// Waits until those before have been made.
    private func waitForTurn(_ change: Change) async -> Turn {
        await withCheckedContinuation { turn in
            // The task of another loop is put into the queue again before it gets here, so all is looked at only now.
            guard isUnderWay else {
                isUnderWay = true
                return turn.resume(returning: .lead([]))
            }
            guard waiting.count < Self.waitingMax, waitingBytes + change.byteCount <= Self.waitingBytesMax
            else { return turn.resume(returning: .done(.failure(.busy))) }
            waitingBytes += change.byteCount
            waiting.append(Waiter(change: change, turn: turn))
        }
    }

    /// Gives the turn to the change that has waited longest, with those behind it that can share its commit.
    private func passTurn() {
        guard let first = takeFirst() else {
            isUnderWay = false
            waiting = []
            return
        }
        var followers: [Waiter] = []
        if first.change.canShareCommit {
            while followers.count < Self.gatheredMax - 1, waiting.first?.change.canShareCommit == true,
                let next = takeFirst()
            {
                followers.append(next)
            }
        }
        first.turn.resume(returning: .lead(followers))
    }

    private func takeFirst() -> Waiter? {
        guard let first = waiting.popFirst() else { return nil }
        waitingBytes -= first.change.byteCount
        return first
    }
}

// MARK: - Together

extension ResourceActor {
    private func make(_ changes: [Change], in directory: ResourceDirectory) async -> [Outcome] {
        var outcomes = await makeTogether(changes, in: directory)
        for (place, change) in changes.enumerated() where outcomes[place] == nil {
            do throws(DirectoryError) {
                outcomes[place] = .success(try await directory.makeAlone(change))
            } catch {
                outcomes[place] = .failure(error)
            }
        }
        return outcomes.compactMap(\.self)
    }

    /// Makes changes in one commit, as far as that is possible; nil for those that are to be made alone.
    private func makeTogether(_ changes: [Change], in directory: ResourceDirectory) async -> [Outcome?] {
        for _ in 0..<Self.gatheringsMax {
            let transaction = ChangeTransaction(directory)
            var pace = SeriesPace()
            var outcomes: [Outcome?] = []
            for change in changes {
                // What is refused here may rest on what is not durable: alone, it is judged by what is.
                outcomes.append((try? await transaction.stage(change)).map { .success($0) })
                if pace.isTurnDue(transaction.byteCount) { await giveWay() }
            }
            do throws(DirectoryError) {
                if try await transaction.commit() { return outcomes }
            } catch .outcomeUnknown {
                return outcomes.map { $0 == nil ? nil : .failure(.outcomeUnknown) }
            } catch {
                break
            }
        }
        return changes.map { _ in nil }
    }
}

extension Change {
    fileprivate var canShareCommit: Bool { namedMembers <= ResourceActor.gatheredMembersMax }
}
