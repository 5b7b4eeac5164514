package import JSON
internal import Locking
package import Storage

/// Delivers the log to the journal: sends rows, and moves on only past those that it has read back.
///
///     request ─ commit ─ wake()         ┌──────────── send again what was not seen ───────────┐
///                           │           ▼                                                     │
///     run():  wait ─ read ≤ 100 rows ─ send ─ read back each 1 ms, ≤ 250 ms ─ all seen? ─ no ─ back off
///                                                                               yes: pointer := order
///
/// ``run(_:)`` blocks and belongs on a thread of its own: the journal may hold a sender without limit. Nothing else waits
/// for it. ``observe()`` belongs on another thread, so that the state is true while the relay hangs.
package final class AuditRelay: Sendable {
    /// Every wait and every amount of the relay.
    package struct Configuration: Sendable {
        package var batchRecordsMax = 100
        package var pollMicroseconds: Int64 = 1_000
        package var confirmationMicrosecondsMax: Int64 = 250_000
        /// After so many attempts of which nothing is seen, what looks for records may be what is at fault.
        package var staleAttempts = 3
        package var backOffMicrosecondsMin: Int64 = 10_000
        package var backOffMicrosecondsMax: Int64 = 2_000_000
        /// The pointer is stored no more often than this.
        package var pointerMicroseconds: Int64 = 100_000
        package var pruneMicroseconds: Int64 = 1_000_000
        package var pruneRowsMax = 2_000
        /// Delivered rows younger than this stay, where nothing else has them that could be read.
        package var retention = Duration.seconds(24 * 60 * 60)
        package var retainedRowsMin: UInt64 = 10_000
        /// Further delivered rows go however young they are.
        package var retainedRowsMax: UInt64 = 100_000
        /// How long delivery goes on after ``AuditRelay/stop()``.
        package var drainMicrosecondsMax: Int64 = 5_000_000
        /// How long the end waits after that for the pointer to be stored.
        package var lastPointerMicrosecondsMax: Int64 = 1_000_000
        /// A checkpoint is made no more often than this while there are new records.
        package var checkpointMicroseconds: Int64 = 60_000_000
        /// And this often while there are none.
        package var idleCheckpointMicroseconds: Int64 = 3_600_000_000
        /// Whoever waits for a record waits no longer.
        package var acknowledgementMax = Duration.seconds(2)
        /// A comparison with the journal that was asked for begins within this time, or not at all.
        package var replayBeginMax = Duration.seconds(10)
        package var health = AuditHealthLimits()

        package init() {}
    }

    struct Shared: Sendable {
        var status = AuditStatus()
        var health: AuditHealth
        var delivered: UInt64 = 0
        var stored: UInt64 = 0
        var isStoring = false
        /// Where the streams end whose records were delivered since the pointer was stored.
        var heads: [String: ChainHead] = [:]
        var checkpoint = CheckpointProgress.none
        var lastConfirmation: Int64
        var stopsAt: Int64?
    }

    /// How far the checkpoint is that was made last.
    enum CheckpointProgress: Sendable {
        case none, onItsWay
        /// It was not stored; these streams it would have named.
        case failed([String])
    }

    let outbox: AuditOutbox
    /// The id that records have: ``Incarnation/current``.
    let storeID: UniqueID
    let digest: TrailDigest
    let firstHeads: [String: ChainHead]
    let signer: CheckpointSigner?
    let checkpointed: @Sendable ([Checkpoint.Head]) -> Void
    let configuration: Configuration
    let pacer: any AuditPacer
    let now: @Sendable () -> Timestamp
    let olderRows: OlderRows
    let shared: Locked<Shared>
    let waiters = RelayWaiters()
    let replays = ReplayRequests()
    private let gate: AuditGate
    let report: @Sendable (AuditRecord) -> Void
    private let made: Timestamp

    /// Reads the stored pointer and the heads of the chains; delivery goes on behind them.
    ///
    /// - Parameters:
    ///   - store: whose log is delivered.
    ///   - gate: closed while the outbox is full.
    ///   - digest: computes the hashes of the chain.
    ///   - signer: signs checkpoints; nil for none.
    ///   - configuration: see ``Configuration``.
    ///   - pacer: the time of the thread that will run the relay.
    ///   - now: the clock that the store's commits have.
    ///   - olderRows: see ``OlderRows``.
    ///   - report: takes the records of the relay's own state: ``AuditQueue/record(_:)``.
    ///   - checkpointed: told where all streams ended at each checkpoint, on any thread.
    /// - Throws: what reading the store throws.
    package init(
        store: any Store,
        gate: AuditGate,
        digest: TrailDigest,
        signer: CheckpointSigner? = nil,
        configuration: Configuration = Configuration(),
        pacer: any AuditPacer,
        now: @escaping @Sendable () -> Timestamp,
        olderRows: @escaping OlderRows = { _, _ in },
        report: @escaping @Sendable (AuditRecord) -> Void,
        checkpointed: @escaping @Sendable ([Checkpoint.Head]) -> Void = { _ in }
    ) throws(StoreError) {
        self.outbox = AuditOutbox(store: store)
        (storeID, firstHeads) = try store.withSnapshot { snapshot throws(StoreError) in
            (try Incarnation(snapshot).current, try ChainHead.all(snapshot))
        }
        self.digest = digest
        self.signer = signer
        self.checkpointed = checkpointed
        self.configuration = configuration
        self.pacer = pacer
        self.now = now
        self.olderRows = olderRows
        self.gate = gate
        self.report = report
        self.made = now()
        var shared = Shared(
            health: AuditHealth(limits: configuration.health),
            lastConfirmation: pacer.monotonicMicroseconds
        )
        shared.stored = try outbox.storedPointer()
        shared.delivered = shared.stored
        self.shared = Locked(shared)
    }

    /// The store's id as `SCIM_STORE` gives it.
    package var journalStoreID: String { storeID.journalText }

    /// Says that a commit added records; callable from anywhere, never blocks.
    package func wake() { pacer.signal() }

    /// Lets ``run(_:)`` deliver for five more seconds at most, and return.
    package func stop() {
        let end = pacer.monotonicMicroseconds + configuration.drainMicrosecondsMax
        shared.withLock { $0.stopsAt = $0.stopsAt ?? end }
        pacer.signal()
    }

    /// Waits until every record that is in the log now has been read back from the journal.
    ///
    /// - Returns: false if that took longer than ``Configuration/acknowledgementMax``, or the store cannot be read.
    package func deliversAll() async -> Bool {
        guard let extent = try? outbox.extent(delivered: shared.withLock { $0.delivered }) else {
            return false
        }
        return await waiters.wait(for: extent.order) {
            shared.withLock { $0.delivered }
        } limit: { [configuration] in
            try? await Task.sleep(for: configuration.acknowledgementMax)
        }
    }

    /// Compares the journal with the store, as at a start, and sends records again that the journal has lost.
    ///
    /// - Parameter actor: who asks for it.
    /// - Returns: nil if that has not begun within ``Configuration/replayBeginMax``, as the journal takes nothing, or the relay stops.
    package func replay(by actor: AuditActor) async -> ReplayOutcome? {
        await replays.ask(actor) {
            pacer.signal()
        } limit: { [configuration] in
            try? await Task.sleep(for: configuration.replayBeginMax)
        }
    }

    /// What was seen last.
    package var status: AuditStatus { shared.withLock { $0.status } }

    /// Looks at the outbox, sets the gate, and reports a changed state; to be called about once a second.
    package func observe() throws(StoreError) {
        let extent = try outbox.extent(delivered: shared.withLock { $0.delivered })
        // What waited before this process began is not held against it.
        let oldest = extent.oldest.map { max($0, made) }
        let age = oldest.map { max(0, now().microseconds - $0.microseconds) } ?? 0
        let monotonic = pacer.monotonicMicroseconds
        let record = shared.withLock { shared in
            let record = shared.health.observe(
                AuditHealth.Observation(
                    undelivered: extent.undelivered,
                    oldestAge: .microseconds(age),
                    sinceConfirmation: .microseconds(monotonic - shared.lastConfirmation)
                )
            )
            shared.status.state = shared.health.state
            shared.status.undelivered = extent.undelivered
            shared.status.oldestAge = .microseconds(age)
            return record
        }
        gate.setAccepting(shared.withLock { $0.health.state } != .refusing)
        if let record { report(record) }
    }
}
