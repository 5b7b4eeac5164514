import JSON
import SCIM
import Storage

/// Verifies that every derived row follows from its record, and every record has its rows.
///
/// Works in slices with a snapshot each, so that it can run beside a serving process: what belongs together is always
/// compared inside one snapshot.
package struct DirectoryChecker: Sendable {
    private let store: any Store
    private let environment: DirectoryEnvironment

    /// Rows compared in one snapshot.
    private static let sliceRows = 512
    /// Findings beyond this number are left out.
    static let findingsMax = 1_000

    package init(store: any Store, environment: DirectoryEnvironment) {
        self.store = store
        self.environment = environment
    }

    /// Everything that is wrong, as sentences that name rows by ids.
    ///
    /// `progress`: told how many rows have been compared so far.
    package func findings(progress: @escaping (Int) -> Void) throws(DirectoryError) -> [String] {
        var found = Findings(progress: progress)
        let tenants = try store.reading { snapshot throws(DirectoryError) in
            var tenants: [Tenant] = []
            try snapshot.rows(prefix: Keys.tenants, from: nil) { key, row, _ in
                let name = String(decoding: [UInt8](copying: key.extracting(droppingFirst: 1)), as: UTF8.self)
                if let tenant = Tenant(name: name, row: row) {
                    tenants.append(tenant)
                } else {
                    found.add("tenant \(name): damaged row")
                }
                return .more
            }
            return tenants
        }
        var kindsOfTenant: [UInt32: ResourceKinds] = [:]
        for tenant in tenants {
            try checkIgnoredAttributes(tenant, &found)
            let kinds: ResourceKinds
            do throws(DirectoryError) {
                kinds = try store.reading { snapshot throws(DirectoryError) in
                    try ResourceKinds.of(tenant, snapshot)
                }
            } catch .storage(.corrupt) {
                found.add(
                    "tenant \(tenant.name): its schemas are damaged, so that its resources are not checked"
                )
                continue
            }
            kindsOfTenant[tenant.number] = kinds
            if kinds.version != tenant.schemasVersion {
                found.add("tenant \(tenant.name): its row names another version of its schemas")
            }
            for kind in kinds.all {
                try checkRecords(tenant.number, kind, &found)
                try checkUniqueRows(tenant.number, kind, &found)
                try checkIndexRows(tenant.number, kind, &found)
                try checkStamps(tenant.number, kind, &found)
                try checkCount(tenant.number, kind, &found)
                try checkExtensionCounts(tenant.number, kind, &found)
            }
        }
        try checkEdges(kindsOfTenant, &found)
        return found.sentences
    }

    private func checkIgnoredAttributes(
        _ tenant: Tenant,
        _ found: inout Findings
    ) throws(DirectoryError) {
        let attributes = try store.reading { snapshot throws(DirectoryError) in
            try snapshot.row(Keys.ignoredAttributes(ofTenant: tenant.number)) { row, _ in
                IgnoredAttributes(row: row)
            }
        }
        if case .some(nil) = attributes {
            found.add("tenant \(tenant.name): the list of its ignored attributes is damaged")
        }
    }

    // MARK: Records and what follows from them

    private func checkRecords(
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ found: inout Findings
    ) throws(DirectoryError) {
        try eachRow(Keys.records(tenant, kind.code), &found) {
            key,
            row,
            _,
            snapshot,
            found throws(DirectoryError) in
            guard let id = Keys.id(fromKey: key.span) else { return found.add("record with a malformed key") }
            let name = "\(kind.type.name) \(id.text)"
            guard let record = ResourceRecord(row: row.span, type: kind.type) else {
                return found.add("\(name): damaged record")
            }
            let rows = RecordRows(record.resource, kind: kind, environment: environment)
            for unique in rows.unique {
                let holder = try snapshot.row(Keys.unique(tenant, kind.code, unique.value)) { row, _ in
                    UniqueID(bytes: row)
                }
                if holder != .some(.some(id)) {
                    found.add("\(name): its \(unique.attribute.path) is not in the unique index")
                }
            }
            for value in rows.indexed
            where try snapshot.row(Keys.index(tenant, kind.code, value, id), { _, _ in true }) == nil {
                found.add("\(name): an index row is missing")
            }
            if kind.membersAttribute != nil,
                try snapshot.row(Keys.stamp(tenant, kind.code, id), { _, _ in true }) == nil
            {
                found.add("\(name): its stamp is missing")
            }
        }
    }

    private func checkUniqueRows(
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ found: inout Findings
    ) throws(DirectoryError) {
        try eachRow(Keys.uniques(tenant, kind.code), &found) {
            key,
            row,
            _,
            snapshot,
            found throws(DirectoryError) in
            guard let id = UniqueID(bytes: row.span) else { return found.add("unique row without an id") }
            let rows = try rows(of: id, tenant, kind, snapshot)
            guard
                rows?.unique.contains(where: { Keys.unique(tenant, kind.code, $0.value).bytes == key })
                    == true
            else { return found.add("\(kind.type.name) \(id.text): a unique row does not follow from it") }
        }
    }

    private func checkIndexRows(
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ found: inout Findings
    ) throws(DirectoryError) {
        try eachRow(Keys.indexes(tenant, kind.code), &found) {
            key,
            _,
            _,
            snapshot,
            found throws(DirectoryError) in
            guard let id = Keys.id(fromKey: key.span) else {
                return found.add("index row with a malformed key")
            }
            let rows = try rows(of: id, tenant, kind, snapshot)
            guard
                rows?.indexed.contains(where: { Keys.index(tenant, kind.code, $0, id).bytes == key }) == true
            else { return found.add("\(kind.type.name) \(id.text): an index row does not follow from it") }
        }
    }

    private func checkStamps(
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ found: inout Findings
    ) throws(DirectoryError) {
        try eachRow(Keys.stamps(tenant, kind.code), &found) {
            key,
            _,
            _,
            snapshot,
            found throws(DirectoryError) in
            guard let id = Keys.id(fromKey: key.span),
                try snapshot.row(Keys.record(tenant, kind.code, id), { _, _ in true }) == true
            else { return found.add("\(kind.type.name): a stamp belongs to no record") }
        }
    }

    private func checkCount(
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ found: inout Findings
    ) throws(DirectoryError) {
        let (counted, noted) = try store.reading { snapshot throws(DirectoryError) -> (Int, Int) in
            var count = 0
            try snapshot.rows(prefix: Keys.records(tenant, kind.code), from: nil) { _, _, _ in
                count += 1
                return .more
            }
            return (count, try snapshot.counter(Keys.count(tenant, kind.code)))
        }
        if counted != noted {
            found.add("\(kind.type.name): \(counted) records, but the counter says \(noted)")
        }
    }

    /// How many resources have attributes of an extension is counted, so that it can be removed once none has.
    private func checkExtensionCounts(
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ found: inout Findings
    ) throws(DirectoryError) {
        for urn in kind.countedExtensions {
            let (counted, noted) = try store.reading { snapshot throws(DirectoryError) -> (Int, Int) in
                var count = 0
                try snapshot.rows(prefix: Keys.records(tenant, kind.code), from: nil) { _, row, _ in
                    if ResourceRecord(row: row, type: kind.type)?.resource.attributes[urn] != nil {
                        count += 1
                    }
                    return .more
                }
                return (count, try snapshot.counter(Keys.count(tenant, kind.code, ofExtension: urn)))
            }
            if counted != noted {
                found.add("\(kind.type.name): \(counted) records have \(urn), but the counter says \(noted)")
            }
        }
    }

    /// Every edge of a living tenant joins two records.
    ///
    /// The storage layer checks that each edge has its twin.
    private func checkEdges(
        _ kindsOfTenant: [UInt32: ResourceKinds],
        _ found: inout Findings
    ) throws(DirectoryError) {
        try eachRow(EdgeKeys.edges, &found) { key, value, _, snapshot, found throws(DirectoryError) in
            guard let edge = EdgeKeys.edge(fromKey: key.span), let kinds = kindsOfTenant[edge.space] else {
                return
            }
            let holders = kinds.holder.map { [$0] } ?? []
            let container = try snapshot.kind(of: edge.container, tenant: edge.space, among: holders)
            let member = try snapshot.kind(of: edge.member, tenant: edge.space, among: kinds.memberKinds)
            // The edges of a deleted group go one after the other.
            let ended = Keys.ended(edge.space, edge.container)
            if container == nil, try snapshot.row(ended, { _, _ in true }) != nil { return }
            if container == nil || member?.code != value.first {
                found.add(
                    "edge \(edge.container.text) → \(edge.member.text): an end is missing or of another type"
                )
            }
        }
    }

    // MARK: Walking

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

    private func eachRow(
        _ prefix: Key,
        _ found: inout Findings,
        _ body: (
            [UInt8], [UInt8], CommitVersion, borrowing Snapshot, inout Findings
        ) throws(DirectoryError) -> Void
    ) throws(DirectoryError) {
        var last: Key?
        while true {
            let count = try store.reading { snapshot throws(DirectoryError) in
                var slice: [(key: [UInt8], row: [UInt8], version: CommitVersion)] = []
                try snapshot.rows(prefix: prefix, from: last) { key, row, version in
                    let key = [UInt8](copying: key)
                    if key != last?.bytes { slice.append((key, [UInt8](copying: row), version)) }
                    return slice.count < Self.sliceRows ? .more : .stop
                }
                for (key, row, version) in slice { try body(key, row, version, snapshot, &found) }
                last = slice.last.map { Key($0.key) } ?? last
                return slice.count
            }
            found.compared(count)
            if count < Self.sliceRows { return }
        }
    }
}

/// What a check has found and how far it has come.
private struct Findings {
    private(set) var sentences: [String] = []
    private var rows = 0
    private let progress: (Int) -> Void

    init(progress: @escaping (Int) -> Void) { self.progress = progress }

    mutating func add(_ sentence: String) {
        if sentences.count < DirectoryChecker.findingsMax { sentences.append(sentence) }
    }

    mutating func compared(_ count: Int) {
        rows += count
        progress(rows)
    }
}
