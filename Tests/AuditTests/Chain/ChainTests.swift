import Audit
import JSON
import Storage
import TestSupport
import Testing

@testable import Audit

@Suite("The chain of records", .timeLimit(.minutes(10)))
struct ChainTests {
    /// Computed by another implementation.
    private static let sample: Trails.Fields = [
        ("MESSAGE", "m"), ("MESSAGE_ID", "id"), ("PRIORITY", "5"), ("SYSLOG_IDENTIFIER", "scim-audit"),
        ("_UID", "0"), ("SCIM_ATTR", "emails"), ("SCIM_ATTR", "active"), ("SCIM_ATTR", "active"),
        ("SCIM_ATTR_MORE", "2"), ("SCIM_NOTE", "Zeile 1\nZeile 2 ü"), ("SCIM_ATTEMPT", "3"),
        ("SCIM_HASH", "x"),
    ]
    private static let store = String(repeating: "0193", count: 8)

    @Test("Audit 3.7: the hash is that of the sorted set of fields, without attempt and hash")
    func canonicalForm() {
        var hasher = RecordHasher(Sample.digest)
        let expected = "5299cd5550994f63f0d9d6b596263791b73e9f1e23b31e2c230bc54a78c670ff"
        var random = SeededGenerator(seed: 7)
        for _ in 0..<20 {
            #expect(hasher.hash(Trails.entry(Self.sample.shuffled(using: &random))).text == expected)
        }
        var other = Self.sample
        other["SCIM_ATTR_MORE"] = "3"
        #expect(hasher.hash(Trails.entry(other)).text != expected)
    }

    @Test("Audit 3.7: what a stream begins with follows from the store, the stream and the number")
    func beginnings() {
        #expect(
            Sample.digest.genesis(store: Self.store, stream: "acme").text
                == "2151a7fa20bf80a11cb863bf143abfee12454edf58b571c6b458bdb95f0c7ec7"
        )
        #expect(
            Sample.digest.anchor(store: Self.store, stream: "acme", sequence: 30).text
                == "73f4fe576a4ab482531b0ee05fd5d209567ceb6a42cf2e1e6e739cd92dc743e7"
        )
        #expect(
            Sample.digest.anchor(store: Self.store, stream: "acme", sequence: 0)
                == Sample.digest.genesis(store: Self.store, stream: "acme")
        )
    }

    @Test("A hash is read from what it writes, and from nothing else")
    func hashTexts() {
        let hash = Sample.digest.genesis(store: Self.store, stream: "acme")
        #expect(TrailHash(hex: hash.text.utf8.span) == hash)
        #expect(TrailHash(hash.bytes.span) == hash)
        for wrong in [
            "", hash.text.uppercased(), String(hash.text.dropLast()), hash.text + "0",
            "g" + hash.text.dropFirst(),
        ] {
            #expect(TrailHash(hex: wrong.utf8.span) == nil)
        }
    }

    @Test(
        "Each record follows the one before it in its stream, and a record that is sent again has the same hash",
        arguments: [FakeJournal.Mood.well, .keepsEvery(3), .doubles]
    )
    func linked(mood: FakeJournal.Mood) async throws {
        let bench = try await Bench(records: 60, mood: mood)
        try await bench.run { try await bench.delivered(60) }
        try expectChain(bench)
    }

    @Test(
        "A relay that dies, and one that cannot store its pointer, come to the same hashes as their successors"
    )
    func restarts() async throws {
        let clock = StorageClock()
        let bench = try Bench(store: MemoryStore { clock.read() }, clock: clock)
        for round in 0..<4 {
            try await bench.commit(25)
            let next = try Bench(store: bench.store, clock: clock, journal: bench.journal)
            // The pointer of the second and fourth is lost, as by kill -9.
            try await next.run {
                if round % 2 == 1 { next.store.failNextCommit(with: .busy) }
                try await next.delivered(25)
            }
        }
        let again = try Bench(store: bench.store, clock: clock, journal: bench.journal)
        try await again.run {}
        try expectChain(bench)
        #expect(Set(bench.journal.records.map(\.sequence)) == Set(1...100))
    }

    @Test("The pointer and the ends of the chains are one commit")
    func oneCommit() async throws {
        let bench = try await Bench(records: 30, mood: .well)
        bench.store.failNextCommit(with: .busy)
        try await bench.run {
            try await bench.until { try AuditOutbox(store: bench.store).storedPointer() > 0 }
        }
        let (pointer, head) = try bench.store.withSnapshot { snapshot throws(StoreError) in
            let pointer = try snapshot.read(AuditOutbox.pointerKey) { value, _ in value.bigEndian64(at: 0) }
            return (pointer, try ChainHead.all(snapshot)["acme"])
        }
        #expect(pointer == head?.sequence)
    }

    @Test(
        "A store whose records were delivered before there was a chain goes on with an anchor, which verifies"
    )
    func existingStore() async throws {
        let bench = try await Bench(records: 50, mood: .well)
        // What an older program leaves: a pointer, and no end of a chain.
        _ = try await bench.store.commit(
            AuditOutbox.advance(to: 30, heads: [:], pruningThrough: nil, limit: 1)
        )
        let next = try Bench(store: bench.store, clock: bench.clock, signer: Sample.signer)
        try await next.run { try await next.delivered(20) }
        let trail = try Trail(next)
        #expect(trail.records[0]["SCIM_SEQ"] == "31")
        #expect(
            trail.records[0]["SCIM_PREV"]
                == Sample.digest.anchor(store: trail.store, stream: "acme", sequence: 30).text
        )
        let old = try bench.store.logRows().prefix(30).map { row in
            AuditRow(row, storeID: next.relay.storeID).journalEntry().fields
        }
        let report = Trails.verify(old + trail.records)
        #expect(report.outcome == .intact, "\(report.findings)")
        #expect(report.notes.contains { $0.contains("30 records are of a time without a chain") })
        // A record without a hash beyond that is nobody's.
        var forged = old[29]
        forged["SCIM_SEQ"] = "40"
        #expect(Trails.verify(old + trail.records + [forged]).findings.first?.kind == .unsigned)
    }

    @Test("A tenant that is deleted and created again goes on with its name's stream")
    func sameName() async throws {
        let bench = try await Bench(records: 5, mood: .well)
        try await bench.run { try await bench.delivered(5) }
        try await bench.commit(5)
        let next = try Bench(store: bench.store, clock: bench.clock, journal: bench.journal)
        try await next.run { try await next.delivered(5) }
        #expect(bench.journal.records.map(\.sequence) == Array(1...10))
        try expectChain(bench)
    }

    private func expectChain(_ bench: Bench) throws {
        let records = try Trail(bench).records.sorted { $0.sequence < $1.sequence }
        var hashes: [UInt64: String] = [:]
        for record in records {
            let hash = record["SCIM_HASH"]
            #expect(hashes[record.sequence] == nil || hashes[record.sequence] == hash, "two hashes")
            hashes[record.sequence] = hash
            var same = record
            same.rehash()
            #expect(same["SCIM_HASH"] == hash)
            let before =
                record.sequence == 1
                ? Sample.digest.genesis(store: bench.relay.journalStoreID, stream: "acme").text
                : hashes[record.sequence - 1]
            #expect(record["SCIM_PREV"] == before)
        }
    }
}
