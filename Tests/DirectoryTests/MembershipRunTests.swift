import Audit
import SCIM
import Storage
import TestSupport
import Testing

@testable import Directory
@testable import Tenancy

@Suite("Changes of members, in steps")
struct MembershipRunTests {
    private static let group = UniqueID.test(1)
    private static let tenant: UInt32 = 1

    private let store = MemoryStore(clock: { 1 })
    private let renderer = ResourceRenderer(
        tenant: tenant,
        kinds: .core,
        kind: ResourceKinds.core.all[1],
        baseURL: "",
        projection: .identity,
        pace: .background
    )

    private func create(_ users: some Sequence<UInt64>) async throws {
        let kind = ResourceKinds.core.all[0].code
        _ = try await store.commit(
            Changeset(users.map { .put(Keys.record(Self.tenant, kind, .test($0)), []) })
        )
    }

    private func link(_ members: some Sequence<UInt64>) async throws {
        let edges = Edges(space: Self.tenant, container: Self.group, members: members.map { .test($0) })
        _ = try await store.commit(Changeset(.link(edges, kind: 1)))
    }

    private func members() throws -> [UniqueID] {
        try store.members(of: Self.group, space: Self.tenant)
    }

    /// Carries changes out, and gives the run and how many steps it took.
    private func perform(
        _ changes: [MemberChange],
        leavesOutUnknown: Bool = true,
        between: (Int) async throws -> Void = { _ in }
    ) async throws -> (run: MembershipRun, steps: Int) {
        var run = MembershipRun(
            changes,
            of: Self.group,
            renderer,
            MembershipLimits(),
            leavesOutUnknown: leavesOutUnknown
        )
        var steps = 0
        while !run.isDone {
            try store.reading { snapshot throws(DirectoryError) in try run.advance(snapshot, .background) }
            steps += 1
            try await between(steps)
        }
        var changeset = Changeset()
        let (space, delta) = (Self.tenant, run.delta)
        if delta.place == .newSet {
            changeset.mutations.append(.unlinkMembers(space: space, container: Self.group))
        }
        changeset.mutations.append(
            .unlink(Edges(space: space, container: Self.group, members: delta.unlinks))
        )
        for (kind, members) in delta.links {
            changeset.mutations.append(
                .link(Edges(space: space, container: Self.group, members: members), kind: kind)
            )
        }
        _ = try await store.commit(changeset)
        return (run, steps)
    }

    private static func ids(_ numbers: some Sequence<UInt64>) -> MemberIDs {
        MemberIDs(numbers.map { UniqueID.test($0).text })
    }

    @Test(
        "Any changes in any order come to what they come to one by one",
        arguments: PropertyRounds.seeds(300)
    )
    func randomChanges(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let (living, dead) = ((100..<130).map { UInt64($0) }, (200..<206).map { UInt64($0) })
        try await create(living)
        try await link(living.filter { _ in random.isOne(in: 2) })
        let before = Set(try members())
        let definition = try #require(renderer.kind.membersAttribute)

        var (wanted, texts) = (before, 0)
        var changes: [MemberChange] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let named = (0..<Int.random(in: 0..<20, using: &random)).map { _ in random.pick(living + dead) }
            let others = random.isOne(in: 4) ? ["x", "y"] : []
            let ids = MemberIDs(named.map { UniqueID.test($0).text } + others)
            switch Int.random(in: 0..<7, using: &random) {
            case 0, 1, 2:
                changes.append(.add(ids))
                wanted.formUnion(named.map { .test($0) })
                texts += others.count
            case 3:
                changes.append(.remove(ids))
                wanted.subtract(named.map { .test($0) })
            case 4:
                changes.append(.replaceAll(ids))
                wanted = Set(named.map { .test($0) })
                texts = others.count
            case 5:
                let digit = "\(Int.random(in: 0..<10, using: &random))"
                let filter = try Filter.parse(#"value ew "\#(digit)""#)
                changes.append(.removeMatching(try BoundFilter(filter, elementsOf: definition, .default)))
                wanted = wanted.filter { !living.contains($0.low) || !$0.text.hasSuffix(digit) }
            default:
                changes.append(.removeAll)
                (wanted, texts) = ([], 0)
            }
        }
        let unknown = wanted.filter { dead.contains($0.low) }
        let after = wanted.subtracting(unknown)
        let run = try await perform(changes).run
        #expect(Set(try members()) == after)
        #expect(Set(run.delta.added.first) == after.subtracting(before))
        #expect(Set(run.delta.removed.first) == before.subtracting(after))
        #expect(run.delta.unknownCount == unknown.count + texts)
        #expect(run.memberCount == after.count)
        #expect(try store.check().isClean)
    }

    @Test("A large group is replaced in several steps, whatever its members have in common with those before")
    func steps() async throws {
        try await create(1_000..<16_000)
        try await link(1_000..<8_000)
        // Named in no order, one of them twice.
        let mixed = (4_000..<15_000).map { UInt64($0 % 2 == 0 ? $0 : 19_000 - $0) } + [4_000]
        let (run, steps) = try await perform([.replaceAll(Self.ids(mixed))])
        #expect(steps > 2)
        #expect(try members() == (4_000..<15_000).map { .test($0) })
        #expect(run.delta.added.total == 7_000 && run.delta.removed.total == 3_000)
        #expect(run.delta.place == .newSet && run.delta.linkCount == 11_000)
        #expect(run.memberCount == 11_000)
        let same = try await perform([.replaceAll(Self.ids(mixed))]).run
        #expect(same.delta.isEmpty && same.delta.links.isEmpty && same.delta.unlinks.isEmpty)
    }

    @Test(
        "A new set takes the place of the old one where that changes fewer rows, or where a commit cannot name them"
    )
    func places() async throws {
        try await create(1_000..<14_000)
        try await link(1_000..<14_000)
        let few = try await perform([.replaceAll(Self.ids(1_000..<7_000))]).run.delta
        #expect(few.place == .newSet && few.unlinks.isEmpty && few.links.map(\.members.count) == [6_000])
        #expect(few.removed.total == 7_000 && few.added.total == 0)
        #expect(try members().count == 6_000)
        try await link(7_000..<14_000)
        let most = try await perform([.replaceAll(Self.ids(2_000..<14_000))]).run.delta
        #expect(most.place == .set && most.unlinks.count == 1_000 && most.links.isEmpty)
        let fewest = try await perform([.replaceAll(Self.ids(13_000..<13_010))]).run.delta
        #expect(fewest.place == .newSet && fewest.linkCount == 10)
        let none = try await perform([.removeAll]).run.delta
        #expect(none.place == .set && none.unlinks.count == 10)
        #expect(try members() == [])
    }

    @Test("Whatever is named beyond what a commit takes is marked before, and rests on all members")
    func many() async throws {
        try await create(1_000..<14_000)
        try await link(1_000..<3_000)
        let most = try await perform([.add(Self.ids(3_000..<8_000))]).run.delta
        #expect(most.place == .set && !most.restsOnAll)
        let more = try await perform([.add(Self.ids(8_000..<13_001))]).run.delta
        #expect(more.place == .marks && more.restsOnAll && more.linkCount == 5_001)
        let fewer = try await perform([.remove(Self.ids(2_000..<7_001))]).run.delta
        #expect(fewer.place == .marks && fewer.unlinks.count == 5_001)
        let same = try await perform([.add(Self.ids(7_001..<13_001))]).run.delta
        #expect(same.isEmpty && same.place == .set && same.restsOnAll)
    }

    @Test(
        "What comes between the steps is kept apart from what the request names, and met by it where it is named"
    )
    func between() async throws {
        try await create(1_000..<12_000)
        try await link(1_000..<11_000)
        let group = Self.group
        let (run, steps) = try await perform([.replaceAll(Self.ids(2_000..<11_999))]) { step in
            guard step == 1 else { return }
            let edges = [1_500, 2_500].map { Edge(space: Self.tenant, container: group, member: .test($0)) }
            _ = try await store.commit(Changeset(edges.map { .unlink($0) }))
        }
        #expect(steps > 1)
        #expect(run.delta.links.map(\.members.count).reduce(0, +) >= 999)
        #expect(Set(try members()).isSuperset(of: (2_501..<11_999).map { .test($0) }))
    }

    @Test("Ids of nobody are told all at once, after the last step")
    func refusal() async throws {
        try await create(1_000..<9_000)
        let ids = Self.ids([7] + Array(1_000..<9_000) + [9_999])
        do {
            _ = try await perform([.add(ids)], leavesOutUnknown: false)
            Issue.record("not refused")
        } catch DirectoryError.rejected(let error) {
            #expect(error.detail.contains("\(UniqueID.test(7).text), \(UniqueID.test(9_999).text)."))
        }
        #expect(try members() == [])
    }

    @Test("A change is tried again for each member that may go meanwhile, but a large one only a few times")
    func retries() {
        let least = ResourceActor.conflictRetriesMax
        #expect(ResourceActor.retriesMax(namedMembers: 0) == least)
        #expect(ResourceActor.retriesMax(namedMembers: 40) == least + 40)
        #expect(ResourceActor.retriesMax(namedMembers: 10_000) == least + ResourceActor.memberRetriesMax)
        #expect(ResourceActor.retriesMax(namedMembers: 1_000_000) == least + 10)
        #expect(ResourceActor.retriesMax(namedMembers: 20_000_000) == least)
    }
}
