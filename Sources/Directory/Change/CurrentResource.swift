import JSON
import SCIM
import Storage
import Tenancy

/// A resource as it was when a change was computed.
struct CurrentResource {
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
        let found = try snapshot.row(recordKey) { row, version in
            let record =
                if let names {
                    ResourceRecord(row: row, type: kind.type, only: names)
                } else {
                    ResourceRecord(row: row, type: kind.type)
                }
            return (record, version)
        }
        guard let found else { throw .notFound }
        guard let record = found.0 else { throw .storage(.corrupt("record \(id.text)")) }
        let stampKey = Keys.stamp(context.tenant, kind.code, id)
        let stamp =
            kind.membersAttribute == nil
            ? nil : try snapshot.row(stampKey) { row, version in (version: version, time: Stamp.time(row)) }
        let current = CurrentResource(
            id: id,
            record: record,
            recordKey: recordKey,
            recordVersion: found.1,
            version: stamp?.version ?? found.1,
            versionKey: stamp == nil ? recordKey : stampKey,
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
    /// The resource after a change of it.
    func left(
        by changes: ResourceChangeset,
        _ new: ResourceRecord,
        at now: Timestamp
    ) -> CurrentResource {
        let hasMembers = versionKey != recordKey
        return CurrentResource(
            id: id,
            record: new,
            recordKey: recordKey,
            recordVersion: changes.row == nil ? recordVersion : changes.version,
            version: hasMembers || changes.row != nil ? changes.version : version,
            versionKey: versionKey,
            lastModified: now
        )
    }
}
