import HTTP
import JSON
import Locking
import SCIM
import TestSupport
import Testing

@testable import Directory
@testable import Query
@testable import Storage
@testable import Tenancy

@Suite("What a query may cost")
struct QueryCostTests {
    private static let userCount = 90

    /// Users of 60,000 bytes, of whom about 35 fill a page.
    private func large(_ background: any BackgroundWork = ImmediateWork()) async throws -> TestClient {
        let service = TestService(
            store: MemoryStore(clock: { 1 }),
            executors: [QueueExecutor(label: "loop")],
            background: background
        )
        let client = try await service.client()
        let title = String(repeating: "t", count: 60_000)
        for number in 0..<Self.userCount {
            _ = try await client.createUser(
                "user\(number)",
                ",\"title\":\"\(title)\",\"displayName\":\"\(number % 7)\""
            )
        }
        return client
    }

    /// What queries of users need.
    private func users(of client: TestClient) throws -> (TenantAccess, ResourceKind) {
        let service = client.service
        let access = try Authenticator(store: service.store, environment: service.environment)
            .authenticate(
                Array("Bearer \(#require(client.token))".utf8).span,
                tenant: client.tenant,
                .background
            )
        return (access, try #require(access.kinds.all.first))
    }

    @Test(
        "RFC 7644 §3.4.2.4: a page ends after 2 MiB, and pages by index together show everyone once",
        arguments: ["", "&sortBy=displayName", "&filter=userName%20sw%20%22user%22", "&attributes=title"]
    )
    func byIndex(query: String) async throws {
        let client = try await large()
        var names: [String] = []
        while names.count < Self.userCount {
            let page = try await client.send(.get, "/Users?count=100&startIndex=\(names.count + 1)\(query)")
            #expect(page.response.body.count < QueryRun.pageBytesMax + 100_000)
            #expect(page.integer("totalResults") == Self.userCount)
            let shown = page.texts("Resources", "id")
            #expect(page.integer("itemsPerPage") == shown.count)
            guard !shown.isEmpty else { break }
            if names.isEmpty { #expect(shown.count < Self.userCount && shown.count > 20) }
            names += shown
        }
        #expect(Set(names).count == Self.userCount)
        #expect(names.count == Self.userCount)
    }

    @Test(
        "RFC 9865 §2: pages by cursor that end after 2 MiB together show everyone once, there and back",
        arguments: ["", "&sortBy=displayName", "&filter=userName%20sw%20%22user%22"]
    )
    func byCursor(query: String) async throws {
        let client = try await large()
        var pages: [[String]] = []
        var cursor: String? = ""
        var previous: String?
        while let place = cursor {
            let page = try await client.send(.get, "/Users?count=100\(query)&cursor=\(place)")
            #expect(page.response.body.count < QueryRun.pageBytesMax + 100_000)
            pages.append(page.texts("Resources", "id"))
            previous = try? page.text("previousCursor")
            cursor = try? page.text("nextCursor")
        }
        let all = pages.flatMap(\.self)
        #expect(pages.count == 3)
        #expect(Set(all).count == Self.userCount)
        #expect(all.count == Self.userCount)
        // Back, beginning before the last page.
        var back: [String] = []
        while let place = previous {
            let page = try await client.send(.get, "/Users?count=100\(query)&cursor=\(place)")
            back = page.texts("Resources", "id") + back
            previous = try? page.text("previousCursor")
        }
        #expect(back == Array(all.prefix(back.count)))
        #expect(back.count == all.count - pages[2].count)
    }

    @Test("Q-04: a query that costs more than the limit is tooMany, and tells which attribute has no index")
    func tooMany() async throws {
        let client = try await large()
        let (access, kind) = try users(of: client)
        func run(_ workMax: Int) async throws -> QueryRun {
            let filter = try Filter.parse(#"title co "x""#, .default)
            let part = ResourceQuery.Part(
                kind: kind,
                projection: .identity,
                filter: try BoundFilter(filter, type: kind.type, .default)
            )
            let page = ResourceQuery.Page(startIndex: 1, count: 10, sortedResultsMax: 10)
            let query = ResourceQuery(part, [], access: access, baseURL: "", page: page)
            return try await ResourceQueries(client.service.directory, workMax: workMax).answer(query)
        }
        _ = try await run(FilterLimits.workMax)
        do {
            _ = try await run(1_000_000)
            Issue.record("the limit does not hold")
        } catch DirectoryError.rejected(let error) {
            #expect(error.keyword == .tooMany)
            #expect(error.detail.contains("title"))
        }
    }

    @Test("An or of equalities that indexes answer looks at nobody else, in the order of the ids")
    func alternatives() async throws {
        let client = try await large()
        let (access, users) = try users(of: client)
        func run(_ text: String) async throws -> JSONValue {
            let filter = try BoundFilter(Filter.parse(text), type: users.type, .default)
            let part = ResourceQuery.Part(kind: users, projection: .identity, filter: filter)
            let page = ResourceQuery.Page(startIndex: 1, count: 5, sortedResultsMax: 100)
            let query = ResourceQuery(part, [], access: access, baseURL: "", page: page)
            let queries = ResourceQueries(client.service.directory, workMax: 300_000)
            return try JSONValue(parsing: try await queries.answer(query).body)
        }
        let found = try await run(#"userName eq "USER7" or userName eq "user3" or externalId eq "nobody""#)
        guard case .object(let list) = found else { return }
        #expect(list.objects("Resources").map { $0.text("userName") } == ["user3", "user7"])
        await #expect(throws: DirectoryError.self) {
            _ = try await run(#"userName eq "user7" or nickName eq "nobody""#)
        }
    }

    @Test("A query ends when nobody waits for its answer any more")
    func cancelled() async throws {
        let client = try await large()
        let (access, kind) = try users(of: client)
        let queries = ResourceQueries(client.service.directory)
        let part = ResourceQuery.Part(kind: kind, projection: .identity)
        let page = ResourceQuery.Page(startIndex: 1, count: 1_000, sortedResultsMax: 10)
        let query = ResourceQuery(part, [], access: access, baseURL: "", page: page)
        let task = Task { () -> Bool in
            while !Task.isCancelled { await Task.yield() }
            do throws(DirectoryError) {
                _ = try await queries.finish(queries.run(query), endsWithTask: true)
                return false
            } catch { return error == .busy }
        }
        task.cancel()
        #expect(await task.value)
    }

    @Test("Answers have a bound of memory together, beyond which a query is busy; it is given back")
    func memory() {
        let memory = QueryMemory.ofAnswers(bytesMax: 1 << 20)
        do {
            let (first, second) = (memory.share(), memory.share())
            #expect(first.cover(700_000))
            #expect(!second.cover(700_000))
            #expect(second.cover(300_000))
        }
        #expect(memory.share().cover(1 << 20))
    }

    @Test(
        "A filter on members looks at a member by its value in a group of any size, and at all of them in groups of a limited one"
    )
    func members() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let user = try await client.createUser("ann")
        let other = try await client.createUser("bob")
        let group = try await client.createGroup("Staff", members: [user])
        func count(_ filter: String) async throws -> Int? {
            let query = filter.replacing(" ", with: "%20").replacing("\"", with: "%22")
            return try await client.send(.get, "/Groups?filter=\(query)").integer("totalResults")
        }
        for (found, member) in [(1, user), (0, other)] {
            #expect(try await count("displayName sw \"S\" and members.value eq \"\(member)\"") == found)
            #expect(
                try await count("displayName sw \"S\" and not (members.value eq \"\(member)\")") == 1 - found
            )
            #expect(
                try await count(
                    "displayName sw \"S\" and members[value eq \"\(member)\" and type eq \"User\"]"
                ) == found
            )
        }
        #expect(try await count("id eq \"\(group)\" and members pr") == 1)
    }
}
