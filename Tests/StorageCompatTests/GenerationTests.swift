import Storage
import TestSupport
import Testing

@Suite("Every engine: generations")
struct GenerationTests {
    @Test(
        "a generation stays while only reads come, and has risen when a commit returns",
        arguments: StorageEngine.allCases
    )
    func rises(engine: StorageEngine) async throws {
        try await engine.withStore { store async throws in
            var last = try #require(store.generation)
            for number in 0..<UInt8(50) {
                _ = try await store.commit(Changeset(.put(.user("a"), [number])))
                let next = try #require(store.generation)
                #expect(next > last)
                #expect(try store.value(.user("a")) == [number])
                #expect(store.generation == next)
                last = next
            }
        }
    }

    @Test(
        "of rows that are not watched it tells nothing, of those that are it tells every way to write them",
        arguments: StorageEngine.allCases
    )
    func watched(engine: StorageEngine) async throws {
        try await engine.withStore(watched: WatchedKeys(firstBytes: 0x21...0x22)) { store async throws in
            let first = try #require(store.generation)
            let edges = Edges(
                space: 1,
                container: UniqueID(high: 1, low: 1),
                members: [UniqueID(high: 2, low: 2)]
            )
            let others: [Mutation] = [
                .put(Key([0x20]), []), .put(Key([0x23, 0x21]), []), .increment(Key([0x23]), 1),
                .delete(Key([0x20])),
                .deletePrefix(Key([0x23]), limit: 9), .link(edges, kind: 1),
                .append(LogEntry(stream: "s", payload: [])),
            ]
            for mutation in others {
                _ = try await store.commit(Changeset(mutation))
                #expect(store.generation == first, "\(mutation)")
            }
            let written: [Mutation] = [
                .put(Key([0x21]), []), .increment(Key([0x22, 1]), 1), .delete(Key([0x21])),
                .deletePrefix(Key([0x22]), limit: 9),
            ]
            var last = first
            for mutation in written {
                _ = try await store.commit(Changeset(.put(Key([0x20]), []), mutation))
                let next = try #require(store.generation)
                #expect(next > last, "\(mutation)")
                last = next
            }
        }
    }

    @Test(
        "what is staged may be taken back, so that a staged store has none",
        arguments: StorageEngine.allCases
    )
    func staged(engine: StorageEngine) async throws {
        try await engine.withStore { store in #expect(StagedStore(base: store).generation == nil) }
    }
}
