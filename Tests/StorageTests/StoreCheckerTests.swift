import Storage
import TestSupport
import Testing

@Suite("StoreChecker")
struct StoreCheckerTests {
    static let edge = Edge(space: 1, container: .test(1), member: .test(2))

    /// A store with two edges, four log rows in two streams, and a row.
    static func makeStore() async throws -> MemoryStore {
        let store = MemoryStore()
        let other = Edge(space: 1, container: .test(1), member: .test(3))
        _ = try await store.commit(
            Changeset(.link(edge, kind: 1), .link(other, kind: 2), .put(.user("a"), [1]))
        )
        for stream in ["s", "t", "s", "s"] {
            _ = try await store.commit(Changeset(.append(LogEntry(stream: stream, payload: [7]))))
        }
        return store
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let name: String
        let key: Key
        var value: [UInt8]?
        var isIntact = true
        let findings: [StoreChecker.Finding]

        var testDescription: String { name }
    }

    static func logValue(sequence: UInt64, time: Int64) -> [UInt8] {
        var value: [UInt8] = []
        value.appendBigEndian(sequence)
        value.appendBigEndian(time)
        return value + [1, UInt8(ascii: "s"), 7]
    }

    static func head(sequence: UInt64, order: UInt64) -> [UInt8] {
        var value: [UInt8] = []
        value.appendBigEndian(sequence)
        value.appendBigEndian(order)
        return value + [UInt8](repeating: 0, count: 32)
    }

    static let damages = [
        Damage(
            name: "a changed row",
            key: .user("a"),
            value: [2],
            isIntact: false,
            findings: [.damagedRow(.user("a"))]
        ),
        Damage(name: "a lost twin", key: EdgeKeys.twin(edge), findings: [.edgeWithoutTwin(edge)]),
        Damage(name: "a lost edge", key: EdgeKeys.edge(edge), findings: [.edgeWithoutTwin(edge)]),
        Damage(
            name: "another kind",
            key: EdgeKeys.twin(edge),
            value: [9],
            findings: [.edgeKindsDiffer(edge)]
        ),
        Damage(
            name: "an edge with a longer value",
            key: EdgeKeys.edge(edge),
            value: [1, 1],
            findings: [.malformedRow(EdgeKeys.edge(edge))]
        ),
        Damage(
            name: "a twin without a value",
            key: EdgeKeys.twin(edge),
            value: [],
            findings: [.malformedRow(EdgeKeys.twin(edge))]
        ),
        Damage(
            name: "a malformed edge key",
            key: Key(EdgeKeys.edges.bytes + [1]),
            value: [1],
            findings: [.malformedRow(Key(EdgeKeys.edges.bytes + [1]))]
        ),
        Damage(
            name: "a lost log row",
            key: LogKeys.row(order: 3),
            findings: [
                .missingLogRow(order: 3), .sequenceBroken(stream: "s", order: 4, expected: 2, found: 3),
            ]
        ),
        Damage(
            name: "a lost first log row",
            key: LogKeys.row(order: 1),
            findings: [
                .missingLogRow(order: 1), .sequenceBroken(stream: "s", order: 3, expected: 1, found: 2),
            ]
        ),
        Damage(
            name: "a lost last log row",
            key: LogKeys.row(order: 4),
            findings: [.missingLogRow(order: 4), .headDisagrees(stream: "s")]
        ),
        Damage(
            name: "a malformed log row",
            key: LogKeys.row(order: 2),
            value: [],
            findings: [
                .malformedRow(LogKeys.row(order: 2)), .missingLogRow(order: 2), .headDisagrees(stream: "t"),
            ]
        ),
        Damage(
            name: "a log row that nobody appended",
            key: LogKeys.row(order: 5),
            value: logValue(sequence: 4, time: 6),
            findings: [.logRowBeyondEnd(order: 5), .headDisagrees(stream: "s")]
        ),
        Damage(
            name: "a repeated sequence",
            key: LogKeys.row(order: 4),
            value: logValue(sequence: 2, time: 5),
            findings: [
                .sequenceBroken(stream: "s", order: 4, expected: 3, found: 2), .headDisagrees(stream: "s"),
            ]
        ),
        Damage(
            name: "a time that falls",
            key: LogKeys.row(order: 4),
            value: logValue(sequence: 3, time: 1),
            findings: [.commitsOutOfOrder(order: 4)]
        ),
        Damage(
            name: "a head behind its stream",
            key: LogKeys.head(stream: "s"),
            value: head(sequence: 2, order: 3),
            findings: [.headDisagrees(stream: "s")]
        ),
        Damage(
            name: "a lost head",
            key: LogKeys.head(stream: "t"),
            findings: [.headDisagrees(stream: "t")]
        ),
        Damage(
            name: "a malformed head",
            key: LogKeys.head(stream: "u"),
            value: [1],
            findings: [.malformedRow(LogKeys.head(stream: "u"))]
        ),
    ]

    @Test("each damage is found, and nothing else", arguments: damages)
    func finds(damage: Damage) async throws {
        let store = try await Self.makeStore()
        #expect(try store.check().findings == [])
        store.overwrite(damage.key, with: damage.value, isIntact: damage.isIntact)
        let report = try store.check()
        #expect(report.findings == damage.findings)
        #expect(!report.isClean)
        #expect(!report.isCut)
    }

    @Test("a report is cut at its limit and says so")
    func cut() async throws {
        let store = MemoryStore()
        for number in 0...StoreChecker.findingsMax {
            store.overwrite(.user("\(number)"), with: [1], isIntact: false)
        }
        let report = try store.check()
        #expect(report.findings.count == StoreChecker.findingsMax)
        #expect(report.isCut)
    }
}

@Suite("MemoryStore")
struct MemoryStoreTests {
    @Test(
        "a failure asked for strikes the next commit only, with or without its effect",
        arguments: [false, true]
    )
    func failNextCommit(applying: Bool) async throws {
        let store = MemoryStore()
        store.failNextCommit(with: .outcomeUnknown, applying: applying)
        await #expect(throws: StoreError.outcomeUnknown) {
            try await store.commit(Changeset(.put(.user("a"), [1])))
        }
        #expect(try store.value(.user("a")) == (applying ? [1] : nil))
        _ = try await store.commit(Changeset(.put(.user("a"), [2])))
        #expect(try store.value(.user("a")) == [2])
    }

    @Test("rows behave like a sorted dictionary through many splits and removals")
    func model() async throws {
        let store = MemoryStore()
        var model: [Key: [UInt8]] = [:]
        var random = SplitMix(state: 1)
        for _ in 0..<40 {
            var changeset = Changeset()
            for _ in 0..<100 {
                let key = Key.user("\(random.next() % 2000)")
                if random.next() % 3 == 0 {
                    changeset.mutations.append(.delete(key))
                    model[key] = nil
                } else {
                    let value = [UInt8(truncatingIfNeeded: random.next())]
                    changeset.mutations.append(.put(key, value))
                    model[key] = value
                }
            }
            _ = try await store.commit(changeset)
        }
        #expect(try store.keys(.user("")) == model.keys.sorted())
        for (key, value) in model { #expect(try store.value(key) == value) }
    }
}

/// Numbers that are the same in every run.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
