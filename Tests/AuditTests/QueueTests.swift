import Audit
import JSON
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("Audit queue", .timeLimit(.minutes(10)))
struct QueueTests {
    @Test("what is recorded is committed, at most 64 in a changeset, and the relay is woken")
    func groups() async throws {
        let bench = QueueBench()
        for number in 1...200 { bench.queue.record(bench.failure(number)) }
        await bench.finish()
        let rows = try bench.store.logRows()
        #expect(rows.count == 200)
        let sizes = Dictionary(grouping: rows, by: \.version.number).mapValues(\.count)
        #expect(sizes.keys.sorted().map { sizes[$0] } == [64, 64, 64, 8])
        #expect(bench.wakes.load(ordering: .relaxed) == 4)
        #expect(bench.queue.status.committedCount == 200)
    }

    @Test("equal refusals: the first at once, the others counted with the time of the first")
    func coalesces() async throws {
        let bench = QueueBench()
        for number in 1...38 {
            bench.clock.set(Int64(number))
            bench.queue.record(bench.refusal(from: "203.0.113.\(number)"))
        }
        await bench.finish()
        let fields = try bench.rendered()
        #expect(fields.count == 2)
        #expect(fields.first?["SCIM_COUNT"] == nil)
        #expect(fields.first?["SCIM_USER_AGENT"] == "okta/1.0")
        #expect(fields.last?["SCIM_COUNT"] == "37")
        #expect(fields.last?["SCIM_FIRST_TIME"] == "1970-01-01T00:00:00.000002Z")
        #expect(fields.last?["SCIM_TENANT"] == "acme")
        #expect(fields.last?["SCIM_REASON"] == "expired")
        #expect(fields.last?["SCIM_STATUS"] == "200")
        #expect(fields.last?["SCIM_REQUEST_ID"] == nil)
    }

    @Test("a counted refusal is told of every ten seconds, and a quiet one begins anew")
    func windows() async throws {
        let bench = QueueBench()
        let running = Task { await bench.queue.run() }
        func record(atSeconds seconds: Int64) {
            bench.clock.set(seconds * 1_000_000)
            bench.queue.record(bench.refusal(from: "203.0.113.9"))
        }
        record(atSeconds: 1)
        record(atSeconds: 2)
        record(atSeconds: 3)
        try await bench.rows(1)
        bench.clock.set(11_000_000)
        try await bench.rows(2)
        record(atSeconds: 12)
        bench.clock.set(21_000_000)
        try await bench.rows(3)
        bench.queue.finish()
        await running.value
        #expect(try bench.rendered().map { $0["SCIM_COUNT"] } == [nil, "2", "1"])
    }

    @Test("what exceeds a rate is told of when it begins, and every minute while it goes on")
    func rateWindows() async throws {
        let bench = QueueBench()
        let running = Task { await bench.queue.run() }
        func record(atSeconds seconds: Int64) {
            bench.clock.set(seconds * 1_000_000)
            var record = AuditRecord(.rateLimited, .failure(.rate), actor: .client(nil))
            record.tenant = Sample.slug("acme")
            bench.queue.record(record)
        }
        for second in 1...40 as ClosedRange<Int64> { record(atSeconds: second) }
        for _ in 1...2 { bench.queue.record(bench.refusal(from: "203.0.113.9")) }
        try await bench.rows(2)
        bench.clock.set(50_000_000)
        try await bench.rows(3)
        #expect(try bench.rendered().last?["SCIM_EVENT"] == "auth.failure")
        for second in 51...60 as ClosedRange<Int64> { record(atSeconds: second) }
        bench.clock.set(61_000_000)
        try await bench.rows(4)
        record(atSeconds: 62)
        bench.clock.set(121_000_000)
        try await bench.rows(5)
        bench.queue.finish()
        await running.value
        let rates = try bench.rendered().filter { $0["SCIM_EVENT"] == "rate.limited" }
        #expect(rates.map { $0["SCIM_COUNT"] } == [nil, "49", "1"])
        #expect(rates.map { $0["SCIM_REASON"] } == ["rate", "rate", "rate"])
        #expect(rates.map { $0["SCIM_TENANT"] } == ["acme", "acme", "acme"])
    }

    @Test(
        "tenant, reason, credential and network tell refusals apart; the address within its network does not"
    )
    func kinds() async throws {
        let bench = QueueBench()
        var records = [bench.refusal(from: "10.0.0.1"), bench.refusal(from: "10.0.1.1")]
        for change in 0..<3 {
            var other =
                change == 2
                ? AuditRecord(.authFailure, .failure(.revoked), actor: .anonymous)
                : bench.refusal(from: "10.0.0.1")
            if change == 2 { other.origin = records[0].origin; other.credentialID = records[0].credentialID }
            other.tenant = Sample.slug(change == 0 ? "other" : "acme")
            if change == 1 { other.credentialID = Sample.slug("tok_9") }
            records.append(other)
        }
        for record in records { bench.queue.record(record) }
        bench.queue.record(bench.refusal(from: "10.0.0.200"))
        await bench.finish()
        #expect(try bench.rendered().map { $0["SCIM_COUNT"] } == [nil, nil, nil, nil, nil, "1"])
    }

    @Test("a full queue counts what does not fit: nothing is dropped in silence")
    func overflow() async throws {
        #expect(AuditQueue.Limits().recordsMax == 8_192)
        var limits = AuditQueue.Limits()
        limits.recordsMax = 300
        let bench = QueueBench(limits: limits)
        for number in 1...1_000 { bench.queue.record(bench.failure(number)) }
        #expect(bench.queue.status.waiting == 300)
        await bench.finish()
        let counts = try bench.rendered().compactMap { $0["SCIM_COUNT"].flatMap { Int($0) } }
        #expect(try bench.store.logRows().count == 300 + counts.count)
        #expect(counts.reduce(0, +) == 700)
    }

    @Test("a flood from ever new networks is counted in a table of bounded size")
    func manyNetworks() async throws {
        var limits = AuditQueue.Limits()
        limits.windowsMax = 100
        let bench = QueueBench(limits: limits)
        for number in 0..<2_000 {
            bench.queue.record(bench.refusal(from: "10.\(number / 256).\(number % 256).1"))
        }
        await bench.finish()
        let rendered = try bench.rendered()
        let counted = rendered.compactMap { $0["SCIM_COUNT"].flatMap { Int($0) } }
        #expect(rendered.count == 100 + counted.count)
        #expect(counted == [1_900])
        #expect(rendered.last?["SCIM_IP"] == nil)
    }

    @Test(
        "while the trail accepts nothing, refusals and failed changes are only counted; its own events pass"
    )
    func closedGate() async throws {
        let bench = QueueBench()
        bench.gate.setAccepting(false)
        let running = Task { await bench.queue.run() }
        for number in 1...10 { bench.queue.record(bench.failure(number)) }
        for _ in 1...10 { bench.queue.record(bench.refusal(from: "10.0.0.1")) }
        bench.queue.record(AuditRecord(.auditRefusing, .failure(.full), actor: .system))
        try await bench.rows(1)
        bench.clock.set(60_000_000)
        try await Task.sleep(for: .milliseconds(20))
        #expect(try bench.rendered().map { $0["SCIM_EVENT"] } == ["audit.refusing"])
        bench.gate.setAccepting(true)
        try await bench.rows(3)
        bench.queue.finish()
        await running.value
        let counts = try bench.rendered().compactMap { $0["SCIM_COUNT"].flatMap { Int($0) } }
        #expect(counts == [10, 10])
    }

    @Test(
        "a failing commit is tried again until it succeeds",
        arguments: [StoreError.busy, .full, .system(code: 5)]
    )
    func retries(error: StoreError) async throws {
        let bench = QueueBench()
        bench.store.failNextCommit(with: error)
        bench.queue.record(bench.failure(1))
        await bench.finish()
        #expect(try bench.store.logRows().count == 1)
        #expect(bench.queue.status.failedCommitCount == 1)
        #expect(bench.queue.status.lostCount == 0)
    }

    @Test("records that a closed store cannot take are told of as lost")
    func closedStore() async {
        let bench = QueueBench()
        bench.queue.record(bench.failure(1))
        bench.store.close()
        await bench.finish()
        #expect(bench.queue.status.lostCount == 1)
    }

    @Test("a cancelled task commits what is left and returns")
    func cancellation() async throws {
        let bench = QueueBench()
        let running = Task { await bench.queue.run() }
        try await Task.sleep(for: .milliseconds(5))
        bench.queue.record(bench.failure(1))
        running.cancel()
        await running.value
        #expect(try bench.store.logRows().count == 1)
    }
}

/// A store and a queue in front of it.
struct QueueBench: Sendable {
    let store: MemoryStore
    let gate = AuditGate()
    let clock = StorageClock(0)
    let wakes = Wakes()
    let queue: AuditQueue

    final class Wakes: Sendable {
        private let count = Atomic(0)
        func add() { count.add(1, ordering: .relaxed) }
        func load(ordering: AtomicLoadOrdering) -> Int { count.load(ordering: .relaxed) }
    }

    init(limits: AuditQueue.Limits = .init()) {
        let clock = clock
        let wakes = wakes
        store = MemoryStore { clock.read() }
        queue = AuditQueue(
            store: store,
            gate: gate,
            limits: limits,
            now: { Timestamp(microseconds: clock.read()) },
            sleep: { _ in try? await Task.sleep(for: .milliseconds(1)) },
            committed: { wakes.add() }
        )
    }

    func finish() async {
        queue.finish()
        await queue.run()
    }

    func failure(_ number: Int) -> AuditRecord {
        var record = Sample.request(.userUpdate, .failure(.uniqueness))
        record.target = AuditTarget(type: Sample.slug("User"), id: Sample.id(number))
        return record
    }

    func refusal(from address: String) -> AuditRecord {
        var record = AuditRecord(.authFailure, .failure(.expired), actor: .anonymous)
        record.tenant = Sample.slug("acme")
        record.credentialID = Sample.slug("tok_3")
        record.origin = Sample.origin
        record.origin?.address = AuditAddress(address)
        return record
    }

    func rendered() throws -> [[String: String]] {
        try store.logRows().map { row in
            let fields = AuditRow(row, storeID: Sample.store).journalEntry().fields
            return Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
        }
    }

    func rows(_ count: Int) async throws {
        while try store.logRows().count < count { try await Task.sleep(for: .milliseconds(1)) }
    }
}
