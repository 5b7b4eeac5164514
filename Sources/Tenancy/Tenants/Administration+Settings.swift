import Audit
import Storage

extension Administration {
    /// Sets one of a tenant's settings by its word.
    ///
    /// It holds from the next request on: what is kept of the tenant's row ends with the commit. Setting what is already
    /// set changes nothing.
    package func set(
        _ setting: TenantSetting,
        to word: String,
        tenant name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Tenant {
        var (tenant, version, slug) = try versioned(name)
        let old = tenant.settings
        guard setting.set(word, in: &tenant.settings) else { throw .invalidSetting(setting) }
        guard tenant.settings != old else { return tenant }
        tenant.keepIdentifierKey(environment)
        let records = AuditRecord.changes(from: old, to: tenant.settings, tenant: slug, actor: actor)
        guard try await commit(Changeset(tenant, version, records)) else { throw .conflict }
        return tenant
    }
}

extension Changeset {
    /// A new state of a tenant's row, if it still has a version, with the records of the change.
    package init(_ tenant: Tenant, _ version: CommitVersion, _ records: [AuditRecord]) {
        self.init()
        preconditions = [.version(Keys.tenant(tenant.name), version)]
        mutations = [.put(Keys.tenant(tenant.name), tenant.encoded)]
        mutations += records.map { .append($0.logEntry()) }
    }
}

extension AuditRecord {
    /// A record for each setting that differs, with its name and its words before and after.
    static func changes(
        from old: TenantSettings,
        to new: TenantSettings,
        tenant: AuditSlug,
        actor: AuditActor
    ) -> [AuditRecord] {
        TenantSetting.all.filter { $0.word(in: old) != $0.word(in: new) }.map { setting in
            let event: AuditEvent = setting.concernsTrail ? .auditPolicy : .tenantUpdate
            var record = administration(event, tenant: tenant, actor: actor)
            record.attributes = AuditAttributePath(setting.name).map { [$0] } ?? []
            if let old = AuditSlug(setting.word(in: old).text),
                let new = AuditSlug(setting.word(in: new).text)
            {
                record.details = .setting(old: old, new: new)
            }
            return record
        }
    }
}
