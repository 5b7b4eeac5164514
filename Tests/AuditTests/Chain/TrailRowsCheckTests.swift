import Storage
import TestSupport
import Testing

@testable import Audit

@Suite("TrailRowsCheck")
struct TrailRowsCheckTests {
    private static let hash = Sample.digest.anchor(store: "s", stream: "t", sequence: 1)

    /// Two streams with two records each, of which three are delivered.
    private static func makeStore() async throws -> MemoryStore {
        let store = MemoryStore(clock: { 1 })
        for stream in ["acme", "acme", "other", "other"] {
            _ = try await store.commit(Changeset(.append(LogEntry(stream: stream, payload: [7]))))
        }
        let heads = [
            "acme": ChainHead(sequence: 2, hash: Self.hash, isRecord: true),
            "other": ChainHead(sequence: 1, hash: Self.hash, isRecord: true),
        ]
        _ = try await store.commit(
            AuditOutbox.advance(to: 3, heads: heads, pruningThrough: nil, limit: 1)
        )
        return store
    }

    private static func findings(_ store: MemoryStore) throws -> [String] {
        try store.withSnapshot { snapshot throws(StoreError) in try TrailRowsCheck.findings(snapshot) }
    }

    private static func pointer(_ order: UInt64) -> [UInt8] {
        var value: [UInt8] = []
        value.appendBigEndian(order)
        return value
    }

    private static func chain(_ sequence: UInt64) -> [UInt8] {
        ChainHead(sequence: sequence, hash: Self.hash, isRecord: true).value
    }

    @Test("What a delivery leaves is right")
    func clean() async throws {
        #expect(try Self.findings(try await Self.makeStore()) == [])
        #expect(try Self.findings(MemoryStore(clock: { 1 })) == [])
    }

    @Test("Each damage is found, and nothing else")
    func damages() async throws {
        let damages: [(key: Key, value: [UInt8], finding: String)] = [
            (AuditOutbox.pointerKey, Self.pointer(5), "delivered"),
            (AuditOutbox.pointerKey, [1], "delivered"),
            (Key([0xF0, 0x03]), [1], "ids"),
            (CheckpointState.key, [1], "checkpoints"),
            (ChainHead.key(stream: "acme"), [1], "the chain of acme is malformed"),
            (ChainHead.key(stream: "acme"), Self.chain(1), "the chain of acme does not end"),
            (ChainHead.key(stream: "acme"), Self.chain(3), "the chain of acme does not end"),
            (ChainHead.key(stream: "nobody"), Self.chain(1), "the chain of nobody does not end"),
        ]
        for damage in damages {
            let store = try await Self.makeStore()
            store.overwrite(damage.key, with: damage.value)
            let findings = try Self.findings(store)
            #expect(findings.count == 1, "\(damage.finding): \(findings)")
            #expect(findings.first?.contains(damage.finding) == true, "\(findings)")
        }
    }
}
