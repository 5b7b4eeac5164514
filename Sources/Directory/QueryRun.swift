import JSON
import SCIM
import Storage

/// Answers a query in steps of bounded work, so that a long one neither blocks its loop nor holds a snapshot open.
///
/// ```
/// advance ─► snapshot ─► look at resources ─► filter ─► skip | write | count ─► budget spent? ─► advance …
/// ```
///
/// Each step reads a snapshot of its own and finds its place by key. A query that takes one step, as every look-up by
/// an indexed attribute does, therefore sees one state; a longer one may see changes that come between its steps
/// (RFC 7644 §3.4.2.4 lets an index page drift).
package struct QueryRun: Sendable {
    /// How much one step may do: a resource looked at costs 1, one evaluated or written 8, a member written 2.
    package static let stepBudget = 4_096

    private static let resourceCost = 1
    private static let evaluationCost = 8
    private static let memberCost = 2

    /// The answer's body; whole after ``advance()`` has returned true.
    package private(set) var body: [UInt8] = []
    /// The resource of a single read, once it has been found.
    package private(set) var version: CommitVersion?
    package private(set) var location: String?

    private let query: ResourceQuery
    private let environment: DirectoryEnvironment
    private let store: any Store

    /// The part of the query that is being answered, and how its resources are written.
    private var partIndex = 0
    private var part: ResourceQuery.Part
    private var renderer: ResourceRenderer
    private var plan: QueryPlan?
    private var nextCandidate = 0
    private var lastID: UniqueID?
    /// Resources of the parts before this one: how many matched, and how many there are in all.
    private var matchedBefore = 0
    private var totalBefore = 0
    /// Resources that match, and how many of them are in the body.
    private var matched = 0
    private var written = 0
    /// The resource whose members are being written, and the member to go on with.
    private var open: (id: UniqueID, next: UniqueID?, isFirst: Bool)?
    private var budget = 0

    init(_ query: ResourceQuery, store: any Store, environment: DirectoryEnvironment) {
        self.query = query
        self.store = store
        self.environment = environment
        part = query.first
        renderer = ResourceRenderer(query.first, of: query)
        body.reserveCapacity(2_048)
    }

    /// Works on for one step; true once the body is whole.
    ///
    /// - Throws: ``DirectoryError/notFound`` if the one resource asked for does not exist.
    package mutating func advance() throws(DirectoryError) -> Bool {
        budget = Self.stepBudget
        let store = store
        var isDone = false
        try store.lending { snapshot throws(DirectoryError) in isDone = try step(snapshot) }
        return isDone
    }

    private mutating func step(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        if plan == nil, partIndex == 0, page != nil { ListResponse.begin(&body) }
        while budget > 0 {
            if open != nil {
                try writeMembers(snapshot)
            } else if try advancePart(snapshot), try !beginNextPart(snapshot) {
                return try finish()
            }
        }
        return false
    }

    /// Works on the part for a while; true at its end.
    private mutating func advancePart(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        if plan == nil { plan = try QueryPlan(part, of: query, environment: environment, snapshot) }
        guard case .candidates(let ids, let allMatch)? = plan else { return try considerSlice(snapshot) }
        guard nextCandidate < ids.count else { return true }
        let id = ids[nextCandidate]
        nextCandidate += 1
        if allMatch { try accept(id, snapshot) } else { try consider(id, snapshot) }
        return false
    }

    /// Goes on to the next resource type; false if there is none.
    private mutating func beginNextPart(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        // Where all match, a page that ends early has not seen them all.
        let count =
            part.filter == nil && page != nil
            ? try snapshot.counter(Keys.count(renderer.tenant, part.kind.code)) : 0
        totalBefore += max(matched - matchedBefore, count)
        matchedBefore = matched
        guard let next = query.part(partIndex + 1) else { return false }
        partIndex += 1
        part = next
        renderer = ResourceRenderer(next, of: query)
        (plan, nextCandidate, lastID) = (nil, 0, nil)
        return true
    }

    // MARK: Looking at resources

    private var page: (startIndex: Int, count: Int)? {
        guard case .page(let startIndex, let count) = query.selection else { return nil }
        return (startIndex, count)
    }

    /// Whether the next match belongs to the page.
    private var isInPage: Bool {
        guard let page else { return true }
        return matched >= page.startIndex - 1 && written < page.count
    }

    private mutating func consider(_ id: UniqueID, _ snapshot: borrowing Snapshot) throws(DirectoryError) {
        budget -= Self.resourceCost
        if let filter = part.filter {
            budget -= Self.evaluationCost
            guard try matches(id, filter, snapshot) else { return }
        }
        try accept(id, snapshot)
    }

    private mutating func accept(_ id: UniqueID, _ snapshot: borrowing Snapshot) throws(DirectoryError) {
        budget -= Self.evaluationCost
        guard isInPage else {
            // A candidate may have been deleted since an earlier step found it.
            if try snapshot.row(Keys.record(renderer.tenant, part.kind.code, id), { _, _ in }) != nil {
                matched += 1
            }
            return
        }
        let mark = body.count
        if page != nil, written > 0 { body.append(UInt8(ascii: ",")) }
        guard let head = try renderer.appendHead(of: id, from: snapshot, to: &body) else {
            body.removeSubrange(mark...)
            return
        }
        matched += 1
        written += 1
        if page == nil { (version, location) = (head.version, renderer.location(of: id, part.kind)) }
        if part.kind.membersAttribute != nil, part.projection.includes("members") {
            open = (id, nil, true)
        } else {
            body.append(UInt8(ascii: "}"))
        }
    }

    private mutating func writeMembers(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        guard var current = open else { return }
        let mark = body.count
        if current.isFirst { body += #","members":["#.utf8 }
        let limit = max(1, budget / Self.memberCost)
        let before = body.count
        let next = try renderer.appendMembers(
            of: current.id,
            from: current.next,
            limit: limit,
            isFirst: &current.isFirst,
            snapshot,
            to: &body
        )
        // A group without members has no such attribute (RFC 7643 §2.5).
        if current.isFirst, next == nil, body.count == before { body.removeSubrange(mark...) }
        budget -= Self.memberCost * (next == nil ? 1 : limit)
        if let next {
            current.next = next
            open = current
        } else {
            if !current.isFirst { body.append(UInt8(ascii: "]")) }
            body.append(UInt8(ascii: "}"))
            open = nil
        }
    }

    /// Goes through the next resources in key order; true at the end.
    private mutating func considerSlice(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        let filter = part.filter
        if filter == nil, !isInPage, matched >= (page?.startIndex ?? 1) - 1 { return true }
        let skips = filter == nil && matched < (page?.startIndex ?? 1) - 1
        let limit = skips ? min(budget, (page?.startIndex ?? 1) - 1 - matched) : 64
        var ids: [UniqueID] = []
        let prefix = Keys.records(renderer.tenant, part.kind.code)
        var start: Key?
        if let lastID { start = Keys.record(renderer.tenant, part.kind.code, lastID) }
        let after = lastID
        try snapshot.rows(prefix: prefix, from: start) { key, _, _ in
            guard let id = Keys.id(fromKey: key), id != after else { return .more }
            ids.append(id)
            return ids.count < limit ? .more : .stop
        }
        lastID = ids.last ?? lastID
        if skips {
            matched += ids.count
            budget -= ids.count
        } else {
            for (index, id) in ids.enumerated() {
                if filter == nil, !isInPage { return true }
                try consider(id, snapshot)
                if open != nil, index + 1 < ids.count {
                    // The members come next; the rest of the slice is looked up again after them.
                    lastID = id
                    return false
                }
            }
        }
        return ids.count < limit && open == nil
    }

    private func matches(
        _ id: UniqueID,
        _ filter: BoundFilter,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Bool {
        let found = try snapshot.row(Keys.record(renderer.tenant, part.kind.code, id)) { row, version in
            ResourceRecordLayout(row).map { ($0, version, [UInt8](copying: row.extracting($0.json))) }
        }
        guard let found else { return false }
        guard let (layout, version, json) = found,
            let value = try? JSONValue(parsing: json, limits: .stored), case .object(var object) = value
        else { throw .storage(.corrupt("record \(id.text)")) }
        if filter.needs("meta") {
            let state = try renderer.state(of: id, layout, version, snapshot)
            object["meta"] = .object(renderer.meta(state, location: renderer.location(of: id, part.kind)))
        }
        if part.kind.groupsAttribute != nil, filter.needs("groups") {
            object["groups"] = try renderer.groups(of: id, snapshot).map(JSONValue.array)
        }
        if part.kind.membersAttribute != nil, filter.needs("members") {
            var members: [JSONValue] = []
            for edge in try snapshot.members(of: id, space: renderer.tenant, from: nil, limit: .max).edges {
                members.append(
                    .object(
                        try renderer.member(edge.member, kindCode: edge.kind, withDisplay: true, snapshot)
                    )
                )
            }
            object["members"] = members.isEmpty ? nil : .array(members)
        }
        return filter.matches(object)
    }

    // MARK: The end

    private mutating func finish() throws(DirectoryError) -> Bool {
        guard let page else {
            guard written == 1 else { throw .notFound }
            return true
        }
        ListResponse.end(
            &body,
            totalResults: totalBefore,
            startIndex: page.startIndex,
            itemsPerPage: written
        )
        return true
    }
}

extension ResourceDirectory {
    /// Starts to answer a query; nothing is read before ``QueryRun/advance()``.
    package func run(_ query: ResourceQuery) -> QueryRun {
        QueryRun(query, store: store, environment: environment)
    }
}

extension ResourceRenderer {
    fileprivate init(_ part: ResourceQuery.Part, of query: ResourceQuery) {
        self.init(
            tenant: query.access.tenant.number,
            kinds: query.access.kinds,
            kind: part.kind,
            baseURL: query.baseURL,
            projection: part.projection
        )
    }
}
