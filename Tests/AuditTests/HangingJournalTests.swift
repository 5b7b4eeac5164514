import Audit
import JSON
import Storage
import TestSupport
import Testing

/// A journal that holds whoever sends to it, until it is let go.
struct HangingSink: AuditSink {
    let isReached: StorageGate
    let letGo: StorageGate

    mutating func send(_ entries: [JournalEntry]) -> Bool {
        isReached.open()
        letGo.wait()
        return false
    }

    mutating func readBack(_ body: (AuditRecordID) -> Void) {}
}

@Suite("A journal that hangs", .timeLimit(.minutes(10)))
struct HangingJournalTests {
    @Test(
        "G6, G3: commits, waking, observing and stopping go on while the relay's thread is held; the gate still closes"
    )
    func hangs() async throws {
        let bench = try await Bench(records: 5, mood: .well, configuration: HealthTests.configuration)
        let (isReached, letGo) = (StorageGate(), StorageGate())
        async let ended: Void = onOwnThread { [relay = bench.relay] in
            relay.run(HangingSink(isReached: isReached, letGo: letGo))
        }
        await onOwnThread { isReached.wait() }

        try await bench.commit(5)
        bench.relay.wake()
        bench.pacer.pass(10_000_000)
        try bench.relay.observe()
        #expect(!bench.gate.isAccepting)
        #expect(bench.relay.status.undelivered == 10)
        #expect(bench.reported.events == [.auditRefusing])
        bench.relay.stop()

        bench.pacer.pass(5_000_000)
        letGo.open()
        await ended
        #expect(try AuditOutbox(store: bench.store).undeliveredCount() == 10)
    }
}
