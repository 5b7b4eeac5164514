import Storage
import Tenancy

/// Collects the ids of ranges of indexes, a slice at a time, and puts them in order.
struct Gathering: Sendable {
    /// What looking at a row of an index costs, in units of ``WorkBudget``, and what putting an id in order does.
    private static let rowCost = 20
    private static let orderCost = 8
    /// More ids than these are not worth a list of their own: all resources are looked at instead.
    static let idsMax = 1_000_000

    private let ranges: [IndexRange]
    private var ids: [UniqueID]
    private let idsMax: Int
    private var range = 0
    /// The key at which the range goes on.
    private var next: Key?
    private var sliceCount = 0
    private let allMatch: Bool
    /// What the ids take, for as long as somebody holds it.
    let memory: QueryMemory.Share

    /// Begins with ids that were found otherwise; `allMatch`: whether all that is found matches.
    init(_ ids: [UniqueID], _ ranges: [IndexRange], allMatch: Bool, idsMax: Int, memory: QueryMemory) {
        self.ids = ids
        self.ranges = ranges
        self.allMatch = allMatch
        self.idsMax = min(idsMax, Self.idsMax)
        self.memory = memory.share()
    }

    /// The attributes of the indexes.
    var names: String {
        var names: [String] = []
        for range in ranges where !names.contains(range.attribute.path) { names.append(range.attribute.path) }
        return names.joined(separator: " ")
    }

    /// How many ids there are so far, those of resources with several values more than once.
    var count: Int { ids.count }

    /// What has come of a slice.
    enum Outcome {
        case more
        case done(QueryPlan)
        /// There are too many to be collected.
        case tooMany
    }

    /// Goes on until the budget is spent, or all have been collected.
    mutating func advance(
        _ budget: inout Int,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Outcome {
        sliceCount += 1
        while range < ranges.count {
            let current = ranges[range]
            var end: Key?
            var left = max(budget / Self.rowCost, 1)
            var found = self.ids
            self.ids = []
            let (before, idsMax) = (found.count, idsMax)
            try snapshot.rows(of: current, from: next) { key, id in
                guard left > 0, found.count <= idsMax else {
                    end = Key([UInt8](copying: key))
                    return .stop
                }
                left -= 1
                found.append(id)
                return .more
            }
            budget -= (found.count - before) * Self.rowCost
            ids = found
            guard ids.count <= idsMax, memory.cover(ids.count) else { return .tooMany }
            next = end
            guard end == nil else { return .more }
            range += 1
        }
        ids.sort()
        budget -= ids.count * Self.orderCost
        // A resource that has several values stands in several rows.
        var unique: [UniqueID] = []
        unique.reserveCapacity(ids.count)
        for id in ids where id != unique.last { unique.append(id) }
        // What changed between two slices may have been found under a value that it has no more.
        return .done(
            allMatch ? .matches(unique, areFresh: sliceCount == 1) : .candidates(unique, allMatch: false)
        )
    }
}
