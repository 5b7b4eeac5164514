import HTTP
import JSON
import SCIM
import TestSupport
import Testing

@Suite("Any query")
struct QueryPropertyTests {
    private static let filtersPerSeed = 250

    @Test(
        "F-02 to F-13, P-04, RFC 7644 §3.4.2.2: any filter over any resources finds what a plain evaluation finds, in the order of the unfiltered list",
        arguments: PropertyRounds.seeds(8)
    )
    func filters(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let directory = try await RandomDirectory(&random, users: 16, groups: 6)
        let kinds: [(ResourceType, [JSONObject])] = [(.user, directory.users), (.group, directory.groups)]
        var tally = Tally()
        for (index, (type, resources)) in kinds.enumerated() {
            var filters = RandomFilters(type: type, resources: resources, random: random)
            // Users have more attributes, and so more ways to be wrong about.
            for _ in 0..<(index == 0 ? Self.filtersPerSeed * 3 / 5 : Self.filtersPerSeed * 2 / 5) {
                try await compare(filters.next(), type, resources, directory.client, &tally, "seed \(seed)")
            }
            random = filters.random
        }
        // Filters that all find nothing, or are all refused, would prove nothing.
        #expect(tally.matching > Self.filtersPerSeed / 10, "\(tally)")
        #expect(tally.refused < Self.filtersPerSeed / 2, "\(tally)")
    }

    private static let sortable = [
        "userName", "displayName", "title", "name.familyName", "emails", "emails.type", "addresses.locality",
        "active", "meta.lastModified", "meta.version", "id", "externalId", "profileUrl", "unheardOf",
        "groups",
        "\(Schema.enterpriseUser.id):department", "\(Schema.enterpriseUser.id):manager.value",
    ]

    @Test(
        "P-01 to P-04, Q-04, Q-07, S-01, S-02, RFC 7644 §3.4.3: any page of any filter in any order is the same by GET and by POST, of one type and of all",
        arguments: PropertyRounds.seeds(6)
    )
    func pages(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let directory = try await RandomDirectory(&random, users: 10, groups: 5)
        var filters = RandomFilters(type: .user, resources: directory.users, random: random)
        for _ in 0..<Self.filtersPerSeed / 5 {
            let filter = filters.next()
            let ofUsers = PlainFilter(filter: filter, type: .user)
            let ofGroups = PlainFilter(filter: filter, type: .group)
            guard (try? ofUsers.check()) != nil, (try? ofGroups.check()) != nil else { continue }
            let users = directory.users.filter(ofUsers.matches).map {
                (type: ResourceType.user, resource: $0)
            }
            let groups = directory.groups.filter(ofGroups.matches).map {
                (type: ResourceType.group, resource: $0)
            }
            for (endpoint, all) in [("/Users", users), ("/Groups", groups), ("", users + groups)] {
                let window = Window(sortBy: filters.random.pick([nil] + Self.sortable), &filters.random)
                try await compare(
                    window,
                    endpoint,
                    filter,
                    try window.sorted(all),
                    directory.client,
                    "seed \(seed)"
                )
            }
        }
    }

    /// A page of a list in an order.
    private struct Window {
        let sortBy: String?
        let isDescending: Bool
        let startIndex: Int
        let count: Int

        init(sortBy: String?, _ random: inout SeededGenerator) {
            self.sortBy = sortBy
            isDescending = random.isOne(in: 2)
            startIndex = Int.random(in: -1...12, using: &random)
            count = Int.random(in: -1...12, using: &random)
        }

        func sorted(_ all: [(type: ResourceType, resource: JSONObject)]) throws -> [String] {
            guard let sortBy else { return all.compactMap { $0.resource.text("id") } }
            let path = try AttributePath(parsing: sortBy, schemas: ResourceType.user.schemaURIs)
            return PlainOrder(path: path, isDescending: isDescending).sorted(all).compactMap { $0.text("id") }
        }

        var query: String {
            let order =
                sortBy.map { "&sortBy=\($0)&sortOrder=\(isDescending ? "descending" : "ascending")" } ?? ""
            return "attributes=id&startIndex=\(startIndex)&count=\(count)\(order)"
        }

        func body(_ filter: Filter) -> JSONValue {
            var body: JSONObject = [
                "schemas": [.string(SearchRequest.schema)], "filter": .string(filter.description),
                "attributes": ["id"], "startIndex": .number(JSONNumber(startIndex)),
                "count": .number(JSONNumber(count)),
            ]
            body["sortBy"] = sortBy.map(JSONValue.string)
            body["sortOrder"] = isDescending ? "descending" : nil
            return .object(body)
        }
    }

    private func compare(
        _ window: Window,
        _ endpoint: String,
        _ filter: Filter,
        _ all: [String],
        _ client: TestClient,
        _ place: String
    ) async throws {
        let expected = Array(all.dropFirst(max(0, window.startIndex - 1)).prefix(max(0, window.count)))
        let got = try await client.find(endpoint, filter.description, window.query)
        let posted = try await client.send(.post, "\(endpoint)/.search", window.body(filter).text)
        for answer in [got, posted] {
            #expect(answer.texts("Resources", "id") == expected, "\(place) \(endpoint) \(window): \(filter)")
            #expect(answer.integer("totalResults") == all.count, "\(place) \(endpoint) \(window): \(filter)")
            #expect(answer.integer("itemsPerPage") == expected.count)
        }
        #expect(got.json == posted.json)
    }

    private struct Tally {
        var matching = 0
        var refused = 0
    }

    private func compare(
        _ filter: Filter,
        _ type: ResourceType,
        _ resources: [JSONObject],
        _ client: TestClient,
        _ tally: inout Tally,
        _ place: String
    ) async throws {
        let plain = PlainFilter(filter: filter, type: type)
        let answer = try await client.find(type.endpoint, filter.description, "attributes=id&count=1000")
        do throws(PlainFilter.Mismatch) { try plain.check() } catch {
            tally.refused += 1
            #expect(answer.value("scimType") == .string("invalidFilter"), "\(place): \(filter)")
            return
        }
        let expected = resources.filter(plain.matches).compactMap { $0.text("id") }
        tally.matching += expected.isEmpty ? 0 : 1
        #expect(answer.status == 200, "\(place): \(filter)")
        #expect(answer.texts("Resources", "id") == expected, "\(place), \(type.name): \(filter)")
        #expect(answer.integer("totalResults") == expected.count, "\(place), \(type.name): \(filter)")
    }
}

extension TestClient {
    /// Lists what a filter finds below an endpoint; `more`: other query parameters, already encoded.
    func find(_ endpoint: String, _ filter: String, _ more: String = "count=1000") async throws -> TestAnswer
    {
        let encoded = filter.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return try await send(.get, "\(endpoint)?\(more)&filter=\(encoded.joined())")
    }
}
