import Audit
import JSON
import Storage
import TLS
import TestSupport
import Testing

/// Trails that a relay has delivered, as an auditor has them.
enum Trails {
    typealias Fields = [(name: String, value: String)]

    /// Delivers random records of some tenants, with checkpoints between them.
    static func random(
        seed: UInt64,
        records: Int,
        tenants: [String] = ["acme", "beta", "gamma"]
    ) async throws -> Trail {
        var random = SeededGenerator(seed: seed)
        var configuration = AuditRelay.Configuration()
        configuration.checkpointMicroseconds = 0
        let clock = StorageClock()
        let bench = try Bench(
            store: MemoryStore { clock.read() },
            clock: clock,
            configuration: configuration,
            signer: Sample.signer
        )
        var left = records
        while left > 0 {
            let count = min(left, Int.random(in: 1...40, using: &random))
            left -= count
            try await bench.commit(count, of: tenants, using: &random)
            let next = try Bench(
                store: bench.store,
                clock: clock,
                configuration: configuration,
                signer: Sample.signer,
                journal: bench.journal
            )
            try await next.run {}
        }
        return try Trail(bench)
    }

    static func entry(_ fields: Fields) -> JournalEntry {
        var entry = JournalEntry()
        for field in fields { entry.append(field.name.utf8.span, field.value.utf8.span) }
        return entry
    }

    static func verify(
        _ records: [Fields],
        _ expectation: TrailVerifier.Expectation = .init()
    ) -> TrailReport {
        var verifier = TrailVerifier(expectation, digest: Sample.digest, verifies: verifies)
        for (index, record) in records.enumerated() {
            verifier.take(entry(record), number: UInt64(index + 1))
        }
        return verifier.finish()
    }

    static let verifies: @Sendable ([UInt8], [UInt8], [UInt8]) -> Bool = { signature, message, key in
        Ed25519.verifies(signature, of: message, publicKey: key)
    }

    /// As `journalctl -o export` prints it.
    static func export(_ records: [Fields]) -> [UInt8] {
        var bytes: [UInt8] = []
        for record in records {
            bytes += "__CURSOR=x\n".utf8
            for (name, value) in record {
                if value.contains("\n") {
                    bytes += "\(name)\n".utf8
                    var length = UInt64(value.utf8.count)
                    for _ in 0..<8 {
                        bytes.append(UInt8(truncatingIfNeeded: length))
                        length >>= 8
                    }
                    bytes += "\(value)\n".utf8
                } else {
                    bytes += "\(name)=\(value)\n".utf8
                }
            }
            bytes += "\n".utf8
        }
        return bytes
    }
}

/// What a store has delivered, and where its streams end.
struct Trail: Sendable {
    var records: [Trails.Fields]
    let store: String
    let heads: [Checkpoint.Head]

    init(_ bench: Bench) throws {
        records = bench.journal.entries.map(\.fields)
        store = bench.relay.journalStoreID
        var tree: [String: (UInt64, String)] = [:]
        for record in records {
            tree[record["SCIM_STREAM"]] = (UInt64(record["SCIM_SEQ"]) ?? 0, record["SCIM_HASH"])
        }
        heads = tree.compactMap { Checkpoint.Head(text: "\($0.key)=\($0.value.0):\($0.value.1)".utf8.span) }
    }

    /// Where the records of a stream are, in the order of their numbers.
    func places(of stream: String) -> [Int] {
        records.indices.filter { records[$0]["SCIM_STREAM"] == stream }
    }

    /// The number of the last record of a stream that a checkpoint names.
    func signedEnd(of stream: String) -> UInt64 {
        records.flatMap { $0 }.filter { $0.name == "SCIM_CHECKPOINT_HEAD" }
            .compactMap { Checkpoint.Head(text: $0.value.utf8.span) }
            .filter { $0.stream == stream }.map(\.sequence).max() ?? 0
    }
}

extension Trails.Fields {
    subscript(name: String) -> String {
        get { first { $0.name == name }?.value ?? "" }
        set {
            guard let index = firstIndex(where: { $0.name == name }) else {
                append((name, newValue))
                return
            }
            self[index].value = newValue
        }
    }

    var sequence: UInt64 { UInt64(self["SCIM_SEQ"]) ?? 0 }

    /// Gives the record the hash that fits it.
    mutating func rehash() {
        var hasher = RecordHasher(Sample.digest)
        self["SCIM_HASH"] = hasher.hash(Trails.entry(self)).text
    }
}

extension [Trails.Fields] {
    /// Gives every record of a stream behind a number the hash of the one before it, and a new one of its own.
    mutating func rechain(_ stream: String, from number: UInt64) {
        let places = indices.filter { self[$0]["SCIM_STREAM"] == stream }
            .sorted { self[$0].sequence < self[$1].sequence }
        for (before, place) in zip(places, places.dropFirst()) where self[before].sequence >= number {
            self[place]["SCIM_PREV"] = self[before]["SCIM_HASH"]
            self[place].rehash()
        }
    }
}

extension Bench {
    /// Commits records of several tenants, several to a commit now and then.
    func commit(_ count: Int, of tenants: [String], using random: inout SeededGenerator) async throws {
        var left = count
        while left > 0 {
            let group = Swift.min(left, Int.random(in: 1...3, using: &random))
            left -= group
            let mutations = (0..<group).map { _ in
                var record = Sample.request(
                    [AuditEvent.userCreate, .userUpdate, .userDelete].randomElement(using: &random)
                        ?? .userCreate
                )
                record.tenant = tenants.randomElement(using: &random).map(Sample.slug)
                record.target = AuditTarget(
                    type: Sample.slug("User"),
                    id: Sample.id(Int.random(in: 1...99, using: &random))
                )
                record.attributes = (0..<Int.random(in: 0...6, using: &random)).flatMap { _ in
                    Sample.paths("a\(Int.random(in: 0...9, using: &random))")
                }
                return Mutation.append(record.logEntry())
            }
            clock.set(clock.read() + 1_000)
            _ = try await store.commit(Changeset(mutations))
        }
    }
}

extension Store {
    /// Has a new trail begin, as where an older copy of the store was put back; what the store is called from then on.
    @discardableResult
    func beginTrail(_ number: UInt64, by actor: AuditActor = .admin(nil)) async throws -> String {
        let id = UniqueID(high: 0x7000, low: 0x8000_0000_0000_0000 + number)
        let changeset = try Incarnation.restore(to: id, store: self, digest: Sample.digest, by: actor)
        _ = try await commit(changeset)
        return id.journalText
    }
}
