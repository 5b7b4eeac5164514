import JSON
import SCIM
import Storage
import Tenancy

/// A resource as it was when a change was computed.
///
/// A reference type, because every step of the computation passes it along.
final class CurrentResource: Sendable {
    let id: UniqueID
    let record: ResourceRecord
    /// The record's row and its version.
    let recordKey: Key
    let recordVersion: CommitVersion
    /// The version that clients see, and the row that carries it.
    let version: CommitVersion
    let versionKey: Key
    /// When it last changed, its members included.
    let lastModified: Timestamp

    /// The set that holds its members.
    var membershipSet: UniqueID { record.membershipSet ?? id }

    init(
        id: UniqueID,
        record: ResourceRecord,
        recordKey: Key,
        recordVersion: CommitVersion,
        version: CommitVersion,
        versionKey: Key,
        lastModified: Timestamp
    ) {
        self.id = id
        self.record = record
        self.recordKey = recordKey
        self.recordVersion = recordVersion
        self.version = version
        self.versionKey = versionKey
        self.lastModified = lastModified
    }
}

extension ResourceDirectory {
    /// How many members a group may have for its whole list to be counted and answered after a change.
    package static let membersAnsweredMax = 100

    /// `names`: the attributes that are needed; nil for all.
    func load(
        _ id: UniqueID,
        _ context: ChangeContext,
        _ snapshot: borrowing Snapshot,
        only names: [String]? = nil
    ) throws(DirectoryError) -> CurrentResource {
        let kind = context.kind
        let recordKey = Keys.record(context.tenant, kind.code, id)
        var read: ResourceRecord?
        var recordVersion: CommitVersion?
        try snapshot.look(at: recordKey) { row, version in
            recordVersion = version
            read =
                if let names {
                    ResourceRecord(row: row, type: kind.type, only: names)
                } else {
                    ResourceRecord(row: row, type: kind.type)
                }
        }
        guard let recordVersion else { throw .notFound }
        guard let record = read else { throw .storage(.corrupt("record \(id.text)")) }
        let stampKey = kind.membersAttribute.map { _ in Keys.stamp(context.tenant, kind.code, id) }
        let stamp = try stampKey.flatMap { key throws(DirectoryError) in
            try snapshot.row(key) { row, version in (key: key, version: version, time: Stamp.time(row)) }
        }
        let current = CurrentResource(
            id: id,
            record: record,
            recordKey: recordKey,
            recordVersion: recordVersion,
            version: stamp?.version ?? recordVersion,
            versionKey: stamp?.key ?? recordKey,
            lastModified: stamp?.time ?? record.lastModified
        )
        guard context.condition.allows(current.version) else { throw .versionMismatch }
        return current
    }

    package func renderer(_ context: ChangeContext) -> ResourceRenderer {
        ResourceRenderer(
            tenant: context.tenant,
            kinds: context.access.kinds,
            kind: context.kind,
            baseURL: context.baseURL,
            projection: .identity,
            pace: .loop
        )
    }
}

extension CurrentResource {
    /// The version that clients see after a change of the resource, and when that was.
    func left(
        by changes: ResourceChangeset,
        at now: Timestamp
    ) -> (version: CommitVersion, lastModified: Timestamp) {
        let hasMembers = versionKey != recordKey
        return (hasMembers || changes.row != nil ? changes.version : version, now)
    }
}
