import Audit
import Locking
import Storage
import TestSupport
import Testing

@Suite("Replaying what the journal has lost", .timeLimit(.minutes(10)))
struct ReplayTests {
    @Test(
        "A start gives the journal back what it has lost of the last records, with the hashes that they had",
        arguments: 1...6
    )
    func heals(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let clock = StorageClock()
        let journal = FakeJournal(isSearchable: true)
        func bench(_ store: MemoryStore? = nil) throws -> Bench {
            try Bench(
                store: store ?? MemoryStore { clock.read() },
                clock: clock,
                signer: Sample.signer,
                journal: journal
            )
        }
        let first = try bench()
        try await first.commit(120, of: ["acme", "beta"], using: &random)
        try await first.run { try await first.delivered(121) }
        let whole = try Trail(first).records

        // Some in between, and the end, as at a power cut.
        let losses = Set(
            (0..<15).map { _ in Int.random(in: 0..<100, using: &random) } + Array(110..<whole.count)
        )
        let lost = Set(losses.map { "\(whole[$0]["SCIM_STREAM"]) \(whole[$0]["SCIM_SEQ"])" })
        journal.lose { entry in
            lost.contains("\(entry.value("SCIM_STREAM") ?? "") \(entry.value("SCIM_SEQ") ?? "")")
        }
        #expect(Trails.verify(try Trail(first).records).outcome != .intact)

        let second = try bench(first.store)
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
        let third = try bench(first.store)
        let before = journal.takenCount
        try await third.run {}
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
}
