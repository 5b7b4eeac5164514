import Audit
import JSON
import Storage
import TestSupport
import Testing

/// Trails whose beginning is not there, that were given up, or that share a journal with others.
@Suite("Verifying beside other trails, and without beginnings", .timeLimit(.minutes(10)))
struct BesideTheTrailTests {
    private typealias Fields = Trails.Fields

    private struct Restored {
        let old: Trail
        let new: Trail
        var all: [Fields] { old.records + new.records }

        func expectation(_ store: String) -> TrailVerifier.Expectation {
            var expectation = TrailVerifier.Expectation()
            expectation.store = store
            expectation.allowsOthers = true
            return expectation
        }
    }

    private static let start = AuditRecord(.serviceStart, .success, actor: .system)

    /// A trail, and the one that began when its store was put back.
    private static let restored = Task {
        let clock = StorageClock()
        let bench = try Bench(store: MemoryStore { clock.read() }, clock: clock, signer: Sample.signer)
        var random = SeededGenerator(seed: 31)
        _ = try await bench.store.commit(Changeset([.append(Self.start.logEntry())]))
        try await bench.commit(30, of: ["acme", "beta"], using: &random)
        try await bench.run { try await bench.delivered(32) }
        let old = try Trail(bench)
        try await bench.store.beginTrail(0x31)
        try await bench.commit(20, of: ["acme", "beta"], using: &random)
        let next = try Bench(store: bench.store, clock: clock, signer: Sample.signer)
        try await next.run { try await next.delivered(22) }
        return Restored(old: old, new: try Trail(next))
    }

    /// Four processes of one server, ten minutes apart; each delivers some records and a checkpoint.
    private static let processes = Task {
        let (clock, journal) = (StorageClock(), FakeJournal())
        let store = MemoryStore { clock.read() }
        var random = SeededGenerator(seed: 32)
        var last: Bench?
        for _ in 0..<4 {
            let bench = try Bench(store: store, clock: clock, signer: Sample.signer, journal: journal)
            _ = try await store.commit(Changeset([.append(Self.start.logEntry())]))
            try await bench.commit(20, of: ["acme", "beta", "evil"], using: &random)
            try await bench.run {}
            clock.set(clock.read() + 600_000_000)
            last = bench
        }
        return try Trail(#require(last))
    }

    @Test("The record of a restore may be there twice, in whatever order")
    func restoreTwice() async throws {
        let restored = try await Self.restored.value
        let restores = restored.new.records.filter { $0["SCIM_EVENT"] == "store.restore" }
        try #require(restores.count == 1)
        for records in [restored.all + restores, restores + restored.all, restored.all + restored.all] {
            let report = Trails.verify(records, restored.expectation(restored.new.store))
            #expect(report.outcome == .intact, "\(report.findings)")
        }
    }

    @Test(
        "A trail that began with a copy of the store and was given up is verified too, if it signed anything"
    )
    func givenUp() async throws {
        let restored = try await Self.restored.value
        let expectation = restored.expectation(restored.old.store)
        let whole = Trails.verify(restored.all, expectation)
        #expect(whole.outcome == .intact && whole.recordCount == restored.all.count, "\(whole.findings)")
        var forged = restored.new.records
        let place = try #require(forged.lastIndex { $0["SCIM_STREAM"] == "acme" })
        forged[place]["SCIM_EVENT"] = "user.delete"
        forged[place].rehash()
        #expect(Trails.verify(restored.old.records + forged, expectation).outcome == .tampered)
        let unsigned = forged.filter { $0["SCIM_EVENT"] != "audit.checkpoint" }
        let without = Trails.verify(restored.old.records + unsigned, expectation)
        #expect(without.outcome == .intact && without.notes.contains { $0.contains("left out") })
    }

    @Test("A checkpoint of the trail that was put back vouches for nothing behind one of the new trail")
    func oldCheckpoint() async throws {
        let restored = try await Self.restored.value
        var records = restored.all
        var acme = try #require(records.last { $0["SCIM_STREAM"] == "acme" })
        for minute in [20, 40] {
            let before = acme
            acme["SCIM_SEQ"] = "\(before.sequence + 1)"
            acme["SCIM_PREV"] = before["SCIM_HASH"]
            acme["SCIM_TIME"] = "1970-01-01T00:\(minute):00.000000Z"
            acme.rehash()
            records.append(acme)
        }
        let last = try #require(restored.new.records.last { $0["SCIM_STREAM"] == "_system" })
        var planted = try #require(restored.old.records.last { $0["SCIM_EVENT"] == "audit.checkpoint" })
        planted["SCIM_STORE"] = restored.new.store
        planted["SCIM_SEQ"] = "\(last.sequence + 1)"
        planted["SCIM_PREV"] = last["SCIM_HASH"]
        planted["SCIM_TIME"] = "1970-01-01T00:50:00.000000Z"
        planted.rehash()
        let report = Trails.verify(records + [planted], restored.expectation(restored.new.store))
        #expect(
            report.findings.contains { $0.kind == .unsigned && $0.stream == "acme" },
            "\(report.findings)"
        )
        #expect(report.findings.contains { $0.kind == .replaced && $0.sequence == last.sequence + 1 })
    }

    @Test("Where the trail before a restore ended is held to, as far as that is there")
    func formerEnds() async throws {
        let restored = try await Self.restored.value
        var expectation = restored.expectation(restored.new.store)
        expectation.formerTrails = [(restored.old.store, restored.old.heads)]
        #expect(Trails.verify(restored.all, expectation).outcome == .intact)
        #expect(Trails.verify(restored.new.records, expectation).outcome == .intact)
        let last = try #require(restored.old.records.last { $0["SCIM_STREAM"] == "_system" })
        let cut = restored.all.filter { $0["SCIM_HASH"] != last["SCIM_HASH"] }
        let report = Trails.verify(cut, expectation)
        #expect(
            report.findings.contains { $0.kind == .cut && $0.stream == "_system" },
            "\(report.findings)"
        )
        // One between others is not deleted alone.
        expectation.formerTrails = [
            ("01935b20000070008000000000000009", restored.old.heads), (restored.old.store, []),
        ]
        #expect(Trails.verify(restored.new.records, expectation).outcome == .intact)
        #expect(Set(Trails.verify(restored.all, expectation).findings.map(\.kind)) == [.cut])
    }

    @Test(
        "A journal deletes from its beginning on, wherever that is; the server's records of a time are not deleted alone, and no tenant with them"
    )
    func beginnings() async throws {
        let trail = try await Self.processes.value
        var expectation = TrailVerifier.Expectation()
        expectation.store = trail.store
        expectation.heads = trail.heads
        for begin in trail.records.indices.dropLast(30) {
            let report = Trails.verify(Array(trail.records[begin...]), expectation)
            #expect(report.outcome == .intact, "from \(begin): \(report.findings)")
        }
        let starts = trail.records.filter { $0["SCIM_EVENT"] == "service.start" }.map(\.sequence)
        for start in starts.dropFirst(2) {
            for gone in ["evil", ""] {
                let left = trail.records.filter { record in
                    record["SCIM_STREAM"] != gone
                        && (record["SCIM_STREAM"] != "_system" || record.sequence >= start)
                }
                expectation.heads.removeAll { $0.stream == gone }
                let report = Trails.verify(left, expectation)
                #expect(report.findings.contains { $0.kind == .unsigned }, "\(gone): \(report.findings)")
            }
        }
    }

    @Test("What was recorded before the first start may be deleted while the server's first record is there")
    func beforeFirstStart() async throws {
        let clock = StorageClock()
        let bench = try Bench(store: MemoryStore { clock.read() }, clock: clock, signer: Sample.signer)
        var random = SeededGenerator(seed: 33)
        try await bench.commit(40, of: ["acme"], using: &random)
        clock.set(clock.read() + 3_600_000_000)
        _ = try await bench.store.commit(Changeset([.append(Self.start.logEntry())]))
        try await bench.commit(10, of: ["acme", "beta"], using: &random)
        try await bench.run {}
        let trail = try Trail(bench)
        var expectation = TrailVerifier.Expectation()
        expectation.store = trail.store
        expectation.heads = trail.heads
        for begin in 0...39 {
            let report = Trails.verify(Array(trail.records[begin...]), expectation)
            #expect(report.outcome == .intact, "from \(begin): \(report.findings)")
        }
        // Behind the server's first record nothing has been deleted.
        let acme = trail.places(of: "acme").filter { trail.records[$0].sequence > 41 }
        let cut = trail.records.filter { $0["SCIM_STREAM"] != "acme" || $0.sequence > 41 }
        try #require(acme.count > 1)
        #expect(Trails.verify(cut, expectation).outcome == .tampered)
    }

    @Test(
        "What an operator did for long while no server ran may be left where a journal has deleted what came before"
    )
    func whileNoServerRan() async throws {
        let (clock, journal) = (StorageClock(), FakeJournal())
        let store = MemoryStore { clock.read() }
        var random = SeededGenerator(seed: 34)
        func serve() async throws -> Trail {
            let bench = try Bench(store: store, clock: clock, signer: Sample.signer, journal: journal)
            _ = try await store.commit(Changeset([.append(Self.start.logEntry())]))
            try await bench.commit(10, of: ["acme", "beta"], using: &random)
            try await bench.run {}
            return try Trail(bench)
        }
        let before = try await serve()
        for _ in 0..<10 {
            clock.set(clock.read() + 60_000_000)
            var record = AuditRecord(.userCreate, .success, actor: .admin(nil))
            record.tenant = Sample.slug("acme")
            _ = try await store.commit(Changeset([.append(record.logEntry())]))
        }
        let trail = try await serve()
        var expectation = TrailVerifier.Expectation()
        expectation.store = trail.store
        expectation.heads = trail.heads
        for begin in 0..<before.records.count + 10 {
            let report = Trails.verify(Array(trail.records[begin...]), expectation)
            #expect(report.outcome == .intact, "from \(begin): \(report.findings)")
        }
    }

    @Test("Records without a hash are of a time without a chain only where a checkpoint covers its beginning")
    func openBeforeAnchor() async throws {
        let trail = try await Self.processes.value
        var sealed = try #require(trail.records.last { $0["SCIM_STREAM"] == "acme" })
        sealed["SCIM_STREAM"] = "zeta"
        sealed["SCIM_SEQ"] = "1000"
        let anchor = Sample.digest.anchor(store: trail.store, stream: "zeta", sequence: 999)
        sealed["SCIM_PREV"] = anchor.text
        sealed["SCIM_TIME"] = "1970-01-01T00:40:01.000000Z"
        sealed.rehash()
        var open = sealed
        open["SCIM_SEQ"] = "7"
        open.removeAll { $0.name == "SCIM_HASH" || $0.name == "SCIM_PREV" }
        let report = Trails.verify(trail.records + [open, sealed])
        #expect(
            report.findings.contains { $0.kind == .unsigned && $0.stream == "zeta" },
            "\(report.findings)"
        )
    }

    @Test(
        "Another server of another user may share the journal; what another user sends for this one is foreign"
    )
    func otherUsers() async throws {
        let trail = try await Self.processes.value
        let other = try await Self.restored.value.new
        func sent(_ records: [Fields], by user: String) -> [Fields] {
            records.map { $0 + [("_UID", user)] }
        }
        var expectation = TrailVerifier.Expectation()
        expectation.store = trail.store
        expectation.allowsOthers = true
        expectation.user = "990"
        let both = sent(trail.records, by: "990") + sent(other.records, by: "65534")
        let report = Trails.verify(both, expectation)
        #expect(report.outcome == .intact && report.recordCount == trail.records.count, "\(report.findings)")
        #expect(report.notes.contains { $0.contains("sent by user 65534") })
        let foreign = Trails.verify(both + sent([trail.records[3]], by: "1000"), expectation)
        #expect(foreign.findings.map(\.kind) == [.foreign])
        // Behind however many stores of others.
        let planted = (0..<4_100).map { number in
            var record = trail.records[3]
            record["SCIM_STORE"] = "\(number)"
            return record
        }
        let hidden = Trails.verify(sent(planted + [trail.records[3]], by: "1000") + both, expectation)
        #expect(hidden.findings.contains { $0.kind == .foreign && $0.store == trail.store })
    }
}
