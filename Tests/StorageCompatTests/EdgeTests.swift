import Storage
import TestSupport
import Testing

@Suite("Every engine: edges")
struct EdgeTests {
    static func edge(_ container: UInt64, _ member: UInt64, space: UInt32 = 1) -> Edge {
        Edge(space: space, container: .test(container), member: .test(member))
    }

    @Test("an edge is found from both ends, in its space only", arguments: StorageEngine.allCases)
    func link(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            _ = try await store.commit(
                Changeset(
                    .link(Self.edge(1, 20), kind: 1),
                    .link(Self.edge(1, 10), kind: 2),
                    .link(Self.edge(2, 10), kind: 2),
                    .link(Self.edge(1, 10, space: 2), kind: 1)
                )
            )
            #expect(try store.members(of: .test(1), space: 1) == [.test(10), .test(20)])
            #expect(try store.containers(of: .test(10), space: 1) == [.test(1), .test(2)])
            #expect(try store.members(of: .test(1), space: 2) == [.test(10)])
            #expect(try store.containers(of: .test(20), space: 2) == [])
            #expect(try store.value(EdgeKeys.edge(Self.edge(1, 10))) == [2])
            #expect(try store.check().isClean)
            #expect(try store.check().edgeCount == 4)
        }
    }

    @Test(
        "linking twice keeps the first edge; unlinking an absent one changes nothing",
        arguments: StorageEngine.allCases
    )
    func repeated(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            _ = try await store.commit(Changeset(.link(Self.edge(1, 2), kind: 1)))
            _ = try await store.commit(Changeset(.link(Self.edge(1, 2), kind: 1), .unlink(Self.edge(1, 3))))
            #expect(try store.version(EdgeKeys.edge(Self.edge(1, 2))) == CommitVersion(1))
            _ = try await store.commit(Changeset(.unlink(Self.edge(1, 2)), .unlink(Self.edge(1, 2))))
            #expect(try store.keys(EdgeKeys.edges).isEmpty)
            #expect(try store.keys(EdgeKeys.twins).isEmpty)
        }
    }

    @Test("edges in a list are edges as any others", arguments: StorageEngine.allCases)
    func lists(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            func edges(_ members: Range<UInt64>) -> Edges {
                Edges(space: 1, container: .test(1), members: members.map { .test($0) })
            }
            _ = try await store.commit(Changeset(.link(Self.edge(1, 12), kind: 2)))
            _ = try await store.commit(Changeset(.link(edges(10..<20), kind: 1)))
            #expect(try store.members(of: .test(1), space: 1) == (10..<20).map { .test($0) })
            #expect(try store.value(EdgeKeys.edge(Self.edge(1, 12))) == [2])
            #expect(try store.value(EdgeKeys.twin(Self.edge(1, 13))) == [1])
            _ = try await store.commit(Changeset(.unlink(edges(5..<18))))
            #expect(try store.members(of: .test(1), space: 1) == [.test(18), .test(19)])
            #expect(try store.check().isClean)
        }
    }

    @Test(
        "edges do not count as bytes of a changeset, but have a limit of their own",
        arguments: StorageEngine.allCases
    )
    func limit(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            // The same one again and again takes the least time.
            func ids(_ count: Int) -> [UniqueID] { [UniqueID](repeating: .test(2), count: count) }
            func changeset(_ count: Int) -> Changeset {
                Changeset(.link(Edges(space: 1, container: .test(1), members: ids(count)), kind: 1))
            }
            let many = changeset(StorageLimits.changesetBytesMax / 2 / EdgeKeys.keyByteCount + 1)
            #expect(many.byteCount > StorageLimits.changesetBytesMax)
            _ = try await store.commit(many)
            #expect(try store.check().edgeCount == 1)
            await #expect(throws: StoreError.tooLarge) {
                try await store.commit(changeset(StorageLimits.changesetEdgesMax + 1))
            }
            let tooMany = ids(StorageLimits.changesetEdgesMax + 1)
            await #expect(throws: StoreError.tooLarge) {
                try await store.commit(Changeset(when: [.allPresent(.user("a"), tooMany)]))
            }
        }
    }

    @Test(
        "unlinkMembers and unlinkContainers take every edge of one end, however many, and no other",
        arguments: StorageEngine.allCases
    )
    func unlinkAll(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let links = (100..<1000).map { Mutation.link(Self.edge(1, $0), kind: 1) }
            let others = [(2, 100), (2, 101), (3, 100)].map { Mutation.link(Self.edge($0.0, $0.1), kind: 1) }
            _ = try await store.commit(Changeset(links + others))
            _ = try await store.commit(Changeset(.unlinkMembers(space: 1, container: .test(1))))
            #expect(try store.members(of: .test(1), space: 1) == [])
            #expect(try store.containers(of: .test(100), space: 1) == [.test(2), .test(3)])
            _ = try await store.commit(Changeset(.unlinkContainers(space: 1, member: .test(100))))
            #expect(try store.keys(EdgeKeys.edges) == [EdgeKeys.edge(Self.edge(2, 101))])
            #expect(try store.check().isClean)
        }
    }
}
