import SCIM
import Storage
import Tenancy

extension ResourceDirectory {
    /// How long notes of ignored attributes are kept in memory, where a crash loses them, before they are stored.
    ///
    /// Not shorter, because every commit lets go of all credentials that are kept.
    package static let ignoredNotesInterval = Duration.seconds(10)

    /// Tenants whose rows one commit writes, so that others wait only a little.
    private static let tenantsPerCommitMax = 32

    /// Notes what a request that was carried out has carried to no effect, whether or not it changed anything.
    package func noteIgnored(_ paths: [AttributePath], of kind: ResourceKind, _ access: TenantAccess) {
        guard !paths.isEmpty else { return }
        ignoredNotes.add(
            IgnoredNotes.OfTenant(
                name: access.tenant.name,
                number: access.tenant.number,
                attributes: IgnoredAttributes(paths, of: kind.type.name, at: environment.now())
            )
        )
    }

    /// Moves the notes of ignored attributes to the tenants' rows; what cannot be stored stays in memory.
    package func storeIgnoredNotes() async throws(DirectoryError) {
        try await withIgnoredNotes { () throws(DirectoryError) in
            var rest = ignoredNotes.takeAll()[...]
            while !rest.isEmpty {
                let part = rest.prefix(Self.tenantsPerCommitMax)
                do throws(DirectoryError) {
                    try await retrying { () throws(DirectoryError) in try await storeOnce(part) }
                } catch {
                    for notes in rest { ignoredNotes.add(notes) }
                    throw error
                }
                rest = rest.dropFirst(part.count)
            }
        }
    }

    /// Runs a body while nobody else moves notes, so that it finds each of them either in memory or in the store.
    ///
    /// - Throws: ``DirectoryError/busy`` if too many wait already.
    func withIgnoredNotes<R: Sendable>(
        _ body: @Sendable () async throws(DirectoryError) -> R
    ) async throws(DirectoryError) -> R {
        try await ignoredNotesTurn.exclusively(body)
    }

    /// Nil if somebody else has changed a row meanwhile.
    private func storeOnce(_ part: ArraySlice<IgnoredNotes.OfTenant>) async throws(DirectoryError) -> Void? {
        var changes = Changeset()
        try store.reading { snapshot throws(DirectoryError) in
            for notes in part { try Self.add(notes, to: &changes, snapshot) }
        }
        guard !changes.mutations.isEmpty else { return () }
        do throws(StoreError) { _ = try await store.commit(changes) } catch .conflict {
            return nil
        } catch {
            throw DirectoryError(error)
        }
        return ()
    }

    /// Notes about a tenant that is gone are dropped, and so are those that would go into a damaged row.
    private static func add(
        _ notes: IgnoredNotes.OfTenant,
        to changes: inout Changeset,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) {
        let tenantKey = Keys.tenant(notes.name)
        let tenant = try snapshot.row(tenantKey) { row, version in
            (number: Tenant(name: notes.name, row: row)?.number, version: version)
        }
        guard let tenant, tenant.number == notes.number else { return }
        let key = Keys.ignoredAttributes(ofTenant: notes.number)
        let stored = try snapshot.row(key) { row, version in
            (attributes: IgnoredAttributes(row: row), version: version)
        }
        guard var attributes = stored.map(\.attributes) ?? IgnoredAttributes() else { return }
        attributes.add(notes.attributes)
        changes.preconditions += [
            .version(tenantKey, tenant.version), stored.map { .version(key, $0.version) } ?? .absent(key),
        ]
        changes.mutations.append(.put(key, attributes.encoded))
    }
}
