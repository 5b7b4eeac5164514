import Audit
import Locking
import Storage
import TestSupport
import Testing

@Suite("Replaying what the journal has lost", .timeLimit(.minutes(10)))
struct ReplayTests {
    /// A relay over a store, a new one unless told otherwise.
    private func bench(
        _ journal: FakeJournal,
        _ clock: StorageClock = StorageClock(),
        store: MemoryStore? = nil
    ) throws -> Bench {
        try Bench(
            store: store ?? MemoryStore { clock.read() },
            clock: clock,
            signer: Sample.signer,
            journal: journal
        )
    }

    @Test(
        "A start gives the journal back what it has lost of the last records, with the hashes that they had",
        arguments: 1...6
    )
    func heals(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let clock = StorageClock()
        let journal = FakeJournal(isSearchable: true)
        let first = try bench(journal, clock)
        try await first.commit(120, of: ["acme", "beta"], using: &random)
        try await first.run { try await first.delivered(121) }
        let whole = try Trail(first).records

        // Some in between, and the end, as at a power cut.
        let losses = Set(
            (0..<15).map { _ in Int.random(in: 1..<100, using: &random) } + Array(110..<whole.count)
        )
        let lost = Set(losses.map { "\(whole[$0]["SCIM_STREAM"]) \(whole[$0]["SCIM_SEQ"])" })
        journal.lose { entry in
            lost.contains("\(entry.value("SCIM_STREAM") ?? "") \(entry.value("SCIM_SEQ") ?? "")")
        }
        #expect(Trails.verify(try Trail(first).records).outcome != .intact)

        let second = try bench(journal, clock, store: first.store)
        try await second.run { try await second.until { !second.reported.records.withLock { $0.isEmpty } } }
        let records = try Trail(second).records
        let report = Trails.verify(records)
        #expect(report.outcome == .intact, "\(report.findings)")
        func hashes(_ records: [Trails.Fields]) -> Set<String> { Set(records.map { $0["SCIM_HASH"] }) }
        #expect(hashes(records).isSuperset(of: hashes(whole)))
        let told = second.reported.records.withLock { $0 }
        #expect(told.map(\.event) == [.auditReplay])
        #expect(told.first?.coalesced?.count == UInt64(lost.count))

        // What is there is not sent again.
        let third = try bench(journal, clock, store: first.store)
        let before = journal.takenCount
        try await third.run {}
        #expect(journal.takenCount == before)
    }

    @Test(
        "G2: a journal that is away and has lost everything gets it back before anything new, at a start and while the server runs",
        arguments: [true, false]
    )
    func away(atStart: Bool) async throws {
        let clock = StorageClock()
        let journal = FakeJournal(isSearchable: true)
        let first = try bench(journal, clock)
        try await first.commit(30)
        let second = try bench(journal, clock, store: first.store)
        try await first.run {
            try await first.delivered(31)
            guard !atStart else { return }
            journal.set(.refuses)
            journal.lose { _ in true }
            try await first.commit(5)
            try await first.until { first.relay.status.refusedCount > 5 }
            journal.set(.well)
            try await first.until { Set(journal.records).count >= 36 }
        }
        if atStart {
            journal.set(.refuses)
            journal.lose { _ in true }
            try await second.commit(5)
            try await second.run {
                try await second.until { journal.refusedCount > 5 }
                journal.set(.well)
                try await second.until { Set(journal.records).count >= 36 }
            }
        }
        let report = Trails.verify(try Trail(atStart ? second : first).records)
        #expect(report.outcome == .intact, "\(report.findings)")
        #expect(report.streams.contains { $0.stream == "acme" && $0.first == 1 && $0.last == 35 })
    }

    @Test("A journal that takes what it has lost and shows none of it is tried with one record alone")
    func showsNothing() async throws {
        let clock = StorageClock()
        let journal = FakeJournal(isSearchable: true)
        let first = try bench(journal, clock)
        try await first.commit(300)
        try await first.run { try await first.delivered(301) }
        journal.set(.losesAll)
        journal.lose { _ in true }
        _ = journal.newRecords()
        let before = journal.takenCount
        let second = try bench(journal, clock, store: first.store)
        try await second.run {
            try await second.until { journal.takenCount > before + 6 }
            #expect(journal.newRecords().count == 1)
            journal.set(.well)
            try await second.until { Set(journal.records).count >= 302 }
        }
        #expect(Trails.verify(try Trail(second).records).outcome == .intact)
    }

    @Test("What is lost while the server runs comes back when somebody asks, and delivery goes on")
    func onDemand() async throws {
        let clock = StorageClock()
        let journal = FakeJournal(isSearchable: true)
        let bench = try bench(journal, clock)
        try await bench.commit(60)
        try await bench.run {
            try await bench.delivered(61)
            #expect(await bench.relay.replay(by: .admin(nil)) == .done(sent: 0))
            journal.lose { (10...20).contains(UInt64($0.value("SCIM_SEQ") ?? "") ?? 0) }
            async let first = bench.relay.replay(by: .admin(Sample.slug("ann")))
            async let second = bench.relay.replay(by: .admin(Sample.slug("ann")))
            // Two who ask together are answered by one comparison, or by two of which one finds nothing.
            #expect(await [first, second].contains(.done(sent: 11)))
            try await bench.commit(5)
            try await bench.delivered(66)
        }
        #expect(Trails.verify(try Trail(bench).records).outcome == .intact)
        let told = bench.reported.records.withLock { $0 }
        #expect(told.map(\.event) == [.auditReplay] && told.first?.actor == .admin(Sample.slug("ann")))
        // A relay that has ended answers nobody, and keeps nobody waiting.
        #expect(await bench.relay.replay(by: .system) == nil)
    }

    /// A relay that keeps few rows, and what it no longer has.
    private func trimmed(_ journal: FakeJournal, _ count: UInt64) async throws -> (Bench, [LogRow]) {
        let clock = StorageClock()
        var configuration = AuditRelay.Configuration()
        configuration.retainedRowsMin = 20
        configuration.retention = .zero
        configuration.pruneMicroseconds = 0
        let bench = try Bench(
            store: MemoryStore { clock.read() },
            clock: clock,
            configuration: configuration,
            journal: journal
        )
        var random = SeededGenerator(seed: 11)
        try await bench.commit(Int(count), of: ["acme", "beta"], using: &random)
        let rows = try bench.store.logRows()
        try await bench.run {
            try await bench.delivered(count)
            try await bench.until { bench.relay.status.prunedThrough == count - 20 }
        }
        return (bench, rows)
    }

    private func again(_ first: Bench, _ older: [LogRow], _ journal: FakeJournal) throws -> Bench {
        var configuration = AuditRelay.Configuration()
        configuration.retainedRowsMin = 20
        configuration.retention = .zero
        return try Bench(
            store: first.store,
            clock: first.clock,
            configuration: configuration,
            journal: journal,
            olderRows: { before, body throws(StoreError) in
                for row in older where row.order < before { guard body(row) == .more else { return } }
            }
        )
    }

    @Test(
        "G2: what the store no longer shows comes from the files of its log, if the journal lacks that too",
        arguments: [0, 35, 120]
    )
    func deep(keptCount: Int) async throws {
        let journal = FakeJournal(isSearchable: true)
        let (first, rows) = try await trimmed(journal, 150)
        let whole = try Trail(first).records
        // As of a journal that is lost, or that was put back as it was.
        let kept = Set(whole.prefix(keptCount).map { "\($0["SCIM_STREAM"]) \($0["SCIM_SEQ"])" })
        journal.lose { entry in
            !kept.contains("\(entry.value("SCIM_STREAM") ?? "") \(entry.value("SCIM_SEQ") ?? "")")
        }
        let second = try again(first, rows, journal)
        try await second.run { try await second.until { !second.reported.records.withLock { $0.isEmpty } } }
        let records = try Trail(second).records
        #expect(records.count == whole.count)
        #expect(Set(records.map { $0["SCIM_HASH"] }) == Set(whole.map { $0["SCIM_HASH"] }))
        let told = second.reported.records.withLock { $0 }
        #expect(told.first?.coalesced?.count == UInt64(150 - keptCount))
    }

    @Test("Records that a full journal has deleted, its oldest ones, are not sent again")
    func vacuumed() async throws {
        let journal = FakeJournal(isSearchable: true)
        let (first, rows) = try await trimmed(journal, 150)
        let gone = Set(try Trail(first).records.prefix(140).map { "\($0["SCIM_STREAM"]) \($0["SCIM_SEQ"])" })
        journal.lose { entry in
            gone.contains("\(entry.value("SCIM_STREAM") ?? "") \(entry.value("SCIM_SEQ") ?? "")")
        }
        let before = journal.takenCount
        let second = try again(first, rows, journal)
        try await second.run {}
        #expect(journal.takenCount == before)
    }

    @Test("A record that is not the one that was delivered is not sent in its place")
    func refuses() async throws {
        let clock = StorageClock()
        let journal = FakeJournal(isSearchable: true)
        let first = try Bench(store: MemoryStore { clock.read() }, clock: clock, journal: journal)
        try await first.commit(10)
        try await first.run { try await first.delivered(10) }
        // Somebody has put other hashes into the journal, which do not follow from what is in the store.
        let other = Sample.digest.genesis(store: "x", stream: "y").text
        journal.lose { $0.value("SCIM_SEQ") != "3" }
        journal.replaceHashes(by: other)
        let second = try Bench(store: first.store, clock: clock, journal: journal)
        try await second.run {}
        #expect(journal.records.map(\.sequence) == [3])
    }

    @Test(
        "Where the journal knows more than the store, an older copy was put back: nothing is delivered until that is told"
    )
    func olderCopy() async throws {
        let clock = StorageClock()
        let journal = FakeJournal(isSearchable: true)
        let first = try bench(journal, clock)
        try await first.commit(20)
        try await first.run { try await first.delivered(21) }

        // The same store at an earlier time, and what it goes on to record.
        let copy = MemoryStore { clock.read() }
        let second = try Bench(store: copy, clock: clock, signer: Sample.signer, journal: journal)
        try await second.commit(10)
        let before = journal.takenCount
        try await second.run { try await second.until { second.relay.status.isRolledBack } }
        #expect(journal.takenCount == before)
        #expect(try AuditOutbox(store: copy).undeliveredCount() == 10)

        try await copy.beginTrail(0x78)
        let third = try Bench(store: copy, clock: clock, signer: Sample.signer, journal: journal)
        try await third.run { try await third.delivered(12) }
        #expect(!third.relay.status.isRolledBack)
        let report = Trails.verify(try Trail(third).records)
        #expect(report.outcome == .intact, "\(report.findings)")
    }
}
