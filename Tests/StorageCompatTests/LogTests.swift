import Storage
import TestSupport
import Testing

@Suite("Every engine: log")
struct LogTests {
    static func entry(_ stream: String, _ byte: UInt8) -> Mutation {
        .append(LogEntry(stream: stream, payload: [byte]))
    }

    @Test(
        "rows are numbered through the log and through their stream, with their commit's version and time",
        arguments: StorageEngine.allCases
    )
    func numbering(engine: StorageEngine) async throws {
        try await engine.withStore(clock: StorageClock(500)) { store in
            let first = try await store.commit(
                Changeset(Self.entry("a", 1), Self.entry("b", 2), Self.entry("a", 3))
            )
            let second = try await store.commit(Changeset(Self.entry("b", 4)))
            func row(
                _ order: UInt64,
                _ stream: String,
                _ sequence: UInt64,
                _ receipt: CommitReceipt
            ) -> LogRow {
                LogRow(
                    order: order,
                    stream: stream,
                    sequence: sequence,
                    version: receipt.version,
                    timeMicroseconds: receipt.timeMicroseconds,
                    payload: [UInt8(order)]
                )
            }
            #expect(
                try store.logRows() == [
                    row(1, "a", 1, first), row(2, "b", 1, first), row(3, "a", 2, first),
                    row(4, "b", 2, second),
                ]
            )
            let report = try store.check()
            #expect(report.isClean)
            #expect(report.logRowCount == 4)
        }
    }

    @Test("commit times rise although the clock stands still or goes back", arguments: StorageEngine.allCases)
    func times(engine: StorageEngine) async throws {
        let clock = StorageClock(500)
        try await engine.withStore(clock: clock) { store in
            var times: [Int64] = []
            for now: Int64 in [500, 500, 100, 900] {
                clock.set(now)
                let receipt = try await store.commit(Changeset())
                times.append(receipt.timeMicroseconds)
            }
            #expect(times == [500, 501, 502, 900])
        }
    }

    @Test(
        "trimLog deletes the oldest rows up to an order and a limit; numbering goes on",
        arguments: StorageEngine.allCases
    )
    func trim(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            for number in 1...10 { _ = try await store.commit(Changeset(Self.entry("a", UInt8(number)))) }
            _ = try await store.commit(Changeset(.trimLog(through: 6, limit: 4)))
            #expect(try store.logRows().map(\.order) == [5, 6, 7, 8, 9, 10])
            _ = try await store.commit(Changeset(.trimLog(through: 6, limit: .max)))
            #expect(try store.logRows().map(\.order) == [7, 8, 9, 10])
            #expect(try store.check().isClean)
            _ = try await store.commit(Changeset(.trimLog(through: .max, limit: .max)))
            #expect(try store.logRows() == [])
            #expect(try store.check().isClean)
            _ = try await store.commit(Changeset(Self.entry("a", 11)))
            #expect(try store.logRows().map(\.order) == [11])
            #expect(try store.logRows().map(\.sequence) == [11])
            #expect(try store.check().isClean)
        }
    }
}
