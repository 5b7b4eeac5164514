import Directory
import SCIM
import Storage
import Tenancy

// Pages by cursor (RFC 9865). The places of a page are collected first and its resources written after that; the place
// behind the page is collected too, and tells whether there is another page.
//
// A list that is not sorted is walked from the cursor's place on, in either direction and also through what an index
// named, so that a page costs what it shows. A sorted one is looked at as a whole, as by index, and only what the page
// needs is kept.

extension ResourceQuery.Page {
    /// Where a list is walked from; nil if it is not.
    var walk: ListPosition? { direction == nil && count > 0 ? cursor?.position : nil }
}

extension QueryRun {
    /// What is known of a page once its places have been collected.
    struct CursorPage: Sendable {
        /// The places of the first and the last resource; nil for an empty page.
        var edges: (first: ListPlace, last: ListPlace)?
        /// Whether there is more in the direction of the cursor.
        var hasMore = false
        /// How many resources match; nil if not all of them were looked at.
        var total: Int?
    }

    /// Whether a walk has found the page and the place behind it.
    private var isWalkFull: Bool { (walk != nil || isInOrder) && (places?.count ?? 0) > (page?.count ?? 0) }

    /// The first part of a walk, which begins beside the cursor's place.
    mutating func beginWalk() {
        guard let place = walk?.place else { return }
        turn(to: place.part)
        lastID = place.id
        // What lies on the other side of the place has not been counted.
        sawAll = false
    }

    /// The next part of the query; nil at the end, or when a walk has found its page.
    mutating func nextPartIndex() -> Int? {
        let next = partIndex + walkStep
        guard next >= 0, query.part(next) != nil, !endsWalk() else { return nil }
        return next
    }

    /// Whether a walk ends here because it has found its page.
    mutating func endsWalk() -> Bool {
        guard isWalkFull else { return false }
        sawAll = false
        return true
    }

    /// Goes through the next resources in the walk's direction; true at the end of the part, or when the page is full.
    mutating func walkSlice(_ rows: IDRows, _ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        let ids = try nextIDs(of: rows, limit: Self.sliceRows, snapshot)
        for id in ids {
            lastID = id
            try consider(id, isMatch: rows.allMatch, snapshot)
            if endsWalk() { return true }
            if budget <= 0 { return false }
        }
        return ids.count < Self.sliceRows
    }

    /// From one candidate to the next.
    var walkStep: Int { walk?.isBackward == true ? -1 : 1 }

    /// The index of the candidate, of those in the order of their ids, that a walk looks at first.
    func walkStart(_ ids: [UniqueID]) -> Int {
        let isBackward = walk?.isBackward == true
        guard let lastID else { return isBackward ? ids.count - 1 : 0 }
        return isBackward
            ? (ids.lastIndex { $0 < lastID } ?? -1) : (ids.firstIndex { lastID < $0 } ?? ids.count)
    }

    /// The ids of the next rows behind the last one in the walk's direction.
    func nextIDs(
        of rows: IDRows,
        limit: Int,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UniqueID] {
        let last = lastID
        var ids: [UniqueID] = []
        func take(_ key: Span<UInt8>) -> ScanStep { Keys.id(fromKey: key).map(take) ?? .more }
        func take(_ id: UniqueID) -> ScanStep {
            if let bounds = rows.bounds, id < bounds.first || bounds.last < id { return .stop }
            if id != last { ids.append(id) }
            return ids.count < limit ? .more : .stop
        }
        let isBackward = walk?.isBackward == true
        let bound = isBackward ? last.map(rows.key) ?? rows.end : rows.start(behind: last)
        if let set = rows.set {
            try snapshot.walkMembers(
                ofSet: set,
                space: query.tenant,
                from: bound,
                isBackward: isBackward
            ) { edge in take(edge.member) }
        } else if isBackward {
            try snapshot.rowsBackward(prefix: rows.prefix, before: bound) { key, _, _ in take(key) }
        } else {
            try snapshot.rows(prefix: rows.prefix, from: bound) { key, _, _ in take(key) }
        }
        return ids
    }

    /// The places of the page, the one farthest from the cursor first, and what is known of the page.
    mutating func choosePlaces(
        of page: ResourceQuery.Page,
        _ position: ListPosition,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [ListPlace] {
        var found: [ListPlace] = []
        while let place = places?.pop() { found.append(place) }
        places = nil
        var result = CursorPage()
        // What is given up first is what lies farthest from the cursor: behind the page, if anything does.
        if found.count > page.count {
            result.hasMore = true
            found.removeFirst()
        }
        // Written from the cursor on, so that what does not fit on the page is what lies farthest from it.
        if let near = found.last, let far = found.first {
            result.edges = position.isBackward ? (far, near) : (near, far)
        }
        result.total = try total(snapshot)
        cursorPage = result
        return found
    }

    /// How many resources match in all parts; nil if that is not known without looking at more of them.
    private func total(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Int? {
        var total = 0
        var index = 0
        while let part = query.part(index) {
            guard part.filter == nil else { return sawAll ? matched : try named(snapshot) }
            total += try snapshot.counter(Keys.count(query.tenant, part.kind.code))
            index += 1
        }
        return total
    }

    /// How many resources an index has named, if these are all that match; nil if that is not known.
    private func named(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Int? {
        guard query.part(1) == nil else { return nil }
        switch plan {
        case .candidates(let ids, allMatch: true), .matches(let ids, _): return ids.count
        default:
            return try plan?.counter.map { counter throws(DirectoryError) in try snapshot.counter(counter) }
        }
    }

    /// Whether the page lies before its cursor.
    var isBackward: Bool { page?.cursor?.position.isBackward == true }

    /// Notes that so many of the page's places do not fit on it, if there are any.
    mutating func shortenCursorPage(leaving count: Int) {
        guard count > 0, let place = lastWritten, var shown = cursorPage, let edges = shown.edges else {
            return
        }
        shown.hasMore = true
        shown.edges = isBackward ? (place, edges.last) : (edges.first, place)
        cursorPage = shown
    }

    /// Puts the resources of a page that was written backward into their order.
    private mutating func turnRound() {
        guard let first = beginnings.first else { return }
        var turned = Array(body[..<first])
        turned.reserveCapacity(body.count)
        var end = body.count
        for beginning in beginnings.reversed() {
            if turned.count > first { turned.append(UInt8(ascii: ",")) }
            turned += body[beginning..<end]
            // A comma lies between two.
            end = beginning - 1
        }
        body = turned
        beginnings = []
    }

    /// Writes the end of a page by cursor.
    mutating func finish(_ cursor: ResourceQuery.Page.Cursor) {
        let page = cursorPage ?? CursorPage(total: totalBefore)
        let position = cursor.position
        turnRound()
        var (previous, next): (ListPosition?, ListPosition?)
        if position.isBackward {
            previous = page.hasMore ? page.edges.map { ListPosition(edge: .before($0.first)) } : nil
            next = page.edges.map { ListPosition(edge: .after($0.last)) } ?? position.turned
        } else {
            next = page.hasMore ? page.edges.map { ListPosition(edge: .after($0.last)) } : nil
            if position.place != nil {
                previous = page.edges.map { ListPosition(edge: .before($0.first)) } ?? position.turned
            }
        }
        ListResponse.end(
            &body,
            totalResults: page.total,
            itemsPerPage: written,
            previousCursor: previous.flatMap(cursor.cursors.text),
            nextCursor: next.flatMap(cursor.cursors.text)
        )
    }
}
