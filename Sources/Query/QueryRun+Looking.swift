import SCIM
import Storage
import Tenancy

// Which resources match, and which of them belong to the page.

extension QueryRun {
    /// Rows looked at before the budget is looked at again.
    static let sliceRows = 64

    /// Whether the next match belongs to the page.
    private var isInPage: Bool {
        guard let page else { return true }
        return matched >= page.startIndex - 1 && written < page.count && !isPageFull
    }

    /// Whether resources are told apart only by their number, so that those outside the page need not be looked at.
    private var countsOnly: Bool { part.filter == nil && places == nil }

    /// Looks whether a resource matches, unless that is known, and takes it in if it does.
    mutating func consider(
        _ id: UniqueID,
        isMatch: Bool = false,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) {
        budget -= Self.resourceCost
        guard !countsOnly else { return try accept(id, snapshot) }
        let filter = isMatch ? nil : part.filter
        guard filter != nil || part.sort != nil else {
            if isMatch, try !isStored(id, snapshot) { return }
            return try collect(ListPlace(key: .none, part: partIndex, id: id))
        }
        budget -= Self.evaluationCost
        guard let (resource, cost) = try renderer.value(of: id, for: part, snapshot) else { return }
        budget -= cost
        if !isMatch, try !fulfils(resource) { return }
        guard places != nil else { return try accept(id, snapshot) }
        try collect(ListPlace(key: part.sort?.key(of: resource) ?? .none, part: partIndex, id: id))
    }

    /// Writes a resource that matches, or counts it.
    mutating func accept(_ id: UniqueID, _ snapshot: borrowing Snapshot) throws(DirectoryError) {
        guard !isInPage else {
            if try write(id, snapshot) { matched += 1 }
            return
        }
        budget -= Self.evaluationCost
        if try isStored(id, snapshot) { matched += 1 }
    }

    /// Whether a candidate is there: it may have been deleted since an earlier step found it, and an id that a filter
    /// names need not exist.
    private func isStored(
        _ id: UniqueID,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Bool {
        try snapshot.row(Keys.record(query.tenant, part.kind.code, id), { _, _ in }) != nil
    }

    /// Goes through the next resources in key order; true at the end.
    mutating func considerSlice(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        let countsOnly = countsOnly
        let before = (page?.startIndex ?? 1) - 1
        if countsOnly, !isInPage, matched >= before { return true }
        let skips = countsOnly && matched < before
        if skips, try skip(before, snapshot) { return true }
        let limit = skips ? min(max(1, budget / Self.resourceCost), before - matched) : Self.sliceRows
        var ids: [UniqueID] = []
        let prefix = Keys.records(query.tenant, part.kind.code)
        var start: Key?
        if let lastID { start = Keys.record(query.tenant, part.kind.code, lastID) }
        let after = lastID
        try snapshot.rows(prefix: prefix, from: start) { key, _, _ in
            guard let id = Keys.id(fromKey: key), id != after else { return .more }
            ids.append(id)
            return ids.count < limit ? .more : .stop
        }
        lastID = ids.last ?? lastID
        if skips {
            matched += ids.count
            budget -= Self.resourceCost * ids.count
        } else {
            for (index, id) in ids.enumerated() {
                if countsOnly, !isInPage { return true }
                try consider(id, snapshot)
                if open != nil || budget <= 0, index + 1 < ids.count {
                    // The members come next, or another step; the rest of the slice is looked up again after that.
                    lastID = id
                    return false
                }
            }
        }
        return ids.count < limit && open == nil
    }
}

// MARK: - Sorting

extension SortedPlaces {
    /// Places for a page by cursor, or of a sorted list; nil for others, or if nothing of the list is wanted.
    init?(_ page: ResourceQuery.Page, memory: QueryMemory) {
        guard page.count > 0 else { return nil }
        if let cursor = page.cursor {
            self.init(
                cursor.position.isBackward ? .last : .first,
                capacity: page.count + 1,
                descending: page.isDescending,
                memory: memory
            )
        } else if page.direction != nil {
            self.init(
                .first,
                capacity: min(page.lastIndex, page.sortedResultsMax),
                descending: page.isDescending,
                memory: memory
            )
        } else {
            return nil
        }
    }
}

extension ResourceQuery.Page {
    fileprivate var isDescending: Bool { direction == .descending }

    /// The index of the last result that the page may show.
    fileprivate var lastIndex: Int {
        let (sum, overflows) = (startIndex - 1).addingReportingOverflow(count)
        return overflows ? .max : sum
    }
}

extension QueryRun {
    fileprivate mutating func collect(_ place: ListPlace) throws(DirectoryError) {
        matched += 1
        if let page, let cursor = page.cursor {
            guard cursor.position.admits(place, descending: page.isDescending) else { return }
        } else if let page, matched > page.sortedResultsMax, page.lastIndex > page.sortedResultsMax {
            throw .rejected(
                SCIMError(
                    .tooMany,
                    """
                    A sorted list shows its first \(page.sortedResultsMax) results by index, and this one has more: \
                    filter it, or page by cursor.
                    """
                )
            )
        }
        try places?.offer(place)
    }

    /// The places of the page, the last first, once all have been seen; nil if none were collected.
    mutating func choosePlaces(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> [ListPlace]? {
        guard let page, places != nil else { return nil }
        if let cursor = page.cursor { return try choosePlaces(of: page, cursor.position, snapshot) }
        var chosen: [ListPlace] = []
        // What is kept ends with the page.
        var count = min(page.count, (places?.count ?? 0) - (page.startIndex - 1))
        while count > 0, let place = places?.pop() {
            chosen.append(place)
            count -= 1
        }
        places = nil
        return chosen
    }
}
