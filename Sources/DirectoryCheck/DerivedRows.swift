import Directory
import Storage
import Tenancy

/// Rebuilds the rows that follow from records, for a store whose rows an older program has written.
///
/// A row of the store tells which form they have, and is written when all are there; so a rebuilding that is interrupted begins
/// again. Nobody may change the store meanwhile. The code is that of ``DirectoryChecker``, which compares the same rows.
package struct DerivedRows: Sendable {
    /// The form of the rows that this code writes; what another one wrote is rebuilt.
    private static let form: [UInt8] = [1]
    /// What one commit writes at most: records, and bytes of their rows.
    private static let recordsPerCommitMax = 512
    private static let bytesPerCommitMax = 1 << 20
    private static let deletionsPerCommitMax = 2_000

    private let store: any Store
    private let environment: DirectoryEnvironment

    package init(store: any Store, environment: DirectoryEnvironment) {
        self.store = store
        self.environment = environment
    }

    /// Whether all rows have the form that this program reads.
    package func areCurrent() throws(DirectoryError) -> Bool {
        try store.reading { snapshot throws(DirectoryError) in
            try snapshot.row(Keys.derivedForm) { row, _ in [UInt8](copying: row) == Self.form } ?? false
        }
    }

    /// Writes all rows anew; a tenant whose schemas are damaged keeps what it has.
    ///
    /// `progress`: told after each commit of how many records the rows have been written.
    package func rebuild(progress: (Int) -> Void) async throws(DirectoryError) {
        let checker = DirectoryChecker(store: store, environment: environment)
        // What is damaged stays for a check to tell.
        var findings: [DirectoryFinding] = []
        var count = 0
        for tenant in try checker.tenants(&findings) {
            guard let kinds = try checker.kinds(of: tenant, &findings) else { continue }
            for kind in kinds.all { try await rebuild(tenant.number, kind, &count, progress) }
        }
        for prefix in Keys.former {
            while try isUsed(prefix) {
                try await commit([.deletePrefix(prefix, limit: Self.deletionsPerCommitMax)])
            }
        }
        try await commit([.put(Keys.derivedForm, Self.form)])
    }

    private func rebuild(
        _ tenant: UInt32,
        _ kind: ResourceKind,
        _ count: inout Int,
        _ progress: (Int) -> Void
    ) async throws(DirectoryError) {
        var counted = CountedRecords(tenant, kind, environment)
        var last: Key?
        while true {
            var slice = Slice()
            try store.reading { snapshot throws(DirectoryError) in
                try snapshot.rows(prefix: Keys.records(tenant, kind.code), from: last?.next) { key, row, _ in
                    slice.last = Key([UInt8](copying: key))
                    slice.count += 1
                    slice.add(counted.add(row), tenant, kind, Keys.id(fromKey: key))
                    return slice.count < Self.recordsPerCommitMax && slice.bytes < Self.bytesPerCommitMax
                        ? .more : .stop
                }
            }
            guard let end = slice.last else { break }
            last = end
            try await commit(slice.mutations)
            count += slice.count
            progress(count)
        }
        var mutations: [Mutation] = []
        for (key, count) in counted.counts {
            mutations.append(.put(key, Counter.bytes(Int64(count))))
            guard mutations.count >= Self.recordsPerCommitMax else { continue }
            try await commit(mutations)
            mutations = []
        }
        try await commit(mutations)
        let checker = DirectoryChecker(store: store, environment: environment)
        for finding in try checker.checkTally(tenant, kind) {
            if let repair = finding.repair { try await commit(repair.mutations) }
        }
    }

    /// The rows of some records.
    private struct Slice {
        var mutations: [Mutation] = []
        var bytes = 0
        var count = 0
        var last: Key?

        mutating func add(_ rows: RecordRows?, _ tenant: UInt32, _ kind: ResourceKind, _ id: UniqueID?) {
            guard let rows, let id else { return }
            for value in rows.values {
                let (key, row) = value.row(tenant, kind, id)
                bytes += key.bytes.count + row.count
                mutations.append(.put(key, row))
            }
        }
    }

    private func isUsed(_ prefix: Key) throws(DirectoryError) -> Bool {
        try store.reading { snapshot throws(DirectoryError) in
            var isUsed = false
            try snapshot.rows(prefix: prefix, from: nil) { _, _, _ in
                isUsed = true
                return .stop
            }
            return isUsed
        }
    }

    private func commit(_ mutations: [Mutation]) async throws(DirectoryError) {
        guard !mutations.isEmpty else { return }
        do throws(StoreError) { _ = try await store.commit(Changeset(mutations)) } catch {
            throw DirectoryError(error)
        }
    }
}
