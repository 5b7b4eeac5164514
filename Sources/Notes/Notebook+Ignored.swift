import JSON
import SCIM
import Storage
import Tenancy

extension Notebook {
    /// How long notes of ignored attributes are kept in memory, where a crash loses them, before they are stored.
    ///
    /// Not shorter, because every commit lets go of all credentials that are kept.
    package static let ignoredNotesInterval = Duration.seconds(10)

    /// Notes what a request that was carried out has carried to no effect, whether or not it changed anything.
    package func noteIgnored(_ paths: [AttributePath], of kind: ResourceKind, _ access: TenantAccess) {
        guard !paths.isEmpty else { return }
        ignored.add(
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
            try await store(ignored.takeAll()) { ignored.add($0) }
        }
    }

    /// Runs a body while nobody else moves notes, so that it finds each of them either in memory or in the store.
    ///
    /// - Throws: ``DirectoryError/busy`` if too many wait already.
    func withIgnoredNotes<R: Sendable>(
        _ body: @Sendable () async throws(DirectoryError) -> R
    ) async throws(DirectoryError) -> R {
        try await ignoredTurn.exclusively(body)
    }
}

extension IgnoredNotes.OfTenant: RowNotes {
    var key: Key { Keys.ignoredAttributes(ofTenant: number) }

    /// What would go into a damaged row is dropped.
    func row(adding stored: [UInt8]?, at now: Timestamp) -> [UInt8]? {
        guard var all = stored.map({ IgnoredAttributes(row: $0.span) }) ?? IgnoredAttributes() else {
            return nil
        }
        all.add(attributes)
        return all.encoded
    }
}
