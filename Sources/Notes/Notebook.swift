import JSON
import Locking
import Storage
import Tenancy

/// What requests tell of their tenants beside what they change: kept in memory, and moved to rows of the tenants now and then.
///
/// Nothing that a client is answered depends on it, and a crash loses what was not moved yet.
package final class Notebook: Sendable {
    let store: any Store
    let environment: DirectoryEnvironment
    let ignored = IgnoredNotes()
    package let activity = ActivityNotes()
    let ignoredTurn = Turn()
    let activityTurn = Turn()

    /// Tenants whose rows one commit writes, so that others wait only a little: a megabyte at most.
    private static let tenantsPerCommitMax = 32
    /// How often a commit is tried again after a conflict.
    private static let conflictRetriesMax = 8

    package init(store: any Store, environment: DirectoryEnvironment) {
        self.store = store
        self.environment = environment
    }
}

/// The notes about one tenant, which have a row of their own.
protocol RowNotes: Sendable {
    var name: String { get }
    var number: UInt32 { get }
    var key: Key { get }

    /// The row with the notes in it; nil if they are dropped.
    ///
    /// `stored`: the row as it is; nil if there is none.
    func row(adding stored: [UInt8]?, at now: Timestamp) -> [UInt8]?
}

extension Notebook {
    /// Moves notes to their tenants' rows; what cannot be stored is given back.
    func store<Notes: RowNotes>(
        _ all: [Notes],
        giveBack: (Notes) -> Void
    ) async throws(DirectoryError) {
        var rest = all[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.tenantsPerCommitMax)
            do throws(DirectoryError) { try await commit(part) } catch {
                rest.forEach(giveBack)
                throw error
            }
            rest = rest.dropFirst(part.count)
        }
    }

    private func commit<Notes: RowNotes>(_ part: ArraySlice<Notes>) async throws(DirectoryError) {
        for _ in 0...Self.conflictRetriesMax {
            var changes = Changeset()
            let now = environment.now()
            try store.reading { snapshot throws(DirectoryError) in
                for notes in part { try Self.add(notes, to: &changes, snapshot, at: now) }
            }
            guard !changes.mutations.isEmpty else { return }
            do throws(StoreError) {
                _ = try await store.commit(changes)
                return
            } catch .conflict {
                continue
            } catch {
                throw DirectoryError(error)
            }
        }
        throw .busy
    }

    /// Notes about a tenant that is gone are dropped.
    private static func add<Notes: RowNotes>(
        _ notes: Notes,
        to changes: inout Changeset,
        _ snapshot: borrowing Snapshot,
        at now: Timestamp
    ) throws(DirectoryError) {
        let tenantKey = Keys.tenant(notes.name)
        let tenant = try snapshot.row(tenantKey) { row, version in
            (number: Tenant(name: notes.name, row: row)?.number, version: version)
        }
        guard let tenant, tenant.number == notes.number else { return }
        let key = notes.key
        let stored = try snapshot.row(key) { row, version in (row: [UInt8](copying: row), version: version) }
        guard let row = notes.row(adding: stored?.row, at: now) else { return }
        changes.preconditions += [
            .version(tenantKey, tenant.version), stored.map { .version(key, $0.version) } ?? .absent(key),
        ]
        changes.mutations.append(.put(key, row))
    }
}
