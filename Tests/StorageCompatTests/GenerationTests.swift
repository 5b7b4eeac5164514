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
        "what is staged may be taken back, so that a staged store has none",
        arguments: StorageEngine.allCases
    )
    func staged(engine: StorageEngine) async throws {
        try await engine.withStore { store in #expect(StagedStore(base: store).generation == nil) }
    }
}
