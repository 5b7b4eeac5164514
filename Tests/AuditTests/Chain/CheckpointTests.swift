import JSON
import Storage
import TLS
import TestSupport
import Testing

@testable import Audit

@Suite("Checkpoints", .timeLimit(.minutes(10)))
struct CheckpointTests {
    /// RFC 6962 §2.1, written down as the RFC has it.
    private static func treeHead(_ leaves: ArraySlice<TrailHash>) -> TrailHash {
        guard leaves.count > 1, let first = leaves.first else { return leaves[leaves.startIndex] }
        _ = first
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return Sample.digest.node(treeHead(leaves[..<middle]), treeHead(leaves[middle...]))
    }

    @Test("RFC 6962 §2.1: the tree over the streams has the RFC's root, however heads change")
    func headTree() {
        var random = SeededGenerator(seed: 3)
        var tree = HeadTree(Sample.digest)
        var heads: [String: (UInt64, TrailHash)] = [:]
        for round in 0..<200 {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let stream = "t\(Int.random(in: 0...(round / 4), using: &random))"
                let hash = Sample.digest.leaf([UInt8.random(in: 0...255, using: &random)])
                tree.set(stream, sequence: UInt64(round), hash: hash)
                heads[stream] = (UInt64(round), hash)
            }
            let leaves = heads.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { head in
                var bytes = Array(head.key.utf8) + [0]
                bytes.appendBigEndian(head.value.0)
                return Sample.digest.leaf(bytes + head.value.1.bytes)
            }
            #expect(tree.root() == Self.treeHead(leaves[...]))
            #expect(tree.streamCount == heads.count)
            #expect(tree.recordCount == heads.values.reduce(0) { $0 + $1.0 })
        }
    }

    @Test("RFC 6962 §2.1: the tree over the checkpoints grows as the RFC's, also through its stored form")
    func frontier() {
        var state = CheckpointState()
        var leaves: [TrailHash] = []
        for number in 0..<70 {
            let leaf = Sample.digest.leaf([UInt8(number)])
            leaves.append(leaf)
            state.frontier.append(leaf, Sample.digest)
            #expect(state.frontier.root(Sample.digest) == Self.treeHead(leaves[...]))
            #expect(CheckpointState(value: state.value.span) == state)
        }
        #expect(CheckpointState(value: [0, 0].span) == nil)
    }

    @Test(
        "Audit 3.7: there is a checkpoint at the start, after a time with records, and at the stop, and none without"
    )
    func moments() async throws {
        let clock = StorageClock()
        let bench = try Bench(store: MemoryStore { clock.read() }, clock: clock, signer: Sample.signer)
        func checkpoints() -> Int {
            bench.journal.entries.count { $0.value("SCIM_EVENT") == "audit.checkpoint" }
        }
        try await bench.commit(3)
        try await bench.run {
            try await bench.until { checkpoints() == 1 }
            // Its own record is no reason for another one.
            bench.pacer.pass(70_000_000)
            try await bench.delivered(4)
            // The relay has had many turns when its own time is so much later.
            let turns = bench.pacer.monotonicMicroseconds + 50_000
            try await bench.until { bench.pacer.monotonicMicroseconds >= turns }
            #expect(checkpoints() == 1)
            try await bench.commit(1)
            try await bench.until { checkpoints() == 2 }
            try await bench.commit(3)
            try await bench.delivered(9)
            #expect(checkpoints() == 2)
        }
        #expect(checkpoints() == 3)
        #expect(try AuditOutbox(store: bench.store).undeliveredCount() == 0)
        let report = Trails.verify(try Trail(bench).records)
        #expect(report.outcome == .intact, "\(report.findings)")
        #expect(report.checkpointCount == 3)
    }

    @Test("Without new records there is one in an hour")
    func idle() async throws {
        var configuration = AuditRelay.Configuration()
        configuration.idleCheckpointMicroseconds = 3_600_000_000
        let clock = StorageClock()
        let bench = try Bench(
            store: MemoryStore { clock.read() },
            clock: clock,
            configuration: configuration,
            signer: Sample.signer
        )
        try await bench.commit(1)
        try await bench.run {
            try await bench.delivered(2)
            bench.pacer.pass(3_700_000_000)
            try await bench.delivered(3)
        }
        #expect(Trails.verify(try Trail(bench).records).checkpointCount == 2)
    }

    @Test("A checkpoint that the store refuses is made again, and names the same streams")
    func refused() async throws {
        let clock = StorageClock()
        let bench = try Bench(store: MemoryStore { clock.read() }, clock: clock, signer: Sample.signer)
        try await bench.commit(2)
        bench.store.failNextCommit(with: .busy)
        try await bench.run { try await bench.delivered(3) }
        let report = Trails.verify(try Trail(bench).records)
        #expect(report.outcome == .intact, "\(report.findings)")
        #expect(report.checkpointCount == 1)
    }

    @Test(
        "C2SP signed-note, tlog-checkpoint: the note has origin, size and root, and its signature names the key"
    )
    func note() async throws {
        let trail = try await Trails.random(seed: 1, records: 30)
        let record = try #require(trail.records.last { $0["SCIM_EVENT"] == "audit.checkpoint" })
        let checkpoint = try #require(Checkpoint(Trails.entry(record)))
        let lines = checkpoint.signedNote(Sample.digest).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        #expect(lines.count == 7)
        #expect(lines[0] == "pharos-scim/audit/\(trail.store)")
        #expect(lines[1] == "\(checkpoint.size)")
        #expect(Base64.bytes(String(lines[2])) == checkpoint.tree.bytes)
        #expect(lines[4].isEmpty)
        #expect(lines[5].hasPrefix("— pharos-scim/audit/\(trail.store) "))
        let signed = try #require(Base64.bytes(String(lines[5].split(separator: " ")[2])))
        let id = Checkpoint.keyID(store: trail.store, publicKey: checkpoint.publicKey, Sample.digest)
        #expect(Array(signed.prefix(4)) == id)
        let text = Array(lines[..<4].joined(separator: "\n").utf8) + [10]
        #expect(Ed25519.verifies(Array(signed.dropFirst(4)), of: text, publicKey: Sample.signer.publicKey))
        let key = Checkpoint.verifierKey(store: trail.store, publicKey: checkpoint.publicKey, Sample.digest)
        #expect(key.hasPrefix("pharos-scim/audit/\(trail.store)+"))
    }

    @Test("Base64 is read from what it writes, and from nothing else")
    func base64() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 250) }
            #expect(Base64.bytes(Base64.text(bytes)) == bytes)
        }
        #expect(Base64.text([0xFB, 0xFF]) == "+/8=")
        for wrong in ["-_8=", "+/8", "+/9=", "A===", "===="] {
            #expect(Base64.bytes(wrong) == nil, "\(wrong)")
        }
    }

    @Test(
        "A restore begins a new incarnation that is anchored to the old one; a rollback without one is found"
    )
    func restore() async throws {
        let clock = StorageClock()
        let bench = try Bench(store: MemoryStore { clock.read() }, clock: clock, signer: Sample.signer)
        try await bench.commit(20)
        try await bench.run { try await bench.delivered(21) }
        let old = try Trail(bench)
        let id = try await bench.store.beginTrail(0x77, by: .admin(Sample.slug("ann")))
        try await bench.commit(10)
        let next = try Bench(store: bench.store, clock: clock, signer: Sample.signer)
        #expect(next.relay.journalStoreID == id)
        try await next.run { try await next.delivered(12) }
        let new = try Trail(next)
        let acme = try #require(new.records.first { $0["SCIM_STREAM"] == "acme" })
        #expect(acme["SCIM_SEQ"] == "21" && acme["SCIM_STORE"] == id)

        var expectation = TrailVerifier.Expectation()
        expectation.store = id
        let report = Trails.verify(old.records + new.records, expectation)
        #expect(report.outcome == .intact, "\(report.findings)")
        // Without the old records, the new checkpoints vouch.
        #expect(Trails.verify(new.records, expectation).outcome == .intact)
        // What the old incarnation went on to record before the copy was put back is no second record of a number.
        expectation.store = old.store
        #expect(Trails.verify(old.records + new.records, expectation).findings.first?.kind == .foreign)
        // An old record that is another one does not lead to the new ones.
        var other = old.records
        let last = try #require(other.lastIndex { $0["SCIM_STREAM"] == "acme" })
        other[last]["SCIM_IP"] = "10.9.9.9"
        other[last].rehash()
        #expect(Trails.verify(other + new.records).outcome == .tampered)
    }

    @Test(
        "A checkpoint that a copy had not delivered yet vouches for nothing in its new trail, and breaks nothing"
    )
    func restoreOfUndelivered() async throws {
        let (clock, journal) = (StorageClock(), FakeJournal())
        let store = MemoryStore { clock.read() }
        let first = try Bench(store: store, clock: clock, signer: Sample.signer, journal: journal)
        try await first.commit(20)
        try await first.run {
            try await first.delivered(21)
            try await first.commit(1)
            try await first.delivered(22)
            // The last checkpoint, which is made at the stop, stays: the time to deliver it is over at once.
            journal.set(.refuses)
            Task {
                try await first.until { try store.logRows().count == 23 }
                first.pacer.pass(600_000_000)
            }
        }
        let old = try Trail(first).records
        #expect(try AuditOutbox(store: store).undeliveredCount() == 1)
        try await store.beginTrail(0x79)
        let next = try Bench(store: store, clock: clock, signer: Sample.signer)
        try await next.run { try await next.delivered(3) }
        let report = Trails.verify(try old + Trail(next).records)
        #expect(report.outcome == .intact, "\(report.findings)")
    }
}
