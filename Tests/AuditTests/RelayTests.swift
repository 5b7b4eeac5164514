import Audit
import JSON
import Locking
import Storage
import TestSupport
import Testing

@Suite("Audit relay", .timeLimit(.minutes(10)))
struct RelayTests {
    @Test(
        "G2: every record reaches the journal in order, whatever the journal does to it",
        arguments: [
            FakeJournal.Mood.well, .keepsEvery(2), .keepsEvery(7), .delays(3), .delays(260), .doubles,
        ]
    )
    func delivers(mood: FakeJournal.Mood) async throws {
        let bench = try await Bench(records: 250, mood: mood)
        try await bench.run { try await bench.delivered(250) }
        #expect(Set(bench.journal.records.map(\.sequence)) == Set(1...250))
        #expect(try AuditOutbox(store: bench.store).storedPointer() == 250)
    }

    @Test("a well journal gets each record once, in the order of the commits")
    func once() async throws {
        let bench = try await Bench(records: 250, mood: .well)
        try await bench.run { try await bench.delivered(250) }
        #expect(bench.journal.records.map(\.sequence) == Array(1...250))
        #expect(bench.relay.status.resentCount == 0)
    }

    @Test(
        "G2: a journal that loses or refuses everything for a while gets everything afterwards",
        arguments: [FakeJournal.Mood.losesAll, .refuses]
    )
    func recovers(mood: FakeJournal.Mood) async throws {
        let bench = try await Bench(records: 150, mood: mood)
        try await bench.run {
            try await bench.until {
                bench.relay.status.resentCount + bench.relay.status.refusedCount > 0
            }
            #expect(bench.relay.status.confirmedCount == 0)
            #expect(try AuditOutbox(store: bench.store).storedPointer() == 0)
            bench.journal.set(.well)
            try await bench.delivered(150)
        }
        #expect(Set(bench.journal.records.map(\.sequence)) == Set(1...150))
    }

    @Test("a record sent again says so, the first time it does not")
    func attempts() async throws {
        let bench = try await Bench(records: 2, mood: .keepsEvery(2))
        try await bench.run { try await bench.delivered(2) }
        let attempts = bench.journal.entries.map { entry in
            entry.fields.first { $0.name == "SCIM_ATTEMPT" }?.value
        }
        #expect(attempts.contains(nil))
        #expect(attempts.contains("2") || attempts.contains("3"))
    }

    @Test("delivery goes on behind the stored pointer after a restart")
    func restart() async throws {
        let bench = try await Bench(records: 30, mood: .well)
        try await bench.run { try await bench.delivered(30) }
        try await bench.commit(20)
        let next = try Bench(store: bench.store)
        try await next.run { try await next.delivered(20) }
        #expect(next.journal.records.map(\.sequence) == Array(31...50))
    }

    @Test("stopping with a journal that is away ends within the time to drain and loses nothing")
    func stopsWhileAway() async throws {
        let bench = try await Bench(records: 10, mood: .refuses)
        try await bench.run {}
        #expect(try AuditOutbox(store: bench.store).undeliveredCount() == 10)
        let next = try Bench(store: bench.store)
        try await next.run { try await next.delivered(10) }
        #expect(next.journal.records.map(\.sequence) == Array(1...10))
    }

    @Test("stopping delivers what is there already")
    func drains() async throws {
        let bench = try await Bench(records: 500, mood: .well)
        try await bench.run {}
        #expect(bench.journal.records.count == 500)
        #expect(try AuditOutbox(store: bench.store).undeliveredCount() == 0)
    }

    @Test("delivered rows go when they are old enough, but the last ones stay, and undelivered ones do")
    func prunes() async throws {
        var configuration = AuditRelay.Configuration()
        configuration.retainedRowsMin = 40
        configuration.pruneMicroseconds = 0
        configuration.pruneRowsMax = 16
        let bench = try await Bench(records: 100, mood: .well, configuration: configuration)
        try await bench.run {
            try await bench.delivered(100)
            #expect(try bench.store.logRows().count == 100)
            bench.clock.set(1_000_000 + 25 * 3_600 * 1_000_000)
            // The status follows the commit.
            try await bench.until { bench.relay.status.prunedThrough == 60 }
        }
        #expect(try bench.store.logRows().map(\.order) == Array(61...100))
    }

    @Test("a store that refuses to take the pointer costs duplicates after a restart, never records")
    func pointerLost() async throws {
        let bench = try await Bench(records: 20, mood: .well)
        bench.store.failNextCommit(with: .busy)
        try await bench.run {
            try await bench.delivered(20)
            try await bench.until { try AuditOutbox(store: bench.store).storedPointer() == 20 }
        }
        #expect(bench.journal.records.map(\.sequence) == Array(1...20))
    }
}

/// A store with records, a journal, and a relay between them.
struct Bench: Sendable {
    let store: MemoryStore
    let journal: FakeJournal
    let gate = AuditGate()
    let pacer = FakePacer()
    let clock: StorageClock
    let reported = Reported()
    let relay: AuditRelay

    final class Reported: Sendable {
        let records = Locked<[AuditRecord]>([])
        var events: [AuditEvent] { records.withLock { $0.map(\.event) } }
    }

    init(records: Int, mood: FakeJournal.Mood, configuration: AuditRelay.Configuration = .init()) async throws
    {
        let clock = StorageClock()
        try self.init(
            store: MemoryStore { clock.read() },
            clock: clock,
            mood: mood,
            configuration: configuration
        )
        try await commit(records)
    }

    init(
        store: MemoryStore,
        clock: StorageClock = StorageClock(),
        mood: FakeJournal.Mood = .well,
        configuration: AuditRelay.Configuration = .init(),
        signer: CheckpointSigner? = nil,
        journal: FakeJournal? = nil,
        olderRows: @escaping OlderRows = { _, _ in }
    ) throws {
        self.store = store
        self.clock = clock
        self.journal = journal ?? FakeJournal(mood)
        var configuration = configuration
        // The last pointer and the last checkpoint wait for a task, and on a busy machine the clock of the test may be faster than that.
        configuration.lastPointerMicrosecondsMax = 600_000_000
        if signer != nil { configuration.drainMicrosecondsMax = 600_000_000 }
        relay = try AuditRelay(
            store: store,
            gate: gate,
            digest: Sample.digest,
            signer: signer,
            configuration: configuration,
            pacer: pacer,
            now: { Timestamp(microseconds: clock.read()) },
            olderRows: olderRows,
            report: { [reported] record in reported.records.withLock { $0.append(record) } }
        )
    }

    func commit(_ count: Int) async throws {
        for _ in 0..<count {
            _ = try await store.commit(Changeset(.append(Sample.request(.userCreate).logEntry())))
        }
    }

    /// Runs the relay on a thread of its own while the body runs, and stops it then.
    func run(_ body: () async throws -> Void) async throws {
        async let ended: Void = onOwnThread { [relay, journal] in
            relay.run(FakeSink(journal: journal, store: relay.journalStoreID))
        }
        defer { relay.stop() }
        try await body()
        relay.stop()
        await ended
    }

    func delivered(_ count: UInt64) async throws {
        try await until { relay.status.confirmedCount >= count }
    }

    func until(_ condition: () throws -> Bool) async throws {
        while try !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }
}
