import Directory
import HTTP
import Locking
import Storage
import TestSupport
import Testing

@testable import Tenancy

@Suite("Changes of a few members of large groups, which are too many for one commit")
struct LargeChangeTests {
    /// Changes of more than two members are large, and slices of two edges.
    private static var limits: MembershipLimits {
        var limits = MembershipLimits()
        (limits.namedMax, limits.endedMax, limits.sliceMax) = (2, 100, 2)
        return limits
    }

    private static func service(_ store: any Store) -> TestService {
        TestService(store: store, executors: [QueueExecutor(label: "loop")], membershipLimits: limits)
    }

    private let base = MemoryStore(clock: { 1 })
    private let store: InterruptedStore
    private let service: TestService
    private let client: TestClient

    init() async throws {
        store = InterruptedStore(base)
        service = Self.service(store)
        client = try await service.client()
    }

    private func createUsers(_ count: Int) async throws -> [String] {
        var users: [String] = []
        for number in 0..<count { users.append(try await client.createUser("u\(number)")) }
        return users.sorted()
    }

    private static func operation(_ op: String, _ users: some Sequence<String>) -> String {
        let values = users.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        return #"{"op":"\#(op)","path":"members","value":[\#(values)]}"#
    }

    private func patch(_ group: String, _ op: String, _ users: some Sequence<String>) async throws -> Int {
        try await client.patch("/Groups/\(group)", Self.operation(op, users)).status
    }

    private func members(_ group: String) async throws -> [String] {
        try await client.send(.get, "/Groups/\(group)").texts("members")
    }

    private func settle() async throws {
        while try await service.directory.settleMemberships() { #expect(try service.findings() == []) }
        #expect(try service.findings() == [])
        #expect(try base.check().isClean)
        #expect(try base.keys(Keys.setChanges).isEmpty && base.keys(Keys.setChangeParts).isEmpty)
    }

    /// Every way of asking says that these are the members.
    private func expectMembers(
        _ group: String,
        _ expected: some Sequence<String>,
        among users: [String],
        _ comment: Comment
    ) async throws {
        let expected = Set(expected)
        #expect(try await members(group) == expected.sorted(), comment)
        let filter = "filter=groups.value%20eq%20%22\(group)%22"
        let page = try await client.send(.get, "/Users?\(filter)&attributes=userName")
        #expect(page.texts("Resources", "id").sorted() == expected.sorted(), comment)
        for user in users {
            let answer = try await client.send(.get, "/Users/\(user)")
            guard answer.status == 200 else { continue }
            #expect(answer.texts("groups") == (expected.contains(user) ? [group] : []), comment)
            let holding = "filter=members.value%20eq%20%22\(user)%22&attributes=displayName"
            let groups = try await client.send(.get, "/Groups?\(holding)").texts("Resources", "id")
            #expect(groups == (expected.contains(user) ? [group] : []), comment)
        }
        #expect(try service.findings() == [], comment)
    }

    @Test("P-02: nobody sees anything of it before its commit, and everybody all of it afterwards")
    func atomicity() async throws {
        let users = try await createUsers(12)
        let group = try await client.createGroup("Staff", members: Array(users[..<8]))
        let before = Set(users[..<8])
        let after = Set(users[3...])
        let seen = Locked<[Set<String>]>([])
        let reader = TestClient(service: Self.service(base), tenant: "acme", token: client.token)
        store.onCommit { _ in
            let members = try await reader.send(.get, "/Groups/\(group)").texts("members")
            seen.withLock { $0.append(Set(members)) }
        }
        let operations = [Self.operation("remove", users[..<3]), Self.operation("add", users[8...])]
        #expect(try await client.patch("/Groups/\(group)", operations.joined(separator: ",")).status == 200)
        store.onCommit(nil)
        // The beginning, four slices and the commit.
        #expect(seen.withLock { $0.count } == 6)
        #expect(seen.withLock { $0.allSatisfy { $0 == before } })
        try await expectMembers(group, after, among: users, "made")
        let record = try #require(try service.records().last)
        #expect(record["SCIM_MEMBERS_ADDED"] == "4" && record["SCIM_MEMBERS_REMOVED"] == "3")
        var steps = 0
        while try await service.directory.settleMemberships() {
            steps += 1
            try await expectMembers(group, after, among: users, "step \(steps)")
        }
        #expect(steps == 5)
        try await settle()
        #expect(try base.keys(EdgeKeys.edges).count == 9)
    }

    @Test("It costs what it changes, whatever the size of the group", arguments: ["add", "remove"])
    func cost(op: String) async throws {
        let users = try await createUsers(220)
        var costs: [Cost] = []
        // No answer shows the members of a group of more than a hundred.
        for size in [130, 210] {
            let others = users[10..<size]
            let members = op == "add" ? Array(others) : Array(users[..<10] + others)
            let group = try await client.createGroup("g\(size)", members: members)
            while try await service.directory.settleMemberships() {}
            let named = op == "add" ? users[210...] : users[..<10]
            store.startCounting()
            #expect(try await patch(group, op, named) == 204)
            while try await service.directory.settleMemberships() {}
            costs.append(store.cost)
            store.onCommit(nil)
            try await settle()
        }
        #expect(costs[0].commits == costs[1].commits)
        #expect(costs[0].mutations == costs[1].mutations)
        #expect(costs[0].mutations > 0 && costs[0].rowsRead > 0)
        #expect(costs[0].rowsRead == costs[1].rowsRead)
    }

    @Test(
        "Whoever is killed at any commit leaves the group as it was or as it is to be, and nothing that stays"
    )
    func kills() async throws {
        let users = try await createUsers(10)
        let (before, after) = (Set(users[..<6]), Set(users[3...]))
        let operations = [Self.operation("remove", users[..<3]), Self.operation("add", users[6...])]
        var isMade = false
        for commit in 0... {
            let group = try await client.createGroup("Staff", members: Array(users[..<6]))
            store.failCommits(from: commit)
            let status = try await client.patch("/Groups/\(group)", operations.joined(separator: ",")).status
            isMade = status == 200
            for _ in 0..<2 { _ = try? await service.directory.settleMemberships() }
            store.failCommits(from: nil)
            #expect(isMade || status == 507)
            try await expectMembers(group, isMade ? after : before, among: users, "commit \(commit)")
            if commit % 2 == 0 {
                // A small change comes before the rest is done.
                #expect(try await patch(group, "remove", [users[5]]) == 200)
                let rest = (isMade ? after : before).subtracting([users[5]])
                try await expectMembers(group, rest, among: users, "small change after \(commit)")
            }
            try await settle()
            #expect(try await client.send(.delete, "/Groups/\(group)").status == 204)
            try await settle()
            #expect(try base.keys(EdgeKeys.edges).isEmpty)
            if isMade { break }
        }
        #expect(isMade)
    }

    @Test(
        "What comes between two of its commits, a member's deletion or another change of the group, is right too",
        arguments: Between.allCases
    )
    func between(event: Between) async throws {
        for commit in 0..<7 {
            let users = try await createUsers(10)
            let group = try await client.createGroup("Staff", members: Array(users[..<6]))
            let other = TestClient(service: Self.service(base), tenant: "acme", token: client.token)
            let bulk = TestClient(service: service, tenant: "acme", token: client.token)
            store.onCommit { number in
                guard number == commit else { return }
                switch event {
                case .deletionOfLeaving:
                    #expect(try await other.send(.delete, "/Users/\(users[0])").status == 204)
                case .deletionOfStaying:
                    #expect(try await other.send(.delete, "/Users/\(users[4])").status == 204)
                case .deletionOfJoining:
                    #expect(try await other.send(.delete, "/Users/\(users[7])").status == 204)
                case .deletionOfGroup:
                    #expect(try await other.send(.delete, "/Groups/\(group)").status == 204)
                case .smallChange:
                    let change = Self.operation("remove", [users[5]])
                    #expect(try await other.patch("/Groups/\(group)", change).status == 200)
                case .largeChange:
                    let change = Self.operation("remove", users[3..<6])
                    #expect(try await other.patch("/Groups/\(group)", change).status == 200)
                case .settling:
                    while try await bulk.service.directory.settleMemberships() {}
                }
            }
            let operations = [Self.operation("remove", users[..<3]), Self.operation("add", users[6...])]
            let status = try await client.patch("/Groups/\(group)", operations.joined(separator: ",")).status
            let happened = store.onCommit(nil) > commit
            var expected = Set(users[3...])
            if happened {
                switch event {
                case .deletionOfLeaving, .settling: #expect(status == 200)
                case .deletionOfStaying:
                    #expect(status == 200)
                    expected.remove(users[4])
                case .deletionOfJoining:
                    // A user who is not there is nobody's member.
                    #expect(status == 400, "commit \(commit)")
                    expected = Set(users[..<6])
                case .deletionOfGroup: #expect(status == 404)
                case .smallChange:
                    #expect(status == 200)
                    expected.remove(users[5])
                case .largeChange:
                    #expect(status == 200)
                    expected.subtract(users[3..<6])
                }
            } else {
                #expect(status == 200)
            }
            if event != .deletionOfGroup || !happened {
                try await expectMembers(group, expected, among: users, "\(event) at \(commit)")
                try await settle()
                try await expectMembers(group, expected, among: users, "\(event) at \(commit), settled")
                #expect(try await client.send(.delete, "/Groups/\(group)").status == 204)
            }
            try await settle()
            #expect(try base.keys(EdgeKeys.edges).isEmpty)
            for user in users { _ = try await client.send(.delete, "/Users/\(user)") }
        }
    }

    enum Between: CaseIterable {
        case deletionOfLeaving, deletionOfStaying, deletionOfJoining, deletionOfGroup
        case smallChange, largeChange, settling
    }

    @Test(
        "A small change that was computed before a large one and is committed behind it is computed again",
        arguments: ["add", "remove"],
        [0, 4, 7]
    )
    func overtaken(op: String, user: Int) async throws {
        // An answer that shows the members rests on the version of all: no answer shows those of so large a group.
        let users = try await createUsers(120)
        let group = try await client.createGroup("Staff", members: Array(users[..<6] + users[10...]))
        let other = TestClient(service: Self.service(base), tenant: "acme", token: client.token)
        store.onCommit { number in
            guard number == 0 else { return }
            let operations = [Self.operation("remove", users[..<3]), Self.operation("add", users[6..<10])]
            let large = try await other.patch("/Groups/\(group)", operations.joined(separator: ","))
            #expect(large.status == 204)
        }
        #expect(try await patch(group, op, [users[user]]) == 204)
        let happened = store.onCommit(nil) > 0
        if !happened {
            // Nothing was to be changed, and so nothing was committed.
            #expect((op == "add") == (user < 6))
            return
        }
        var expected = Set(users[3...])
        if op == "add" { expected.insert(users[user]) } else { expected.remove(users[user]) }
        // Who had left with the large one does not leave again.
        if op == "remove", user == 0 {
            #expect(try service.records().last?["SCIM_MEMBERS_ADDED"] == "4")
        }
        #expect(Set(try await members(group)) == expected)
        try await settle()
        #expect(Set(try await members(group)) == expected)
        #expect(try base.keys(EdgeKeys.edges).count == expected.count)
    }

    @Test("Of two at once the second waits for the first, and begins when that is done")
    func two() async throws {
        let users = try await createUsers(12)
        let group = try await client.createGroup("Staff", members: [])
        store.startCounting()
        async let first = patch(group, "add", users[..<6])
        async let second = patch(group, "add", users[6...])
        #expect(try await [first, second] == [200, 200])
        // Each has its beginning, three slices and its commit; between them three slices and the row of the first are cleared away.
        #expect(store.cost.commits == 14)
        store.onCommit(nil)
        try await expectMembers(group, users, among: users, "made")
        try await settle()
    }

    @Test("A bulk request that changes the same group waits for it, and both are made")
    func bulk() async throws {
        let users = try await createUsers(9)
        let group = try await client.createGroup("Staff", members: [users[0]])
        let bulk = """
            {"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
            {"method":"PATCH","path":"/Groups/\(group)","data":
            {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations":[\(Self.operation("add", [users[8]]))]}}]}
            """
        let client = client
        let task = Locked<Task<Int, any Error>?>(nil)
        store.onCommit { number in
            guard number == 2 else { return }
            task.withLock { $0 = Task { try await client.send(.post, "/Bulk", bulk).status } }
            for _ in 0..<100 { await Task.yield() }
        }
        #expect(try await patch(group, "add", users[1..<8]) == 200)
        store.onCommit(nil)
        let begun = task.withLock { $0 }
        let other = try #require(begun)
        #expect(try await other.value == 200)
        try await expectMembers(group, users, among: users, "both")
        try await settle()
    }

    @Test(
        "Any changes of groups and users, large and small, killed or not, come to what a model says",
        arguments: PropertyRounds.seeds(40)
    )
    func randomChanges(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var users = try await createUsers(10)
        let group = try await client.createGroup("Staff")
        var model: Set<String> = []
        for step in 0..<25 {
            let named = users.filter { _ in Bool.random(using: &random) }
            let comment: Comment = "seed \(seed), step \(step)"
            switch Int.random(in: 0..<9, using: &random) {
            case 0, 1, 2:
                let isKilled = random.isOne(in: 3)
                if isKilled { store.failCommits(from: Int.random(in: 0..<8, using: &random)) }
                let op = Bool.random(using: &random) ? "add" : "remove"
                let status = try await patch(group, op, named)
                store.failCommits(from: nil)
                #expect(status == 200 || isKilled && status == 507, comment)
                guard status == 200 else { break }
                if op == "add" { model.formUnion(named) } else { model.subtract(named) }
            case 3:
                let some = named.prefix(2)
                #expect(try await patch(group, "remove", some) == 200, comment)
                model.subtract(some)
            case 4:
                let values = named.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
                let body = """
                    {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Staff",
                    "members":[\(values)]}
                    """
                #expect(try await client.send(.put, "/Groups/\(group)", body).status == 200, comment)
                model = Set(named)
            case 5:
                let leaving = users.removeLast()
                #expect(try await client.send(.delete, "/Users/\(leaving)").status == 204, comment)
                model.remove(leaving)
                users.append(try await client.createUser("s\(step)"))
            default:
                for _ in 0..<Int.random(in: 0..<4, using: &random) {
                    _ = try await service.directory.settleMemberships()
                }
            }
            try await expectMembers(group, model, among: users, comment)
        }
        try await settle()
        try await expectMembers(group, model, among: users, "seed \(seed), settled")
        #expect(try base.keys(EdgeKeys.edges).count == model.count)
    }
}

/// What a store was asked for.
struct Cost {
    var commits = 0
    /// Rows and edges.
    var mutations = 0
    var rowsRead = 0
}

/// A store in memory between whose commits something happens, that may be full, and that counts.
private final class InterruptedStore: Store {
    private struct State {
        var event: (@Sendable (Int) async throws -> Void)?
        var number = 0
        var failing: Int?
        var cost: Cost?
        var isInside = false
    }

    private let base: MemoryStore
    private let state = Locked(State())

    init(_ base: MemoryStore) { self.base = base }

    /// Lets something happen before each commit, with its number; gives how many there have been since the last call.
    @discardableResult
    func onCommit(_ event: (@Sendable (Int) async throws -> Void)?) -> Int {
        state.withLock { state in
            defer { state = State(event: event) }
            return state.number
        }
    }

    func failCommits(from number: Int?) {
        state.withLock { $0 = State(failing: number) }
    }

    func startCounting() { state.withLock { $0 = State(cost: Cost()) } }

    var cost: Cost { state.withLock { $0.cost ?? Cost() } }

    func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) {
        guard state.withLock({ $0.cost != nil }) else { return try base.lendSnapshot(to: body) }
        try body(CountingSnapshot(base: base) { [self] in state.withLock { $0.cost?.rowsRead += 1 } })
    }

    var generation: UInt64? { base.generation }

    func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt {
        let (event, number) = state.withLock { state in
            defer { state.number += 1 }
            state.cost?.commits += 1
            state.cost?.mutations += changeset.mutations.reduce(0) { count, mutation in
                switch mutation {
                case .link(let edges, _), .unlink(let edges): count + edges.members.count
                default: count + 1
                }
            }
            return (state.event, state.number)
        }
        if let failing = state.withLock(\.failing), failing <= number { throw .full }
        try? await event?(number)
        return try await base.commit(changeset)
    }

    func close() {}
}

/// Counts rows; nothing else may write meanwhile.
private struct CountingSnapshot: StoreSnapshot, ~Copyable {
    let base: MemoryStore
    let count: () -> Void

    func show(_ key: Key, to body: (Span<UInt8>, CommitVersion) -> Void) throws(StoreError) {
        count()
        try base.withSnapshot { snapshot throws(StoreError) in try snapshot.show(key, to: body) }
    }

    func scan(
        prefix: Key,
        from start: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        try base.withSnapshot { snapshot throws(StoreError) in
            try snapshot.scan(prefix: prefix, from: start) { key, value, version in
                count()
                return body(key, value, version)
            }
        }
    }

    func scanBackward(
        prefix: Key,
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        try base.withSnapshot { snapshot throws(StoreError) in
            try snapshot.scanBackward(prefix: prefix, before: end) { key, value, version in
                count()
                return body(key, value, version)
            }
        }
    }

    func scanDamaged(
        from start: Key,
        rowsMax: Int,
        _ body: (Span<UInt8>) -> ScanStep
    ) throws(StoreError) -> Key? {
        try base.withSnapshot { snapshot throws(StoreError) in
            try snapshot.scanDamaged(from: start, rowsMax: rowsMax, body)
        }
    }
}
