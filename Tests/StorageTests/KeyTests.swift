import Storage
import TestSupport
import Testing

@Suite("Keys")
struct KeyTests {
    static let longest = [UInt8](repeating: 1, count: StorageLimits.keyBytesMax - 1)
    static let successors: [([UInt8], [UInt8])] = [
        ([], [0]),
        ([1], [1, 0]),
        ([0xFF], [0xFF, 0]),
        (longest + [1], longest + [2]),
        (longest + [0xFF], longest.dropLast() + [2]),
    ]

    @Test("next is the least key behind a key", arguments: successors)
    func next(bytes: [UInt8], expected: [UInt8]) {
        #expect(Key(bytes).next == Key(expected))
        #expect(Key(bytes) < Key(bytes).next)
    }

    @Test("an edge's two keys lie under its ends and lead to the other end and back")
    func edges() {
        let edge = Edge(space: 0x0102_0304, container: .test(1), member: .test(2))
        let key = EdgeKeys.edge(edge).bytes
        let twin = EdgeKeys.twin(edge).bytes
        #expect(key.starts(with: EdgeKeys.members(of: .test(1), space: 0x0102_0304).bytes))
        #expect(twin.starts(with: EdgeKeys.containers(of: .test(2), space: 0x0102_0304).bytes))
        #expect(EdgeKeys.member(fromKey: key.span) == .test(2))
        #expect(EdgeKeys.container(fromKey: twin.span) == .test(1))
        #expect(EdgeKeys.edge(fromKey: key.span) == edge)
        #expect(EdgeKeys.edge(fromKey: twin.span) == edge)
        #expect(EdgeKeys.member(fromKey: twin.span) == nil)
        #expect(EdgeKeys.container(fromKey: key.span) == nil)
        let others = [Array(key.dropLast()), key + [0], [0x20] + key.dropFirst(), []]
        for other in others { #expect(EdgeKeys.edge(fromKey: other.span) == nil) }
    }

    @Test("a log key carries its order; other keys do not")
    func log() {
        let row = LogKeys.row(order: 258).bytes
        let head = LogKeys.head(stream: "12345678").bytes
        #expect(LogKeys.order(fromKey: row.span) == 258)
        #expect(LogKeys.stream(fromKey: head.span) == "12345678")
        #expect(LogKeys.order(fromKey: head.span) == nil)
        #expect(LogKeys.stream(fromKey: row.span) == nil)
        #expect(LogKeys.row(order: 255) < LogKeys.row(order: 256))
    }

    @Test("a log row that is cut short is no log row", arguments: 0..<19)
    func shortLogRow(count: Int) {
        let value = [UInt8](repeating: 0, count: 16) + [2, 0x61, 0x62]
        let key = LogKeys.row(order: 1).bytes
        #expect(LogRow(key: key.span, value: value.span, version: CommitVersion(1))?.stream == "ab")
        let cut = Array(value[..<count])
        #expect(LogRow(key: key.span, value: cut.span, version: CommitVersion(1)) == nil)
    }
}

@Suite("Reserved keys")
struct ReservedKeyTests {
    @Test("a put, delete, sweep or count on a key of the store's own traps")
    func trap() async {
        await #expect(processExitsWith: .failure) {
            _ = try await MemoryStore().commit(Changeset(.put(LogKeys.row(order: 1), [])))
        }
        await #expect(processExitsWith: .failure) {
            _ = try await MemoryStore().commit(Changeset(.delete(Key([0x0F]))))
        }
        await #expect(processExitsWith: .failure) {
            _ = try await MemoryStore().commit(Changeset(.deletePrefix(Key([]), limit: 1)))
        }
        await #expect(processExitsWith: .failure) {
            _ = try await MemoryStore().commit(Changeset(.increment(Key([]), 1)))
        }
        await #expect(processExitsWith: .success) {
            _ = try await MemoryStore().commit(Changeset(.put(Key([0x10]), []), .delete(Key([0xFF]))))
        }
    }
}
