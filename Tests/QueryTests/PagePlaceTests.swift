import HTTP
import JSON
import SCIM
import TestSupport
import Testing

@testable import Directory
@testable import Query
@testable import Storage
@testable import Tenancy

@Suite("Where a page by index begins")
struct PagePlaceTests {
    @Test(
        "RFC 7644 §3.4.2.4: a page shows what stands at its startIndex, while others are created and deleted"
    )
    func jumps() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        var random = SeededGenerator(seed: 3)
        var ids = try await service.createUsers(2_000)
        for round in 0..<60 {
            let (start, count) = (
                Int.random(in: 1...ids.count + 50, using: &random), random.pick([0, 1, 7, 100])
            )
            let page = try await client.send(.get, "/Users?attributes=id&startIndex=\(start)&count=\(count)")
            #expect(page.texts("Resources", "id") == ids.dropFirst(start - 1).prefix(count).map(\.text))
            #expect(page.integer("totalResults") == ids.count)
            #expect(page.integer("startIndex") == start)
            async let created = [client.createUser("a\(round)"), client.createUser("b\(round)")]
            let leaving = ids.remove(at: Int.random(in: ids.indices, using: &random))
            #expect(try await client.send(.delete, "/Users/\(leaving.text)").status == 204)
            ids = (ids + (try await created).compactMap(UniqueID.init(text:))).sorted()
        }
        #expect(try service.findings() == [])
    }

    @Test("RFC 7644 §3.4.2.1: a page of the root reaches over resource types, from any index on")
    func root() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let users = try await service.createUsers(700).map(\.text)
        var groups: [String] = []
        for number in 0..<5 { groups.append(try await client.createGroup("g\(number)", members: [])) }
        let all = users + groups.sorted()
        for start in [1, 300, 600, 690, 700, 701, 702, 705, 706, 900] {
            let page = try await client.send(.get, "/?attributes=id&count=20&startIndex=\(start)")
            #expect(page.texts("Resources", "id") == Array(all.dropFirst(start - 1).prefix(20)))
            #expect(page.integer("totalResults") == all.count)
        }
    }

    @Test("a page shows what stands at its startIndex, at each that there is")
    func everywhere() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let users = try await service.createUsers(600).map(\.text)
        var groups: [String] = []
        for number in 0..<300 { groups.append(try await client.createGroup("g\(number)")) }
        groups.sort()
        for (path, ids) in [("/Users", users), ("/Groups", groups), ("/", users + groups)] {
            for start in 1...ids.count + 1 {
                let page = try await client.send(.get, "\(path)?attributes=id&count=2&startIndex=\(start)")
                #expect(page.texts("Resources", "id") == Array(ids.dropFirst(start - 1).prefix(2)))
                #expect(page.integer("totalResults") == ids.count)
            }
        }
    }

    @Test("a page costs what it shows, wherever it begins")
    func cost() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        _ = try await service.client()
        try await service.createUsers(20_000)
        let first = try cost(of: page(at: 1, service), service)
        for start in [2, 250, 5_000, 12_345, 19_901] {
            #expect(try cost(of: page(at: start, service), service) <= first * 3 / 2, "startIndex \(start)")
        }
    }

    @Test("where the counting rows are wrong, pages are found by walking")
    func withoutTally() async throws {
        let store = MemoryStore(clock: { 1 })
        let service = TestService(store: store)
        let client = try await service.client()
        let ids = try await service.createUsers(1_000).map(\.text)
        let tenant = try service.acme().tenant.number
        let tally = Keys.tally(tenant, ResourceKinds.core.all[0].code)
        for key in try store.keys(tally.prefix(.range)) { store.overwrite(key, with: nil) }
        // What comes later is counted beside what is not.
        let late = try await client.createUser("late")
        for start in [1, 400, 1_000] {
            let page = try await client.send(.get, "/Users?attributes=id&count=2&startIndex=\(start)")
            #expect(page.texts("Resources", "id") == Array((ids + [late]).dropFirst(start - 1).prefix(2)))
        }
        #expect(try service.findings().count == 1)
    }

    private func page(at startIndex: Int, _ service: TestService) throws -> ResourceQuery {
        let kind = ResourceKinds.core.all[0]
        return ResourceQuery(
            ResourceQuery.Part(kind: kind, projection: kind.defaultProjection),
            [],
            access: try service.acme(),
            baseURL: "",
            page: ResourceQuery.Page(startIndex: startIndex, count: 100, sortedResultsMax: 1)
        )
    }

    /// In units of a step's budget.
    private func cost(of query: ResourceQuery, _ service: TestService) throws -> Int {
        var run = ResourceQueries(service.directory).run(query)
        var cost = 0
        var isDone = false
        while !isDone {
            isDone = try run.advance(.background)
            cost += QueryRun.stepBudget - run.budget
        }
        return cost
    }
}
