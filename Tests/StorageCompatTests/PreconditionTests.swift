import Storage
import TestSupport
import Testing

@Suite("Every engine: preconditions")
struct PreconditionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let preconditions: [Precondition]
        let conflict: Int?

        var testDescription: String { name }
    }

    // "a" was put by commit 1 and "b" by commit 2; the edge by commit 3.
    static let cases = [
        Case(name: "none", preconditions: [], conflict: nil),
        Case(name: "absent row is absent", preconditions: [.absent(.user("x"))], conflict: nil),
        Case(name: "row is not absent", preconditions: [.absent(.user("a"))], conflict: 0),
        Case(name: "row is present", preconditions: [.present(.user("a"))], conflict: nil),
        Case(name: "absent row is not present", preconditions: [.present(.user("x"))], conflict: 0),
        Case(
            name: "row has its version",
            preconditions: [.version(.user("b"), CommitVersion(2))],
            conflict: nil
        ),
        Case(name: "row has no other", preconditions: [.version(.user("b"), CommitVersion(1))], conflict: 0),
        Case(
            name: "absent row has none",
            preconditions: [.version(.user("x"), CommitVersion(0))],
            conflict: 0
        ),
        Case(
            name: "the first that fails is named",
            preconditions: [.present(.user("a")), .present(.user("x")), .absent(.user("a"))],
            conflict: 1
        ),
        Case(
            name: "rows are present",
            preconditions: [.allPresent(EdgeKeys.members(of: .test(1), space: 1), [.test(2)])],
            conflict: nil
        ),
        Case(
            name: "one of several rows is absent",
            preconditions: [
                .present(.user("a")),
                .allPresent(EdgeKeys.members(of: .test(1), space: 1), [.test(2), .test(3)]),
            ],
            conflict: 1
        ),
        Case(
            name: "no row is asked for",
            preconditions: [.allPresent(EdgeKeys.members(of: .test(9), space: 1), [])],
            conflict: nil
        ),
        Case(name: "an edge may be asked for", preconditions: [.present(EdgeKeys.edge(edge))], conflict: nil),
    ]

    static let edge = Edge(space: 1, container: .test(1), member: .test(2))

    @Test(
        "a changeset applies if every precondition holds, and not at all otherwise",
        arguments: StorageEngine.allCases,
        cases
    )
    func preconditions(engine: StorageEngine, row: Case) async throws {
        try await engine.withStore { store in
            _ = try await store.commit(Changeset(.put(.user("a"), [1])))
            _ = try await store.commit(Changeset(.put(.user("b"), [1])))
            _ = try await store.commit(Changeset(.link(Self.edge, kind: 1)))
            let changeset = Changeset(
                when: row.preconditions,
                .put(.user("new"), [1]),
                .append(LogEntry(stream: "s", payload: [1]))
            )
            if let conflict = row.conflict {
                await #expect(throws: StoreError.conflict(precondition: conflict)) {
                    try await store.commit(changeset)
                }
                #expect(try store.value(.user("new")) == nil)
                #expect(try store.logRows() == [])
            } else {
                #expect(try await store.commit(changeset).version == CommitVersion(4))
                #expect(try store.version(.user("new")) == CommitVersion(4))
            }
        }
    }

    @Test(
        "preconditions look at the state before the changeset, not at its own mutations",
        arguments: StorageEngine.allCases
    )
    func beforeMutations(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let changeset = Changeset(when: [.absent(.user("a"))], .put(.user("a"), [1]))
            _ = try await store.commit(changeset)
            await #expect(throws: StoreError.conflict(precondition: 0)) { try await store.commit(changeset) }
        }
    }

    @Test("versions have no gap where a changeset was refused", arguments: StorageEngine.allCases)
    func noGap(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            _ = try await store.commit(Changeset(.put(.user("a"), [1])))
            _ = try? await store.commit(Changeset(when: [.absent(.user("a"))], .put(.user("a"), [2])))
            #expect(try await store.commit(Changeset(.put(.user("a"), [3]))).version == CommitVersion(2))
        }
    }
}
