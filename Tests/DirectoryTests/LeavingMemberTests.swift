import Audit
import Directory
import HTTP
import JSON
import Storage
import Tenancy
import TestSupport
import Testing
import Transfer

@Suite("A member of many groups, who leaves them one after the other")
struct LeavingMemberTests {
    private let service: TestService
    private let client: TestClient
    private let user: String
    private let groups: [String]

    init() async throws {
        var limits = MembershipLimits()
        (limits.leftMax, limits.leftPerSliceMax) = (2, 2)
        service = TestService(
            store: MemoryStore(clock: { 1 }),
            executors: [QueueExecutor(label: "loop")],
            membershipLimits: limits
        )
        client = try await service.client()
        user = try await client.createUser("ann")
        var groups: [String] = []
        for number in 0..<5 { groups.append(try await client.createGroup("g\(number)", members: [user])) }
        self.groups = groups
    }

    private func tag(_ group: String) async throws -> String {
        try await client.send(.get, "/Groups/\(group)").text("meta", "version")
    }

    @Test("Each group keeps its version until it is left, and then has a new one and a record of its own")
    func stamps() async throws {
        var tags: [String: String] = [:]
        for group in groups { tags[group] = try await tag(group) }
        #expect(try await client.send(.delete, "/Users/\(user)").status == 204)
        #expect(try await client.send(.get, "/Users/\(user)").status == 404)
        #expect(try service.findings() == [])
        var left = 0
        while try await service.directory.settleMemberships() {
            for group in groups {
                let members = try await client.send(.get, "/Groups/\(group)").texts("members")
                let isMember = members == [user]
                let isUnchanged = try await tag(group) == tags[group]
                #expect(isMember == isUnchanged)
            }
            left += 1
            #expect(try service.findings() == [])
        }
        // Two, two, one, and one to forget the member.
        #expect(left == 4)
        #expect(try service.store.keys(EdgeKeys.edges).isEmpty)
        let records = try service.records()
        let deletion = try #require(records.first { $0["SCIM_EVENT"] == "user.delete" })
        let ends = records.filter { $0["SCIM_MEMBER_REMOVED"] == user }
        #expect(ends.compactMap { $0["SCIM_TARGET_ID"] }.sorted() == groups.sorted())
        for end in ends {
            #expect(end["SCIM_EVENT"] == "group.members" && end["SCIM_TARGET_TYPE"] == "Group")
            #expect(end["SCIM_STATUS"] == "204" && end["SCIM_METHOD"] == deletion["SCIM_METHOD"])
            #expect(end["SCIM_REQUEST_ID"] == deletion["SCIM_REQUEST_ID"])
            let group = try #require(end["SCIM_TARGET_ID"])
            #expect(try await tag(group) == end["SCIM_VERSION_NEW"])
        }
    }

    @Test("Whoever is in few groups leaves them at once")
    func few() async throws {
        let bea = try await client.createUser("bea")
        let group = try await client.createGroup("few", members: [bea])
        #expect(try await client.send(.delete, "/Users/\(bea)").status == 204)
        #expect(try await client.send(.get, "/Groups/\(group)").texts("members") == [])
        #expect(try await service.directory.settleMemberships() == false)
    }

    @Test("Until then the membership can be removed, its group be deleted, and nobody replaces members by it")
    func changes() async throws {
        #expect(try await client.send(.delete, "/Users/\(user)").status == 204)
        let removed = try await client.patch(
            "/Groups/\(groups[0])",
            #"{"op":"remove","path":"members[value eq \"\#(user)\"]"}"#
        )
        #expect(removed.status == 200)
        #expect(try await client.send(.delete, "/Groups/\(groups[1])").status == 204)
        let replaced = try await client.patch(
            "/Groups/\(groups[2])",
            #"{"op":"replace","path":"members","value":[{"value":"\#(user)"}]}"#
        )
        #expect(replaced.status == 400)
        let other = try await client.createGroup("other")
        let added = try await client.patch(
            "/Groups/\(other)",
            #"{"op":"add","path":"members","value":[{"value":"\#(user)"}]}"#
        )
        #expect(added.status == 400)
        while try await service.directory.settleMemberships() {}
        #expect(try service.findings() == [])
        for group in groups where group != groups[1] {
            #expect(try await client.send(.get, "/Groups/\(group)").texts("members") == [])
        }
    }

    @Test("An export leaves it out, and nobody comes back under its id before it has left")
    func transfer() async throws {
        #expect(try await client.send(.delete, "/Users/\(user)").status == 204)
        let transfer = try service.administration.transfer("acme", by: .system, in: service.directory)
        var lines: [String] = []
        var cursor: String?
        repeat {
            let page = try transfer.export(from: cursor)
            lines += page.lines.map { String(decoding: $0, as: UTF8.self) }
            cursor = page.next
        } while cursor != nil
        #expect(lines.count == groups.count && !lines.contains { $0.contains(user) })
        let text = """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"\(user)","userName":"ann",
            "meta":{"resourceType":"User","created":"2026-01-01T00:00:00Z","lastModified":"2026-01-01T00:00:00Z"}}
            """
        let line = ExportedLine(number: 1, value: try JSONValue(parsing: Array(text.utf8)))
        await #expect(throws: AdministrationError.self) {
            try await transfer.importResources([line], options: ImportOptions())
        }
        while try await service.directory.settleMemberships() {}
        #expect(try await transfer.importResources([line], options: ImportOptions()).created == 1)
        #expect(try await client.send(.get, "/Users/\(user)").value("groups") == nil)
    }

    @Test("A tenant that is purged takes it along")
    func purge() async throws {
        #expect(try await client.send(.delete, "/Users/\(user)").status == 204)
        try await service.administration.deleteTenant("acme", by: .system)
        try await service.administration.purgeDeletedTenants { _ in }
        #expect(try await service.directory.settleMemberships() == false)
    }
}
