import Audit
import JSON
import SCIM
import Storage
import Tenancy

/// Verifies that every derived row follows from its record, and every record has its rows.
///
/// Works in slices with a snapshot each, so that it can run beside a serving process: what belongs together is always
/// compared inside one snapshot.
///
/// ```
/// tenants ─► unique rows ─► records ─► index rows ─► stamps ─► tallies, counters ─► sets of memberships ─► edges
/// ```
package struct DirectoryChecker: Sendable {
    let store: any Store
    let environment: DirectoryEnvironment
    /// Who repairs, for the audit records of groups that lose a member thereby.
    let actor: AuditActor

    /// Rows compared in one snapshot.
    private static let sliceRows = 512
    /// Findings beyond this number are left out.
    package static let findingsMax = 1_000

    package init(store: any Store, environment: DirectoryEnvironment, actor: AuditActor = .system) {
        self.store = store
        self.environment = environment
        self.actor = actor
    }

    /// Everything that is wrong, as sentences.
    ///
    /// `progress`: told how many rows have been compared so far.
    package func findings(progress: @escaping (Int) -> Void) throws(DirectoryError) -> [String] {
        var sentences: [String] = []
        var walk = try Walk(self)
        while let slice = try walk.next(self) {
            sentences += slice.findings.prefix(Self.findingsMax - sentences.count).map(\.sentence)
            progress(walk.rowCount)
        }
        return sentences
    }

    /// Mends what can be mended, one finding after the other.
    ///
    /// `edges`: those of which the store found that their two rows differ.
    /// - Returns: the first ``findingsMax`` sentences of what was mended.
    package func repair(
        _ edges: [Edge],
        _ ledger: Ledger,
        progress: @escaping (Int) -> Void
    ) async throws(DirectoryError) -> [String] {
        var mended: [String] = []
        var walk = try Walk(self)
        for edge in edges {
            let repair = try store.reading { snapshot throws(DirectoryError) in
                try self.mended(edge, when: [], walk.tenants, snapshot)
            }
            let sentence = "edge \(edge.container.text) → \(edge.member.text): its two rows differ"
            try await mend(DirectoryFinding(sentence, repair: repair), ledger, &mended)
        }
        while let slice = try walk.next(self) {
            for finding in slice.findings { try await mend(finding, ledger, &mended) }
            progress(walk.rowCount)
        }
        return mended
    }

    private func mend(
        _ finding: DirectoryFinding,
        _ ledger: Ledger,
        _ mended: inout [String]
    ) async throws(DirectoryError) {
        guard let repair = finding.repair else { return }
        do throws(LedgerError) { try await ledger.commit(repair) } catch .conflict {
            // What was mended before has mended this too.
            return
        } catch {
            throw DirectoryError(error)
        }
        if mended.count < Self.findingsMax { mended.append(finding.sentence) }
    }
}

// MARK: - Walking

extension DirectoryChecker {
    /// A tenant whose schemas are whole.
    struct CheckedTenant {
        let name: AuditSlug?
        let kinds: ResourceKinds
    }

    /// A row as it is shown to the checks of its space.
    struct Row {
        let key: [UInt8]
        let value: [UInt8]
        let version: CommitVersion

        var storedKey: Key { Key(key) }
        /// The id that ends the key.
        var id: UniqueID? { Keys.id(fromKey: key.span) }
        /// Nobody has changed the row since.
        var asFound: Precondition { .version(storedKey, version) }
        var deletion: Changeset { Changeset(when: [asFound], [.delete(storedKey)]) }
    }

    private enum Stage {
        case rows(Key, Check)
        case counters(UInt32, ResourceKind)
    }

    /// What is compared with a row.
    enum Check {
        case record(UInt32, ResourceKind)
        case indexRow(UInt32, ResourceKind, isUnique: Bool)
        case stamp(UInt32, ResourceKind)
        case setOwner(UInt32)
        case unownedSet, leavingMember, setChange, setChangePart, edge
    }

    struct Slice { var findings: [DirectoryFinding] }

    /// How far a check has come.
    private struct Walk {
        private(set) var tenants: [UInt32: CheckedTenant] = [:]
        private(set) var rowCount = 0
        private var stages: [Stage] = []
        private var stage = 0
        private var last: Key?
        private var ofTenants: [DirectoryFinding] = []

        init(_ checker: DirectoryChecker) throws(DirectoryError) {
            for tenant in try checker.tenants(&ofTenants) {
                ofTenants += try checker.checkIgnoredAttributes(tenant)
                ofTenants += try checker.checkActivity(tenant)
                guard let kinds = try checker.kinds(of: tenant, &ofTenants) else { continue }
                let number = tenant.number
                tenants[number] = CheckedTenant(name: AuditSlug(tenant.name), kinds: kinds)
                for kind in kinds.all {
                    let code = kind.code
                    stages += [
                        .rows(Keys.uniques(number, code), .indexRow(number, kind, isUnique: true)),
                        .rows(Keys.records(number, code), .record(number, kind)),
                        .rows(Keys.indexes(number, code), .indexRow(number, kind, isUnique: false)),
                        .rows(Keys.stamps(number, code), .stamp(number, kind)), .counters(number, kind),
                    ]
                }
                stages.append(.rows(Keys.setOwners(ofTenant: number), .setOwner(number)))
            }
            stages += [
                .rows(Keys.unownedSets, .unownedSet), .rows(Keys.leavingMembers, .leavingMember),
                .rows(Keys.setChangeParts, .setChangePart), .rows(Keys.setChanges, .setChange),
                .rows(EdgeKeys.edges, .edge),
            ]
        }

        /// What the next rows show; nil behind the last ones.
        mutating func next(_ checker: DirectoryChecker) throws(DirectoryError) -> Slice? {
            guard ofTenants.isEmpty else {
                defer { ofTenants = [] }
                return Slice(findings: ofTenants)
            }
            guard stage < stages.count else { return nil }
            switch stages[stage] {
            case .counters(let tenant, let kind):
                stage += 1
                // A tally is mended as long as the counter stays as it was found.
                let findings = try checker.checkTally(tenant, kind) + checker.checkCounters(tenant, kind)
                return Slice(findings: findings)
            case .rows(let prefix, let check):
                let (last, tenants) = (last, tenants)
                let (rows, findings) = try checker.store.reading {
                    snapshot throws(DirectoryError) -> ([Row], [DirectoryFinding]) in
                    let rows = try DirectoryChecker.rows(prefix, after: last, snapshot)
                    var findings: [DirectoryFinding] = []
                    for row in rows { findings += try checker.check(row, check, tenants, snapshot) }
                    return (rows, findings)
                }
                rowCount += rows.count
                self.last = rows.last?.storedKey
                if rows.count < DirectoryChecker.sliceRows { (self.last, stage) = (nil, stage + 1) }
                return Slice(findings: findings)
            }
        }
    }

    private static func rows(
        _ prefix: Key,
        after last: Key?,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [Row] {
        var rows: [Row] = []
        try snapshot.rows(prefix: prefix, from: last?.next) { key, value, version in
            rows.append(Row(key: [UInt8](copying: key), value: [UInt8](copying: value), version: version))
            return rows.count < sliceRows ? .more : .stop
        }
        return rows
    }

    private func check(
        _ row: Row,
        _ check: Check,
        _ tenants: [UInt32: CheckedTenant],
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [DirectoryFinding] {
        switch check {
        case .record(let tenant, let kind): try checkRecord(row, tenant, kind, snapshot)
        case .indexRow(let tenant, let kind, let isUnique):
            try checkIndexRow(row, isUnique: isUnique, tenant, kind, snapshot)
        case .stamp(let tenant, let kind): try checkStamp(row, tenant, kind, snapshot)
        case .setOwner(let tenant): try checkSetOwner(row, tenant, tenants, snapshot)
        case .unownedSet: try checkUnownedSet(row, tenants, snapshot)
        case .leavingMember: try checkLeavingMember(row, tenants, snapshot)
        case .setChange: try checkSetChange(row, tenants, snapshot)
        case .setChangePart: try checkSetChangePart(row, tenants, snapshot)
        case .edge: try checkEdge(row, tenants, snapshot)
        }
    }
}
