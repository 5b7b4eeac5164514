internal import Locking

/// Who waits until what the log holds now is in the journal.
///
/// There are no more of them than requests that are being answered.
final class RelayWaiters: Sendable {
    private struct State {
        var waiting: [UInt64: (order: UInt64, continuation: CheckedContinuation<Bool, Never>)] = [:]
        var next: UInt64 = 0
    }

    private let state = Locked(State())

    /// Waits until the row of this order is delivered; false if `limit` returns before.
    ///
    /// `delivered`: the order of the last delivered row, asked for once the wait has begun, so that none is missed.
    func wait(
        for order: UInt64,
        delivered: () -> UInt64,
        limit: @escaping @Sendable () async -> Void
    ) async -> Bool {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let timer = Task { [self] in
            await limit()
            take(where: { key, _ in key == id }).first?.resume(returning: false)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            state.withLock { $0.waiting[id] = (order, continuation) }
            settle(through: delivered())
        }
    }

    /// Lets those go on whose row is delivered.
    func settle(through delivered: UInt64) {
        for continuation in take(where: { _, order in order <= delivered }) {
            continuation.resume(returning: true)
        }
    }

    private func take(where isMeant: (UInt64, UInt64) -> Bool) -> [CheckedContinuation<Bool, Never>] {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return [] }
            let ids = state.waiting.filter { isMeant($0.key, $0.value.order) }.map(\.key)
            return ids.compactMap { state.waiting.removeValue(forKey: $0)?.continuation }
        }
    }
}
