internal import Locking

/// How the journal was compared with the store.
package enum ReplayOutcome: Sendable, Equatable {
    /// So many records were sent again, and read back.
    case done(sent: UInt64)
    /// The journal has records that the store does not know; nothing is delivered any more.
    case rolledBack
    /// The journal cannot be read.
    case unreadable
    /// The journal does not take all that it lacks.
    case incomplete
}

/// Who has asked for a comparison of the journal with the store, and waits for the relay's thread to make it.
final class ReplayRequests: Sendable {
    private struct Waiting {
        let continuation: CheckedContinuation<ReplayOutcome?, Never>
        var hasBegun = false
    }

    private struct State {
        var waiting: [UInt64: Waiting] = [:]
        var next: UInt64 = 0
        var actor: AuditActor?
        var isOver = false
    }

    private let state = Locked(State())

    /// Waits for a comparison; nil if none has begun when `limit` returns.
    ///
    /// `wake`: tells the relay's thread, once the wait has begun.
    func ask(
        _ actor: AuditActor,
        wake: () -> Void,
        limit: @escaping @Sendable () async -> Void
    ) async -> ReplayOutcome? {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let timer = Task { [self] in
            await limit()
            take { key, waiting in key == id && !waiting.hasBegun }.first?.resume(returning: nil)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let isTaken = state.withLock { state in
                guard !state.isOver else { return false }
                state.waiting[id] = Waiting(continuation: continuation)
                state.actor = actor
                return true
            }
            guard isTaken else { return continuation.resume(returning: nil) }
            wake()
        }
    }

    /// Begins with what has been asked for; who has asked last, nil if nobody has.
    func begin() -> AuditActor? {
        state.withLock { state in
            for id in state.waiting.keys { state.waiting[id]?.hasBegun = true }
            defer { state.actor = nil }
            return state.waiting.isEmpty ? nil : state.actor
        }
    }

    /// Answers those with whose comparison ``begin()`` has begun.
    func end(_ outcome: ReplayOutcome?) {
        for continuation in take(where: { _, waiting in waiting.hasBegun }) {
            continuation.resume(returning: outcome)
        }
    }

    /// Answers all, and whoever still asks: there will be no comparison any more.
    func endAll() {
        state.withLock { $0.isOver = true }
        for continuation in take(where: { _, _ in true }) { continuation.resume(returning: nil) }
    }

    private func take(
        where isMeant: (UInt64, Waiting) -> Bool
    ) -> [CheckedContinuation<ReplayOutcome?, Never>] {
        state.withLock { state in
            let ids = state.waiting.filter { isMeant($0.key, $0.value) }.map(\.key)
            return ids.compactMap { state.waiting.removeValue(forKey: $0)?.continuation }
        }
    }
}
