import Audit
import JSON
import Storage
import TestSupport
import Testing

@Suite("Audit health")
struct HealthTests {
    static var configuration: AuditRelay.Configuration {
        var configuration = AuditRelay.Configuration()
        configuration.health.outboxRecordsMax = 10
        return configuration
    }

    @Test(
        "G3: with a full outbox and nothing confirmed for 10 s changes are refused, and taken again afterwards"
    )
    func refuses() async throws {
        let bench = try await Bench(records: 10, mood: .refuses, configuration: Self.configuration)
        try bench.relay.observe()
        #expect(bench.gate.isAccepting)
        bench.pacer.pass(10_000_000)
        try bench.relay.observe()
        #expect(!bench.gate.isAccepting)
        #expect(bench.relay.status.state == .refusing)
        try bench.relay.observe()
        #expect(bench.reported.events == [.auditDegraded, .auditRefusing])

        bench.journal.set(.well)
        try await bench.run { try await bench.delivered(10) }
        try bench.relay.observe()
        #expect(bench.gate.isAccepting)
        #expect(bench.reported.events == [.auditDegraded, .auditRefusing, .auditRecovered])
    }

    @Test("G3: an outbox an eighth over its limit refuses at once, although the journal still confirms")
    func hardLimit() async throws {
        let bench = try await Bench(records: 11, mood: .well, configuration: Self.configuration)
        try bench.relay.observe()
        #expect(!bench.gate.isAccepting)
        #expect(bench.reported.events == [.auditRefusing])
    }

    @Test("a full outbox is borne while records are confirmed")
    func confirming() async throws {
        let bench = try await Bench(records: 10, mood: .refuses, configuration: Self.configuration)
        bench.pacer.pass(9_999_999)
        try bench.relay.observe()
        #expect(bench.gate.isAccepting)
    }

    @Test("the age of the oldest record makes the state: 2 s behind, 30 s degraded")
    func ages() async throws {
        let bench = try await Bench(records: 1, mood: .refuses)
        func state(afterSeconds seconds: Int64) throws -> AuditState {
            bench.clock.set(1_000_000 + seconds * 1_000_000)
            try bench.relay.observe()
            return bench.relay.status.state
        }
        #expect(try state(afterSeconds: 1) == .ok)
        #expect(try state(afterSeconds: 3) == .behind)
        #expect(bench.reported.events.isEmpty)
        #expect(try state(afterSeconds: 31) == .degraded)
        #expect(try state(afterSeconds: 60) == .degraded)
        #expect(bench.reported.events == [.auditDegraded])
        #expect(bench.relay.status.undelivered == 1)
        bench.journal.set(.well)
        try await bench.run { try await bench.delivered(1) }
        #expect(try state(afterSeconds: 61) == .ok)
        #expect(bench.reported.events == [.auditDegraded, .auditRecovered])
    }

    @Test("what waited before a restart is not held against the new process")
    func restart() async throws {
        let bench = try await Bench(records: 3, mood: .refuses)
        let later = StorageClock(3_600 * 1_000_000)
        let next = try Bench(store: bench.store, clock: later)
        try next.relay.observe()
        #expect(next.relay.status.state == .ok)
        #expect(next.reported.events.isEmpty)
    }
}
