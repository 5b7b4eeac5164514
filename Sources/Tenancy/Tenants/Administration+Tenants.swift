import Audit
import JSON
import SCIM
import Storage

extension Administration {
    /// How long an old token may live on after a regeneration, in seconds: 30 days.
    package static let overlapSecondsMax = 30 * 86_400

    /// Creates a tenant whose clients are not served yet.
    ///
    /// Settings other than the defaults are recorded as changes.
    package func createTenant(
        _ name: String,
        settings: TenantSettings = TenantSettings(),
        by actor: AuditActor
    ) async throws(AdministrationError) -> Tenant {
        guard Tenant.isValidName(name), let slug = AuditSlug(name) else { throw .invalidTenantName }
        let now = environment.now()
        let last = try reading { snapshot throws(DirectoryError) in
            try snapshot.row(Keys.lastTenantNumber) { row, version in (Counter.value(of: row) ?? 0, version) }
        }
        let number = UInt32(clamping: (last?.0 ?? 0) + 1)
        var tenant = Tenant(name: name, number: number, created: now, isSCIMEnabled: false)
        tenant.settings = settings
        tenant.keepIdentifierKey(environment)
        var records = [AuditRecord.administration(.tenantCreate, tenant: slug, actor: actor)]
        records += AuditRecord.changes(from: TenantSettings(), to: settings, tenant: slug, actor: actor)
        var changes = Changeset()
        changes.preconditions = [
            .absent(Keys.tenant(name)),
            last.map { .version(Keys.lastTenantNumber, $0.1) } ?? .absent(Keys.lastTenantNumber),
        ]
        changes.mutations = [
            .put(Keys.tenant(name), tenant.encoded), .increment(Keys.lastTenantNumber, 1),
        ]
        changes.mutations += records.map { .append($0.logEntry()) }
        guard try await commit(changes, conflicts: [0: .tenantExists]) else { throw .conflict }
        return tenant
    }

    /// All tenants in the order of their names.
    package func tenants() throws(AdministrationError) -> [Tenant] {
        try reading { snapshot throws(DirectoryError) in
            var tenants: [Tenant] = []
            try snapshot.rows(prefix: Keys.tenants, from: nil) { key, row, _ in
                let name = String(decoding: [UInt8](copying: key.extracting(droppingFirst: 1)), as: UTF8.self)
                if let tenant = Tenant(name: name, row: row) { tenants.append(tenant) }
                return .more
            }
            return tenants
        }
    }

    package func tenant(_ name: String) throws(AdministrationError) -> Tenant {
        try versioned(name).tenant
    }

    /// How many resources of each type a tenant holds, by the type's name.
    package func resourceCounts(
        of tenant: Tenant
    ) throws(AdministrationError) -> [(type: String, count: Int)] {
        try reading { snapshot throws(DirectoryError) in
            var counts: [(type: String, count: Int)] = []
            for kind in try ResourceKinds.of(tenant, snapshot).all {
                counts.append((kind.type.name, try snapshot.counter(Keys.count(tenant.number, kind.code))))
            }
            return counts
        }
    }

    /// Lets a tenant's clients in or keeps them out.
    ///
    /// Setting what is already set changes nothing.
    package func setSCIM(
        enabled: Bool,
        tenant name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Tenant {
        var (tenant, version, slug) = try versioned(name)
        guard tenant.isSCIMEnabled != enabled else { return tenant }
        tenant.isSCIMEnabled = enabled
        if enabled { tenant.scimRequested = nil }
        var changes = Changeset()
        changes.preconditions = [.version(Keys.tenant(name), version)]
        changes.mutations = [
            .put(Keys.tenant(name), tenant.encoded),
            .append(
                AuditRecord.administration(
                    enabled ? .tenantResume : .tenantSuspend,
                    tenant: slug,
                    actor: actor
                )
                .logEntry()
            ),
        ]
        guard try await commit(changes, isSafer: !enabled) else { throw .conflict }
        return tenant
    }

    /// Notes that somebody asks for SCIM, so that operators see it.
    ///
    /// Where it is enabled, or was asked for before, nothing changes.
    package func requestSCIM(
        tenant name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Tenant {
        var (tenant, version, slug) = try versioned(name)
        guard !tenant.isSCIMEnabled, tenant.scimRequested == nil else { return tenant }
        tenant.scimRequested = Tenant.SCIMRequested(time: environment.now(), by: actor)
        var record = AuditRecord.administration(.tenantUpdate, tenant: slug, actor: actor)
        record.attributes = AuditAttributePath("scimRequested").map { [$0] } ?? []
        guard try await commit(Changeset(tenant, version, [record])) else { throw .conflict }
        return tenant
    }

    /// Deletes a tenant: from this commit on its tokens are void and its name is free.
    ///
    /// Its resources go in steps afterwards, by ``purgeDeletedTenants(progress:)``.
    package func deleteTenant(_ name: String, by actor: AuditActor) async throws(AdministrationError) {
        let (tenant, version, slug) = try versioned(name)
        var changes = Changeset()
        changes.preconditions = [.version(Keys.tenant(name), version)]
        changes.mutations = [.delete(Keys.tenant(name)), .put(Keys.purge(tenant.number), [])]
        for token in try tokens(of: name) { changes.mutations.append(.delete(Keys.token(token.id))) }
        changes.mutations.append(
            .append(AuditRecord.administration(.tenantDelete, tenant: slug, actor: actor).logEntry())
        )
        guard try await commit(changes, isSafer: true) else { throw .conflict }
    }
}
