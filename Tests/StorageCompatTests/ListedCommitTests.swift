import Storage
import TestSupport
import Testing

@Suite("Every engine: several changesets at once")
struct ListedCommitTests {
    @Test(
        "each has its own outcome, and is decided after those before it",
        arguments: StorageEngine.allCases
    )
    func outcomes(engine: StorageEngine) async throws {
        try await engine.withStore { store async throws in
            let tooLong = Key([UInt8](repeating: 0x40, count: StorageLimits.keyBytesMax + 1))
            let outcomes = await store.commit([
                Changeset(when: [.absent(.user("a"))], .put(.user("a"), [1])),
                Changeset(when: [.absent(.user("b")), .absent(.user("a"))], .put(.user("a"), [2])),
                Changeset(.put(tooLong, [])),
                Changeset(when: [.present(.user("a"))], .put(.user("b"), [3])),
            ])
            let versions = outcomes.map { try? $0.get().version }
            #expect(versions[0] != nil && versions[3] != nil)
            #expect(throws: StoreError.conflict(precondition: 1)) { try outcomes[1].get() }
            #expect(throws: StoreError.tooLarge) { try outcomes[2].get() }
            #expect(try store.value(.user("a")) == [1])
            #expect(try store.value(.user("b")) == [3])
            #expect(try store.version(.user("a")) == versions[0])
            #expect(try store.version(.user("b")) == versions[3])
        }
    }

    @Test("none, and more than a batch holds", arguments: StorageEngine.allCases)
    func counts(engine: StorageEngine) async throws {
        try await engine.withStore { store async throws in
            #expect(await store.commit([]).isEmpty)
            let count = 1_000
            let outcomes = await store.commit(
                (0..<count).map { Changeset(.increment(.user("n"), 1), .put(.user("row \($0)"), [])) }
            )
            let versions = try outcomes.map { try $0.get().version }
            #expect(versions.count == count)
            #expect(versions == versions.sorted())
            #expect(try store.counter(.user("n")) == Int64(count))
            #expect(try store.keys(.user("row ")).count == count)
        }
    }

    @Test("a store that is closed refuses all of them")
    func closed() async throws {
        let refused = try await StorageEngine.lmdb.withStore { store async throws in
            store.close()
            return await store.commit([Changeset(.put(.user("a"), [])), Changeset(.put(.user("b"), []))])
        }
        #expect(refused.count == 2)
        for outcome in refused { #expect(throws: StoreError.closed) { try outcome.get() } }
    }
}
