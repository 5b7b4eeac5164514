import Audit
import JSON
import Storage
import TestSupport
import Testing

/// What somebody tries who may write into a journal or an export, and has no key.
@Suite("Forging a trail", .timeLimit(.minutes(10)))
struct ForgeryTests {
    private typealias Fields = Trails.Fields

    /// Made once; of more streams than a checkpoint names.
    private static let many = Task {
        try await Trails.random(seed: 3, records: 900, tenants: (10..<80).map { "t\($0)" })
    }
    private static let few = Task { try await Trails.random(seed: 12, records: 200) }

    private func kinds(_ report: TrailReport) -> Set<TrailFinding.Kind> { Set(report.findings.map(\.kind)) }

    @Test(
        "A record without a hash or without a number is unsigned, wherever it is planted",
        arguments: ["acme", "delta"],
        ["0", "3", "7", "99999", "-1", "18446744073709551615", nil]
    )
    func open(stream: String, number: String?) async throws {
        let trail = try await Self.few.value
        for isSealed in [true, false] {
            var planted = trail.records[9]
            planted["SCIM_STREAM"] = stream
            planted["SCIM_EVENT"] = "user.delete"
            planted.removeAll { $0.name == "SCIM_SEQ" }
            if let number { planted["SCIM_SEQ"] = number }
            if isSealed {
                guard number.flatMap(UInt64.init).map({ $0 == 0 || $0 > 1 << 53 }) ?? true else { continue }
                planted.rehash()
            } else {
                planted.removeAll { $0.name == "SCIM_HASH" || $0.name == "SCIM_PREV" }
            }
            let report = Trails.verify(trail.records + [planted])
            #expect(report.outcome == .tampered, "sealed: \(isSealed)")
            #expect(report.findings.contains { $0.entry == UInt64(trail.records.count + 1) })
        }
    }

    @Test("Records that are stripped of their hashes at the beginning of a stream are unsigned")
    func stripped() async throws {
        var records = try await Self.few.value.records
        for index in records.indices
        where records[index]["SCIM_STREAM"] == "acme" && records[index].sequence <= 5 {
            records[index].removeAll { $0.name == "SCIM_HASH" || $0.name == "SCIM_PREV" }
            records[index]["SCIM_ACTOR_ID"] = "nobody"
        }
        records.removeAll { $0["SCIM_STREAM"] == "_system" && $0.sequence == 1 }
        #expect(kinds(Trails.verify(records)).contains(.unsigned))
    }

    @Test("What pretends that the store was put back takes no signature away", arguments: [true, false])
    func pretendedRestore(isRestoreEvent: Bool) async throws {
        let trail = try await Self.few.value
        var records = trail.records.filter { $0["SCIM_STREAM"] != "beta" }
        records.removeAll { $0["SCIM_STREAM"] == "acme" && $0.sequence > 10 }
        let last = try #require(records.last { $0["SCIM_STREAM"] == "_system" })
        for old in [trail.store, "4e02b72345b921c06042533165e9d3f8"] {
            var forged = last.filter { !$0.name.hasPrefix("SCIM_CHECKPOINT") }
            forged["SCIM_EVENT"] = isRestoreEvent ? "store.restore" : "service.start"
            forged["SCIM_SEQ"] = "\(last.sequence + 1)"
            forged["SCIM_PREV"] = last["SCIM_HASH"]
            forged["SCIM_STORE_OLD"] = old
            forged.rehash()
            let report = Trails.verify(records + [forged])
            #expect(report.findings.contains { $0.kind == .cut && $0.stream == "beta" }, "\(report.findings)")
            #expect(report.findings.contains { $0.kind == .cut && $0.stream == "acme" })
        }
    }

    @Test("A record behind a signed end is found, unless it is later than what was signed")
    func behindSignedEnd() async throws {
        let trail = try await Self.few.value
        let signed = trail.records.map { $0["SCIM_CHECKPOINT_TIME"] }.max() ?? ""
        let ends = ["acme", "beta", "gamma"].compactMap { stream in
            let end = trail.signedEnd(of: stream)
            return trail.records.first { $0["SCIM_STREAM"] == stream && $0.sequence == end }
        }
        let last = try #require(ends.first { $0["SCIM_TIME"] < signed })
        let (stream, end) = (last["SCIM_STREAM"], last.sequence)
        var forged = last
        forged["SCIM_SEQ"] = "\(end + 1)"
        forged["SCIM_PREV"] = last["SCIM_HASH"]
        forged["SCIM_ACTOR_ID"] = "nobody"
        forged.rehash()
        let records = trail.records.filter { $0["SCIM_STREAM"] != stream || $0.sequence <= end }
        let report = Trails.verify(records + [forged])
        #expect(
            report.findings.contains { $0.kind == .replaced && $0.sequence == end + 1 },
            "\(report.findings)"
        )
        // Of that very time is not later.
        let covering = trail.records.filter { record in
            record.contains { $0.name == "SCIM_CHECKPOINT_HEAD" && $0.value.hasPrefix("\(stream)=\(end):") }
        }
        forged["SCIM_TIME"] = try #require(covering.last)["SCIM_CHECKPOINT_TIME"]
        forged.rehash()
        #expect(Trails.verify(records + [forged]).findings.contains { $0.kind == .replaced })
        forged["SCIM_TIME"] = "1970-01-01T00:01:00.000000Z"
        forged.rehash()
        #expect(Trails.verify(records + [forged]).outcome == .intact)
    }

    @Test("A record that is earlier than the one before it is out of its place")
    func backwards() async throws {
        let trail = try await Self.few.value
        let last = try #require(trail.records.last { $0["SCIM_STREAM"] == "beta" })
        var forged = last
        forged["SCIM_SEQ"] = "\(last.sequence + 1)"
        forged["SCIM_PREV"] = last["SCIM_HASH"]
        forged["SCIM_TIME"] = "1970-01-01T00:00:00.000000Z"
        forged.rehash()
        let report = Trails.verify(trail.records + [forged])
        #expect(report.findings.contains { $0.kind == .moved && $0.sequence == last.sequence + 1 })
    }

    @Test("A number that is missing elsewhere hides no stream that was written anew")
    func behindGap() async throws {
        let trail = try await Self.many.value
        var records = trail.records
        // There are more streams than a checkpoint names: the ends of the others are in its tree alone.
        func unnamed(_ stream: String) -> [Int] {
            let named = trail.signedEnd(of: stream)
            return trail.places(of: stream).filter { records[$0].sequence > named }
        }
        let hidden = (10..<80).map { "t\($0)" }.filter { unnamed($0).count > 3 }
        let (forged, other) = (try #require(hidden.first), try #require(hidden.last))
        try #require(forged != other)
        for index in unnamed(forged) {
            records[index]["SCIM_ACTOR_ID"] = "nobody"
            records[index].rehash()
        }
        records.rechain(forged, from: trail.signedEnd(of: forged))
        #expect(kinds(Trails.verify(records)) == [.replaced])
        // Beside a gap, and behind a record that makes one.
        var gapped = records
        gapped.remove(at: unnamed(other)[1])
        #expect(kinds(Trails.verify(gapped)) == [.replaced, .missing])
        let last = records[trail.places(of: other).last ?? 0]
        var planted = last
        planted["SCIM_SEQ"] = "\(last.sequence + 5)"
        planted["SCIM_TIME"] = "1970-01-01T00:01:00.000000Z"
        planted.rehash()
        #expect(kinds(Trails.verify(records + [planted])) == [.replaced, .missing])
    }

    @Test(
        "Records of a time that are lost together, as with a file of a journal, are missing and hide nothing else"
    )
    func lostFile() async throws {
        let trail = try await Self.many.value
        let records = trail.records
        let checkpoints = records.indices.filter { !records[$0]["SCIM_CHECKPOINT_SIG"].isEmpty }
        let (start, end) = (
            checkpoints[checkpoints.count / 2] - 20, checkpoints[checkpoints.count / 2 + 1] + 20
        )
        var left = records
        left.removeSubrange(start..<end)
        // A stream that has had no record since would have its end there, and be cut.
        let quiet = Set(records.map { $0["SCIM_STREAM"] }).subtracting(
            left[start...].map { $0["SCIM_STREAM"] }
        )
        let report = Trails.verify(left)
        try #require(quiet.isEmpty)
        #expect(kinds(report) == [.missing], "\(report.findings)")
        left.removeAll { $0["SCIM_STREAM"] == "t20" }
        #expect(!kinds(Trails.verify(left)).isDisjoint(with: [.replaced, .cut]))
    }

    @Test("Records that go on for long without a checkpoint are unsigned: somebody has taken those away")
    func unsignedTail() async throws {
        let trail = try await Self.few.value
        let first = try #require(trail.records.firstIndex { !$0["SCIM_CHECKPOINT_SIG"].isEmpty })
        var records = Array(trail.records[...first])
        let end = trail.signedEnd(of: "acme")
        let last = try #require(records.last { $0["SCIM_STREAM"] == "acme" })
        try #require(last.sequence <= end)
        for (number, time) in [("1", "00:01:00"), ("2", "00:05:59")] {
            var record = last
            record["SCIM_SEQ"] = "\(last.sequence + (UInt64(number) ?? 0))"
            record["SCIM_TIME"] = "1970-01-01T\(time).000000Z"
            record["SCIM_PREV"] = (number == "1" ? last : records[records.count - 1])["SCIM_HASH"]
            record.rehash()
            records.append(record)
        }
        let report = Trails.verify(records)
        #expect(report.outcome == .intact, "\(report.findings)")
        #expect(report.notes.contains { $0.contains("from 1970-01-01T00:01:00") })
        records[records.count - 1]["SCIM_TIME"] = "1970-01-01T00:06:01.000000Z"
        records[records.count - 1].rehash()
        #expect(Trails.verify(records).findings.map(\.kind) == [.unsigned])
    }

    @Test("What another user has sent is told by who has sent the checkpoints, where nothing else says it")
    func senders() async throws {
        let trail = try await Self.few.value
        let records = trail.records.map { $0 + [("_UID", "987")] }
        #expect(Trails.verify(records).outcome == .intact)
        let last = try #require(trail.records.last { $0["SCIM_STREAM"] == "beta" })
        var forged = last + [("_UID", "65534")]
        forged["SCIM_SEQ"] = "\(last.sequence + 1)"
        forged["SCIM_PREV"] = last["SCIM_HASH"]
        forged["SCIM_TIME"] = "1970-01-01T00:01:00.000000Z"
        forged.rehash()
        #expect(Trails.verify(records + [forged]).findings.map(\.kind) == [.foreign])
        // Whoever sends a checkpoint once more has not signed it.
        let checkpoint = try #require(trail.records.first { !$0["SCIM_CHECKPOINT_SIG"].isEmpty })
        let copied = checkpoint + [("_UID", "65534")]
        #expect(Trails.verify(records + [copied, forged]).findings.contains { $0.kind == .foreign })
    }

    @Test("Names that a terminal would obey are not shown")
    func names() async throws {
        let trail = try await Self.few.value
        for name in ["SCIM_STREAM", "SCIM_STORE"] {
            var forged = trail.records[4]
            forged[name] = "\u{1B}[2JThe trail is intact"
            forged.rehash()
            let report = Trails.verify(trail.records + [forged])
            #expect(report.findings.map(\.kind) == [.changed])
            #expect(!"\(report.findings)".contains("\u{1B}"))
        }
    }
}

/// The end of the trail before a restore, from which the one after it goes on.
@Suite("Forging the trail before a restore", .timeLimit(.minutes(10)))
struct ForgeryBeforeRestoreTests {
    private struct Restored {
        let old: [Trails.Fields]
        let new: [Trails.Fields]
        var expectation = TrailVerifier.Expectation()
    }

    private static let trails = Task {
        let clock = StorageClock()
        let bench = try Bench(store: MemoryStore { clock.read() }, clock: clock, signer: Sample.signer)
        var random = SeededGenerator(seed: 4)
        try await bench.commit(40, of: ["acme", "beta"], using: &random)
        try await bench.run {
            try await bench.delivered(41)
            // The end, which no checkpoint of this trail has: it is cut off below.
            try await bench.commit(10, of: ["acme", "beta"], using: &random)
        }
        let records = try Trail(bench).records
        let id = try await bench.store.beginTrail(0x77)
        try await bench.commit(20, of: ["acme", "beta"], using: &random)
        let next = try Bench(store: bench.store, clock: clock, signer: Sample.signer)
        try await next.run { try await next.delivered(22) }
        var restored = Restored(old: records, new: try Trail(next).records)
        restored.expectation.store = id
        return restored
    }

    private func findings(_ change: (inout [Trails.Fields]) -> Void) async throws -> TrailReport {
        let trails = try await Self.trails.value
        var old = trails.old
        change(&old)
        return Trails.verify(old + trails.new, trails.expectation)
    }

    @Test(
        "The whole is intact; so is what is left when a journal has deleted the old trail, unless all is asked for"
    )
    func intact() async throws {
        #expect(try await findings { _ in }.outcome == .intact)
        #expect(try await findings { $0 = [] }.outcome == .intact)
        var trails = try await Self.trails.value
        trails.expectation.isWhole = true
        #expect(Trails.verify(trails.old + trails.new, trails.expectation).outcome == .intact)
        #expect(Trails.verify(trails.new, trails.expectation).outcome == .tampered)
    }

    @Test(
        "Its last record, dropped or written anew, is named; so is a stream that is gone",
        arguments: ["acme", "beta", "_system"]
    )
    func end(stream: String) async throws {
        let last =
            try await Self.trails.value.old.filter { $0["SCIM_STREAM"] == stream }.map(\.sequence).max() ?? 0
        func isLast(_ record: Trails.Fields) -> Bool {
            record["SCIM_STREAM"] == stream && record.sequence == last
        }
        let cut = try await findings { $0.removeAll(where: isLast) }
        #expect(
            cut.findings.contains { $0.kind == .cut && $0.stream == stream && $0.sequence == last },
            "\(cut.findings)"
        )
        let forged = try await findings { records in
            for index in records.indices where isLast(records[index]) {
                records[index]["SCIM_ACTOR_ID"] = "nobody"
                records[index].rehash()
            }
        }
        #expect(
            forged.findings.contains { $0.kind == .replaced && $0.stream == stream && $0.sequence == last }
        )
        let gone = try await findings { $0.removeAll { $0["SCIM_STREAM"] == stream } }
        #expect(gone.outcome == .tampered, "\(gone.findings)")
    }

    @Test("Everything behind its first checkpoint, dropped together, is named")
    func tail() async throws {
        let report = try await findings { records in
            let first = records.firstIndex { !$0["SCIM_CHECKPOINT_SIG"].isEmpty } ?? 0
            records.removeSubrange((first + 1)...)
        }
        #expect(report.outcome == .tampered)
        #expect(report.findings.contains { $0.kind == .cut && $0.stream == "_system" }, "\(report.findings)")
    }
}

/// What happens to honest trails.
@Suite("Honest trails that are not whole", .timeLimit(.minutes(10)))
struct HonestTrailTests {
    /// Several processes, one after another, of which each begins with its record; `acme` gets records in all of them.
    private func trail(_ tenants: [[String]]) async throws -> (Trail, starts: [Int]) {
        let (clock, journal) = (StorageClock(), FakeJournal())
        let store = MemoryStore { clock.read() }
        var random = SeededGenerator(seed: 21)
        var starts: [Int] = []
        var bench = try Bench(store: store, clock: clock, signer: Sample.signer, journal: journal)
        for some in tenants {
            bench = try Bench(store: store, clock: clock, signer: Sample.signer, journal: journal)
            starts.append(journal.entries.count)
            clock.set(clock.read() + 1_000)
            let start = AuditRecord(.serviceStart, .success, actor: .system)
            _ = try await store.commit(Changeset([.append(start.logEntry())]))
            try await bench.commit(20, of: some, using: &random)
            try await bench.run {}
        }
        return (try Trail(bench), starts)
    }

    @Test(
        "A quiet tenant whose records a journal has deleted is no fault, with what the store knows and without; it is one where all is asked for"
    )
    func quietTenant() async throws {
        let (trail, starts) = try await trail([["acme", "gamma"], ["acme"], ["acme"], ["acme"]])
        for begin in [starts[1], starts[1] + 5, starts[2]] {
            let left = Array(trail.records[begin...])
            var expectation = TrailVerifier.Expectation()
            #expect(Trails.verify(left, expectation).outcome == .intact, "\(Trails.verify(left).findings)")
            expectation.store = trail.store
            expectation.heads = trail.heads
            #expect(
                Trails.verify(left, expectation).outcome == .intact,
                "\(Trails.verify(left, expectation).findings)"
            )
            expectation.isWhole = true
            #expect(Trails.verify(left, expectation).outcome == .tampered)
        }
        // Of one that goes on, the beginning is missed that came after a checkpoint that is there.
        let begun = trail.records[(starts[1] + 5)...].filter { record in
            record["SCIM_STREAM"] != "acme" || record.sequence > trail.signedEnd(of: "acme") - 15
        }
        #expect(Trails.verify(Array(begun)).outcome == .tampered)
        // One that was busy lately is missed.
        let busy = trail.records[starts[1]...].filter { $0["SCIM_STREAM"] != "acme" }
        #expect(Trails.verify(Array(busy)).outcome == .tampered)
    }

    @Test(
        "Restores one after another, with records between them and without, quiet tenants, and a journal that has deleted the beginning",
        arguments: [[true, true], [false, true], [true, false], [false, false]]
    )
    func restores(delivers: [Bool]) async throws {
        let (clock, journal) = (StorageClock(), FakeJournal())
        let store = MemoryStore { clock.read() }
        var random = SeededGenerator(seed: 22)
        func bench() async throws -> Bench {
            let bench = try Bench(store: store, clock: clock, signer: Sample.signer, journal: journal)
            clock.set(clock.read() + 1_000)
            let start = AuditRecord(.serviceStart, .success, actor: .system)
            _ = try await store.commit(Changeset([.append(start.logEntry())]))
            return bench
        }
        var last = try await bench()
        try await last.commit(30, of: ["acme", "beta", "gamma"], using: &random)
        try await last.run {}
        for (number, isDelivered) in delivers.enumerated() {
            try await store.beginTrail(UInt64(0x101 + number))
            last = try await bench()
            // Gamma is quiet in between.
            try await last.commit(10, of: ["acme", "beta"], using: &random)
            if isDelivered { try await last.run {} }
        }
        try await store.beginTrail(0x109)
        last = try await bench()
        try await last.commit(30, of: ["acme", "beta", "gamma"], using: &random)
        try await last.run {}
        let trail = try Trail(last)
        var expectation = TrailVerifier.Expectation()
        expectation.store = trail.store
        var report = Trails.verify(trail.records, expectation)
        #expect(report.outcome == .intact, "\(report.findings)")
        expectation.isWhole = true
        report = Trails.verify(trail.records, expectation)
        #expect(report.outcome == .intact, "\(report.findings)")
        expectation.isWhole = false
        // A tenant alone, with the other records at hand.
        expectation.stream = "acme"
        report = Trails.verify(trail.records, expectation)
        #expect(report.outcome == .intact && !report.streams.isEmpty, "\(report.findings)")
        expectation.stream = nil
        // What a journal deletes, it deletes from its beginning on.
        for begin in stride(from: 5, to: trail.records.count - 45, by: 7) {
            let left = Array(trail.records[begin...])
            report = Trails.verify(left, expectation)
            #expect(report.outcome == .intact, "from \(begin): \(report.findings)")
        }
    }
}
