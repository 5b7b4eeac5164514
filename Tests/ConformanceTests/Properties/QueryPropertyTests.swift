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

    @Test(
        "P-01 to P-04, Q-04, Q-07, RFC 7644 §3.4.3: any page of any filter is the same by GET and by POST, of one type and of all",
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
            let users = directory.users.filter(ofUsers.matches).compactMap { $0.text("id") }
            let groups = directory.groups.filter(ofGroups.matches).compactMap { $0.text("id") }
            let window = (
                start: Int.random(in: -1...12, using: &filters.random),
                count: Int.random(in: -1...12, using: &filters.random)
            )
            for (endpoint, all) in [("/Users", users), ("/Groups", groups), ("", users + groups)] {
                let expected = Array(all.dropFirst(max(0, window.start - 1)).prefix(max(0, window.count)))
                let query = "attributes=id&startIndex=\(window.start)&count=\(window.count)"
                let got = try await directory.client.find(endpoint, filter.description, query)
                let body: JSONValue = [
                    "schemas": [.string(SearchRequest.schema)], "filter": .string(filter.description),
                    "attributes": ["id"], "startIndex": .number(JSONNumber(window.start)),
                    "count": .number(JSONNumber(window.count)),
                ]
                let posted = try await directory.client.send(.post, "\(endpoint)/.search", body.text)
                for answer in [got, posted] {
                    #expect(answer.texts("Resources", "id") == expected, "\(endpoint) \(window): \(filter)")
                    #expect(answer.integer("totalResults") == all.count, "\(endpoint) \(window): \(filter)")
                    #expect(answer.integer("itemsPerPage") == expected.count)
                }
                #expect(got.json == posted.json)
            }
        }
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
