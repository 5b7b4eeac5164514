import DequeModule
import Locking
import Tenancy

/// Lets one after the other have its turn.
final class Turn: Sendable {
    /// Who may wait; more are refused as busy.
    static let waitersMax = 256

    private struct State {
        var isTaken = false
        var waiters = Deque<CheckedContinuation<Bool, Never>>()
    }

    private let state = Locked(State())

    /// Runs a body while no other runs.
    ///
    /// - Throws: ``DirectoryError/busy`` if ``waitersMax`` wait already.
    func exclusively<R: Sendable>(
        _ body: @Sendable () async throws(DirectoryError) -> R
    ) async throws(DirectoryError) -> R {
        guard await take() else { throw .busy }
        defer { pass() }
        return try await body()
    }

    /// Returns when it is the caller's turn; false if too many wait already.
    private func take() async -> Bool {
        await withCheckedContinuation { waiter in
            let hasTurn: Bool? = state.withLock { state in
                guard state.isTaken else {
                    state.isTaken = true
                    return true
                }
                guard state.waiters.count < Self.waitersMax else { return false }
                state.waiters.append(waiter)
                return nil
            }
            if let hasTurn { waiter.resume(returning: hasTurn) }
        }
    }

    /// Hands the turn over, so that it is never free while somebody waits.
    private func pass() {
        let next = state.withLock { state in
            let next = state.waiters.popFirst()
            state.isTaken = next != nil
            return next
        }
        next?.resume(returning: true)
    }
}
