import Storage
import TestSupport
import Testing

@Suite("Every engine: limits")
struct LimitTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let mutations: [Mutation]
        let fits: Bool

        var testDescription: String { name }
    }

    static func key(_ count: Int, _ last: UInt8 = 0xFF) -> Key {
        Key([UInt8](repeating: 0xFF, count: count - 1) + [last])
    }

    static let value = [UInt8](repeating: 7, count: StorageLimits.valueBytesMax)

    static let cases = [
        Case(name: "key of 511 bytes", mutations: [.put(key(511), [1])], fits: true),
        Case(name: "key of 512 bytes", mutations: [.put(key(512), [1])], fits: false),
        Case(name: "deleted key of 512 bytes", mutations: [.delete(key(512))], fits: false),
        Case(name: "prefix of 512 bytes", mutations: [.deletePrefix(key(512), limit: 1)], fits: false),
        Case(name: "counter key of 512 bytes", mutations: [.increment(key(512), 1)], fits: false),
        Case(name: "value of 100,000 bytes", mutations: [.put(key(2), value)], fits: true),
        Case(name: "value of 100,001 bytes", mutations: [.put(key(2), value + [0])], fits: false),
        Case(
            name: "changeset of 8,000,000 bytes",
            mutations: (0..<79).map { .put(key(2, $0), value) } + [.put(key(3), value.dropLast(79 * 2 + 3))],
            fits: true
        ),
        Case(
            name: "changeset of 8,000,001 bytes",
            mutations: (0..<79).map { .put(key(2, $0), value) } + [.put(key(3), value.dropLast(79 * 2 + 2))],
            fits: false
        ),
        Case(
            name: "stream of 64 bytes",
            mutations: [.append(LogEntry(stream: String(repeating: "s", count: 64), payload: []))],
            fits: true
        ),
        Case(
            name: "stream of 65 bytes",
            mutations: [.append(LogEntry(stream: String(repeating: "s", count: 65), payload: []))],
            fits: false
        ),
        Case(
            name: "log row of 100,001 bytes",
            mutations: [.append(LogEntry(stream: "s", payload: [UInt8](repeating: 0, count: 99_983)))],
            fits: false
        ),
    ]

    @Test("what fits is stored, what is one larger is refused", arguments: StorageEngine.allCases, cases)
    func limits(engine: StorageEngine, row: Case) async throws {
        try await engine.withStore { store in
            let changeset = Changeset(row.mutations)
            guard !row.fits else {
                _ = try await store.commit(changeset)
                for case .put(let key, let value) in row.mutations {
                    #expect(try store.value(key) == value)
                }
                #expect(try store.check().isClean)
                return
            }
            await #expect(throws: StoreError.tooLarge) { try await store.commit(changeset) }
            #expect(try store.keys(Key([0xFF])) == [])
        }
    }

    @Test("a precondition's and a read's key has the same limit", arguments: StorageEngine.allCases)
    func reads(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            await #expect(throws: StoreError.tooLarge) {
                try await store.commit(Changeset(when: [.absent(Self.key(512))]))
            }
            #expect(throws: StoreError.tooLarge) { try store.value(Self.key(512)) }
            #expect(throws: StoreError.tooLarge) { try store.keys(Self.key(512)) }
            #expect(throws: StoreError.tooLarge) { try store.keys(Self.key(2), from: Self.key(512)) }
            let absent = try store.value(Self.key(511))
            #expect(absent == nil)
        }
    }

    @Test("a closed store refuses reads and commits", arguments: StorageEngine.allCases)
    func closed(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            store.close()
            store.close()
            #expect(throws: StoreError.closed) { try store.value(.user("a")) }
            await #expect(throws: StoreError.closed) { try await store.commit(Changeset()) }
        }
    }
}
