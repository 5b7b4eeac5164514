import Storage
import Tenancy

/// A change of a set of memberships that is too large for one commit: its edges are marked before, in slices, and all become what
/// they are marked as with one row, this one.
///
/// ```
/// preparing ─► slice ─► slice ─► … ─► made, with the change's commit ─► slice ─► … ─► no row
///     │   edges are marked: nobody sees it      all see it at once: the marks are taken away
///     └─► undoing ─► slice ─► … ─► no row                    whoever prepared it has died or failed
/// ```
///
/// Each slice has a row of its own, its part, which names the edges that it has marked, so that they are found again without a look
/// at the others of the set:
///
/// ```
/// change   format 1 | state 1 | id 16 | first part that is left 4 | parts 4
/// part     edge's value 1, member 16, for each edge
/// ```
///
/// While there is such a row, only this change writes edges of the set, apart from the deletion of members: every other one first
/// finishes it, or undoes it, and has the row's absence as a condition.
package struct SetChange {
    package enum State: UInt8 {
        case preparing = 1
        case made = 2
        case undoing = 3
    }

    package let tenant: UInt32
    package let set: UniqueID
    /// The version of the row.
    let version: CommitVersion
    package var state: State
    /// Whose it is: no other change has it, not of the same set either.
    let id: UniqueID
    /// The parts that are left, once it is made.
    package var parts: Range<UInt32>

    private static let format: UInt8 = 1

    package var key: Key { Keys.setChange(tenant, set) }

    /// Nobody has gone on with it since.
    package var asFound: Precondition { .version(key, version) }

    init(of set: UniqueID, tenant: UInt32, id: UniqueID, version: CommitVersion) {
        self.tenant = tenant
        self.set = set
        self.version = version
        self.id = id
        state = .preparing
        parts = 0..<0
    }

    package init?(_ key: Span<UInt8>, _ row: Span<UInt8>, _ version: CommitVersion) {
        var reader = RowReader()
        guard let set = Keys.id(fromKey: key), reader.integer(UInt8.self, in: row) == Self.format,
            let state = reader.integer(UInt8.self, in: row).flatMap(State.init), let id = reader.id(in: row),
            let first = reader.integer(UInt32.self, in: row), let end = reader.integer(UInt32.self, in: row),
            first <= end
        else { return nil }
        tenant = key.bigEndian32(at: Keys.setChanges.bytes.count)
        self.set = set
        self.version = version
        self.state = state
        self.id = id
        parts = first..<end
    }

    package var row: [UInt8] {
        var row = [Self.format, state.rawValue]
        id.append(bytesTo: &row)
        row.appendBigEndian(parts.lowerBound)
        row.appendBigEndian(parts.upperBound)
        return row
    }

    /// Writes the row as it is now, with the version of the changeset.
    var put: Mutation { .put(key, row) }
}

/// An edge that a change marks, and as what.
package struct MarkedEdge {
    package let member: UniqueID
    package let value: EdgeValue

    package init(_ member: UniqueID, _ value: EdgeValue) {
        self.member = member
        self.value = value
    }

    /// The row of a part with these edges.
    package static func row(_ edges: some Sequence<MarkedEdge>) -> [UInt8] {
        var row: [UInt8] = []
        for edge in edges {
            row.append(edge.value.byte)
            edge.member.append(bytesTo: &row)
        }
        return row
    }

    /// The edges of a part; nil if its row is damaged.
    package static func edges(ofRow row: Span<UInt8>) -> [MarkedEdge]? {
        var edges: [MarkedEdge] = []
        var reader = RowReader()
        while reader.offset < row.count {
            guard let value = reader.integer(UInt8.self, in: row), let member = reader.id(in: row) else {
                return nil
            }
            edges.append(MarkedEdge(member, EdgeValue(value)))
        }
        return edges
    }
}

extension StoreSnapshot where Self: ~Copyable {
    /// The change of a set that is under way; nil if there is none.
    package func setChange(of set: UniqueID, tenant: UInt32) throws(DirectoryError) -> SetChange? {
        let key = Keys.setChange(tenant, set)
        let found = try row(key) { row, version in SetChange(key.bytes.span, row, version) }
        guard let found else { return nil }
        guard let found else { throw .storage(.corrupt("the row of a change of memberships")) }
        return found
    }

    /// Whether the marks of a set's edges have come to be what they say.
    package func isMade(changeOf set: UniqueID, tenant: UInt32) throws(DirectoryError) -> Bool {
        try setChange(of: set, tenant: tenant)?.state == .made
    }

    /// Whether some set of the tenant is being changed.
    func isAnySetChanging(tenant: UInt32) throws(DirectoryError) -> Bool {
        var isFound = false
        try rows(prefix: Keys.setChanges(ofTenant: tenant), from: nil) { _, _, _ in
            isFound = true
            return .stop
        }
        return isFound
    }

    /// The marked edges that no part of a change names, by a walk over all of the set; for repairs.
    package func edgesWithoutPart(of change: SetChange) throws(DirectoryError) -> [MarkedEdge] {
        var named: Set<UniqueID> = []
        try rows(prefix: Keys.parts(ofSetChange: change.set, change.tenant), from: nil) { _, row, _ in
            for edge in MarkedEdge.edges(ofRow: row) ?? [] { named.insert(edge.member) }
            return .more
        }
        var edges: [MarkedEdge] = []
        let prefix = EdgeKeys.members(of: change.set, space: change.tenant)
        try rows(prefix: prefix, from: nil) { key, row, _ in
            guard let member = Keys.id(fromKey: key), !row.isEmpty else { return .more }
            let value = EdgeValue(row[0])
            if value.isMarked, !named.contains(member) { edges.append(MarkedEdge(member, value)) }
            return .more
        }
        return edges
    }

    /// What the row of an edge says; nil if there is no such edge, whether or not it is a membership.
    func value(of edge: Edge) throws(DirectoryError) -> EdgeValue? {
        try row(EdgeKeys.edge(edge)) { value, _ in value.isEmpty ? nil : EdgeValue(value[0]) } ?? nil
    }
}

extension Changeset {
    /// Makes a condition that the change of a set is as it was found, or that there is none, and tells whoever prepares it that
    /// one of the edges that it has marked goes.
    mutating func touch(_ change: SetChange?, of set: UniqueID, _ tenant: UInt32) {
        guard let change else { return preconditions.append(.absent(Keys.setChange(tenant, set))) }
        preconditions.append(change.asFound)
        if change.state == .preparing { mutations.append(change.put) }
    }
}
