import HTTP
import JSON
import SCIM
import TestSupport
import Testing

@Suite("Any walk by cursor")
struct CursorPropertyTests {
    private static let walksPerSeed = 40

    private static let orders = [
        nil, "userName", "title", "emails", "active", "meta.lastModified", "displayName", "unheardOf",
    ]

    @Test(
        "K-01, K-02, Q-04, S-01, RFC 9865 §2: any list, walked forward and back by pages of any size, is the list by index",
        arguments: PropertyRounds.seeds(4)
    )
    func walks(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let directory = try await RandomDirectory(&random, users: 14, groups: 6)
        var filters = RandomFilters(type: .user, resources: directory.users, random: random)
        var walked = 0
        for number in 0..<Self.walksPerSeed {
            let filter = number % 4 == 0 ? nil : filters.next().description
            let endpoint = filters.random.pick(["/Users", "/Groups", ""])
            var query = "attributes=id"
            if let order = filters.random.pick(Self.orders) {
                query += "&sortBy=\(order)&sortOrder=\(filters.random.pick(["ascending", "descending"]))"
            }
            let client = directory.client
            let list = try await client.list(endpoint, filter, "\(query)&count=1000")
            guard list.status == 200 else { continue }
            let size = Int.random(in: 1...7, using: &filters.random)
            let expected = list.texts("Resources", "id")
            let place: Comment = "seed \(seed): \(endpoint) \(query) count=\(size) \(filter ?? "")"
            try await walk(client, endpoint, filter, "\(query)&count=\(size)", size, expected, place)
            walked += expected.count > size ? 1 : 0
        }
        // Lists of one page would prove nothing.
        #expect(walked > Self.walksPerSeed / 8)
    }

    private func walk(
        _ client: TestClient,
        _ endpoint: String,
        _ filter: String?,
        _ query: String,
        _ size: Int,
        _ expected: [String],
        _ place: Comment
    ) async throws {
        var found: [String] = []
        var pages: [[String]] = []
        var cursor: String? = ""
        var previous: String?
        while let next = cursor, pages.count <= expected.count {
            let page = try await client.list(endpoint, filter, "\(query)&cursor=\(next)")
            try #require(page.status == 200, place)
            let ids = page.texts("Resources", "id")
            #expect(ids.count == min(size, expected.count - found.count), place)
            if let total = page.integer("totalResults") { #expect(total == expected.count, place) }
            #expect((page.value("previousCursor") == nil) == pages.isEmpty, place)
            found += ids
            pages.append(ids)
            previous = try? page.text("previousCursor")
            cursor = try? page.text("nextCursor")
        }
        #expect(found == expected, place)
        for index in pages.indices.dropLast().reversed() {
            let page = try await client.list(
                endpoint,
                filter,
                "\(query)&cursor=\(try #require(previous, place))"
            )
            #expect(page.texts("Resources", "id") == pages[index], place)
            previous = try? page.text("previousCursor")
        }
        #expect(previous == nil, place)
    }
}

extension TestClient {
    fileprivate func list(_ endpoint: String, _ filter: String?, _ more: String) async throws -> TestAnswer {
        guard let filter else { return try await send(.get, "\(endpoint)?\(more)") }
        return try await find(endpoint, filter, more)
    }
}
