import Storage
import TestSupport
import Testing

@Suite("Every engine: rows")
struct RowTests {
    @Test("a committed row is read back with its commit's version", arguments: StorageEngine.allCases)
    func readBack(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let first = try await store.commit(Changeset(.put(.user("a"), [1, 2])))
            let second = try await store.commit(Changeset(.put(.user("b"), [])))
            #expect(first.version == CommitVersion(1))
            #expect(second.version == CommitVersion(2))
            #expect(try store.value(.user("a")) == [1, 2])
            #expect(try store.version(.user("a")) == first.version)
            #expect(try store.value(.user("b")) == [])
            #expect(try store.version(.user("b")) == second.version)
            #expect(try store.value(.user("c")) == nil)
            #expect(try store.value(Key([])) == nil)
        }
    }

    @Test("a deleted row is gone; deleting an absent one changes nothing", arguments: StorageEngine.allCases)
    func delete(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            _ = try await store.commit(Changeset(.put(.user("a"), [1]), .put(.user("b"), [2])))
            _ = try await store.commit(Changeset(.delete(.user("a")), .delete(.user("x"))))
            #expect(try store.keys(.user("")) == [.user("b")])
        }
    }

    @Test("later mutations of a changeset see the earlier ones", arguments: StorageEngine.allCases)
    func order(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let changeset = Changeset(
                .put(.user("a"), [1]),
                .delete(.user("a")),
                .put(.user("b"), [1]),
                .put(.user("b"), [2]),
                .increment(.user("n"), 2),
                .increment(.user("n"), 3)
            )
            _ = try await store.commit(changeset)
            #expect(try store.value(.user("a")) == nil)
            #expect(try store.value(.user("b")) == [2])
            #expect(try store.counter(.user("n")) == 5)
        }
    }

    @Test(
        "a scan gives the prefix's rows in byte order, from a start on, until it is told to stop",
        arguments: StorageEngine.allCases
    )
    func scan(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let names = ["b", "b\u{0}", "ba", "bb", "a", "c", "b~", "", "bé"]
            _ = try await store.commit(Changeset(names.map { .put(.user($0), Array($0.utf8)) }))
            let expected: [Key] = ["b", "b\u{0}", "ba", "bb", "b~", "bé"].map { .user($0) }
            #expect(try store.keys(.user("b")) == expected)
            #expect(try store.keys(.user("b"), from: .user("a")) == expected)
            #expect(try store.keys(.user("b"), from: .user("ba")) == Array(expected[2...]))
            #expect(try store.keys(.user("b"), from: Key.user("ba").next) == Array(expected[3...]))
            #expect(try store.keys(.user("b"), from: .user("c")) == [])
            #expect(try store.keys(.user("b"), limit: 2) == Array(expected[..<2]))
            #expect(try store.keys(.user("d")) == [])
            #expect(try store.keys(Key([0xFF])) == [])
        }
    }

    @Test(
        "a scan backward gives the same rows in descending order, from below an end on, also at the end of all keys",
        arguments: StorageEngine.allCases
    )
    func scanBackward(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let names = ["b", "b\u{0}", "ba", "bb", "a", "c", "b~", "", "bé"]
            var rows: [Mutation] = names.map { .put(.user($0), Array($0.utf8)) }
            let last = Key([0xFF, 0xFF])
            rows.append(.put(last, [1]))
            _ = try await store.commit(Changeset(rows))
            let expected: [Key] = ["bé", "b~", "bb", "ba", "b\u{0}", "b"].map { .user($0) }
            #expect(try store.keysBackward(.user("b")) == expected)
            #expect(try store.keysBackward(.user("b"), before: .user("c")) == expected)
            #expect(try store.keysBackward(.user("b"), before: .user("ba")) == Array(expected[4...]))
            #expect(try store.keysBackward(.user("b"), before: Key.user("ba").next) == Array(expected[3...]))
            #expect(try store.keysBackward(.user("b"), before: .user("b")) == [])
            #expect(try store.keysBackward(.user("b"), before: .user("a")) == [])
            #expect(try store.keysBackward(.user("b"), limit: 2) == Array(expected[..<2]))
            #expect(try store.keysBackward(.user("d")) == [])
            #expect(try store.keysBackward(Key([0xFF])) == [last])
            #expect(try store.keysBackward(Key([0xFF]), before: last) == [])
            #expect(try store.keysBackward(.user("")) == store.keys(.user("")).reversed())
            #expect(throws: StoreError.tooLarge) {
                try store.keysBackward(Key([UInt8](repeating: 1, count: StorageLimits.keyBytesMax + 1)))
            }
        }
    }

    @Test(
        "of many rows, every part of them is the same backward as forward",
        arguments: StorageEngine.allCases
    )
    func scanManyBackward(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let keys = (0..<700).map { Key.user("k\($0 + 1_000)") }
            _ = try await store.commit(Changeset(keys.map { .put($0, [0]) }))
            for end in stride(from: 0, to: 700, by: 41) {
                let expected = Array(keys[..<end].reversed())
                #expect(try store.keysBackward(.user("k"), before: keys[end]) == expected)
            }
        }
    }

    @Test(
        "deletePrefix deletes its prefix's first rows, as many as the limit",
        arguments: StorageEngine.allCases
    )
    func deletePrefix(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let keys = (100..<1000).map { Key.user("p\($0)") }
            _ = try await store.commit(Changeset(keys.map { .put($0, [0]) } + [.put(.user("q"), [0])]))
            _ = try await store.commit(Changeset(.deletePrefix(.user("p"), limit: 300)))
            #expect(try store.keys(.user("p")) == Array(keys[300...]))
            _ = try await store.commit(Changeset(.deletePrefix(.user("p"), limit: .max)))
            #expect(try store.keys(.user("")) == [.user("q")])
        }
    }

    @Test("a counter adds both ways; a missing one counts as 0", arguments: StorageEngine.allCases)
    func counter(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            #expect(try store.counter(.user("n")) == 0)
            _ = try await store.commit(Changeset(.increment(.user("n"), -3)))
            _ = try await store.commit(Changeset(.increment(.user("n"), 10)))
            #expect(try store.counter(.user("n")) == 7)
        }
    }

    @Test(
        "a counter over a row that is none is refused and changes nothing",
        arguments: StorageEngine.allCases
    )
    func counterOverRow(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            _ = try await store.commit(Changeset(.put(.user("n"), [1])))
            await #expect(throws: StoreError.corrupt("a counter's row does not hold a counter")) {
                try await store.commit(Changeset(.put(.user("a"), [1]), .increment(.user("n"), 1)))
            }
            #expect(try store.value(.user("a")) == nil)
            #expect(try await store.commit(Changeset(.put(.user("a"), [2]))).version == CommitVersion(2))
        }
    }

    @Test("a snapshot does not see what is committed after it", arguments: StorageEngine.allCases)
    func snapshotIsConsistent(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            _ = try await store.commit(Changeset(.put(.user("a"), [1]), .put(.user("b"), [1])))
            let taken = StorageGate()
            let committed = StorageGate()
            async let seen = onOwnThread {
                try? store.withSnapshot { snapshot throws(StoreError) in
                    let before = try snapshot.copy(.user("a"))?.value
                    taken.open()
                    committed.wait()
                    return [before, try snapshot.copy(.user("b"))?.value]
                }
            }
            await onOwnThread { taken.wait() }
            _ = try await store.commit(Changeset(.put(.user("a"), [2]), .put(.user("b"), [2])))
            committed.open()
            #expect(await seen == [[1], [1]])
            #expect(try store.value(.user("b")) == [2])
        }
    }
}
