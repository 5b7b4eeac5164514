import Audit
import Foundation
import HTTP
import JSON
import SCIM
import TestSupport
import Testing

@testable import Directory
@testable import Query
@testable import Storage
@testable import Tenancy

@Suite("Filters by id")
struct IDBoundsTests {
    private static let operators: [Filter.Operator] = [.sw, .gt, .ge, .lt, .le]

    /// Texts that are the beginnings of ids, whole ids, and neither.
    private static func texts(_ ids: [UniqueID]) -> [String] {
        let whole =
            ids.map(\.text) + [
                "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ]
        let beginnings = whole.flatMap { text in [1, 8, 9, 13, 14, 24, 35].map { String(text.prefix($0)) } }
        let others = [
            "0A", "g", "0-", "01234567", "012345678", "z", "-", "Z", whole[0] + "0", whole[0].uppercased(),
        ]
        return whole + beginnings + others
    }

    @Test("RFC 7644 §3.4.2.2: bounds hold the ids whose texts compare so, and no others")
    func bounds() {
        var random = SeededGenerator(seed: 5)
        let ids = (0..<40).map { _ in
            UniqueID(
                high: random.next() & (Bool.random(using: &random) ? .max : 0xFF << 56),
                low: Bool.random(using: &random) ? random.next() : .max
            )
        }
        for comparison in Self.operators {
            for text in Self.texts(ids) {
                guard let bounds = IDBounds(comparison, text) else {
                    #expect(comparison != .sw)
                    continue
                }
                for id in ids {
                    let isIn = bounds.first <= id && id <= bounds.last
                    let isMatch =
                        switch comparison {
                        case .sw: id.text.hasPrefix(text)
                        case .gt: id.text > text
                        case .ge: id.text >= text
                        case .lt: id.text < text
                        default: id.text <= text
                        }
                    #expect(isIn == isMatch, "\(id.text) \(comparison) \(text)")
                }
            }
        }
    }

    @Test(
        "RFC 7644 §3.4.2.2: a list by id looks at what it shows, by index, by cursor and beside other terms"
    )
    func lists() async throws {
        let service = TestService(
            store: MemoryStore(clock: { 1 }),
            features: ServiceProviderFeatures(cursorTimeoutSeconds: 60)
        )
        let client = try await service.client()
        let ids = try await service.createUsers(400).map(\.text).sorted()
        let (low, high) = (ids[100], ids[220])
        let cases: [(String, [String])] = [
            (#"id ge "\#(low)""#, Array(ids[100...])), (#"id gt "\#(low)""#, Array(ids[101...])),
            (#"id lt "\#(low)""#, Array(ids[..<100])), (#"id le "\#(low)""#, Array(ids[...100])),
            (#"id gt "\#(low)" and id le "\#(high)""#, Array(ids[101...220])),
            (#"id gt "\#(low)" and externalId eq "x""#, Array(ids[101...])),
            (#"id sw "\#(low)""#, [low]),
            (#"id sw "\#(low.prefix(2))""#, ids.filter { $0.hasPrefix(low.prefix(2)) }),
            (#"id sw "zz""#, []), (#"id sw "\#(low.uppercased())""#, [low]),
            (#"id gt "ffffffff-ffff-ffff-ffff-ffffffffffff""#, []),
            (#"id lt "\#(low)" or id gt "\#(high)""#, Array(ids[..<100] + ids[221...])),
            (#"not (id lt "\#(low)")"#, Array(ids[100...])),
        ]
        for (filter, found) in cases {
            let query =
                try "filter=" + #require(filter.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let page = try await client.send(.get, "/Users?\(query)&startIndex=11&count=30")
            #expect(page.texts("Resources", "id") == Array(found.dropFirst(10).prefix(30)), "\(filter)")
            #expect(page.integer("totalResults") == found.count, "\(filter)")
            let sorted = try await client.send(
                .get,
                "/Users?\(query)&sortBy=id&sortOrder=descending&count=30"
            )
            #expect(sorted.texts("Resources", "id") == Array(found.reversed().prefix(30)), "\(filter)")
            var (shown, cursor) = ([String](), String?.some(""))
            var previous: String?
            while let place = cursor {
                let page = try await client.send(.get, "/Users?\(query)&count=70&cursor=\(place)")
                shown += page.texts("Resources", "id")
                cursor = try? page.text("nextCursor")
                previous = try? page.text("previousCursor")
            }
            #expect(shown == found, "\(filter)")
            guard let place = previous else { continue }
            let back = try await client.send(.get, "/Users?\(query)&count=70&cursor=\(place)")
            let first = (found.count - 1) / 70 * 70 - 70
            #expect(back.texts("Resources", "id") == Array(found[first..<first + 70]), "\(filter)")
        }
    }

    @Test("a list by id costs what lies between its bounds")
    func cost() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        _ = try await service.client()
        let ids = try await service.createUsers(2_000).sorted()
        let kind = ResourceKinds.core.all[0]
        func run(_ text: String) throws -> QueryRun {
            let filter = try BoundFilter(Filter.parse(text), type: kind.type, .default)
            let part = ResourceQuery.Part(kind: kind, projection: .identity, filter: filter)
            let page = ResourceQuery.Page(startIndex: 1, count: 10, sortedResultsMax: 1)
            let query = ResourceQuery(part, [], access: try service.acme(), baseURL: "", page: page)
            var run = ResourceQueries(service.directory).run(query)
            while try !run.advance(.background) {}
            return run
        }
        let some = try run(#"id ge "\#(ids[500].text)" and id lt "\#(ids[520].text)""#)
        #expect(some.planName == "id" && some.rowCount <= 21)
        let beside = try run(#"id ge "\#(ids[1_990].text)" and not (title pr)"#)
        #expect(beside.planName == "id" && beside.rowCount <= 11)
        #expect(try run(#"id sw "zz""#).rowCount == 0)
    }
}
