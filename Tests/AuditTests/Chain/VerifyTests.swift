import Audit
import Foundation
import JSON
import TestSupport
import Testing

@Suite("Verifying a trail", .timeLimit(.minutes(10)))
struct VerifyTests {
    /// Made once, for all manipulations.
    private static let trail = Task { try await Trails.random(seed: 11, records: 240) }

    @Test("G4: an untouched trail is intact, in whatever order and however often its records come")
    func intact() async throws {
        let trail = try await Self.trail.value
        var random = SeededGenerator(seed: 5)
        var expectation = TrailVerifier.Expectation()
        expectation.store = trail.store
        expectation.heads = trail.heads
        expectation.publicKeys = [Sample.signer.publicKey]
        expectation.isWhole = true
        for round in 0..<10 {
            var records = trail.records
            if round > 0 {
                records += records.shuffled(using: &random).prefix(30).map { record in
                    record + [("SCIM_ATTEMPT", "2")]
                }
                records.shuffle(using: &random)
            }
            let report = Trails.verify(records, expectation)
            #expect(report.outcome == .intact, "round \(round): \(report.findings)")
            #expect(report.checkpointCount > 3)
            #expect(report.duplicateCount == (round > 0 ? 30 : 0))
            #expect(Set(report.streams.map(\.stream)) == ["acme", "beta", "gamma", "_system"])
        }
    }

    @Test(
        "G4: each of 240 manipulations is found, and the finding names the record",
        arguments: Manipulation.all
    )
    func found(manipulation: Manipulation) async throws {
        let outcome = manipulation.apply(to: try await Self.trail.value)
        let report = Trails.verify(outcome.records, outcome.expectation)
        #expect(report.outcome == outcome.status, "\(report.findings)")
        #expect(
            report.findings.contains { finding in
                outcome.kinds.contains(finding.kind) && finding.stream == outcome.stream
                    && (outcome.sequence == nil || finding.sequence == outcome.sequence)
            },
            "\(report.findings)"
        )
    }

    @Test(
        "A journal that has deleted its oldest records is intact as far as it goes, unless all are asked for"
    )
    func rotated() async throws {
        let trail = try await Self.trail.value
        let start = try #require(
            trail.records.indices.filter { !trail.records[$0]["SCIM_CHECKPOINT_SIG"].isEmpty }.dropFirst(2)
                .first
        )
        let rest = Array(trail.records[(start - 3)...])
        var expectation = TrailVerifier.Expectation()
        expectation.store = trail.store
        expectation.heads = trail.heads
        let report = Trails.verify(rest, expectation)
        #expect(report.outcome == .intact, "\(report.findings)")
        #expect(report.notes.contains { $0.contains("begins with record") })
        expectation.isWhole = true
        #expect(Trails.verify(rest, expectation).findings.first?.kind == .cut)
        // Without a checkpoint, nothing vouches for where it begins.
        let unsigned = rest.filter { $0["SCIM_STREAM"] != "_system" }
        #expect(Trails.verify(unsigned).outcome == .tampered)
    }

    @Test("A tenant's records are verified alone; the trail of another key is not accepted")
    func alone() async throws {
        let trail = try await Self.trail.value
        var expectation = TrailVerifier.Expectation()
        expectation.stream = "acme"
        #expect(Trails.verify(trail.records, expectation).outcome == .intact)
        let own = trail.records.filter { $0["SCIM_STREAM"] == "acme" }
        #expect(Trails.verify(own, expectation).outcome == .intact)
        #expect(Trails.verify(Array(own.dropFirst()), expectation).findings.first?.kind == .cut)
        // What the store knows of its end.
        expectation.store = trail.store
        expectation.heads = trail.heads
        #expect(Trails.verify(own, expectation).outcome == .intact)
        #expect(Trails.verify(Array(own.dropLast(2)), expectation).findings.first?.kind == .cut)

        var pinned = TrailVerifier.Expectation()
        pinned.publicKeys = [[UInt8](repeating: 9, count: 32)]
        #expect(Trails.verify(trail.records, pinned).findings.first?.kind == .unsigned)
    }

    @Test("G8: an entry that another user has sent is told, and is no record of the trail")
    func otherUser() async throws {
        let trail = try await Self.trail.value
        var expectation = TrailVerifier.Expectation()
        expectation.user = "987"
        let records = trail.records.map { $0 + [("_UID", "987")] }
        #expect(Trails.verify(records, expectation).outcome == .intact)
        var forged = trail.records[5]
        forged["SCIM_ACTOR_ID"] = "x"
        forged.rehash()
        let report = Trails.verify(records + [forged + [("_UID", "1000")]], expectation)
        #expect(report.findings.map(\.kind) == [.foreign])
        #expect(report.findings.first?.entry == UInt64(records.count + 1))
    }

    @Test("There is nothing to verify in an empty journal, and in one of others")
    func nothing() {
        #expect(Trails.verify([]).outcome == .nothing)
        #expect(Trails.verify([[("MESSAGE", "hello"), ("_UID", "0")]]).outcome == .nothing)
    }

    @Test("-o export and -o json read the same, in whatever pieces they come")
    func forms() async throws {
        var trail = try await Self.trail.value
        trail.records = Array(trail.records.prefix(60))
        trail.records[3].append(("SCIM_NOTE", "two\nlines ü"))
        let export = Trails.export(trail.records)
        let json = trail.records.flatMap { Trails.entry($0).jsonLine }
        var random = SeededGenerator(seed: 2)
        for (name, bytes) in [("export", export), ("json", json)] {
            for _ in 0..<8 {
                var parser = EntryParser()
                var read: [Set<String>] = []
                func take(_ entry: JournalEntry, _ number: UInt64) {
                    read.append(Set(entry.fields.map { "\($0.name)=\($0.value)" }))
                }
                var start = 0
                while start < bytes.count {
                    let end = min(bytes.count, start + Int.random(in: 1...3_000, using: &random))
                    try parser.take(Array(bytes[start..<end]), take)
                    start = end
                }
                try parser.finish(take)
                let expected = trail.records.map { record in
                    Set(record.filter { !$0.name.hasPrefix("SYSLOG") }.map { "\($0.name)=\($0.value)" })
                }
                #expect(read == expected, "\(name)")
            }
        }
    }

    @Test(
        "Damaged exports end in the same way in whatever pieces they come, and never the process",
        arguments: 1...150
    )
    func damaged(seed: UInt64) async throws {
        let trail = try await Self.trail.value
        var random = SeededGenerator(seed: seed)
        let some = trail.records.shuffled(using: &random).prefix(4)
        var bytes =
            seed.isMultiple(of: 2)
            ? Trails.export(Array(some)) : some.flatMap { Trails.entry($0).jsonLine }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0...2, using: &random) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes.remove(at: place)
            default: bytes.insert(random.pick(Array("\n={}[]\"\\\0".utf8)), at: place)
            }
        }
        func outcome(_ pieces: [ArraySlice<UInt8>]) -> [String] {
            var seen: [String] = []
            var parser = EntryParser()
            func take(_ entry: JournalEntry, _ number: UInt64) {
                seen.append("\(number) \(entry.fields)")
            }
            do throws(EntryError) {
                for piece in pieces { try parser.take(Array(piece), take) }
                try parser.finish(take)
            } catch {
                seen.append("\(error)")
            }
            return seen
        }
        let end = Int.random(in: bytes.indices, using: &random)
        let whole = outcome([bytes[...]])
        #expect(outcome([bytes[..<end], bytes[end...]]) == whole)
        #expect(outcome(bytes.indices.map { bytes[$0...$0] }) == whole)
    }

    @Test(
        "What is no export is refused with the number of the entry, and a line that was cut off is left out"
    )
    func malformed() throws {
        func read(_ text: String) throws -> (Int, EntryParser) {
            var parser = EntryParser()
            var count = 0
            try parser.take(Array(text.utf8)) { _, _ in count += 1 }
            try parser.finish { _, _ in count += 1 }
            return (count, parser)
        }
        #expect(throws: EntryError.malformed(entry: 2)) { try read("{\"MESSAGE\":\"a\"}\n[]\n{}\n") }
        let (between, torn) = try read("{\"MESSAGE\":\"a\"}\n{\"MESS\n{}\nnotice: x\n")
        #expect(between == 2 && torn.tornCount == 2)
        #expect(throws: EntryError.shortened(entry: 1)) { try read("{\"SCIM_ATTR\":null}\n") }
        #expect(throws: EntryError.malformed(entry: 1)) { try read("hello\n") }
        let (count, parser) = try read("{\"MESSAGE\":\"a\"}\n{\"MESSAGE\":\"b")
        #expect(count == 1 && parser.tornCount == 1)
        #expect(try read("MESSAGE=a\n").0 == 1)
        #expect(try read("{\"SCIM_A\":[104,105],\"SCIM_B\":[\"x\",[104]]}\n").0 == 1)
    }

    @Test("speed: records verified a second")
    func speed() async throws {
        guard let count = ProcessInfo.processInfo.environment["PHAROS_VERIFY_RECORDS"].flatMap(Int.init)
        else {
            return
        }
        let trail = try await Trails.random(seed: 1, records: count)
        let bytes = Trails.export(trail.records)
        let start = ContinuousClock.now
        var parser = EntryParser()
        var verifier = TrailVerifier(.init(), digest: Sample.digest, verifies: Trails.verifies)
        try parser.take(bytes) { verifier.take($0, number: $1) }
        let report = verifier.finish()
        print("\(report.recordCount) records, \(bytes.count) bytes: \(ContinuousClock.now - start)")
        #expect(report.outcome == .intact)
    }
}
