package import JSON
internal import Locking
package import Storage

/// Takes records of events that change nothing (refusals, failed changes, reads, the server's own), and commits them in
/// groups: every 20 ms, at most 64 in a changeset.
///
/// The answer to a refused request does not wait for its record, so a power cut may lose the last 20 ms of them.
package final class AuditQueue: Sendable {
    /// Every amount and wait of the queue.
    package struct Limits: Sendable {
        /// Records that wait; past it events are counted instead (`SCIM_COUNT`).
        package var recordsMax = 8_192
        package var groupRecordsMax = 64
        package var groupBytesMax = 500_000
        package var groupInterval = Duration.milliseconds(20)
        /// Kinds of refusals that are counted apart; past it only event and reason are told apart.
        package var windowsMax = 4_096
        package var windowMicroseconds: Int64 = 10_000_000
        /// The same of requests that are too many, which say little and may go on for days.
        package var rateWindowMicroseconds: Int64 = 60_000_000
        package var retryIntervalMin = Duration.milliseconds(100)
        package var retryIntervalMax = Duration.seconds(5)
        /// Attempts to commit a group once ``AuditQueue/finish()`` was called.
        package var lastAttemptsMax = 5

        package init() {}

        /// How long refusals are counted before they become a record.
        func window(of event: AuditEvent) -> Int64 {
            event == .rateLimited ? rateWindowMicroseconds : windowMicroseconds
        }
    }

    /// What the queue tells of itself.
    package struct Status: Sendable, Equatable {
        package var waiting = 0
        package var committedCount: UInt64 = 0
        /// Events that were counted instead of getting a record each.
        package var coalescedCount: UInt64 = 0
        package var failedCommitCount: UInt64 = 0
        /// Records given up because the store was closed or kept failing while the queue finished.
        package var lostCount: UInt64 = 0
    }

    private struct State {
        var intake: AuditIntake
        var status = Status()
        var isFinishing = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let store: any Store
    private let gate: AuditGate
    private let limits: Limits
    private let now: @Sendable () -> Timestamp
    private let sleep: @Sendable (Duration) async -> Void
    private let committed: @Sendable () -> Void
    private let state: Locked<State>

    /// Makes a queue; nothing is committed before ``run()``.
    ///
    /// - Parameters:
    ///   - store: takes the records.
    ///   - gate: while it is closed, refusals are only counted.
    ///   - limits: see ``Limits``.
    ///   - now: the clock.
    ///   - sleep: waits this long, or less if the task was cancelled.
    ///   - committed: called after each commit: ``AuditRelay/wake()``.
    package init(
        store: any Store,
        gate: AuditGate,
        limits: Limits = Limits(),
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async -> Void,
        committed: @escaping @Sendable () -> Void
    ) {
        self.store = store
        self.gate = gate
        self.limits = limits
        self.now = now
        self.sleep = sleep
        self.committed = committed
        self.state = Locked(State(intake: AuditIntake(limits: limits)))
    }

    /// Takes a record; never blocks, never fails, callable from anywhere.
    package func record(_ record: AuditRecord) {
        let time = now()
        let isAccepting = gate.isAccepting
        wakeSleeper { $0.intake.take(record, now: time, isAccepting: isAccepting) }
    }

    /// Lets ``run()`` commit all that is left, and return; nothing may be recorded afterwards.
    package func finish() { wakeSleeper { $0.isFinishing = true } }

    package var status: Status {
        state.withLock { state in
            var status = state.status
            status.waiting = state.intake.waitingCount
            status.coalescedCount = state.intake.coalescedCount
            return status
        }
    }

    /// Commits what is taken, until ``finish()`` was called or the task was cancelled, and all of it is committed.
    package func run() async {
        while true {
            await waitForRecords()
            if !isFinishing { await sleep(limits.groupInterval) }
            if Task.isCancelled { finish() }
            let isLast = isFinishing
            // While nothing is accepted, counting goes on; what was counted becomes records afterwards.
            if isLast || gate.isAccepting { closeWindows(isLast: isLast) }
            await commit(state.withLock { $0.intake.takeWaiting() })
            if isLast, state.withLock({ $0.intake.isEmpty }) { return }
        }
    }

    private var isFinishing: Bool { state.withLock { $0.isFinishing } }

    private func wakeSleeper(after body: (inout State) -> Void) {
        let sleeper = state.withLock { state in
            body(&state)
            let sleeper = state.sleeper
            state.sleeper = nil
            return sleeper
        }
        sleeper?.resume()
    }

    private func waitForRecords() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    guard state.intake.isEmpty, !state.isFinishing, !Task.isCancelled else { return true }
                    state.sleeper = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            finish()
        }
    }

    private func closeWindows(isLast: Bool) {
        let time = now()
        state.withLock { $0.intake.closeWindows(now: time, isLast: isLast) }
    }

    /// Commits records in groups that one changeset may hold.
    private func commit(_ records: [AuditRecord]) async {
        var group: [LogEntry] = []
        var bytes = 0
        for record in records {
            let entry = record.logEntry()
            if group.count == limits.groupRecordsMax || bytes + entry.payload.count > limits.groupBytesMax {
                await commit(group)
                group = []
                bytes = 0
            }
            group.append(entry)
            bytes += entry.payload.count
        }
        if !group.isEmpty { await commit(group) }
    }

    /// Commits a group, again and again if need be: an unknown outcome may put it there twice, never not at all.
    private func commit(_ group: [LogEntry]) async {
        var changeset = Changeset()
        changeset.mutations = group.map { .append($0) }
        var pause = limits.retryIntervalMin
        var lastAttempts = 0
        while true {
            do throws(StoreError) {
                _ = try await store.commit(changeset)
                state.withLock { $0.status.committedCount += UInt64(group.count) }
                return committed()
            } catch {
                if isFinishing { lastAttempts += 1 }
                let isHopeless = error == .closed || lastAttempts >= limits.lastAttemptsMax
                state.withLock {
                    $0.status.failedCommitCount += 1
                    if isHopeless { $0.status.lostCount += UInt64(group.count) }
                }
                guard !isHopeless else { return }
                // The end does not wait as long as it may have come to before.
                await sleep(isFinishing ? limits.retryIntervalMin : pause)
                pause = min(pause * 2, limits.retryIntervalMax)
            }
        }
    }
}
