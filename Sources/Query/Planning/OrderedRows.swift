import JSON
import SCIM
import Storage
import Tenancy

/// Walks an index in the order of a list that is sorted by its attribute: by the values, and among equal ones by the ids.
///
/// ```
/// ascending, forward    value 1: id 1 ─► id 2   value 2: id 3 …
/// descending, forward   value 2: id 3 …         value 1: id 1 ─► id 2
/// ```
/// Backward, before a cursor, everything is the other way round. What begins with the same ``SortKey/textBytesMax`` bytes is equal.
struct OrderedRows: Sendable {
    /// The rows that share a sort key.
    struct Group: Sendable {
        let prefix: Key
        /// Whether the rows are of long texts with the same beginning, so that they are not in the order of their ids.
        let isLong: Bool
    }

    /// A place of the walk, in two keys.
    struct Place: Sendable {
        fileprivate let group: Group?
        fileprivate let last: UniqueID?
        fileprivate let passed: Key?
    }

    private let range: IndexRange
    /// The beginning of all keys of the index.
    private let all: Key
    private let isDescending: Bool
    private let isBackward: Bool
    /// The group that is being walked, and its last resource so far.
    private var group: Group?
    private var last: UniqueID?
    /// The group that was walked last.
    private var passed: Key?
    /// Resources that have been found, the next one last.
    private var found: [UniqueID] = []
    private var isAtEnd = false

    /// How many rows are looked up at a time.
    private static let sliceRows = 64

    /// Nil if the index has not the order of the list.
    ///
    /// `position`: where a page by cursor lies; nil for one by index.
    init?(
        _ attribute: IndexedAttribute,
        tenant: UInt32,
        kind: UInt8,
        isDescending: Bool,
        from position: ListPosition?
    ) {
        guard attribute.isOrdered else { return nil }
        range = IndexRange(of: attribute, tenant: tenant, kind: kind)
        all = attribute.rows(tenant, kind)
        self.isDescending = isDescending
        isBackward = position?.isBackward == true
        guard let place = position?.place else { return }
        guard let prefix = attribute.rows(tenant, kind, having: place.key) else { return nil }
        group = Group(prefix: prefix.key, isLong: prefix.isLong)
        last = place.id
    }

    /// The path of the attribute.
    var path: String { range.attribute.path }

    /// The place before the next resource, where one can be told: now and then.
    var place: Place? {
        found.isEmpty && !isAtEnd ? Place(group: group, last: last, passed: passed) : nil
    }

    /// Goes to a place of the same walk over the same rows.
    mutating func go(to place: Place) {
        (group, last, passed) = (place.group, place.last, place.passed)
        (found, isAtEnd) = ([], false)
    }

    /// The next resource of the list; nil behind the last.
    mutating func next(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> UniqueID? {
        if found.isEmpty, !isAtEnd {
            found = try slice(snapshot).reversed()
            isAtEnd = found.isEmpty
        }
        return found.popLast()
    }

    private mutating func slice(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> [UniqueID] {
        var ids: [UniqueID] = []
        while ids.count < Self.sliceRows {
            if group == nil {
                group = try nextGroup(snapshot)
                last = nil
            }
            guard let group else { break }
            let limit = Self.sliceRows - ids.count
            let more = try self.ids(of: group, limit: limit, snapshot)
            ids += more
            last = more.last ?? last
            if more.count < limit { (self.group, passed) = (nil, group.prefix) }
        }
        return ids
    }

    /// The rows of the next sort key in the direction of the walk.
    private func nextGroup(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Group? {
        var found: Group?
        if isDescending == isBackward {
            let start = passed.map { $0.behindPrefix ?? range.upper }
            try snapshot.rows(of: range, from: start) { key, _ in
                found = group(ofKey: key)
                return .stop
            }
        } else {
            let lower = range.lower.bytes
            try snapshot.rowsBackward(prefix: all, before: passed ?? range.upper) { key, _, _ in
                if key.order(lower.span) >= 0 { found = group(ofKey: key) }
                return .stop
            }
        }
        return found
    }

    private func group(ofKey key: Span<UInt8>) -> Group {
        let (prefix, isLong) = range.attribute.group(ofKey: key, all: all.bytes.count)
        return Group(prefix: prefix, isLong: isLong)
    }

    /// The next resources of a group behind the last one.
    private func ids(
        of group: Group,
        limit: Int,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UniqueID] {
        let (prefix, last, isBackward) = (group.prefix, last, isBackward)
        let isUnique = range.attribute.isUnique
        var ids: [UniqueID] = []
        func isBehind(_ id: UniqueID) -> Bool { last.map { isBackward ? id < $0 : $0 < id } ?? true }
        guard group.isLong || isUnique else {
            func take(_ key: Span<UInt8>) -> ScanStep {
                if let id = Keys.id(fromKey: key), isBehind(id) { ids.append(id) }
                return ids.count < limit ? .more : .stop
            }
            let place = last.map(prefix.with)
            if isBackward {
                try snapshot.rowsBackward(prefix: prefix, before: place) { key, _, _ in take(key) }
            } else {
                try snapshot.rows(prefix: prefix, from: place) { key, _, _ in take(key) }
            }
            return ids
        }
        try snapshot.rows(prefix: prefix, from: nil) { key, row, _ in
            let id = isUnique ? UniqueID(bytes: row) : Keys.id(fromKey: key)
            if let id, isBehind(id) { ids.append(id) }
            return .more
        }
        ids.sort { isBackward ? $1 < $0 : $0 < $1 }
        return Array(ids.prefix(limit))
    }
}
