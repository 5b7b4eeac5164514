import Audit
import Directory
import HTTP
import JSON
import Storage
import Tenancy
import TestSupport
import Testing
import Transfer

@Suite("Members of a deleted group, who leave it one after the other")
struct SettlingTests {
    private let service: TestService
    private let client: TestClient
    private let users: [String]
    private let group: String

    init() async throws {
        let store = MemoryStore(clock: { 1 })
        var limits = MembershipLimits()
        limits.endedMax = 2
        limits.sliceMax = 2
        service = TestService(
            store: store,
            executors: [QueueExecutor(label: "loop")],
            membershipLimits: limits
        )
        client = try await service.client()
        var users: [String] = []
        for number in 0..<3 { users.append(try await client.createUser("u\(number)")) }
        self.users = users
        group = try await client.createGroup("Staff", members: users)
        #expect(try await client.send(.delete, "/Groups/\(group)").status == 204)
    }

    private func edges() throws -> Int { try service.store.keys(EdgeKeys.edges).count }

    @Test("Nobody sees them from the deletion on, and they go in slices that can be repeated")
    func unseen() async throws {
        #expect(try edges() == 3)
        #expect(try service.findings() == [])
        for user in users {
            #expect(try await client.send(.get, "/Users/\(user)").value("groups") == nil)
        }
        for path in [
            "/Users?filter=groups.value%20eq%20%22\(group)%22",
            "/Users?filter=groups.display%20eq%20%22Staff%22",
            "/Users?filter=groups%20pr", "/Groups?filter=members.value%20eq%20%22\(users[0])%22",
        ] {
            #expect(try await client.send(.get, path).integer("totalResults") == 0, "\(path)")
        }
        while try await service.directory.settleMemberships() {}
        #expect(try edges() == 0)
        #expect(try await service.directory.settleMemberships() == false)
        #expect(try service.findings() == [])
    }

    @Test("A user can be deleted before it has left, and a few members leave at once")
    func deletion() async throws {
        #expect(try await client.send(.delete, "/Users/\(users[0])").status == 204)
        #expect(try edges() == 2)
        let small = try await client.createGroup("Small", members: [users[1], users[2]])
        #expect(try await client.send(.delete, "/Groups/\(small)").status == 204)
        #expect(try edges() == 2)
        while try await service.directory.settleMemberships() {}
        #expect(try service.findings() == [])
    }

    @Test("A tenant that is purged takes them along")
    func purge() async throws {
        try await service.administration.deleteTenant("acme", by: .system)
        try await service.administration.purgeDeletedTenants { _ in }
        #expect(try edges() == 0)
        #expect(try await service.directory.settleMemberships() == false)
    }

    @Test("A group comes back under its id when they have left, not before")
    func comingBack() async throws {
        let transfer = try service.administration.transfer("acme", by: .system, in: service.directory)
        let text = """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"\(group)","displayName":"Staff",
            "meta":{"resourceType":"Group","created":"2026-01-01T00:00:00Z","lastModified":"2026-01-01T00:00:00Z"}}
            """
        let line = ExportedLine(number: 1, value: try JSONValue(parsing: Array(text.utf8)))
        await #expect(throws: AdministrationError.self) {
            try await transfer.importResources([line], options: ImportOptions())
        }
        while try await service.directory.settleMemberships() {}
        let report = try await transfer.importResources([line], options: ImportOptions())
        #expect(report.created == 1)
        let members = try await client.send(.get, "/Groups/\(group)").value("members")
        #expect(members == nil || members == .array([]))
    }
}
