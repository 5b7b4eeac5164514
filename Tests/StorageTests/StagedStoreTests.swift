import Storage
import TestSupport
import Testing

@Suite("StagedStore")
struct StagedStoreTests {
    private static let edge = Edge(space: 1, container: .test(1), member: .test(2))
    private static let other = Edge(space: 1, container: .test(1), member: .test(3))

    private func base() async throws -> MemoryStore {
        let base = MemoryStore()
        _ = try await base.commit(
            Changeset(
                .put(.user("a"), [1]),
                .put(.user("c"), [3]),
                .put(.user("e"), [5]),
                .increment(.user("n"), 7),
                .link(Self.edge, kind: 1)
            )
        )
        return base
    }

    @Test("What is staged over another staged store sees that, and counts only once that is committed")
    func overAnother() async throws {
        let base = try await base()
        let first = StagedStore(base: base)
        _ = try await first.commit(
            Changeset(
                when: [.absent(.user("b"))],
                [.version(CommitVersion(11)), .put(.user("b"), [2]), .increment(.user("n"), 1)]
            )
        )
        let second = StagedStore(base: first)
        _ = try await second.commit(
            Changeset(
                when: [.version(.user("b"), CommitVersion(11)), .present(.user("a"))],
                [
                    .version(CommitVersion(12)), .put(.user("b"), [22]), .delete(.user("a")),
                    .increment(.user("n"), 1),
                ]
            )
        )
        await #expect(throws: StoreError.conflict(precondition: 0)) {
            try await second.commit(Changeset(when: [.absent(.user("b"))], []))
        }
        #expect(try second.value(.user("b")) == [22])
        #expect(try first.value(.user("b")) == [2])
        #expect(try second.counter(.user("n")) == 9)
        await #expect(throws: StoreError.conflict(precondition: 0)) {
            try await second.commitStaged(to: base)
        }
        _ = try await first.commitStaged(to: base)
        second.settle(on: base)
        #expect(try second.value(.user("b")) == [22])
        _ = try await second.commitStaged(to: base)
        #expect(try base.value(.user("b")) == [22])
        #expect(try base.value(.user("a")) == nil)
        #expect(try base.counter(.user("n")) == 9)
    }

    @Test("what is staged is seen by reads and scans, and not by the base before it is committed")
    func visibility() async throws {
        let base = try await base()
        let staged = StagedStore(base: base)
        let receipt = try await staged.commit(
            Changeset(
                .put(.user("b"), [2]),
                .put(.user("c"), [33]),
                .delete(.user("e")),
                .put(.user("z"), []),
                .increment(.user("n"), 1),
                .unlink(Self.edge),
                .link(Self.other, kind: 1)
            )
        )
        #expect(receipt.version == .pending)
        for store: any Store in [staged, base] {
            let isStaged = store is StagedStore
            #expect(try store.value(.user("b")) == (isStaged ? [2] : nil))
            #expect(try store.value(.user("c")) == (isStaged ? [33] : [3]))
            #expect(try store.value(.user("e")) == (isStaged ? nil : [5]))
            #expect(try store.value(.user("z")) == (isStaged ? [] : nil))
            #expect(try store.counter(.user("n")) == (isStaged ? 8 : 7))
            #expect(
                try store.keys(.user(""))
                    == (isStaged ? ["a", "b", "c", "n", "z"] : ["a", "c", "e", "n"]).map { Key.user($0) }
            )
            #expect(try store.keys(.user(""), from: .user("b"), limit: 2).count == 2)
            #expect(try store.keysBackward(.user("")) == store.keys(.user("")).reversed())
            #expect(
                try store.keysBackward(.user(""), before: .user("c"))
                    == (isStaged ? ["b", "a"] : ["a"]).map { Key.user($0) }
            )
            #expect(try store.members(of: .test(1), space: 1) == [isStaged ? .test(3) : .test(2)])
            #expect(try store.containers(of: .test(3), space: 1) == (isStaged ? [.test(1)] : []))
        }
        let version = try #require(try await staged.commitStaged(to: base)).version
        #expect(version == CommitVersion(2))
        #expect(try base.version(.user("b")) == version)
        #expect(
            try base.keys(.user("")) == ["a", "b", "c", "n", "z"].map { Key.user($0) }
        )
        #expect(try base.check().isClean)
    }

    @Test("a precondition sees what is staged: a key that is put twice is a conflict, and stages nothing")
    func conflictsWithin() async throws {
        let base = try await base()
        let staged = StagedStore(base: base)
        _ = try await staged.commit(Changeset(when: [.absent(.user("x"))], .put(.user("x"), [1])))
        await #expect(throws: StoreError.conflict(precondition: 1)) {
            try await staged.commit(
                Changeset(
                    when: [.present(.user("a")), .absent(.user("x"))],
                    .put(.user("x"), [2]),
                    .put(.user("y"), [2])
                )
            )
        }
        await #expect(throws: StoreError.conflict(precondition: 0)) {
            try await staged.commit(Changeset(when: [.version(.user("x"), CommitVersion(1))]))
        }
        _ = try await staged.commit(
            Changeset(when: [.version(.user("x"), .pending)], .put(.user("x"), [3]))
        )
        _ = try await staged.commitStaged(to: base)
        #expect(try base.value(.user("x")) == [3])
        #expect(try base.value(.user("y")) == nil)
    }

    @Test(
        "what was read from the base must hold when the base commits",
        arguments: [
            Precondition.version(.user("a"), CommitVersion(1)), .absent(.user("q")), .present(.user("c")),
        ]
    )
    func conflictsOutside(precondition: Precondition) async throws {
        let base = try await base()
        let staged = StagedStore(base: base)
        _ = try await staged.commit(Changeset(when: [precondition], .put(.user("r"), [1])))
        _ = try await base.commit(
            Changeset(.put(.user("a"), [2]), .put(.user("q"), [2]), .delete(.user("c")))
        )
        await #expect(throws: StoreError.conflict(precondition: 0)) {
            try await staged.commitStaged(to: base)
        }
        #expect(try base.value(.user("r")) == nil)
    }

    @Test(
        "an announced row is there for preconditions before it is put; if it never comes, nothing is committed"
    )
    func announced() async throws {
        let base = try await base()
        for comes in [true, false] {
            let staged = StagedStore(base: base)
            staged.announce([.user("late")])
            #expect(try staged.value(.user("late")) == [])
            _ = try await staged.commit(
                Changeset(when: [.present(.user("late"))], .put(.user("early \(comes)"), []))
            )
            guard comes else {
                await #expect(throws: StoreError.conflict(precondition: 0)) {
                    _ = try await base.commit(Changeset(.delete(.user("late"))))
                    return try await staged.commitStaged(to: base)
                }
                continue
            }
            _ = try await staged.commit(Changeset(when: [.absent(.user("late"))], .put(.user("late"), [1])))
            _ = try await staged.commit(Changeset(.delete(.user("late"))))
            await #expect(throws: StoreError.conflict(precondition: 0)) {
                try await staged.commit(Changeset(when: [.present(.user("late"))]))
            }
            _ = try await staged.commitStaged(to: base)
        }
        #expect(try base.value(.user("early true")) == [])
        #expect(try base.value(.user("early false")) == nil)
    }

    @Test("an announcement that was revoked holds for nothing, and what is only read commits nothing")
    func revoked() async throws {
        let base = try await base()
        let staged = StagedStore(base: base)
        staged.announce([.user("late"), .user("later")])
        staged.revoke([.user("late")])
        #expect(try staged.value(.user("late")) == nil)
        #expect(try staged.value(.user("later")) == [])
        await #expect(throws: StoreError.conflict(precondition: 0)) {
            try await staged.commit(Changeset(when: [.present(.user("late"))], .put(.user("x"), [])))
        }
        staged.revoke([.user("later")])
        #expect(try await staged.commitStaged(to: base) == nil)
        #expect(try base.logRows().isEmpty)
    }

    @Test("of rows that have to be there, some may be staged, some announced, and some the base's")
    func allPresent() async throws {
        let base = try await base()
        let (one, two, three) = (UniqueID.test(1), UniqueID.test(2), UniqueID.test(3))
        let prefix = Key.user("r")
        _ = try await base.commit(Changeset(.put(prefix.with(one), [])))
        let staged = StagedStore(base: base)
        _ = try await staged.commit(Changeset(.put(prefix.with(two), [])))
        let all = Changeset(when: [.allPresent(prefix, [one, two, three])], .put(.user("x"), []))
        await #expect(throws: StoreError.conflict(precondition: 0)) { try await staged.commit(all) }
        staged.announce([prefix.with(three)])
        _ = try await staged.commit(all)
        _ = try await staged.commit(Changeset(.put(prefix.with(three), [])))
        _ = try await base.commit(Changeset(.delete(prefix.with(one))))
        await #expect(throws: StoreError.self) { try await staged.commitStaged(to: base) }
        #expect(try base.value(.user("x")) == nil)
        _ = try await base.commit(Changeset(.put(prefix.with(one), [])))
        _ = try await staged.commitStaged(to: base)
        #expect(try base.value(.user("x")) == [])
    }

    @Test("what does not fit beside what is staged is refused, and stages nothing; in another commit it fits")
    func full() async throws {
        let base = try await base()
        let staged = StagedStore(base: base)
        let half = Changeset(
            (0..<StorageLimits.changesetBytesMax / 2 / 90_000).map {
                .put(.user("half \($0)"), [UInt8](repeating: 1, count: 90_000))
            }
        )
        _ = try await staged.commit(half)
        _ = try await staged.commit(half)
        let count = staged.byteCount
        await #expect(throws: StoreError.tooLarge) { try await staged.commit(half) }
        #expect(staged.byteCount == count)
        _ = try await staged.commitStaged(to: base)
        _ = try await StagedStore(base: base).commit(half)
    }

    @Test("a sweep over too many edges is refused, and stages nothing")
    func sweeps() async throws {
        let base = try await base()
        let edges = (0..<UInt64(StagedStore.deletionsMax / 2 + 1)).map { number in
            Mutation.link(Edge(space: 1, container: .test(9), member: .test(100 + number)), kind: 1)
        }
        _ = try await base.commit(Changeset(edges))
        let staged = StagedStore(base: base)
        await #expect(throws: StoreError.tooLarge) {
            try await staged.commit(
                Changeset(.put(.user("x"), []), .unlinkMembers(space: 1, container: .test(9)))
            )
        }
        #expect(try staged.value(.user("x")) == nil)
        _ = try await staged.commit(
            Changeset(.unlink(Edge(space: 1, container: .test(9), member: .test(100))))
        )
        _ = try await staged.commit(Changeset(.unlinkMembers(space: 1, container: .test(9))))
        #expect(try staged.members(of: .test(9), space: 1) == [])
        _ = try await staged.commitStaged(to: base)
        #expect(try base.members(of: .test(9), space: 1) == [])
    }

    @Test("edges that are swept count as if each had been named, and are refused where that does not fit")
    func sweptBytes() async throws {
        let base = try await base()
        let edges = (0..<UInt64(200)).map { Edge(space: 1, container: .test(9), member: .test(100 + $0)) }
        _ = try await base.commit(Changeset(edges.map { .link($0, kind: 1) }))
        let sweep = Changeset(.unlinkMembers(space: 1, container: .test(9)))
        let (named, swept) = (StagedStore(base: base), StagedStore(base: base))
        _ = try await named.commit(Changeset(edges.map { .unlink($0) }))
        _ = try await swept.commit(sweep)
        #expect(swept.byteCount == named.byteCount + sweep.byteCount)

        let full = StagedStore(base: base)
        let room = named.byteCount + sweep.byteCount - 1
        for number in 0..<(StorageLimits.changesetBytesMax - room) / 90_000 {
            _ = try await full.commit(
                Changeset(.put(.user("\(number)"), [UInt8](repeating: 1, count: 90_000)))
            )
        }
        let rest = StorageLimits.changesetBytesMax - room - full.byteCount - Key.user("rest").bytes.count
        _ = try await full.commit(Changeset(.put(.user("rest"), [UInt8](repeating: 1, count: rest))))
        await #expect(throws: StoreError.tooLarge) { try await full.commit(sweep) }
        #expect(full.byteCount == StorageLimits.changesetBytesMax - room)
        #expect(try full.members(of: .test(9), space: 1).count == edges.count)
    }

    @Test("scans in both directions, from anywhere, show what is staged between the rows of the base")
    func walks() async throws {
        func key(_ number: Int) -> Key { .user("row \(String(number + 10_000))") }
        let base = MemoryStore()
        _ = try await base.commit(Changeset(when: [], (0..<600).map { .put(key(3 * $0), []) }))
        let staged = StagedStore(base: base)
        let puts = (0..<900).map { Mutation.put(key(2 * $0), []) }
        let deletions = (0..<300).map { Mutation.delete(key(5 * $0)) }
        _ = try await staged.commit(
            Changeset(when: [], [.put(.user("a"), []), .put(.user("z"), [])] + puts + deletions)
        )
        let numbers = (0..<1_800).filter { number in
            (number % 3 == 0 || number % 2 == 0) && !(number % 5 == 0 && number < 1_500)
        }
        let prefix = Key.user("row ")
        #expect(try staged.keys(prefix) == numbers.map(key))
        #expect(try staged.keysBackward(prefix) == numbers.reversed().map(key))
        for bound in stride(from: 0, through: 1_801, by: 7) {
            let next = numbers.filter { $0 >= bound }.prefix(3).map(key)
            #expect(try staged.keys(prefix, from: key(bound), limit: 3) == next)
            let last = numbers.reversed().filter { $0 < bound }.map(key)
            #expect(try staged.keysBackward(prefix, before: key(bound)) == last)
        }
        #expect(try staged.keys(.user("b")) == [])
        #expect(try staged.keysBackward(.user("b")) == [])
    }

    @Test("random changesets come to the same rows, staged or committed one by one", arguments: 0..<20)
    func equivalence(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let (one, other) = (try await base(), try await base())
        for _ in 0..<5 {
            let staged = StagedStore(base: other)
            for _ in 0..<20 {
                let changeset = Self.changeset(&random)
                let outcomes = [
                    await Self.conflict(one, changeset), await Self.conflict(staged, changeset),
                ]
                #expect(outcomes[0] == outcomes[1], "\(changeset)")
            }
            _ = try await staged.commitStaged(to: other)
            for prefix in [Key.user(""), EdgeKeys.edges, EdgeKeys.twins] {
                let keys = try one.keys(prefix)
                #expect(try other.keys(prefix) == keys)
                for key in keys { #expect(try one.value(key) == other.value(key)) }
            }
            #expect(try one.logRows().map(\.payload) == other.logRows().map(\.payload))
        }
        #expect(try other.check().isClean)
    }

    private static func conflict(_ store: any Store, _ changeset: Changeset) async -> Int? {
        do throws(StoreError) {
            _ = try await store.commit(changeset)
            return nil
        } catch .conflict(let index) { return index } catch { return -1 }
    }

    private static func changeset(_ random: inout SeededGenerator) -> Changeset {
        func key() -> Key { .user("k\(Int.random(in: 0..<6, using: &random))") }
        func edge() -> Edge {
            Edge(
                space: 1,
                container: .test(.random(in: 1..<4, using: &random)),
                member: .test(.random(in: 1..<4, using: &random))
            )
        }
        let preconditions = (0..<Int.random(in: 0..<3, using: &random)).map { _ -> Precondition in
            switch Int.random(in: 0..<6, using: &random) {
            case 5: .exactly(EdgeKeys.members(of: .test(1), space: 1), [.test(2)])
            case 0, 1: .absent(key())
            case 2, 3: .present(key())
            default: .allPresent(EdgeKeys.members(of: .test(1), space: 1), [edge().member, edge().member])
            }
        }
        let mutations = (0..<Int.random(in: 1..<5, using: &random)).map { number -> Mutation in
            switch Int.random(in: 0..<9, using: &random) {
            case 0, 1: .put(key(), [UInt8(number)])
            case 2: .delete(key())
            case 3: .increment(.user("n"), 1)
            case 4, 5: .link(edge(), kind: 1)
            case 6: .unlink(Edges(space: 1, container: .test(1), members: [edge().member, edge().member]))
            case 7:
                Bool.random(using: &random)
                    ? .unlinkMembers(space: 1, container: edge().container)
                    : .unlinkContainers(space: 1, member: edge().member)
            default: .append(LogEntry(stream: "s", payload: [UInt8(number)]))
            }
        }
        return Changeset(when: preconditions, mutations)
    }
}
