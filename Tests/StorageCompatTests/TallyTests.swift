import Storage
import TestSupport
import Testing

private let tally = Tally(of: .user("r"), in: .user("t"))

@Suite("Every engine: tallies")
struct TallyTests {
    /// How ids are made.
    enum Order: CaseIterable {
        case rising, falling, random, oneMillisecond, nearlyRising

        func id(_ number: Int, _ random: inout SeededGenerator) -> UniqueID {
            let low = UInt64.random(in: 0..<1 << 40, using: &random)
            return switch self {
            case .rising: UniqueID(high: UInt64(number) << 16, low: low)
            case .falling: UniqueID(high: UInt64(1_000_000 - number) << 16, low: low)
            case .random: UniqueID(high: UInt64.random(in: 0 ... .max, using: &random), low: low)
            case .oneMillisecond: UniqueID(high: 7, low: low)
            case .nearlyRising: UniqueID(high: UInt64(number / 40), low: low)
            }
        }
    }

    /// A list beside its plain model.
    private struct Model {
        let store: any Store
        var ids: [UniqueID] = []

        init(_ store: any Store) { self.store = store }

        /// Creates and deletes, many in a commit.
        mutating func change(create new: [UniqueID], delete old: [UniqueID]) async throws {
            var mutations: [Mutation] = []
            for id in new {
                mutations += [.put(tally.rows.with(id), []), .tally(tally, id, 1)]
            }
            for id in old {
                mutations += [.delete(tally.rows.with(id)), .tally(tally, id, -1)]
            }
            _ = try await store.commit(Changeset(mutations))
            let gone = Set(old)
            ids = (ids + new).filter { !gone.contains($0) }.sorted()
        }

        /// The row at an index, by the tally and at most a block's rows.
        func row(at index: Int) throws -> UniqueID? {
            let total = Int64(ids.count)
            return try store.withSnapshot { snapshot throws(StoreError) -> UniqueID? in
                guard let block = try snapshot.block(at: Int64(index), of: tally, total: total) else {
                    return nil
                }
                var left = index - Int(block.before)
                #expect((0..<Tally.blockRowsMax).contains(left))
                var found: UniqueID?
                try snapshot.scan(prefix: tally.rows, from: tally.rows.with(block.first)) { key, _, _ in
                    left -= 1
                    guard left < 0 else { return .more }
                    found = UniqueID(bytes: key, at: tally.rows.bytes.count)
                    return .stop
                }
                return found
            }
        }

        func parts(_ level: Tally.Level) throws -> [Tally.Part] {
            try store.withSnapshot { snapshot throws(StoreError) in
                var parts: [Tally.Part] = []
                try snapshot.parts(level, of: tally) {
                    parts.append($0)
                    return .more
                }
                return parts
            }
        }

        /// Each index leads to its row, and no other does.
        func check(step: Int) throws {
            for index in Set(stride(from: 0, to: ids.count, by: step)).union([ids.count - 1]) where index >= 0
            {
                #expect(try row(at: index) == ids[index], "index \(index) of \(ids.count)")
            }
            #expect(try row(at: ids.count) == nil)
            #expect(try row(at: -1) == nil)
            for (level, max) in [(Tally.Level.block, Tally.blockRowsMax), (.range, Tally.rangeRowsMax)] {
                let parts = try parts(level)
                #expect(parts.reduce(0) { $0 + $1.count } == Int64(ids.count))
                #expect(parts.allSatisfy { (1...Int64(max)).contains($0.count) })
            }
        }
    }

    @Test(
        "an index leads to the block of its row, whatever ids are created and deleted in which order",
        arguments: StorageEngine.allCases,
        Order.allCases
    )
    func indexes(engine: StorageEngine, order: Order) async throws {
        try await engine.withStore { store in
            var random = SeededGenerator(seed: 7)
            var model = Model(store)
            try model.check(step: 1)
            for round in 0..<12 {
                let new = (0..<250).map { order.id(round * 250 + $0, &random) }
                let old = model.ids.shuffled(using: &random).prefix(round % 3 == 2 ? 300 : 20)
                try await model.change(create: new, delete: Array(old))
                try model.check(step: 37)
            }
            // Ids in order fill their blocks.
            if order == .rising { #expect(try model.parts(.block).count < model.ids.count / 60) }
            while !model.ids.isEmpty {
                try await model.change(create: [], delete: Array(model.ids.prefix(400)))
                try model.check(step: 101)
            }
            // What counts nothing is gone.
            #expect(try store.keys(tally.counts) == [])
            try await model.change(create: [.zero, UniqueID(high: .max, low: .max)], delete: [])
            try model.check(step: 1)
        }
    }

    @Test(
        "a hundred thousand rows are divided among ranges, which join again when most rows are gone",
        arguments: [
            Order.rising, .random,
        ]
    )
    func ranges(order: Order) async throws {
        var random = SeededGenerator(seed: 8)
        var model = Model(MemoryStore())
        for round in 0..<20 {
            let new = (0..<5_000).map { order.id(round * 5_000 + $0, &random) }
            try await model.change(create: new, delete: [])
        }
        try model.check(step: 5_003)
        #expect((4...8).contains(try model.parts(.range).count))
        #expect(try model.parts(.block).count <= 100_000 / (Tally.blockRowsMax / 2))
        let gone = model.ids.enumerated().filter { $0.offset % 20 > 0 }.map(\.element)
        try await model.change(create: [], delete: gone.shuffled(using: &random))
        try model.check(step: 503)
        #expect(try model.parts(.range).count <= 4)
        #expect(try model.parts(.block).count <= 5_000 / 8)
    }

    @Test("a tally that does not come to the number of rows names no block")
    func wrongTotal() async throws {
        var model = Model(MemoryStore())
        try await model.change(create: (1...300).map { UniqueID(high: 0, low: $0) }, delete: [])
        try model.store.withSnapshot { snapshot throws(StoreError) in
            #expect(try snapshot.block(at: 200, of: tally, total: 300) != nil)
            #expect(try snapshot.block(at: 200, of: tally, total: 299) == nil)
            #expect(try snapshot.block(at: 200, of: tally, total: 301) == nil)
        }
    }
}
