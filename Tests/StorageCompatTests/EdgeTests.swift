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
