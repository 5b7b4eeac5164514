import Audit
import Storage
import TestSupport
import Testing

@Suite("Answers that wait for the journal", .timeLimit(.minutes(10)))
struct WaitingTests {
    @Test("whoever waits goes on once what was committed is in the journal, also where much comes after it")
    func confirmed() async throws {
        let bench = try await Bench(records: 30, mood: .well)
        async let isConfirmed = bench.relay.deliversAll()
        try await bench.run { try await bench.delivered(30) }
        #expect(await isConfirmed)
        #expect(await bench.relay.deliversAll())
    }

    @Test("with a journal that takes nothing the wait ends, and nobody else is kept")
    func refused() async throws {
        var configuration = AuditRelay.Configuration()
        configuration.acknowledgementMax = .milliseconds(20)
        let bench = try await Bench(records: 3, mood: .refuses, configuration: configuration)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 { group.addTask { await bench.relay.deliversAll() } }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes == Array(repeating: false, count: 10))
    }
}
