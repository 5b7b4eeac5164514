import TestSupport
import Testing

@testable import Storage

@Suite("Every engine: states of an account's rows")
struct AccountStateTests {
    private static func row(_ account: UInt8, _ last: UInt8 = 0) -> Key {
        Key([0x20, 0, 0, 0, account, last])
    }

    private static func edges(_ space: UInt32) -> Edges {
        Edges(space: space, container: UniqueID(high: 1, low: 1), members: [UniqueID(high: 2, low: 2)])
    }

    @Test(
        "a state stays while others write, and is another one after each way to write, when the commit returns",
        arguments: StorageEngine.allCases
    )
    func changes(engine: StorageEngine) async throws {
        try await engine.withStore { store async throws in
            func state(_ account: UInt32) throws -> UInt64 {
                let state = try store.withSnapshot { snapshot throws(StoreError) in
                    snapshot.state(of: account)
                }
                return try #require(state)
            }
            let edges = Self.edges(1)
            let (container, member) = (edges.container, edges.members[0])
            let written: [Mutation] = [
                .put(Self.row(1), []), .increment(Self.row(1, 7), 1), .delete(Self.row(1)),
                .deletePrefix(Key([0x20, 0, 0, 0, 1]), limit: 9), .deletePrefix(Key([0x20]), limit: 1),
                .link(edges, kind: 1), .unlink(edges), .unlinkMembers(space: 1, container: container),
                .unlinkContainers(space: 1, member: member),
            ]
            for mutation in written {
                let before = try state(1)
                _ = try await store.commit(Changeset(.put(Self.row(2), []), .link(Self.edges(2), kind: 1)))
                #expect(try state(1) == before)
                #expect(try state(2) != before)
                _ = try await store.commit(Changeset(.put(Self.row(2), []), mutation))
                #expect(try state(1) != before, "\(mutation)")
                #expect(try state(1) == state(1))
            }
            let before = try state(1)
            _ = try await store.commit(Changeset(.append(LogEntry(stream: "s", payload: []))))
            #expect(try state(1) == before)
        }
    }

    @Test(
        "a snapshot that does not see the last batch of an account has no state, and one of others has theirs"
    )
    func older() {
        let states = AccountStates(of: .all)
        states.note(Changeset(.put(Self.row(1), [])), in: 5)
        #expect(states.state(of: 1, upTo: 4) == nil)
        #expect(states.state(of: 2, upTo: 4) == 0)
        #expect(states.state(of: 1, upTo: 5) == 5)
        #expect(states.state(of: 1, upTo: 9) == 5)
        // What shares its place counts too.
        #expect(states.state(of: 1 + UInt32(AccountStates.placesMax), upTo: 9) == 5)
    }

    @Test("rows that do not count change no state")
    func others() {
        let states = AccountStates(of: AccountKeys(firstBytes: 0x21...0x22, withKind: 0x22))
        states.note(Changeset(.put(Self.row(1), []), .delete(Key([0x23]))), in: 5)
        #expect(states.state(of: 1, upTo: 9) == 0)
        states.note(Changeset(.put(Key([0x21, 0, 0, 0, 1]), [])), in: 6)
        #expect(states.state(of: 1, upTo: 9) == 6)
    }

    @Test(
        "the state of one kind of an account's rows stays while others are written",
        arguments: StorageEngine.allCases
    )
    func kinds(engine: StorageEngine) async throws {
        try await engine.withStore { store async throws in
            func state(_ kind: UInt8) throws -> UInt64 {
                let state = try store.withSnapshot { snapshot throws(StoreError) in
                    snapshot.state(of: 1, kind: kind)
                }
                return try #require(state)
            }
            let others: [Mutation] = [
                .put(Self.row(1, 8), []), .put(Self.row(2, 7), []), .put(Key([0x23, 0, 0, 0, 1, 7]), []),
                .link(Self.edges(1), kind: 7), .increment(Key([0x24, 0, 0, 0, 1, 7]), 1),
                .deletePrefix(Self.row(1, 8), limit: 9),
            ]
            let written: [Mutation] = [
                .put(Self.row(1, 7), []), .delete(Self.row(1, 7)), .increment(Self.row(1, 7), 1),
                .deletePrefix(Self.row(1, 7), limit: 9), .deletePrefix(Key([0x20, 0, 0, 0, 1]), limit: 9),
            ]
            for mutation in written {
                let before = try state(7)
                for other in others { _ = try await store.commit(Changeset(other)) }
                #expect(try state(7) == before)
                _ = try await store.commit(Changeset(mutation))
                #expect(try state(7) != before, "\(mutation)")
            }
        }
    }

    @Test("what is staged may be taken back, so that a staged store has none")
    func staged() throws {
        let store = StagedStore(base: MemoryStore())
        let state = try store.withSnapshot { snapshot throws(StoreError) in snapshot.state(of: 1) }
        #expect(state == nil)
    }
}
