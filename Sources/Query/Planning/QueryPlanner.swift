import Directory
import SCIM
import Storage
import Tenancy

/// Chooses which resources a query looks at.
///
/// ```
/// filter ─► terms that an index may answer ─► of an `and` the one with fewest rows, of an `or` all ─► plan
/// ```
/// What the plan finds is evaluated with the whole filter, unless one index answers it alone.
struct QueryPlanner {
    /// More candidates of an edge than this are walked, and not put in a list.
    private static let candidatesMax = 10_000

    let part: ResourceQuery.Part
    let query: ResourceQuery
    let environment: DirectoryEnvironment
    let pace: WorkPace
    /// What lists of ids may take.
    let memory: QueryMemory

    /// How many rows are counted to tell which term of an `and` has fewest, or how many resources have a value.
    private var countedRowsMax: Int { pace == .loop ? 256 : 4_096 }
    private var tenant: UInt32 { query.tenant }
    private var kind: ResourceKind { part.kind }

    /// All resources of the kind.
    private var all: QueryPlan {
        .walk(
            IDRows(
                prefix: Keys.records(tenant, kind.code),
                allMatch: part.filter == nil,
                counter: part.filter == nil ? Keys.count(tenant, kind.code) : nil,
                areRecords: true
            )
        )
    }

    /// The plan on a state of the store.
    func plan(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> QueryPlan {
        if case .resource(let id) = query.selection { return .candidates([id], allMatch: true) }
        if part.filter?.isNever == true { return .candidates([], allMatch: true) }
        if let list = try orderedList(snapshot) { return .order(list) }
        guard let filter = part.filter else { return all }
        if filter.isOneEquality, let equality = filter.equalities.first,
            let ids = try lookUp(equality, snapshot)
        {
            return .candidates(ids, allMatch: true)
        }
        guard let way = try way(filter.lookup, snapshot) else { return all }
        if let set = way.set {
            let edges = EdgeKeys.members(of: set, space: tenant)
            return .walk(IDRows(prefix: edges, allMatch: way.isExact, counter: nil, set: set))
        }
        if let bounds = way.bounds {
            let records = Keys.records(tenant, kind.code)
            return .walk(
                IDRows(prefix: records, allMatch: way.isExact, counter: nil, areRecords: true, bounds: bounds)
            )
        }
        if way.ranges.isEmpty { return .candidates(Set(way.ids).sorted(), allMatch: way.isExact) }
        if way.ids.isEmpty, way.ranges.count == 1, let range = way.ranges.first, range.isOneValue,
            !range.attribute.isUnique
        {
            let counter = way.isExact ? range.counter : nil
            // Of few, which no counter tells, it is known at once how many there are.
            if way.isExact, counter == nil,
                let ids = try snapshot.resources(in: range, limit: countedRowsMax)
            {
                return .candidates(ids, allMatch: true)
            }
            return .walk(IDRows(prefix: range.lower, allMatch: way.isExact, counter: counter))
        }
        // Where most have to be looked at anyway, going through all is quicker.
        let count: Int = try snapshot.counter(Keys.count(tenant, kind.code))
        return .gather(
            Gathering(
                way.ids,
                way.ranges,
                allMatch: way.isExact,
                idsMax: way.isExact ? .max : max(count / 2, Self.candidatesMax),
                memory: memory
            )
        )
    }

    /// The one resource that a unique attribute or the id names; nil if the attribute is another one.
    private func lookUp(
        _ equality: BoundFilter.Equality,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UniqueID]? {
        if equality.attribute.attribute === CommonAttributes.id {
            return UniqueID(text: equality.text).map { [$0] } ?? []
        }
        return try snapshot.resources(
            having: equality.text,
            as: equality.attribute,
            tenant: tenant,
            kind: kind,
            environment
        )
    }

    // MARK: - Ways

    /// Where all that fulfils a term can be found.
    private struct Way {
        var ids: [UniqueID] = []
        var ranges: [IndexRange] = []
        /// The memberships of a group with many members, in place of ids.
        var set: UniqueID?
        /// The records between two ids, in place of ids.
        var bounds: IDBounds?
        /// Whether nothing else is found there.
        var isExact = true

        init(
            ids: [UniqueID] = [],
            ranges: [IndexRange] = [],
            set: UniqueID? = nil,
            isExact: Bool = true
        ) {
            self.ids = ids
            self.ranges = ranges
            self.set = set
            self.isExact = isExact
        }

        init(_ bounds: IDBounds) { self.bounds = bounds.isEmpty ? nil : bounds }

        mutating func add(_ other: Way) {
            ids += other.ids
            ranges += other.ranges
            isExact = isExact && other.isExact
        }
    }

    private func way(
        _ lookup: FilterLookup,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Way? {
        switch lookup {
        case .open: return nil
        case .value(let names, let test):
            if let way = try wayByID(names, test, snapshot) { return way }
            return range(names, test).map { Way(ranges: [$0], isExact: $0.isExact) }
        case .any(let terms):
            var all = Way()
            for term in terms {
                guard let way = try way(term, snapshot), way.set == nil, way.bounds == nil else {
                    return nil
                }
                all.add(way)
            }
            return all
        case .all(let terms):
            var ways = try ways(of: terms, snapshot)
            // What one term finds, the others have to be asked about.
            if terms.count > 1, ways.count > 1 || !isOneRange(terms) {
                for index in ways.indices { ways[index].isExact = false }
            }
            return try shortest(ways, snapshot)
        }
    }

    /// The ways of the terms of an `and`; those that bound one attribute from two sides are one.
    private func ways(
        of terms: [FilterLookup],
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [Way] {
        var ways: [Way] = []
        var bounds: [String: IndexRange] = [:]
        var idBounds: IDBounds?
        for term in terms {
            if case .value(let names, let test) = term, let found = self.idBounds(names, test) {
                idBounds = idBounds?.intersection(found) ?? found
                continue
            }
            guard case .value(let names, let test) = term, let range = range(names, test),
                !range.attribute.attribute.attribute.multiValued
            else {
                if let way = try way(term, snapshot) { ways.append(way) }
                continue
            }
            let path = range.attribute.path
            bounds[path] = bounds[path].map { $0.intersection(range) } ?? range
        }
        for (_, range) in bounds.sorted(by: { $0.key < $1.key }) {
            ways.append(Way(ranges: [range], isExact: range.isExact))
        }
        if let idBounds { ways.append(Way(idBounds)) }
        return ways
    }

    /// Whether all terms bound one attribute, so that one range answers them.
    private func isOneRange(_ terms: [FilterLookup]) -> Bool {
        var path: String?
        for term in terms {
            guard case .value(let names, let test) = term, let range = range(names, test),
                !range.attribute.attribute.attribute.multiValued,
                path == nil || path == range.attribute.path
            else { return false }
            path = range.attribute.path
        }
        return true
    }

    private func range(_ names: [String], _ test: ValueTest) -> IndexRange? {
        guard let index = kind.index(of: names) else { return nil }
        return IndexRange(test, of: index, tenant: tenant, kind: kind.code, sha256: environment.sha256)
    }

    /// The resources that an id names, or the edges of one; nil if the term is about something else.
    private func wayByID(
        _ names: [String],
        _ test: ValueTest,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Way? {
        if let bounds = idBounds(names, test) { return Way(bounds) }
        guard case .text(.eq, let text) = test else { return nil }
        let id = UniqueID(text: text)
        if names == [CommonAttributes.id.name] { return Way(ids: id.map { [$0] } ?? []) }
        guard names.count == 2, names[1] == "value" else { return nil }
        if names[0] == kind.groupsAttribute?.name {
            guard let id, let holder = query.access.kinds.holder,
                let set = try snapshot.membershipSet(of: id, tenant: tenant, holder: holder.code)
            else { return Way() }
            let limit = Self.candidatesMax
            let members = try snapshot.members(ofSet: set, space: tenant, from: nil, limit: limit + 1).edges
            guard members.count <= limit else { return Way(set: set) }
            return Way(ids: members.filter { $0.kind == kind.code }.map(\.member))
        }
        if names[0] == kind.membersAttribute?.name {
            guard let id else { return Way() }
            return Way(
                ids: try snapshot.groups(of: id, tenant: tenant, holder: kind.code, pace).map(\.id)
            )
        }
        return nil
    }

    /// Between which ids those lie that a term asks for; nil if the term is about something else.
    private func idBounds(_ names: [String], _ test: ValueTest) -> IDBounds? {
        guard names == [CommonAttributes.id.name], case .text(let comparison, let text) = test else {
            return nil
        }
        return IDBounds(comparison, text)
    }

    // MARK: - The shortest

    private func shortest(
        _ ways: [Way],
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Way? {
        guard ways.count > 1 else { return ways.first }
        var best: (way: Way, rows: Int)?
        for way in ways {
            let rows = try rowCount(way, below: best?.rows ?? .max, snapshot)
            if rows < best?.rows ?? .max { best = (way, rows) }
        }
        return best?.way
    }

    /// About how many rows a way has; of long ones only that they are long, those that compare for equality the shortest.
    private func rowCount(
        _ way: Way,
        below limit: Int,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Int {
        var count = way.ids.count + (way.set == nil ? 0 : Self.candidatesMax)
        if let bounds = way.bounds {
            let records = Keys.records(tenant, kind.code)
            let most = countedRowsMax
            var rows = 0
            try snapshot.rows(prefix: records, from: records.with(bounds.first)) { key, _, _ in
                guard let id = Keys.id(fromKey: key), id <= bounds.last else { return .stop }
                rows += 1
                return rows < most ? .more : .stop
            }
            count += rows < most ? rows : 64 * most
        }
        for range in way.ranges {
            guard count < limit else { return count }
            if let counter = range.counter {
                count += try snapshot.counter(counter)
                continue
            }
            let most = countedRowsMax
            var rows = 0
            try snapshot.rows(of: range) { _, _ in
                rows += 1
                return rows < most ? .more : .stop
            }
            count += rows < most ? rows : range.isOneValue ? 4 * most : 64 * most
        }
        return count
    }
}

// MARK: - Lists in order

extension QueryPlanner {
    /// How many resources are looked at in the order of an index, at most, for one that matches.
    private static let lookedAtPerMatchMax = 20

    /// The list in the order of an index; nil if none has its order, or if all that match must be counted anyway.
    private func orderedList(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> OrderedList? {
        guard case .page(let page) = query.selection, let direction = page.direction, page.count > 0,
            query.part(1) == nil, let names = part.sort?.names,
            let index = kind.index(of: names), index.isOrdered
        else { return nil }
        let position = page.cursor?.position
        // Those without a value come last, where they can be looked for.
        guard index.isAlwaysThere || direction == .ascending && position?.isBackward != true else {
            return nil
        }
        let (isCounted, counter) = try count(isByCursor: position != nil, snapshot)
        guard isCounted else { return nil }
        if let place = position?.place, place.key == .missing {
            guard !index.isAlwaysThere else { return nil }
            return OrderedList(endsWithMissing: true, lastMissing: place.id, counter: counter)
        }
        let rows = OrderedRows(
            index,
            tenant: tenant,
            kind: kind.code,
            isDescending: direction == .descending,
            from: position
        )
        return rows.map {
            OrderedList(
                rows: $0,
                endsWithMissing: !index.isAlwaysThere,
                lastMissing: nil,
                counter: counter
            )
        }
    }

    /// Whether a page may end without a look at all that match, and the counter of those.
    private func count(
        isByCursor: Bool,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> (Bool, Key?) {
        let all = Keys.count(tenant, kind.code)
        guard let filter = part.filter else { return (true, all) }
        guard let way = try way(filter.lookup, snapshot) else { return (isByCursor, nil) }
        guard way.isExact, way.ids.isEmpty, way.set == nil, way.ranges.count == 1,
            let counter = way.ranges[0].counter
        else { return (false, nil) }
        let (count, allCount): (Int, Int) = (try snapshot.counter(counter), try snapshot.counter(all))
        return (count >= allCount / Self.lookedAtPerMatchMax, counter)
    }
}
