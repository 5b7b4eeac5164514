import Storage
import TestSupport
import Testing

@Suite("Every engine: concurrent load")
struct ConcurrencyTests {
    static let taskCount = 24
    static let roundCount = 20

    @Test("of many tasks that create the same row, exactly one succeeds", arguments: StorageEngine.allCases)
    func oneCreator(engine: StorageEngine) async throws {
        try await engine.withStore { store async throws in
            let created = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<UInt8(Self.taskCount) {
                    group.addTask {
                        let changeset = Changeset(when: [.absent(.user("a"))], .put(.user("a"), [number]))
                        do throws(StoreError) {
                            _ = try await store.commit(changeset)
                            return true
                        } catch {
                            #expect(error == .conflict(precondition: 0))
                            return false
                        }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(created == 1)
            #expect(try store.value(.user("a")) != nil)
        }
    }

    @Test(
        "reads, conditional writes, counters, edges and log agree at every moment and at the end",
        arguments: StorageEngine.allCases
    )
    func mixedLoad(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            _ = try await store.commit(Changeset(Self.pair([0])))
            let tallies = try await withThrowingTaskGroup(of: Tally.self) { group in
                for number in 0..<Self.taskCount {
                    group.addTask { try await Self.work(UInt64(number), on: store) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let receipts = tallies.flatMap(\.receipts).sorted { $0.version < $1.version }
            let total = Self.taskCount * Self.roundCount
            #expect(receipts.count == total)
            #expect(receipts.map(\.version.number) == Array(2...UInt64(total) + 1))
            #expect(
                zip(receipts, receipts.dropFirst()).allSatisfy { $0.timeMicroseconds < $1.timeMicroseconds }
            )
            #expect(try store.counter(.user("n")) == Int64(total))
            #expect(try store.members(of: .test(1000), space: 1).count == total / 2)
            #expect(try store.containers(of: .test(0), space: 1) == [])
            #expect(try store.containers(of: .test(1), space: 1) == [.test(1000)])
            let report = try store.check()
            #expect(report.findings == [])
            #expect(report.logRowCount == total)
            #expect(report.edgeCount == total / 2)
        }
    }

    private struct Tally: Sendable {
        var receipts: [CommitReceipt] = []
        var conflictCount = 0
    }

    /// Two rows that every commit writes alike: a reader that sees them differ saw half a commit.
    private static func pair(_ value: [UInt8]) -> [Mutation] {
        [.put(.user("x"), value), .put(.user("y"), value)]
    }

    private static func edge(_ number: UInt64, _ round: UInt64) -> Edge {
        Edge(space: 1, container: .test(1000), member: .test(number * 1000 + round))
    }

    /// Commits a fixed number of times; every second time the edge of the time before is taken away again.
    private static func work(_ number: UInt64, on store: any Store) async throws -> Tally {
        var tally = Tally()
        var round: UInt64 = 0
        while round < UInt64(roundCount) {
            let seen = try look(store)
            var changeset = Changeset(pair([UInt8(number), UInt8(round)]))
            changeset.preconditions = [.version(.user("x"), seen)]
            changeset.mutations.append(.increment(.user("n"), 1))
            changeset.mutations.append(.append(LogEntry(stream: "s\(number % 3)", payload: [UInt8(round)])))
            changeset.mutations.append(.link(edge(number, round), kind: 1))
            if !round.isMultiple(of: 2) { changeset.mutations.append(.unlink(edge(number, round - 1))) }
            do throws(StoreError) {
                tally.receipts.append(try await store.commit(changeset))
                round += 1
            } catch {
                guard error == .conflict(precondition: 0) else { throw error }
                tally.conflictCount += 1
            }
        }
        return tally
    }

    /// Reads what must agree in any one state, and gives the version to build on.
    private static func look(_ store: any Store) throws -> CommitVersion {
        struct Seen {
            let x, y: (value: [UInt8], version: CommitVersion)?
            let counter: Int64
            var rows = 0
        }
        let seen = try store.withSnapshot { snapshot throws(StoreError) in
            var seen = Seen(
                x: try snapshot.copy(.user("x")),
                y: try snapshot.copy(.user("y")),
                counter: try snapshot.counter(.user("n"))
            )
            try snapshot.scan(prefix: LogKeys.rows, from: nil) { _, _, _ in
                seen.rows += 1
                return .more
            }
            return seen
        }
        #expect(seen.x?.value == seen.y?.value)
        #expect(seen.x?.version == seen.y?.version)
        #expect(Int(seen.counter) == seen.rows)
        return try #require(seen.x?.version)
    }
}
