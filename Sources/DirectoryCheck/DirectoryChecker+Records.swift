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
        let rows = RecordRows(record.resource, kind: kind, environment: environment)
        for unique in rows.unique {
            let key = Keys.unique(tenant, kind.code, unique.value)
            let holder = try snapshot.row(key) { row, _ in UniqueID(bytes: row) }
            guard holder != .some(.some(id)) else { continue }
            // A row that leads to another resource is right or has been found before: two resources have the same value.
            let repair = Changeset(when: [row.asFound, .absent(key)], [.put(key, id.bytes)])
            findings.append(
                DirectoryFinding(
                    "\(name): its \(unique.attribute.path) is not in the unique index",
                    repair: holder == nil ? repair : nil
                )
            )
        }
        for value in rows.indexed {
            let key = Keys.index(tenant, kind.code, value, id)
            guard try snapshot.row(key, { _, _ in true }) == nil else { continue }
            findings.append(
                DirectoryFinding(
                    "\(name): an index row is missing",
                    repair: Changeset(when: [row.asFound], [.put(key, [])])
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

    func checkUniqueRow(
        _ row: Row,
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        guard let id = UniqueID(bytes: row.value.span) else {
            return [DirectoryFinding("unique row without an id", repair: row.deletion)]
        }
        let rows = try rows(of: id, tenant, kind, snapshot)
        let follows = rows?.unique
            .contains { Keys.unique(tenant, kind.code, $0.value) == row.storedKey }
        guard follows != true else { return [] }
        return [
            DirectoryFinding(
                "\(kind.type.name) \(id.text): a unique row does not follow from it",
                repair: row.deletion
            )
        ]
    }

    func checkIndexRow(
        _ row: Row,
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        guard let id = row.id else {
            return [DirectoryFinding("index row with a malformed key", repair: row.deletion)]
        }
        let rows = try rows(of: id, tenant, kind, snapshot)
        let follows = rows?.indexed.contains { Keys.index(tenant, kind.code, $0, id) == row.storedKey }
        guard follows != true else { return [] }
        return [
            DirectoryFinding(
                "\(kind.type.name) \(id.text): an index row does not follow from it",
                repair: row.deletion
            )
        ]
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

    /// How many resources there are, and how many have attributes of each extension, so that it can be removed once none has.
    func checkCounters(_ tenant: UInt32, _ kind: ResourceKind) throws(DirectoryError) -> [DirectoryFinding] {
        try store.reading { snapshot throws(DirectoryError) in
            var count = 0
            var counts: [String: Int] = [:]
            let extensions = kind.countedExtensions
            try snapshot.rows(prefix: Keys.records(tenant, kind.code), from: nil) { _, row, _ in
                count += 1
                guard !extensions.isEmpty, let record = ResourceRecord(row: row, type: kind.type) else {
                    return .more
                }
                for urn in extensions where record.resource.attributes[urn] != nil {
                    counts[urn, default: 0] += 1
                }
                return .more
            }
            var findings: [DirectoryFinding] = []
            func compare(
                _ key: Key,
                _ counted: Int,
                _ what: String,
                _ snapshot: borrowing Snapshot
            ) throws(DirectoryError) {
                let noted: Int = try snapshot.counter(key)
                guard counted != noted else { return }
                let version = try snapshot.row(key) { _, version in version }
                let asFound = version.map { Precondition.version(key, $0) } ?? .absent(key)
                findings.append(
                    DirectoryFinding(
                        "\(kind.type.name): \(counted) \(what), but the counter says \(noted)",
                        repair: Changeset(when: [asFound], [.put(key, Counter.bytes(Int64(counted)))])
                    )
                )
            }
            try compare(Keys.count(tenant, kind.code), count, "records", snapshot)
            for urn in extensions {
                let key = Keys.count(tenant, kind.code, ofExtension: urn)
                try compare(key, counts[urn] ?? 0, "records have \(urn)", snapshot)
            }
            return findings
        }
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
        return (record ?? nil).map { RecordRows($0.resource, kind: kind, environment: environment) }
    }
}
