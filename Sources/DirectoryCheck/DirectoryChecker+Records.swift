import Directory
import JSON
import SCIM
import Storage
import Tenancy

// Each check compares one row with what it follows from, or with what follows from it.

extension DirectoryChecker {
    func checkRecord(
        _ row: Row,
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        guard let id = row.id else { return [DirectoryFinding("record with a malformed key")] }
        let name = "\(kind.type.name) \(id.text)"
        guard let record = ResourceRecord(row: row.value.span, type: kind.type) else {
            return [DirectoryFinding("\(name): damaged record")]
        }
        var findings: [DirectoryFinding] = []
        for value in RecordRows(record, kind: kind, environment: environment).values
        where value.attribute.isComplete {
            let (key, content) = value.row(tenant, kind, id)
            let holder = try snapshot.row(key) { row, _ in
                value.attribute.isUnique ? UniqueID(bytes: row) : id
            }
            guard holder != .some(.some(id)) else { continue }
            // A row that leads to another resource is right or has been found before: two resources have the same value.
            let repair = Changeset(when: [row.asFound, .absent(key)], [.put(key, content)])
            let index = value.attribute.isUnique ? "the unique index" : "its index"
            findings.append(
                DirectoryFinding(
                    "\(name): its \(value.attribute.path) is not in \(index)",
                    repair: holder == nil ? repair : nil
                )
            )
        }
        guard kind.membersAttribute != nil else { return findings }
        let stamp = Keys.stamp(tenant, kind.code, id)
        if try snapshot.row(stamp, { _, _ in true }) == nil {
            let mutations: [Mutation] = [
                .version(environment.makeVersion()), .put(stamp, Stamp.row(record.lastModified)),
            ]
            findings.append(
                DirectoryFinding(
                    "\(name): its stamp is missing",
                    repair: Changeset(when: [row.asFound, .absent(stamp)], mutations)
                )
            )
        }
        return try findings + checkSet(of: id, record, row, tenant, name, snapshot)
    }

    func checkIndexRow(
        _ row: Row,
        isUnique: Bool,
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        guard let id = isUnique ? UniqueID(bytes: row.value.span) : row.id else {
            return [DirectoryFinding("index row without an id", repair: row.deletion)]
        }
        let rows = try rows(of: id, tenant, kind, snapshot)
        guard rows?.values.contains(where: { $0.row(tenant, kind, id).key == row.storedKey }) != true else {
            return []
        }
        if try isGoing(row, tenant, kind, snapshot) { return [] }
        let what = isUnique ? "a unique row" : "an index row"
        return [
            DirectoryFinding(
                "\(kind.type.name) \(id.text): \(what) does not follow from it",
                repair: row.deletion
            )
        ]
    }

    /// Whether a row belongs to an index that has been removed, so that it is about to go.
    private func isGoing(
        _ row: Row,
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Bool {
        guard let number = Keys.markedIndex(ofRow: row.key.span),
            !kind.indexes.contains(where: { $0.marked == number })
        else { return false }
        return try snapshot.row(Keys.indexWork(number, ofTenant: tenant), { _, _ in true }) != nil
    }

    func checkStamp(
        _ row: Row,
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        if let id = row.id, try snapshot.row(Keys.record(tenant, kind.code, id), { _, _ in true }) == true {
            return []
        }
        return [DirectoryFinding("\(kind.type.name): a stamp belongs to no record", repair: row.deletion)]
    }

    private func rows(
        of id: UniqueID,
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> RecordRows? {
        let record = try snapshot.row(Keys.record(tenant, kind.code, id)) { row, _ in
            ResourceRecord(row: row, type: kind.type)
        }
        return (record ?? nil).map { RecordRows($0, kind: kind, environment: environment) }
    }
}
