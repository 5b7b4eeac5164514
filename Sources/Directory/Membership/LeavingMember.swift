import Audit
import JSON
import SCIM
import Storage
import Tenancy

/// A deleted resource that was in more groups than the commit of its deletion could tell.
///
/// The row that keeps it holds the record that each of the groups gets:
///
/// ```
/// format 1 | the groups' kind 1 | stream 2+n | payload
/// ```
struct LeavingMember {
    private let key: Key
    private let version: CommitVersion
    private let tenant: UInt32
    private let id: UniqueID
    private let holder: UInt8
    private let record: LogEntry

    private static let format: UInt8 = 1

    /// The row of a resource that is being deleted; `record`: of any of its groups.
    static func row(holder: UInt8, record: LogEntry) -> [UInt8] {
        var row = [format, holder]
        row.appendText(record.stream)
        row += record.payload
        return row
    }

    /// The first one that is left; nil if there is none.
    static func first(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> LeavingMember? {
        var found: LeavingMember?
        var isDamaged = false
        try snapshot.rows(prefix: Keys.leavingMembers, from: nil) { key, row, version in
            found = LeavingMember(key, row, version)
            isDamaged = found == nil
            return .stop
        }
        guard !isDamaged else { throw .storage(.corrupt("a deleted member's row")) }
        return found
    }

    private init?(_ key: Span<UInt8>, _ row: Span<UInt8>, _ version: CommitVersion) {
        var reader = RowReader()
        guard let id = Keys.id(fromKey: key), reader.integer(UInt8.self, in: row) == Self.format,
            let holder = reader.integer(UInt8.self, in: row), let stream = reader.text(in: row),
            !stream.isEmpty
        else { return nil }
        self.key = Key([UInt8](copying: key))
        self.version = version
        tenant = key.bigEndian32(at: Keys.leavingMembers.bytes.count)
        self.id = id
        self.holder = holder
        record = LogEntry(
            stream: stream,
            payload: [UInt8](copying: row.extracting(droppingFirst: reader.offset))
        )
    }

    /// What it takes to leave at most `limit` groups, or to forget the member once it has left all.
    func leave(
        at time: Timestamp,
        version: CommitVersion,
        limit: Int,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Changeset {
        var changes = Changeset()
        changes.preconditions = [.version(key, self.version)]
        changes.mutations = [.version(version)]
        let holders = try snapshot.holders(of: id, tenant: tenant, holder: holder, limit: limit)
        guard !holders.isEmpty else {
            changes.preconditions.append(.exactly(EdgeKeys.containers(of: id, space: tenant), []))
            changes.mutations = [.delete(key)]
            return changes
        }
        for stored in holders {
            changes.preconditions.append(stored.asFound)
            changes.mutations.append(.unlink(stored.edge))
            if let group = stored.group {
                changes.preconditions.append(
                    .version(Keys.record(tenant, holder, group.id), group.recordVersion)
                )
                if stored.value.isMarked { changes.touch(stored.change, of: group.set, tenant) }
                guard stored.isMembership else { continue }
                changes.mutations += [
                    .put(Keys.stamp(tenant, holder, group.id), Stamp.row(time)),
                    .append(record.about(group.id)),
                ]
            } else if stored.isUnowned {
                // Whoever is building the set learns of it.
                let unowned = Keys.unownedSet(tenant, stored.edge.container)
                changes.preconditions.append(.present(unowned))
                changes.mutations.append(.put(unowned, []))
            }
        }
        return changes
    }
}
