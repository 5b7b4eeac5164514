import HTTP
import JSON
import SCIM
import TestSupport
import Testing

@testable import Directory
@testable import Query
@testable import Storage
@testable import Tenancy

@Suite("Queries that an index answers")
struct IndexPlanTests {
    private static let userCount = 400
    private static let enterprise = Schema.enterpriseUser.id

    /// Users of about a kilobyte in two departments, of whom every tenth is inactive, in three groups.
    private func directory() async throws -> TestClient {
        let client = try await TestService(store: MemoryStore(watched: Keys.access, clock: { 1 })).client()
        let title = String(repeating: "t", count: 800)
        var ids: [String] = []
        for number in 0..<Self.userCount {
            ids.append(
                try await client.createUser(
                    "user\(number)",
                    """
                    ,"title":"\(title)","nickName":"n\(number)","displayName":"Name \(number)","active":\(number % 10 != 0),\
                    "externalId":"e\(number % 200)","userType":"\(number % 2 == 0 ? "Employee" : "Guest")",\
                    "name":{"familyName":"F\(number)","givenName":"G\(number)"},\
                    "emails":[{"value":"a\(number)@example.com"},{"value":"b\(number)@example.com"}],\
                    "\(Self.enterprise)":{"employeeNumber":"\(number)","department":"D\(number % 2)",\
                    "manager":{"value":"m\(number)"}}
                    """
                )
            )
        }
        for number in 0..<3 { _ = try await client.createGroup("Group \(number)", members: ids) }
        return client
    }

    private struct Found {
        let ids: [String]
        let names: [String]
        let total: Int?
        /// Units of ``WorkBudget``.
        let cost: Int
    }

    private func run(
        _ text: String?,
        _ client: TestClient,
        _ page: ResourceQuery.Page,
        sortBy: String? = nil,
        groups: Bool = false
    ) async throws -> Found {
        let service = client.service
        let access = try Authenticator(store: service.store, environment: service.environment)
            .authenticate(
                Array("Bearer \(#require(client.token))".utf8).span,
                tenant: client.tenant,
                .background
            )
        let kind = try #require(groups ? access.kinds.holder : access.kinds.all.first)
        let part = ResourceQuery.Part(
            kind: kind,
            projection: try AttributeProjection(attributes: ["userName"], excluded: nil, type: kind.type),
            filter: try text.map { try BoundFilter(Filter.parse($0), type: kind.type, .default) },
            sort: try sortBy.map { try BoundSortOrder(SortOrder(attribute: $0), type: kind.type) }
        )
        let query = ResourceQuery(part, [], access: access, baseURL: "", page: page)
        var run = ResourceQueries(service.directory).run(query)
        while try !run.advance(.background) {}
        guard case .object(let list) = try JSONValue(parsing: run.body) else { throw DirectoryError.notFound }
        return Found(
            ids: list.objects("Resources").compactMap { $0.text("id") },
            names: list.objects("Resources").compactMap { $0.text("userName") },
            total: list.integer("totalResults"),
            cost: run.spent
        )
    }

    private static func page(
        _ startIndex: Int,
        _ count: Int,
        _ direction: SortOrder.Direction? = nil
    )
        -> ResourceQuery.Page
    {
        ResourceQuery.Page(
            startIndex: startIndex,
            count: count,
            direction: direction,
            sortedResultsMax: 1_000
        )
    }

    @Test(
        "What an index answers costs what it finds",
        arguments: [
            (#"userName eq "USER7""#, 1), (#"userName sw "user39""#, 11), (#"userName ge "user395""#, 71),
            (#"externalId eq "e7""#, 2), (#"displayName eq "name 7""#, 1), (#"displayName sw "name 1""#, 111),
            (#"emails.value eq "B7@example.com""#, 1), (#"emails eq "b7@example.com""#, 1),
            (#"emails[value eq "b7@example.com"]"#, 1), (#"name.familyName lt "f10""#, 2),
            (#"name.givenName eq "g7""#, 1), (#"active eq false"#, 40), (#"active ne true"#, 40),
            (#"\#(enterprise):employeeNumber eq "12""#, 1), (#"\#(enterprise):manager.value eq "m12""#, 1),
            (#"active eq false and userType eq "guest""#, 0),
            (#"\#(enterprise):department eq "d0" and active eq false"#, 40),
            (#"userName gt "user1" and userName lt "user11""#, 11),
            (#"userName eq "user1" or emails.value sw "a39" or active eq false"#, 51),
            (#"meta.created lt "2001-01-01T00:00:00Z""#, 0),
            (#"meta.lastModified gt "2100-01-01T00:00:00Z""#, 0),
            (#"userName eq "user1" and title co "t""#, 1), (#"userName eq "user1" and not (title pr)"#, 0),
        ]
    )
    func cost(filter: String, count: Int) async throws {
        let client = try await directory()
        let found = try await run(filter, client, Self.page(1, 5))
        #expect(found.total == count)
        #expect(found.ids.count == min(count, 5))
        let all = try await run(#"nickName eq "nobody""#, client, Self.page(1, 5))
        #expect(all.total == 0)
        #expect(found.cost < 20_000 + 120 * count)
        #expect(all.cost > 30_000)
    }

    @Test("What is counted costs what its page shows, however many there are")
    func counted() async throws {
        let client = try await directory()
        for filter in [
            #"active eq true"#, #"userType eq "employee""#, #"\#(Self.enterprise):department eq "D1""#,
        ] {
            let found = try await run(filter, client, Self.page(3, 2))
            #expect(found.total == (filter.contains("active") ? 360 : 200))
            #expect(found.cost < 10_000, "\(filter)")
        }
        let id = try await run(#"userName eq "user4""#, client, Self.page(1, 1)).ids[0]
        _ = try await client.patch("/Users/\(id)", #"{"op":"replace","path":"active","value":false}"#)
        #expect(try await run("active eq true", client, Self.page(1, 1)).total == 359)
        #expect(try await client.send(.delete, "/Users/\(id)").status == 204)
        #expect(try await run("active eq false", client, Self.page(1, 1)).total == 40)
        #expect(try client.service.findings() == [])
    }

    @Test("Entra's question whether a group has a member is a look-up of an edge, in any order of its terms")
    func member() async throws {
        let client = try await directory()
        let group = try await run(#"displayName eq "group 1""#, client, Self.page(1, 1), groups: true).ids[0]
        let member = try await run(#"userName eq "user9""#, client, Self.page(1, 1)).ids[0]
        let stranger = try await client.createUser("stranger")
        for (user, count) in [(member, 1), (stranger, 0)] {
            for filter in [
                #"id eq "\#(group)" and members.value eq "\#(user)""#,
                #"members eq "\#(user)" and id eq "\#(group)""#,
                #"id eq "\#(group)" and members[value eq "\#(user)"]"#,
            ] {
                let found = try await run(filter, client, Self.page(1, 10), groups: true)
                #expect(found.total == count, "\(filter)")
                #expect(found.cost < 10_000, "\(filter)")
            }
            let found = try await run(#"members.value eq "\#(user)""#, client, Self.page(1, 10), groups: true)
            #expect(found.total == 3 * count)
        }
    }

    @Test("A list sorted by an attribute with an index costs what its page shows, in either direction")
    func sorted() async throws {
        let client = try await directory()
        for (attribute, filter) in [
            ("userName", nil), ("meta.created", nil), ("displayName", nil), ("userName", "active eq true"),
        ] {
            let directions: [SortOrder.Direction] =
                attribute == "displayName" ? [.ascending] : [.ascending, .descending]
            for direction in directions {
                let found = try await run(filter, client, Self.page(3, 4, direction), sortBy: attribute)
                #expect(found.total == (filter == nil ? Self.userCount : 360))
                #expect(found.ids.count == 4)
                #expect(found.cost < 20_000, "\(attribute) \(direction)")
            }
        }
        let last = try await run(nil, client, Self.page(1, 2, .descending), sortBy: "userName")
        #expect(last.names == ["user99", "user98"])
    }
}
