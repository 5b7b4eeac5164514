import HTTP
import JSON
import SCIM
import TestSupport
import Testing

@testable import Directory
@testable import Query
@testable import Storage
@testable import Tenancy

@Suite("A walk while the directory changes")
struct ListWalkTests {
    private static let userCount = 20_000
    private static let pageSize = 1_000

    @Test(
        "K-01, P-05, RFC 9865 §1: a walk of 20,000 users by cursor shows everyone who stays exactly once, while others are created and deleted; pages by index drift"
    )
    func walk() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        var ids = try await service.createUsers(Self.userCount)
        let stay = Set(ids.enumerated().filter { $0.offset % 10 > 1 }.map(\.element.text))
        var leaving = ids.enumerated().filter { $0.offset % 10 < 2 }.map(\.element)
        ids = []

        var byCursor: [String: Int] = [:]
        var byIndex: [String: Int] = [:]
        var cursor = ""
        var startIndex = 1
        for round in 0..<Self.userCount / Self.pageSize + 5 {
            let query = "/Users?attributes=id&count=\(Self.pageSize)"
            let page = try await client.send(.get, "\(query)&cursor=\(cursor)")
            for id in page.texts("Resources", "id") { byCursor[id, default: 0] += 1 }
            let indexed = try await client.send(.get, "\(query)&startIndex=\(startIndex)")
            for id in indexed.texts("Resources", "id") { byIndex[id, default: 0] += 1 }
            startIndex += Self.pageSize
            // Some go from everywhere, those shown already among them, and others come.
            for _ in 0..<100 where !leaving.isEmpty {
                let id = leaving.remove(at: (leaving.count * 7 / 11 + round) % leaving.count)
                #expect(try await client.send(.delete, "/Users/\(id.text)").status == 204)
            }
            for number in 0..<20 { _ = try await client.createUser("new \(round) \(number)") }
            guard let next = try? page.text("nextCursor") else { break }
            cursor = next
        }
        #expect(stay.allSatisfy { byCursor[$0] == 1 })
        #expect(byCursor.values.allSatisfy { $0 == 1 })
        #expect(!stay.allSatisfy { byIndex[$0] == 1 })
    }

    @Test(
        "K-01, K-05, RFC 9865 §2: a page by cursor costs the same wherever it lies, there and back, and no step does more than its share",
        arguments: [
            nil, #"externalId eq "x""#, #"externalId eq "x" and userName sw "user""#, #"userName co "user""#,
        ]
    )
    func cost(filter: String?) async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        _ = try await service.client()
        _ = try await service.createUsers(3_000)
        let key = try await ResourceQueries(service.directory).readCursorKey()
        let cursors = ResourceQueries(service.directory).cursors(
            of: QueryParameters(),
            kinds: [],
            access: try service.acme(),
            lifetimeSeconds: 60,
            key: key
        )
        for (count, stepsMax) in [(100, 1), (1_000, 5)] {
            var text = ""
            for step in 0..<2 * 3_000 / count - 1 {
                let position = try cursors.position(text)
                var run = ResourceQueries(service.directory).run(
                    try query(filter, count, ResourceQuery.Page.Cursor(cursors, at: position), service)
                )
                var steps = 1
                while try !run.advance(.background) { steps += 1 }
                #expect(steps <= stepsMax)
                // A thousand resources are not written at once.
                if count == 1_000 { #expect(steps > 1) }
                guard case .object(let page) = try JSONValue(parsing: run.body),
                    case .array(let resources)? = page["Resources"]
                else { throw NoList() }
                #expect(resources.count == count)
                let neighbour = step < 3_000 / count - 1 ? page["nextCursor"] : page["previousCursor"]
                if case .string(let next)? = neighbour { text = next } else { text = "" }
            }
            // Back at the first page, which has no previous one.
            #expect(text == "")
        }
        // Beside it a page by index looks at what lies before it.
        if filter == #"userName co "user""# {
            var run = ResourceQueries(service.directory).run(try query(filter, 100, nil, service))
            var steps = 1
            while try !run.advance(.background) { steps += 1 }
            #expect(steps > 1)
        }
    }

    private struct NoList: Error {}

    /// Users by index from the last page on, or by cursor.
    private func query(
        _ filter: String?,
        _ count: Int,
        _ cursor: ResourceQuery.Page.Cursor?,
        _ service: TestService
    ) throws -> ResourceQuery {
        let access = try service.acme()
        let kind = ResourceKinds.core.all[0]
        return ResourceQuery(
            ResourceQuery.Part(
                kind: kind,
                projection: kind.defaultProjection,
                filter: try filter.map {
                    try BoundFilter(Filter.parse($0, access.profile), type: kind.type, access.profile)
                }
            ),
            [],
            access: access,
            baseURL: "",
            page: ResourceQuery.Page(startIndex: 2_901, count: count, sortedResultsMax: 1, cursor: cursor)
        )
    }
}
