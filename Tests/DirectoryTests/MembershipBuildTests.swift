import Directory
import HTTP
import Locking
import Storage
import TestSupport
import Testing

@Suite("Memberships that are too many for one commit")
struct MembershipBuildTests {
    private let store = MemoryStore(clock: { 1 })
    private let service: TestService
    private let client: TestClient
    private let users: [String]
    private let limits: MembershipLimits

    init() async throws {
        var limits = MembershipLimits()
        (limits.namedMax, limits.endedMax, limits.sliceMax) = (4, 2, 2)
        self.limits = limits
        service = TestService(
            store: store,
            executors: [QueueExecutor(label: "loop")],
            membershipLimits: limits
        )
        client = try await service.client()
        var users: [String] = []
        for number in 0..<12 { users.append(try await client.createUser("u\(number)")) }
        self.users = users
    }

    private static func values(_ users: some Sequence<String>) -> String {
        "[" + users.map { #"{"value":"\#($0)"}"# }.joined(separator: ",") + "]"
    }

    private func patch(_ group: String, _ op: String, _ users: some Sequence<String>) async throws -> Int {
        let values = Self.values(users)
        return try await client.patch(
            "/Groups/\(group)",
            #"{"op":"\#(op)","path":"members","value":\#(values)}"#
        ).status
    }

    private func members(_ group: String) async throws -> [String] {
        try await client.send(.get, "/Groups/\(group)").texts("members")
    }

    private func commitCount() throws -> UInt64 {
        try store.withSnapshot { snapshot throws(StoreError) in try snapshot.state().version }
    }

    /// The rest is done, nothing is wrong, and there are as many memberships as are seen.
    private func settle(_ count: Int) async throws {
        #expect(try service.findings() == [])
        while try await service.directory.settleMemberships() { #expect(try service.findings() == []) }
        #expect(try store.check().isClean)
        #expect(try store.keys(EdgeKeys.edges).count == count)
    }

    @Test("A group is created, grows, shrinks and is emptied, each time as a whole and with one record")
    func changes() async throws {
        let group = try await client.createGroup("Staff", members: Array(users[..<6]))
        #expect(try await members(group) == Array(users[..<6]))
        let records = try service.records().count
        #expect(try await patch(group, "add", users[3...]) == 200)
        #expect(try await members(group) == users)
        try await settle(12)
        #expect(try await patch(group, "remove", users[1..<9]) == 200)
        #expect(try await members(group) == [users[0]] + users[9...])
        try await settle(4)
        #expect(try await patch(group, "replace", users[2...]) == 200)
        #expect(try await members(group) == Array(users[2...]))
        try await settle(10)
        let user = try await client.send(.get, "/Users/\(users[5])")
        #expect(user.texts("groups") == [group])
        let filter = "filter=groups.value%20eq%20%22\(group)%22"
        #expect(try await client.send(.get, "/Users?\(filter)").integer("totalResults") == 10)
        let holding = "filter=members.value%20eq%20%22\(users[5])%22"
        #expect(try await client.send(.get, "/Groups?\(holding)").texts("Resources", "id") == [group])
        #expect(try await patch(group, "replace", []) == 200)
        #expect(try await members(group) == [])
        try await settle(0)
        let added = try service.records().dropFirst(records).map {
            [$0["SCIM_EVENT"], $0["SCIM_MEMBERS_ADDED"], $0["SCIM_MEMBERS_REMOVED"]]
        }
        #expect(
            added == [
                ["group.members", "6", "0"], ["group.members", "0", "8"], ["group.members", "7", "1"],
                ["group.members", "0", "10"],
            ]
        )
        #expect(try await client.send(.delete, "/Groups/\(group)").status == 204)
        try await settle(0)
        #expect(try store.keys(Key([0x19])).isEmpty)
    }

    @Test("What fails, or whose process dies, leaves nothing that anybody sees, and is cleared away")
    func failure() async throws {
        let group = try await client.createGroup("Staff", members: [users[0]])
        let tag = try await client.send(.get, "/Groups/\(group)").text("meta", "version")
        for commit in 0..<5 {
            let countdown = Countdown(store, failing: commit)
            let failing = TestService(
                store: countdown,
                executors: [QueueExecutor(label: "loop")],
                membershipLimits: limits
            )
            let other = TestClient(service: failing, tenant: "acme", token: client.token)
            let answer = try await other.patch(
                "/Groups/\(group)",
                #"{"op":"add","path":"members","value":\#(Self.values(users[1..<7]))}"#
            )
            #expect(answer.status == 507, "commit \(commit)")
            #expect(try await members(group) == [users[0]])
            #expect(try await client.send(.get, "/Groups/\(group)").text("meta", "version") == tag)
            try await settle(1)
        }
    }

    @Test("A bulk request with all or nothing has new sets in its own commit")
    func transaction() async throws {
        let group = try await client.createGroup("Staff", members: Array(users[..<6]))
        let operations = """
            {"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
            {"method":"PUT","path":"/Groups/\(group)","data":
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Staff",
            "members":\(Self.values(users[6...]))}},
            {"method":"PATCH","path":"/Groups/\(group)","data":
            {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations":[{"op":"add","path":"members","value":\(Self.values(users[..<5]))}]}}]}
            """
        let commits = try commitCount()
        let answer = try await client.send(
            .post,
            "/Bulk",
            operations,
            fields: [(.prefer, "transaction=all")]
        )
        #expect(answer.status == 200)
        #expect(try commitCount() == commits + 1)
        #expect(try await members(group) == Array(users[..<5]) + users[6...])
        try await settle(11)
    }
}

/// A store that is full from its n-th commit on.
private final class Countdown: Store {
    private let base: any Store
    private let left: Locked<Int>

    init(_ base: any Store, failing commit: Int) {
        self.base = base
        left = Locked(commit)
    }

    func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) {
        try base.lendSnapshot(to: body)
    }

    var generation: UInt64? { base.generation }

    func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt {
        let isFull = left.withLock { left in
            left -= 1
            return left < 0
        }
        guard !isFull else { throw .full }
        return try await base.commit(changeset)
    }

    func close() {}
}
