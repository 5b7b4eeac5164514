import Directory
import SCIM
import Storage
import Tenancy

// Whether a kind's tally counts each of its records once, in the part that its id belongs to.

extension DirectoryChecker {
    /// Compares the counting rows of a kind with its records, and rebuilds them all if one is wrong.
    func checkTally(_ tenant: UInt32, _ kind: ResourceKind) throws(DirectoryError) -> [DirectoryFinding] {
        try store.reading { snapshot throws(DirectoryError) in
            let tally = Keys.tally(tenant, kind.code)
            var blocks = try Self.parts(.block, of: tally, snapshot)
            let ranges = try Self.parts(.range, of: tally, snapshot)
            var expected = ExpectedTally()
            var (place, isRight) = (-1, true)
            try snapshot.rows(prefix: tally.rows, from: nil) { key, _, _ in
                guard let id = Keys.id(fromKey: key) else { return .more }
                expected.add(id)
                while place + 1 < blocks.count, blocks[place + 1].first <= id { place += 1 }
                if place >= 0 { blocks[place].count -= 1 } else { isRight = false }
                return .more
            }
            isRight = isRight && blocks.allSatisfy { $0.count == 0 }
            let stored = try Self.parts(.block, of: tally, snapshot)
            isRight = isRight && Self.sums(of: stored, in: ranges) == ranges
            let rowCount = try Self.rowCount(tally, snapshot)
            guard !isRight || rowCount != stored.count + ranges.count else { return [] }
            // Whatever creates or deletes a resource of the kind writes its counter.
            let counter = Keys.count(tenant, kind.code)
            let version = try snapshot.row(counter) { _, version in version }
            let asFound = version.map { Precondition.version(counter, $0) } ?? .absent(counter)
            let mutations = [.deletePrefix(tally.counts, limit: rowCount)] + expected.rows(of: tally)
            return [
                DirectoryFinding(
                    "\(kind.type.name): the rows that count records by their place do not follow from the records",
                    repair: Changeset(when: [asFound], mutations)
                )
            ]
        }
    }

    /// The rows of one level in the order of ids; those that are malformed are left out.
    private static func parts(
        _ level: Tally.Level,
        of tally: Tally,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [Tally.Part] {
        var parts: [Tally.Part] = []
        try snapshot.rows(prefix: tally.prefix(level), from: nil) { key, value, _ in
            if let first = Tally.first(fromKey: key), let count = Counter.value(of: value) {
                parts.append(Tally.Part(first: first, count: count))
            }
            return .more
        }
        return parts.reversed()
    }

    /// How much the blocks count that begin in each range; nil if one begins before all ranges.
    private static func sums(of blocks: [Tally.Part], in ranges: [Tally.Part]) -> [Tally.Part]? {
        var sums = ranges.map { Tally.Part(first: $0.first, count: 0) }
        var place = -1
        for block in blocks {
            while place + 1 < sums.count, sums[place + 1].first <= block.first { place += 1 }
            guard place >= 0 else { return nil }
            sums[place].count += block.count
        }
        return sums
    }

    private static func rowCount(
        _ tally: Tally,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Int {
        var count = 0
        try snapshot.rows(prefix: tally.counts, from: nil) { _, _, _ in
            count += 1
            return .more
        }
        return count
    }
}

/// The counting rows that follow from ids, which are given in their order.
private struct ExpectedTally {
    private var blocks: [Tally.Part] = []
    private var ranges: [Tally.Part] = []

    /// Room is left in each part, so that what comes next divides none.
    private static let blockRows = Int64(Tally.blockRowsMax * 7 / 8)
    private static let rangeRows = Int64(Tally.rangeRowsMax * 7 / 8)

    mutating func add(_ id: UniqueID) {
        // The first of each level begins before all ids.
        let first = blocks.isEmpty ? UniqueID.zero : id
        if blocks.last.map({ $0.count >= Self.blockRows }) ?? true {
            if ranges.last.map({ $0.count >= Self.rangeRows }) ?? true {
                ranges.append(Tally.Part(first: first, count: 0))
            }
            blocks.append(Tally.Part(first: first, count: 0))
        }
        blocks[blocks.count - 1].count += 1
        ranges[ranges.count - 1].count += 1
    }

    func rows(of tally: Tally) -> [Mutation] {
        func puts(_ parts: [Tally.Part], _ level: Tally.Level) -> [Mutation] {
            parts.map { .put(tally.key(level, $0.first), Counter.bytes($0.count)) }
        }
        return puts(ranges, .range) + puts(blocks, .block)
    }
}
