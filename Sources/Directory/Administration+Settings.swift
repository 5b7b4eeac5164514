import Audit
import SCIM
import Storage

// Settings of a tenant's row. They hold from the next request on, since every request reads the row.

extension Administration {
    /// Decides what the server accepts of the tenant's clients.
    ///
    /// Setting what is already set changes nothing.
    package func setProfile(
        _ profile: ProfileName,
        tenant name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Tenant {
        var (tenant, version, slug) = try versioned(name)
        guard tenant.profile != profile else { return tenant }
        var record = AuditRecord.administration(.tenantUpdate, tenant: slug, actor: actor)
        record.tell("profile", from: tenant.profile.word, to: profile.word)
        tenant.profile = profile
        try await commit(tenant, version, record)
        return tenant
    }

    /// Decides whether personal attributes may be asked for in URLs.
    ///
    /// Setting what is already set changes nothing.
    package func setURLFilters(
        _ filters: URLFilters,
        tenant name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Tenant {
        var (tenant, version, slug) = try versioned(name)
        guard tenant.urlFilters != filters else { return tenant }
        var record = AuditRecord.administration(.tenantUpdate, tenant: slug, actor: actor)
        record.tell("urlFilters", from: tenant.urlFilters.word, to: filters.word)
        tenant.urlFilters = filters
        try await commit(tenant, version, record)
        return tenant
    }

    private func commit(
        _ tenant: Tenant,
        _ version: CommitVersion,
        _ record: AuditRecord
    ) async throws(AdministrationError) {
        guard try await commit(Changeset(tenant, version, record)) else { throw .conflict }
    }
}

extension Changeset {
    /// A new state of a tenant's row, if it still has a version, with the record of the change.
    init(_ tenant: Tenant, _ version: CommitVersion, _ record: AuditRecord) {
        self.init()
        preconditions = [.version(Keys.tenant(tenant.name), version)]
        mutations = [.put(Keys.tenant(tenant.name), tenant.encoded), .append(record.logEntry())]
    }
}

extension AuditRecord {
    /// Names the setting that has changed, and its words before and after.
    mutating func tell(_ setting: String, from old: String, to new: String) {
        attributes = AuditAttributePath(setting).map { [$0] } ?? []
        if let old = AuditSlug(old), let new = AuditSlug(new) { details = .setting(old: old, new: new) }
    }
}
