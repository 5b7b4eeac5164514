import HTTP
import JSON
import SCIM
import Service
import Storage
import TestSupport
import Testing

@Suite("Sorted lists")
struct SortedListTests {
    private func client(
        _ features: ServiceProviderFeatures = ServiceProviderFeatures()
    ) async throws -> TestClient {
        try await TestService(store: MemoryStore(clock: { 1 }), features: features).client()
    }

    @Test(
        "S-01, S-02, P-03: pages of a list that takes many steps are together the list, sorted, each resource once",
        arguments: [SortOrder.Direction.ascending, .descending]
    )
    func pages(direction: SortOrder.Direction) async throws {
        let client = try await client()
        var names: [String: String] = [:]
        for number in 0..<1_500 {
            let title = number % 7 == 0 ? "" : #","title":"\#((number * 37) % 500)""#
            names[try await client.createUser("user\(number)", title)] = title
        }
        let target = "/Users?sortBy=title&sortOrder=\(direction)&attributes=title"
        let request = try Request(
            method: .get,
            target: Target("/acme/scim/v2\(target)"),
            fields: Fields([(.authorization, "Bearer \(#require(client.token))")]),
            body: [],
            peer: Peer(address: nil, isSecure: true)
        )
        guard case .pending = client.service.pipeline.handle(request) else {
            Issue.record("1,500 users are sorted in one step")
            return
        }
        var ids: [String] = []
        var titles: [String] = []
        for start in stride(from: 1, through: 1_501, by: 250) {
            let page = try await client.send(.get, "\(target)&startIndex=\(start)&count=250")
            #expect(page.integer("totalResults") == 1_500)
            ids += page.texts("Resources", "id")
            titles += page.texts("Resources", "title")
        }
        #expect(Set(ids) == Set(names.keys))
        #expect(ids.count == 1_500)
        #expect(titles == titles.sorted { direction == .ascending ? $0 < $1 : $0 > $1 })
        let empty = direction == .ascending ? ids.suffix(215) : ids.prefix(215)
        #expect(empty.allSatisfy { names[$0] == "" })
        #expect(Array(empty) == empty.sorted())
    }

    @Test(
        "Q-05, S-01, D-06: a sorted page beyond the limit is tooMany, unless the list is short enough to have none"
    )
    func tooMany() async throws {
        let client = try await client(ServiceProviderFeatures(sortedResultsMax: 5))
        for number in 0..<8 { _ = try await client.createUser("user\(number)") }
        for query in ["startIndex=1&count=5", "startIndex=5&count=1", "startIndex=100&count=0"] {
            let page = try await client.send(.get, "/Users?sortBy=title&\(query)")
            #expect(page.status == 200, "\(query)")
            #expect(page.integer("totalResults") == 8)
        }
        for query in ["startIndex=1&count=6", "startIndex=6&count=1", "startIndex=100", "count=1000"] {
            // An index has the order of the names.
            let ordered = try await client.send(.get, "/Users?sortBy=userName&\(query)")
            #expect(ordered.integer("totalResults") == 8)
            let refused = try await client.send(.get, "/Users?sortBy=title&\(query)")
            #expect(refused.status == 400, "\(query)")
            #expect(try refused.text("scimType") == "tooMany")
            #expect(try refused.text("detail").contains("5"))
        }
        let filtered = "/Users?filter=userName%20lt%20%22user5%22&sortBy=userName&startIndex=4&count=100"
        #expect(try await client.send(.get, filtered).texts("Resources", "userName") == ["user3", "user4"])
        #expect(try await client.send(.get, "/Users?startIndex=8&count=100").integer("itemsPerPage") == 1)
    }

    @Test("S-01, D-06: a server that tells that it does not sort ignores what it would sort by")
    func notOffered() async throws {
        let client = try await client(ServiceProviderFeatures(sort: false))
        for name in ["b", "a"] { _ = try await client.createUser(name) }
        let config = try await client.send(.get, "/ServiceProviderConfig")
        #expect(config.value("sort", "supported") == .bool(false))
        for sortBy in ["userName", "name", "]"] {
            let list = try await client.send(.get, "/Users?sortBy=\(sortBy)")
            #expect(list.texts("Resources", "userName") == ["b", "a"])
        }
    }
}
