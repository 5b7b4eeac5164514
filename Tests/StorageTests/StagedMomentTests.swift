import Locking
import Storage
import TestSupport
import Testing

@Suite("StagedStore: what is staged holds at one moment, whatever the base does between two reads")
struct StagedMomentTests {
    /// A base that others write to before a read of it.
    private final class MovingStore: InterceptingStore {
        let base = MemoryStore(clock: { 1 })
        private let state = Locked((reads: 0, changes: [Int: Changeset]()))

        /// Lets a change come before the read with this number, counted from now.
        func change(beforeRead number: Int, _ changeset: Changeset) {
            state.withLock { $0 = (0, [number: changeset]) }
        }

        func beforeRead() {
            let change = state.withLock { state in
                state.reads += 1
                return state.changes.removeValue(forKey: state.reads)
            }
            if let change, (try? base.commitNow(change)) == nil { Issue.record("the base refused a change") }
        }
    }

    private static let member = UniqueID.test(2)
    private static let groups = EdgeKeys.containers(of: member, space: 1)

    @Test("a member who joins a group between two reads is not removed from it unseen", arguments: 1...6)
    func joining(read: Int) async throws {
        let base = MovingStore()
        let staged = StagedStore(base: base)
        let joining = Changeset(.link(Edge(space: 1, container: .test(1), member: Self.member), kind: 1))
        base.change(beforeRead: read, joining)
        let deletion = Changeset(
            when: [.exactly(Self.groups, [])],
            [.unlinkContainers(space: 1, member: Self.member)]
        )
        do throws(StoreError) { _ = try await staged.commit(deletion) } catch { return }
        _ = try await base.base.commit(joining)
        await #expect(throws: StoreError.conflict(precondition: 0)) {
            try await staged.commitStaged(to: base.base)
        }
    }

    @Test("what a change was refused for is a condition of what is staged beside it")
    func refusal() async throws {
        let base = MemoryStore(clock: { 1 })
        _ = try await base.commit(Changeset(.put(.user("taken"), [1])))
        let staged = StagedStore(base: base)
        staged.beginChange()
        _ = try await staged.commit(Changeset(.put(.user("a"), [1])))
        staged.beginChange()
        #expect(try staged.value(.user("gone")) == nil)
        await #expect(throws: StoreError.conflict(precondition: 0)) {
            try await staged.commit(Changeset(when: [.absent(.user("taken"))], [.put(.user("b"), [])]))
        }
        #expect(staged.keepReads())
        #expect(try staged.stillHolds())
        _ = try await base.commit(Changeset(.delete(.user("taken"))))
        #expect(try !staged.stillHolds())
        await #expect(throws: StoreError.self) { try await staged.commitStaged(to: base) }
        _ = try await base.commit(Changeset(.put(.user("gone"), [1])))
        #expect(try !staged.stillHolds())
    }
}
