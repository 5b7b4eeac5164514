import Storage
import Tenancy

/// What came of a slice of work on the indexes that operators have marked.
package enum IndexWork: Sendable {
    case nothing
    case more
    /// All rows are written, or removed: the mark is to say so.
    case finished(tenant: UInt32, number: UInt16, MarkedIndex.State)
}

extension ResourceDirectory {
    /// Resources whose rows one commit writes, and rows that one commit removes.
    private static let indexedPerSliceMax = 200
    private static let removedPerSliceMax = 500

    /// Writes or removes a slice of the rows of an index that has been marked or removed; safe to interrupt and to repeat.
    ///
    /// A row of the store tells how far it is. Changes that are made meanwhile write the rows of their resources themselves.
    package func settleIndexes() async throws(DirectoryError) -> IndexWork {
        let (work, changes) = try store.reading {
            snapshot throws(DirectoryError) -> (IndexWork, Changeset?) in
            guard let slice = try IndexSlice.first(snapshot) else { return (.nothing, nil) }
            guard let mark = slice.mark else {
                return (.more, Changeset(when: [slice.asFound], [.delete(slice.key)]))
            }
            let changes =
                mark.state == .building
                ? try written(slice, mark, snapshot) : try removed(slice, mark, snapshot)
            guard let changes else {
                return (.finished(tenant: slice.tenant, number: mark.number, mark.state), nil)
            }
            return (.more, changes)
        }
        // After a conflict it looks again: somebody has changed one of the resources.
        if let changes { _ = try await commitSlice(changes) }
        return work
    }

    /// The rows of the next resources; nil behind the last.
    private func written(
        _ slice: IndexSlice,
        _ mark: MarkedIndex,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Changeset? {
        let tenant = slice.tenant
        let kinds = try ResourceKinds.of(tenantNumber: tenant, snapshot)
        guard let kind = kinds.kind(code: mark.kind),
            let attribute = kind.indexes.first(where: { $0.marked == mark.number })
        else { return nil }
        var changes = Changeset(when: [slice.asFound], [])
        var last: UniqueID?
        var count = 0
        let start = slice.last.map { Keys.record(tenant, kind.code, $0).next }
        try snapshot.rows(prefix: Keys.records(tenant, kind.code), from: start) { key, row, version in
            guard count < Self.indexedPerSliceMax, let id = Keys.id(fromKey: key) else { return .stop }
            (last, count) = (id, count + 1)
            guard let record = ResourceRecord(row: row, type: kind.type) else { return .more }
            let before = changes.mutations.count
            attribute.eachValue(
                in: record.resource,
                created: record.created,
                lastModified: record.lastModified,
                sha256: environment.sha256
            ) { changes.mutations.append(.put(Keys.index(tenant, kind.code, $0, id), [])) }
            if changes.mutations.count > before {
                changes.preconditions.append(.version(Key([UInt8](copying: key)), version))
            }
            return .more
        }
        guard let last else { return nil }
        changes.mutations.append(.put(slice.key, last.bytes))
        return changes
    }

    /// Removes the next rows; nil if there are none.
    private func removed(
        _ slice: IndexSlice,
        _ mark: MarkedIndex,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Changeset? {
        let prefix = Keys.rows(ofMarkedIndex: mark.number, slice.tenant, mark.kind)
        var isThere = false
        try snapshot.rows(prefix: prefix, from: nil) { _, _, _ in
            isThere = true
            return .stop
        }
        guard isThere else { return nil }
        return Changeset(when: [slice.asFound], [.deletePrefix(prefix, limit: Self.removedPerSliceMax)])
    }
}

/// The work that is done first of all that is to be done.
private struct IndexSlice {
    let key: Key
    let version: CommitVersion
    let tenant: UInt32
    /// Nil if the tenant is gone.
    let mark: MarkedIndex?
    /// The last resource whose rows are written.
    let last: UniqueID?

    var asFound: Precondition { .version(key, version) }

    static func first(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> IndexSlice? {
        var found: (key: Key, version: CommitVersion, last: UniqueID?)?
        try snapshot.rows(prefix: Keys.indexWorks, from: nil) { key, row, version in
            found = (Key([UInt8](copying: key)), version, UniqueID(bytes: row))
            return .stop
        }
        guard let found, found.key.bytes.count == Keys.indexWorks.bytes.count + 6 else { return nil }
        let tenant = found.key.bytes.span.bigEndian32(at: Keys.indexWorks.bytes.count)
        let number = found.key.bytes.suffix(2).reduce(UInt16(0)) { $0 << 8 | UInt16($1) }
        return IndexSlice(
            key: found.key,
            version: found.version,
            tenant: tenant,
            mark: try snapshot.markedIndex(number, ofTenant: tenant),
            last: found.last
        )
    }
}
