import Audit
import HTTP
import JSON
import SCIM
import StorageLMDB
import TestSupport
import Testing

@testable import Directory
@testable import Query
@testable import Storage
@testable import Tenancy

@Suite("A walk by index through a list")
struct RememberedListTests {
    /// A list that is asked for; without a filter or an attribute it has none.
    struct Asked: Sendable, CustomStringConvertible {
        var filter: String?
        var sortBy: String?
        var direction = SortOrder.Direction.ascending

        var description: String { "\(filter ?? "all") by \(sortBy ?? "id") \(direction)" }
    }

    private static let scan = Asked(filter: #"not (title eq "nobody")"#)
    private static let lists = [
        scan, Asked(filter: #"externalId eq "x""#), Asked(filter: #"active eq true and not (title pr)"#),
        Asked(sortBy: "userName"), Asked(sortBy: "userName", direction: .descending),
        Asked(sortBy: "meta.lastModified"), Asked(sortBy: "externalId"),
    ]

    @Test(
        "what a page costs does not grow with what lies before it, and each is what counting shows",
        arguments: lists
    )
    func walk(asked: Asked) async throws {
        let (service, queries) = try await prepared(1_500)
        let first = try page(1, queries, service, asked)
        var costs: [Int] = []
        for start in stride(from: 101, through: 1_401, by: 100) {
            let shown = try page(start, queries, service, asked)
            let counted = try page(start, ResourceQueries(service.directory), service, asked)
            #expect(shown.body == counted.body)
            costs.append(shown.cost)
        }
        let (least, most) = (costs.min() ?? 0, costs.max() ?? 0)
        #expect(most <= least * 3 / 2)
        #expect(most <= first.cost * 3 / 2)
        // Anywhere else, behind the end too.
        for start in [50, 777, 1_499, 1_500, 1_501, 9_000] {
            let shown = try page(start, queries, service, asked)
            let counted = try page(start, ResourceQueries(service.directory), service, asked)
            #expect(shown.body == counted.body)
            #expect(shown.cost <= first.cost * 2)
        }
    }

    @Test("after one page of what no index answers, each costs less, wherever it begins")
    func jumps() async throws {
        let (service, queries) = try await prepared(6_000)
        let first = try page(1, queries, service, Self.scan)
        for start in [5_901, 3_000, 1_000, 4_444] {
            let shown = try page(start, queries, service, Self.scan)
            let counted = try page(start, ResourceQueries(service.directory), service, Self.scan)
            #expect(shown.body == counted.body)
            #expect(shown.cost < first.cost * 3 / 5)
        }
    }

    @Test("two clients walk through one list, and through two, each at its own pace")
    func clients() async throws {
        let (service, queries) = try await prepared(2_000)
        let (one, other) = (Self.scan, Asked(filter: #"not (title eq "somebody")"#))
        let first = try page(1, queries, service, one).cost
        _ = try page(1, queries, service, other)
        for step in 1..<10 {
            for (asked, start) in [(one, 100 * step + 1), (one, 50 * step + 1), (other, 30 * step + 1)] {
                let shown = try page(start, queries, service, asked)
                let counted = try page(start, ResourceQueries(service.directory), service, asked)
                #expect(shown.body == counted.body)
                #expect(shown.cost < first * 2 / 3)
            }
        }
    }

    @Test("RFC 7644 §3.4.2.4: a page after a change shows what counting shows", arguments: lists)
    func changed(asked: Asked) async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        try await service.createUsers(600)
        let queries = ResourceQueries(service.directory)
        var ids = try allIDs(service)
        for (round, start) in [101, 201, 301, 401].enumerated() {
            _ = try page(start - 100, queries, service, asked)
            // Before the page, so that what follows moves.
            #expect(try await client.send(.delete, "/Users/\(ids.removeFirst().text)").status == 204)
            if round == 2 { _ = try await client.createUser("aaa") }
            let after = try page(start, queries, service, asked)
            let counted = try page(start, ResourceQueries(service.directory), service, asked)
            #expect(after.body == counted.body)
        }
    }

    @Test("a change of another tenant costs a walk nothing")
    func others() async throws {
        let (service, queries) = try await prepared(3_000)
        let first = try page(1, queries, service, Self.scan)
        var row = Keys.records(77, 1)
        row.bytes.append(1)
        _ = try await service.store.commit(Changeset(.put(row, [])))
        #expect(try page(101, queries, service, Self.scan).cost * 2 < first.cost)
    }

    @Test("a store that is opened again has the same pages")
    func restart() async throws {
        try await withTemporaryFolder { folder in
            var bodies: [[UInt8]] = []
            for isAgain in [false, true] {
                let store = try LMDBStore(path: folder + "/store", configuration: .small) { 1 }
                defer { store.close() }
                let service = TestService(store: store)
                if !isAgain {
                    _ = try await service.client()
                    try await service.createUsers(1_000)
                }
                let queries = ResourceQueries(service.directory)
                let pages = try [1, 101, 201].map { try page($0, queries, service, Self.scan) }
                #expect(pages[2].cost < pages[0].cost * 2 / 3)
                let shown = pages.map(\.body)
                if isAgain { #expect(shown == bodies) } else { bodies = shown }
            }
        }
    }

    @Test("what is remembered has a bound, for each tenant and for all")
    func bound() throws {
        let lists = RememberedLists()
        func list(_ tenant: UInt32, _ number: Int) throws -> RememberedLists.List {
            let kind = ResourceKinds.core.all[0]
            let filter = try BoundFilter(Filter.parse(#"title eq "a""#), type: kind.type, .default)
            let tenant = Tenant(
                name: "t\(tenant)",
                number: tenant,
                created: Timestamp(microseconds: 1),
                isSCIMEnabled: true
            )
            let query = ResourceQuery(
                ResourceQuery.Part(kind: kind, projection: .identity, filter: filter, text: "\(number)"),
                [],
                access: TenantAccess(tenant: tenant, tokenID: nil, actor: .system, kinds: .core),
                baseURL: "",
                page: Self.firstPage
            )
            return try #require(RememberedLists.List(query, Self.firstPage))
        }
        func remember(_ list: RememberedLists.List, _ matched: Int, _ state: UInt64 = 1) {
            let place = RememberedLists.Place(matched: matched, mark: .id(.zero))
            lists.remember(list, in: state, total: 99, end: place, milestones: [])
        }
        func place(_ list: RememberedLists.List, before: Int = 5, _ state: UInt64 = 1) -> Int? {
            lists.recall(list, in: state, before: before)?.place?.matched
        }
        remember(try list(2, 0), 1)
        for number in 0...RememberedLists.listsOfTenantMax { remember(try list(1, number), 1) }
        #expect(place(try list(1, 0)) == nil)
        #expect(place(try list(1, 1)) == 1)
        #expect(place(try list(2, 0)) == 1)
        let one = try list(1, 1)
        for matched in 2...RememberedLists.endsMax + 1 { remember(one, matched) }
        #expect(place(one, before: 1) == nil)
        #expect(place(one) == 5)
        #expect(place(one, 2) == nil)
        // A page of the state before that comes late changes nothing.
        remember(one, 3, 2)
        remember(one, 4, 1)
        #expect(place(one, 2) == 3)
        #expect(place(one) == nil)
        for tenant in 3..<UInt32(RememberedLists.listsMax) + 3 { remember(try list(tenant, 0), 1) }
        #expect(place(try list(2, 0)) == nil)
        #expect(place(try list(3, 0)) == 1)
        let places = (1...1_000).map { RememberedLists.Place(matched: $0, mark: .id(.zero)) }
        lists.remember(one, in: 2, total: 99, end: nil, milestones: places)
        #expect(try #require(place(one, before: 1_000, 2)) >= 900)
    }

    private static let firstPage = ResourceQuery.Page(startIndex: 1, count: 100, sortedResultsMax: 1)

    private func prepared(_ count: Int) async throws -> (TestService, ResourceQueries) {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        _ = try await service.client()
        try await service.createUsers(count)
        return (service, ResourceQueries(service.directory))
    }

    private func allIDs(_ service: TestService) throws -> [UniqueID] {
        let records = Keys.records(try service.acme().tenant.number, ResourceKinds.core.all[0].code)
        return try service.store.keys(records).compactMap { Keys.id(fromKey: $0.bytes.span) }
    }

    /// A page's body, and what it cost in units of a step's budget.
    private func page(
        _ startIndex: Int,
        _ queries: ResourceQueries,
        _ service: TestService,
        _ asked: Asked
    ) throws -> (body: [UInt8], cost: Int) {
        let access = try service.acme()
        let kind = ResourceKinds.core.all[0]
        let filter = try asked.filter.map {
            try BoundFilter(Filter.parse($0, access.profile), type: kind.type, access.profile)
        }
        let sort = asked.sortBy.map { SortOrder(attribute: $0, direction: asked.direction) }
        let query = ResourceQuery(
            ResourceQuery.Part(
                kind: kind,
                projection: kind.defaultProjection,
                filter: filter,
                sort: try sort.map { try BoundSortOrder($0, type: kind.type) },
                text: asked.filter
            ),
            [],
            access: access,
            baseURL: "",
            page: ResourceQuery.Page(
                startIndex: startIndex,
                count: 100,
                direction: sort?.direction,
                sortedResultsMax: 100_000
            )
        )
        var run = queries.run(query)
        var cost = 0
        var isDone = false
        while !isDone {
            isDone = try run.advance(.background)
            cost += QueryRun.stepBudget - run.budget
        }
        return (run.body, cost)
    }
}
