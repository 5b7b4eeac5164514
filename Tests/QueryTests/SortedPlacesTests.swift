import SCIM
import Storage
import TestSupport
import Testing

@testable import Directory
@testable import Query
@testable import Tenancy

@Suite("Sorted places")
struct SortedPlacesTests {
    private static func places(_ count: Int, _ generator: inout some RandomNumberGenerator) -> [ListPlace] {
        (0..<count).map { number in
            ListPlace(
                key: Int.random(in: 0..<10, using: &generator) == 0
                    ? .missing : SortKey(bytes: [UInt8.random(in: 0..<4, using: &generator)]),
                part: Int.random(in: 0..<2, using: &generator),
                id: UniqueID(high: UInt64.random(in: 0..<3, using: &generator), low: UInt64(number))
            )
        }
    }

    @Test(
        "S-01, P-04: of any number of places, those are kept that sorting all of them would put first, or last",
        arguments: [1, 2, 7, 100, 1_500],
        [false, true]
    )
    func model(capacity: Int, descending: Bool) throws {
        var generator = SeededGenerator(seed: UInt64(capacity))
        for count in [0, 1, 2, 50, 2_000] {
            let places = Self.places(count, &generator)
            let sorted = places.sorted { $0.precedes($1, descending: descending) }
            for end in [SortedPlaces.End.first, .last] {
                var kept = SortedPlaces(
                    end,
                    capacity: capacity,
                    descending: descending,
                    memory: QueryMemory.ofPlaces()
                )
                for place in places { try kept.offer(place) }
                #expect(kept.count == min(capacity, count))
                var found: [UniqueID] = []
                while let place = kept.pop() { found.append(place.id) }
                let expected =
                    end == .first ? sorted.prefix(capacity).reversed() : Array(sorted.suffix(capacity))
                #expect(found == expected.map(\.id))
            }
        }
    }

    @Test("S-01: a descending list turns round the keys, with those without a value first, and not the ids")
    func directions() {
        let ids = (0..<3).map { UniqueID(high: 0, low: $0) }
        let places = [
            ListPlace(key: SortKey(bytes: [1]), part: 0, id: ids[0]),
            ListPlace(key: SortKey(bytes: [1]), part: 0, id: ids[1]),
            ListPlace(key: .missing, part: 0, id: ids[2]),
        ]
        #expect(places.sorted { $0.precedes($1, descending: false) }.map(\.id) == ids)
        #expect(places.sorted { $0.precedes($1, descending: true) }.map(\.id) == [ids[2], ids[0], ids[1]])
    }

    @Test("Queries share a bounded memory for sorting, are busy beyond it, and give it back when they end")
    func memory() throws {
        let memory = QueryMemory.ofPlaces(max: 2_048)
        func fill(_ places: inout SortedPlaces, _ count: Int) throws {
            for number in 0..<count {
                try places.offer(ListPlace(key: .none, part: 0, id: UniqueID(high: 0, low: UInt64(number))))
            }
        }
        for _ in 0..<3 {
            var first = SortedPlaces(.first, capacity: 1_024, descending: false, memory: memory)
            try fill(&first, 5_000)
            var second = SortedPlaces(.first, capacity: 5_000, descending: false, memory: memory)
            try fill(&second, 1_024)
            #expect(throws: DirectoryError.busy) { try fill(&second, 1) }
            #expect(first.count == 1_024)
        }
        var all = SortedPlaces(.first, capacity: 2_048, descending: false, memory: memory)
        try fill(&all, 2_048)
    }
}
