import Audit
import SCIM
import Storage

// Settings of a tenant's row. They hold from the next request on: what is kept of the row ends with the commit.

extension Administration {
    /// Decides what the server accepts of the tenant's clients.
    ///
    /// Setting what is already set changes nothing.
    package func setProfile(
        _ profile: ProfileName,
        tenant name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Tenant {
        try await set("profile", \.profile, profile, \.word, tenant: name, by: actor)
    }

    /// Decides whether personal attributes may be asked for in URLs.
    ///
    /// Setting what is already set changes nothing.
    package func setURLFilters(
        _ filters: URLFilters,
        tenant name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Tenant {
        try await set("urlFilters", \.urlFilters, filters, \.word, tenant: name, by: actor)
    }

    /// Sets one of the row's settings, and records its words before and after.
    private func set<Value: Equatable>(
        _ setting: String,
        _ path: WritableKeyPath<Tenant, Value>,
        _ value: Value,
        _ word: KeyPath<Value, String>,
        tenant name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Tenant {
        var (tenant, version, slug) = try versioned(name)
        let old = tenant[keyPath: path]
        guard old != value else { return tenant }
        tenant[keyPath: path] = value
        var record = AuditRecord.administration(.tenantUpdate, tenant: slug, actor: actor)
        record.tell(setting, from: old[keyPath: word], to: value[keyPath: word])
        guard try await commit(Changeset(tenant, version, record)) else { throw .conflict }
        return tenant
    }
}

extension Changeset {
    /// A new state of a tenant's row, if it still has a version, with the record of the change.
    package init(_ tenant: Tenant, _ version: CommitVersion, _ record: AuditRecord) {
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
