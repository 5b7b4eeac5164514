import Directory
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

    /// Takes a plan for the part.
    mutating func take(_ plan: QueryPlan) {
        switch plan {
        case .candidates(let ids, _), .matches(let ids, _):
            if walk != nil { nextCandidate = walkStart(ids) }
        case .order:
            isInOrder = true
            // By index, what is found is shown at once.
            if page?.cursor == nil { places = nil } else { sawAll = false }
        case .walk(let rows):
            looksAtAll =
                rows.areRecords && !(rows.allMatch && rows.bounds != nil)
                && (part.filter != nil || part.sort != nil && places != nil)
        case .gather: break
        }
        self.plan = recalled(plan)
    }

    /// Looks at the next of the resources that match; true at their end.
    mutating func considerNext(
        of ids: [UniqueID],
        areFresh: Bool,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Bool {
        guard ids.indices.contains(nextCandidate) else { return true }
        guard places != nil || isInPage else {
            // Outside the page all that is asked is how many there are.
            let (left, before) = (ids.count - nextCandidate, (page?.startIndex ?? 1) - 1)
            let skipped = matched < before ? min(before - matched, left) : left
            nextCandidate += skipped
            matched += skipped
            return false
        }
        let id = ids[nextCandidate]
        nextCandidate += walkStep
        try consider(id, isMatch: areFresh, snapshot)
        return endsWalk()
    }

    /// Goes through the next resources of a list in order; true at the end of the list or of its page.
    mutating func orderSlice(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        guard case .order(var list)? = plan else { return true }
        plan = nil
        var isDone = false
        for _ in 0..<Self.sliceRows where budget > 0 && open == nil && !isDone {
            if walked != nil, let place = list.rows?.place { noteEnd(.order(place)) }
            guard let id = try list.rows?.next(snapshot) else {
                list.rows = nil
                break
            }
            if places == nil, part.filter == nil, !isInPage {
                budget -= Self.resourceCost
                rowCount += 1
                matched += 1
            } else {
                try consider(id, isMatch: part.filter == nil, snapshot)
            }
            isDone = endsWalk() || places == nil && list.counter != nil && isPastPage
        }
        plan = .order(list)
        guard list.rows == nil, !isDone else { return isDone }
        guard list.endsWithMissing, let names = part.sort?.names else { return true }
        part = part.missing(names)
        lastID = list.lastMissing
        plan = .walk(
            IDRows(
                prefix: Keys.records(query.tenant, part.kind.code),
                allMatch: false,
                counter: list.counter,
                areRecords: true
            )
        )
        return false
    }

    /// Whether everything up to the end of the page has been seen.
    private var isPastPage: Bool { !isInPage && matched >= (page?.startIndex ?? 1) - 1 }

    /// Collects more ids that indexes name.
    mutating func gatherSlice(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        guard case .gather(var gathering)? = plan else { return }
        plan = nil
        if indexNames == nil { indexNames = gathering.names }
        let before = gathering.count
        defer { rowCount += max(0, gathering.count - before) }
        switch try gathering.advance(&budget, snapshot) {
        case .more: plan = .gather(gathering)
        case .done(let plan):
            candidateShare = gathering.memory
            take(plan)
        case .tooMany:
            let records = Keys.records(query.tenant, part.kind.code)
            take(.walk(IDRows(prefix: records, allMatch: false, counter: nil, areRecords: true)))
        }
    }

    /// Looks whether a resource matches, unless that is known, and takes it in if it does.
    mutating func consider(
        _ id: UniqueID,
        isMatch: Bool = false,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) {
        budget -= Self.resourceCost
        rowCount += 1
        var filter = isMatch ? nil : part.filter
        if filter != nil, part.readsStored {
            guard try fulfilsStored(id, snapshot) else { return }
            filter = nil
        } else if isMatch, places != nil, part.sort == nil, try !isStored(id, snapshot) {
            return
        }
        guard filter != nil || part.sort != nil && places != nil else {
            guard places != nil else { return try accept(id, snapshot) }
            return try collect(ListPlace(key: .none, part: partIndex, id: id))
        }
        budget -= Self.evaluationCost
        guard let (resource, cost) = try renderer.value(of: id, for: part, snapshot) else { return }
        budget -= cost
        if filter != nil, try !fulfils(resource) { return }
        guard places != nil else { return try accept(id, snapshot) }
        try collect(ListPlace(key: part.sort?.key(of: resource) ?? .none, part: partIndex, id: id))
    }

    /// Whether the stored bytes of a resource fulfil the part's filter; false if there is no such resource.
    private mutating func fulfilsStored(
        _ id: UniqueID,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Bool {
        guard let filter = part.filter else { return true }
        let key = Keys.record(query.tenant, part.kind.code, id)
        var failure: DirectoryError?
        let isFulfilled = try evaluating { budget in
            var isFulfilled = false
            do throws(DirectoryError) {
                try snapshot.look(at: key) { row, _ in
                    isFulfilled = Self.fulfils(filter, row, &budget)
                }
            } catch { failure = error }
            return isFulfilled
        }
        if let failure { throw failure }
        return isFulfilled
    }

    /// Whether a record's row fulfils a filter that looks at nothing else; a damaged one does not.
    private static func fulfils(_ filter: BoundFilter, _ row: Span<UInt8>, _ budget: inout WorkBudget) -> Bool
    {
        guard let layout = ResourceRecordLayout(row) else { return false }
        let times = StoredTimes(created: layout.created, lastModified: layout.lastModified)
        return filter.matches(stored: row.extracting(layout.json), times: times, &budget)
    }

    /// Writes a resource that matches, or counts it.
    ///
    /// `isStored`: whether it is known to be there.
    mutating func accept(
        _ id: UniqueID,
        isStored: Bool = false,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) {
        guard !isInPage else {
            guard try write(id, snapshot) else { return }
            matched += 1
            if walked != nil, plan != nil { noteEnd(isInOrder ? .missing(id) : .id(id)) }
            return
        }
        guard !isStored else {
            matched += 1
            return
        }
        budget -= Self.evaluationCost
        if try self.isStored(id, snapshot) { matched += 1 }
    }

    /// Whether a candidate is there: it may have been deleted since an earlier step found it, and an id that a filter
    /// names need not exist.
    private func isStored(
        _ id: UniqueID,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Bool {
        try snapshot.row(Keys.record(query.tenant, part.kind.code, id), { _, _ in }) != nil
    }

    /// Goes through the next resources of rows in their order; true at the end.
    mutating func considerSlice(
        _ rows: IDRows,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Bool {
        if rows.areRecords, !rows.allMatch, part.readsStored { return try matchSlice(rows, snapshot) }
        // Resources outside the page need not be looked at if all that is asked is how many there are.
        let isCounting = rows.allMatch && rows.areCertain && places == nil
        let before = (page?.startIndex ?? 1) - 1
        if isCounting, rows.counter != nil, isPastPage { return true }
        if isCounting, !isInPage, rows.areRecords, rows.bounds == nil, matched < before,
            try skip(before, snapshot)
        {
            return true
        }
        // Going over some may have led to the page.
        let skips = isCounting && !isInPage
        var limit = skips ? max(1, budget / Self.resourceCost) : Self.sliceRows
        if skips, matched < before { limit = min(limit, before - matched) }
        let ids = try nextIDs(of: rows, limit: limit, snapshot)
        if skips {
            lastID = ids.last ?? lastID
            matched += ids.count
            rowCount += ids.count
            budget -= Self.resourceCost * ids.count
        } else {
            for (index, id) in ids.enumerated() {
                if isCounting, !isInPage { return rows.counter != nil }
                lastID = id
                if isCounting {
                    budget -= Self.resourceCost
                    rowCount += 1
                    try accept(id, isStored: true, snapshot)
                } else if rows.allMatch, places == nil {
                    budget -= Self.resourceCost
                    try accept(id, snapshot)
                } else {
                    try consider(id, isMatch: rows.allMatch, snapshot)
                    if endsWalk() { return true }
                }
                // The members come next, or another step; the rest of the slice is looked up again after that.
                if open != nil || budget <= 0, index + 1 < ids.count { return false }
            }
        }
        return ids.count < limit && open == nil
    }

    /// Goes through the next records and takes in those whose stored bytes match; true at the end.
    private mutating func matchSlice(
        _ rows: IDRows,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Bool {
        guard let filter = part.filter else { return true }
        if rows.counter != nil, places == nil, isPastPage { return true }
        let (prefix, start, after) = (rows.prefix, rows.start(behind: lastID), lastID)
        let end = rows.bounds?.last
        var found: [UniqueID] = []
        var last: UniqueID?
        var seenCount = 0
        var isAtEnd = true
        var failure: DirectoryError?
        // Of what a slice may cost, a single record may need the rest.
        let most = min(budget, allowed.units / 2)
        try evaluating { budget in
            let least = budget.units - most
            do throws(DirectoryError) {
                try snapshot.rows(prefix: prefix, from: start) { key, row, _ in
                    guard let id = Keys.id(fromKey: key), id != after else { return .more }
                    if let end, end < id { return .stop }
                    guard found.count < Self.sliceRows, budget.units > least else {
                        isAtEnd = false
                        return .stop
                    }
                    last = id
                    seenCount += 1
                    budget.spend(Self.resourceCost)
                    if Self.fulfils(filter, row, &budget) { found.append(id) }
                    return .more
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        rowCount += seenCount
        for id in found {
            lastID = id
            if places != nil {
                try consider(id, isMatch: true, snapshot)
            } else {
                try accept(id, isStored: true, snapshot)
            }
            if endsWalk() { return true }
            // The members come next, or another step; those behind are looked at again after that.
            if open != nil || budget <= 0 { return false }
        }
        lastID = last ?? lastID
        return isAtEnd
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
