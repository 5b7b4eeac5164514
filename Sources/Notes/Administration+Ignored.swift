import Audit
import Storage
import Tenancy

extension Administration {
    /// The attributes that requests to a tenant carried to no effect, up to the last request.
    package func ignoredAttributes(
        of tenant: Tenant,
        in notes: Notebook
    ) async throws(AdministrationError) -> IgnoredAttributes {
        try await withIgnoredNotes(in: notes) { () throws(AdministrationError) in
            let key = Keys.ignoredAttributes(ofTenant: tenant.number)
            let stored = try reading { snapshot throws(DirectoryError) in
                try snapshot.row(key) { row, _ in IgnoredAttributes(row: row) }
            }
            guard var attributes = stored ?? IgnoredAttributes() else {
                throw .store(.corrupt("ignored attributes of tenant \(tenant.name)"))
            }
            if let noted = notes.ignored.notes(about: tenant.number) { attributes.add(noted) }
            return attributes
        }
    }

    /// Forgets the attributes that requests to a tenant carried to no effect.
    ///
    /// Where there are none, nothing changes. A damaged list can be cleared too.
    package func clearIgnoredAttributes(
        tenant name: String,
        by actor: AuditActor,
        in notes: Notebook
    ) async throws(AdministrationError) -> Tenant {
        try await withIgnoredNotes(in: notes) { () throws(AdministrationError) in
            let (tenant, _, slug) = try versioned(name)
            let key = Keys.ignoredAttributes(ofTenant: tenant.number)
            let stored = try reading { snapshot throws(DirectoryError) in
                try snapshot.row(key) { _, version in version }
            }
            let taken = notes.ignored.take(about: tenant.number)
            guard stored != nil || taken != nil else { return tenant }
            var record = AuditRecord.administration(.tenantUpdate, tenant: slug, actor: actor)
            record.attributes = AuditAttributePath("ignoredAttributes").map { [$0] } ?? []
            var changes = Changeset()
            changes.preconditions = [
                .present(Keys.tenant(name)), stored.map { .version(key, $0) } ?? .absent(key),
            ]
            changes.mutations = [.delete(key), .append(record.logEntry())]
            do throws(AdministrationError) {
                guard try await commit(changes) else { throw .conflict }
            } catch {
                if let taken { notes.ignored.add(taken) }
                throw error
            }
            return tenant
        }
    }

    private func withIgnoredNotes<R: Sendable>(
        in notes: Notebook,
        _ body: @Sendable () async throws(AdministrationError) -> R
    ) async throws(AdministrationError) -> R {
        let result: Result<R, AdministrationError>
        do throws(DirectoryError) {
            result = try await notes.withIgnoredNotes { () throws(DirectoryError) in
                do throws(AdministrationError) { return .success(try await body()) } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw .conflict
        }
        return try result.get()
    }
}
