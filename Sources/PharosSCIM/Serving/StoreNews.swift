import Audit
import Locking
import Logging
import StorageLMDB

/// Tells the log and the trail what the store tells of itself.
///
/// The store opens before there is a trail; what it tells until then waits.
final class StoreNews: Sendable {
    private struct State {
        var queue: AuditQueue?
        var waiting: [AuditRecord] = []
    }

    private let log: Logger
    private let state = Locked(State())

    init(_ log: Logger) { self.log = log }

    /// Gives the trail what it has been told, and will be.
    func begin(_ queue: AuditQueue) {
        let waiting = state.withLock { state in
            state.queue = queue
            defer { state.waiting = [] }
            return state.waiting
        }
        for record in waiting { queue.record(record) }
    }

    /// What a start has found.
    func tell(_ recovery: StoreRecovery) {
        guard recovery.replayedCount > 0 || recovery.wasTorn else { return }
        log.notice(
            "the store was not closed; its last changes were read from the commit log",
            metadata: [
                "batches": "\(recovery.replayedCount)", "unfinished": "\(recovery.wasTorn ? 1 : 0)",
            ]
        )
    }

    /// That the clock is wrong, or right again.
    func tell(_ news: ClockNews) {
        switch news {
        case .ahead(let microseconds):
            log.error(
                "the clock was set far ahead; changes are refused until it is right, or the server is started again",
                metadata: ["seconds": "\(microseconds / 1_000_000)"]
            )
        case .right(let microseconds):
            log.notice("the clock is right again; changes are taken")
            record(.clockAhead, microseconds)
        case .behind(let microseconds):
            log.warning(
                "the clock is behind the last change; until it has come there, changes have times a microsecond apart",
                metadata: ["seconds": "\(microseconds / 1_000_000)"]
            )
            record(.clockBehind, microseconds)
        }
    }

    private func record(_ event: AuditEvent, _ microseconds: Int64) {
        var record = AuditRecord(event, .failure(.clock), actor: .system)
        record.details = .clock(seconds: UInt64(clamping: microseconds / 1_000_000))
        let queue = state.withLock { state in
            if state.queue == nil { state.waiting.append(record) }
            return state.queue
        }
        queue?.record(record)
    }
}
