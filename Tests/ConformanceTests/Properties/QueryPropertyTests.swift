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
