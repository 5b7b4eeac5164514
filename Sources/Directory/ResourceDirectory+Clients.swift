import Audit
import SCIM
import Storage
import Tenancy

extension ResourceDirectory {
    /// Notes in the tenant's row, and in the audit trail, that a client has been seen for the first time.
    ///
    /// Nothing depends on it: what cannot be noted now is noted at the client's next request.
    package func note(_ client: ClientProduct, _ access: TenantAccess, origin: AuditOrigin) async {
        guard ledger.isAccepting, let slug = access.tenantSlug else { return }
        let name = access.tenant.name
        let found = try? store.reading { snapshot throws(DirectoryError) -> (Tenant?, CommitVersion)? in
            try snapshot.row(Keys.tenant(name)) { row, version in (Tenant(name: name, row: row), version) }
        }
        guard let (read, version) = found, var tenant = read, tenant.number == access.tenant.number,
            !tenant.clients.contains(client)
        else { return }
        tenant.clients.insert(client)
        var record = AuditRecord(.tenantUpdate, .success, actor: .system)
        record.tenant = slug
        record.credentialID = access.credentialID
        record.origin = origin
        record.attributes = AuditAttributePath("clients").map { [$0] } ?? []
        record.details = AuditSlug(client.word).map(AuditDetails.client) ?? .none
        // Whoever has noted it at the same time, or has changed the tenant, was first.
        try? await ledger.commit(Changeset(tenant, version, [record]))
    }
}
