import Locking

/// Whose batch goes to the server next: few at a time, one of each tenant, the one that has waited longest for a turn.
///
/// A turn lasts for one batch, so that a large file holds up nobody's small one.
final class ImportTurns: Sendable {
    /// Batches that are sent, or files that are opened, at a time.
    static let runningMax = 2
    /// Tenants of which it is remembered when they had a turn.
    private static let tenantsMax = 256

    private struct Waiting {
        let tenant: String
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var running: Set<String> = []
        var waiting: [Waiting] = []
        /// The number of each tenant's last turn.
        var lastTurns: [String: UInt64] = [:]
        var turns: UInt64 = 0

        mutating func begin(_ tenant: String) {
            running.insert(tenant)
            turns += 1
            if lastTurns.count >= ImportTurns.tenantsMax { lastTurns = [:] }
            lastTurns[tenant] = turns
        }

        /// Takes the next one out whose turn it is; nil if there is no place, or nobody waits for one.
        mutating func next() -> Waiting? {
            guard running.count < ImportTurns.runningMax else { return nil }
            let candidates = waiting.indices.filter { !running.contains(waiting[$0].tenant) }
            func last(_ index: Int) -> UInt64 { lastTurns[waiting[index].tenant] ?? 0 }
            guard let index = candidates.min(by: { (last($0), $0) < (last($1), $1) }) else { return nil }
            let next = waiting.remove(at: index)
            begin(next.tenant)
            return next
        }
    }

    private let state = Locked(State())

    /// Does something when it is the tenant's turn.
    func hold<R: Sendable>(
        _ tenant: String,
        _ work: () async throws(ImportFault) -> R
    ) async throws(ImportFault) -> R {
        await withCheckedContinuation { continuation in
            letOn { $0.waiting.append(Waiting(tenant: tenant, continuation: continuation)) }
        }
        defer { letOn { $0.running.remove(tenant) } }
        return try await work()
    }

    private func letOn(_ change: (inout State) -> Void) {
        let next = state.withLock { state in
            change(&state)
            return state.next()
        }
        next?.continuation.resume()
    }
}
