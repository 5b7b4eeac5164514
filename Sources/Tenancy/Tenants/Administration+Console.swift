import Audit
import JSON
import Storage

extension Administration {
    /// Records that an operator has made a one-time link to the console, before anybody has it.
    ///
    /// `tenant`: nil for all tenants.
    package func noteLink(
        to tenant: String?,
        role: AuditRole,
        until expires: Timestamp,
        by actor: AuditActor
    ) async throws(AdministrationError) {
        try await note(.consoleLink, .success, tenant, actor, .link(role: role, expires: expires), from: nil)
    }

    /// Records that somebody signs in to the console, before the session begins; without a role it is refused.
    ///
    /// `address`: the browser's.
    package func noteSignIn(
        to tenant: String?,
        by way: AuditSignInWay,
        role: AuditRole?,
        of person: AuditActor,
        from address: AuditAddress?
    ) async throws(AdministrationError) {
        let outcome: AuditOutcome = role == nil ? .failure(.role) : .success
        try await note(.consoleSignIn, outcome, tenant, person, .signIn(way, role: role), from: address)
    }

    /// Records that somebody has signed out of the console.
    package func noteSignOut(
        of person: AuditActor,
        from tenant: String?,
        address: AuditAddress?
    ) async throws(AdministrationError) {
        try await note(.consoleSignOut, .success, tenant, person, .none, from: address)
    }

    /// Records that somebody has requests of an identity provider played against a twin of a tenant.
    package func noteRehearsal(of tenant: String, by actor: AuditActor) async throws(AdministrationError) {
        try await note(.consoleRehearse, .success, tenant, actor, .none, from: nil)
    }

    /// Records that somebody begins to import into a tenant; each change has a record of its own beside it.
    package func noteImport(into tenant: String, by actor: AuditActor) async throws(AdministrationError) {
        try await note(.importStart, .success, tenant, actor, .none, from: nil)
    }

    /// Records that somebody ends an import before its time.
    package func noteImportStop(in tenant: String, by actor: AuditActor) async throws(AdministrationError) {
        try await note(.importStop, .success, tenant, actor, .none, from: nil)
    }

    /// Records that an operator has made a copy of the store, or has begun one that has not come about.
    package func noteSnapshot(
        _ outcome: AuditOutcome,
        by actor: AuditActor
    ) async throws(AdministrationError) {
        try await note(.storeSnapshot, outcome, nil, actor, .none, from: nil)
    }

    /// The number of a request's first record in its tenant's stream; nil if there is none that is kept.
    package func auditSequence(
        ofRequest id: String,
        of tenant: Tenant,
        near time: Timestamp
    ) throws(AdministrationError) -> UInt64? {
        do throws(StoreError) {
            return try AuditOutbox(store: store).sequence(ofRequest: id, in: tenant.name, near: time)
        } catch {
            throw .store(error)
        }
    }

    private func note(
        _ event: AuditEvent,
        _ outcome: AuditOutcome,
        _ tenant: String?,
        _ actor: AuditActor,
        _ details: AuditDetails,
        from address: AuditAddress?
    ) async throws(AdministrationError) {
        var record = AuditRecord(event, outcome, actor: actor)
        // Only a tenant that is there has a stream to write to.
        record.tenant = try tenant.map { name throws(AdministrationError) in try versioned(name).slug }
        record.details = details
        if let address { record.origin = AuditOrigin(address: address) }
        var changes = Changeset()
        changes.mutations = [.append(record.logEntry())]
        let isSafer = event == .consoleSignOut || event == .storeSnapshot
        guard try await commit(changes, isSafer: isSafer) else { throw .conflict }
    }
}
