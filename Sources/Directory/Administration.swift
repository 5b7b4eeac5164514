import Audit
import JSON
import SCIM
import Storage

/// What operators do to tenants and tokens.
///
/// The command line and the admin socket run the same code.
package struct Administration: Sendable {
    let store: any Store
    let environment: DirectoryEnvironment
    let gate: AuditGate
    let recordsCommitted: @Sendable () -> Void

    package init(
        store: any Store,
        environment: DirectoryEnvironment,
        gate: AuditGate,
        recordsCommitted: @escaping @Sendable () -> Void
    ) {
        self.store = store
        self.environment = environment
        self.gate = gate
        self.recordsCommitted = recordsCommitted
    }
}

extension Administration {
    package var now: Timestamp { environment.now() }
}

/// Why an operator's command was not carried out.
///
/// Nothing has changed.
package enum AdministrationError: Error, Sendable, Equatable {
    /// A tenant's name is a DNS label in lower case: 1 to 63 letters, digits and inner hyphens.
    case invalidTenantName
    case tenantExists
    case noSuchTenant
    case noSuchToken
    /// The tenant has a live token already, so it must be regenerated rather than generated.
    case tokenExists(id: String)
    /// There is no live token to regenerate.
    case noLiveToken
    /// The overlap is negative or longer than ``Administration/overlapSecondsMax``.
    case invalidOverlap
    case auditUnavailable
    /// Somebody else changed the same thing at the same time.
    case conflict
    case store(StoreError)
}

/// A token as it is shown once, when it is made.
package struct IssuedToken: Sendable {
    /// The secret itself: shown to the operator, never stored and never logged.
    package let text: String
    package let token: Token
}

// MARK: - Tenants

extension Administration {
    /// How long an old token may live on after a regeneration, in seconds: 30 days.
    package static let overlapSecondsMax = 30 * 86_400

    /// Creates a tenant whose clients are not served yet.
    package func createTenant(
        _ name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Tenant {
        guard Tenant.isValidName(name), let slug = AuditSlug(name) else { throw .invalidTenantName }
        let now = environment.now()
        let last = try reading { snapshot throws(DirectoryError) in
            try snapshot.row(Keys.lastTenantNumber) { row, version in (Counter.value(of: row) ?? 0, version) }
        }
        let number = UInt32(clamping: (last?.0 ?? 0) + 1)
        let tenant = Tenant(name: name, number: number, created: now, isSCIMEnabled: false)
        var changes = Changeset()
        changes.preconditions = [
            .absent(Keys.tenant(name)),
            last.map { .version(Keys.lastTenantNumber, $0.1) } ?? .absent(Keys.lastTenantNumber),
        ]
        changes.mutations = [
            .put(Keys.tenant(name), tenant.encoded), .increment(Keys.lastTenantNumber, 1),
            .append(AuditRecord.administration(.tenantCreate, tenant: slug, actor: actor).logEntry()),
        ]
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
        of tenant: Tenant,
        kinds: ResourceKinds
    ) throws(AdministrationError) -> [(type: String, count: Int)] {
        try reading { snapshot throws(DirectoryError) in
            var counts: [(type: String, count: Int)] = []
            for kind in kinds.all {
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
        guard try await commit(changes) else { throw .conflict }
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
        guard try await commit(changes) else { throw .conflict }
    }
}

// MARK: - Tokens

extension Administration {
    /// A tenant's tokens, also those no longer valid, oldest first.
    package func tokens(of name: String) throws(AdministrationError) -> [Token] {
        let number = try versioned(name).tenant.number
        let tokens = try reading { snapshot throws(DirectoryError) in
            var ids: [String] = []
            let prefix = Keys.tokens(ofTenant: number)
            try snapshot.rows(prefix: prefix, from: nil) { key, _, _ in
                ids.append(
                    String(
                        decoding: [UInt8](copying: key.extracting(droppingFirst: prefix.bytes.count)),
                        as: UTF8.self
                    )
                )
                return .more
            }
            var tokens: [Token] = []
            for id in ids {
                if let token = try snapshot.row(Keys.token(id), { row, _ in Token(id: id, row: row) }) ?? nil
                {
                    tokens.append(token)
                }
            }
            return tokens
        }
        return tokens.sorted { $0.created < $1.created }
    }

    /// Makes a tenant's token (RFC 6750): valid for ``Token/validDays`` days, shown once.
    ///
    /// - Throws: ``AdministrationError/tokenExists(id:)`` while another token is live.
    package func generateToken(
        tenant name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> IssuedToken {
        let now = environment.now()
        if let live = try tokens(of: name).first(where: { $0.isLive(at: now) }) {
            throw .tokenExists(id: live.id)
        }
        return try await issue(.tokenIssue, tenant: name, shortening: [], to: now, by: actor)
    }

    /// Makes a new token and lets the live ones end after an overlap (0: at once).
    package func regenerateToken(
        tenant name: String,
        overlapSeconds: Int,
        by actor: AuditActor
    ) async throws(AdministrationError) -> IssuedToken {
        guard (0...Self.overlapSecondsMax).contains(overlapSeconds) else { throw .invalidOverlap }
        let now = environment.now()
        let live = try tokens(of: name).filter { $0.isLive(at: now) }
        guard !live.isEmpty else { throw .noLiveToken }
        let end = Timestamp(microseconds: now.microseconds + Int64(overlapSeconds) * 1_000_000)
        return try await issue(.tokenRotate, tenant: name, shortening: live, to: end, by: actor)
    }

    /// Ends a token; the next request with it is refused.
    ///
    /// Revoking it again changes nothing.
    package func revokeToken(
        _ id: String,
        tenant name: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Token {
        let (tenant, _, slug) = try versioned(name)
        let found = try reading { snapshot throws(DirectoryError) in
            try snapshot.row(Keys.token(id)) { row, version in (Token(id: id, row: row), version) }
        }
        guard let (found, version) = found, var token = found, token.tenantNumber == tenant.number else {
            throw .noSuchToken
        }
        guard token.revoked == nil else { return token }
        token.revoked = environment.now()
        var changes = Changeset()
        changes.preconditions = [.version(Keys.token(id), version)]
        changes.mutations = [
            .put(Keys.token(id), token.encoded),
            .append(
                AuditRecord.administration(.tokenRevoke, tenant: slug, actor: actor, credential: id)
                    .logEntry()
            ),
        ]
        guard try await commit(changes) else { throw .conflict }
        return token
    }

    private func issue(
        _ event: AuditEvent,
        tenant name: String,
        shortening old: [Token],
        to end: Timestamp,
        by actor: AuditActor
    ) async throws(AdministrationError) -> IssuedToken {
        let (tenant, version, slug) = try versioned(name)
        let now = environment.now()
        let (text, id) = Token.generateText(environment.randomness)
        let year = Int64(Token.validDays) * 86_400 * 1_000_000
        let token = Token(
            id: id,
            tenant: tenant,
            created: now,
            expires: Timestamp(microseconds: now.microseconds + year),
            digest: environment.sha256(Array(text.utf8))
        )
        var changes = Changeset()
        changes.preconditions = [.version(Keys.tenant(name), version), .absent(Keys.token(id))]
        changes.mutations = [
            .put(Keys.token(id), token.encoded), .put(Keys.token(id, ofTenant: tenant.number), []),
            // Two operators who generate at once meet on this row: one of them has a conflict.
            .put(Keys.tenant(name), tenant.encoded),
        ]
        for var old in old {
            old.expires = min(old.expires, end)
            changes.mutations.append(.put(Keys.token(old.id), old.encoded))
        }
        changes.mutations.append(
            .append(
                AuditRecord.administration(
                    event,
                    tenant: slug,
                    actor: actor,
                    credential: id,
                    expires: token.expires
                )
                .logEntry()
            )
        )
        guard try await commit(changes) else { throw .conflict }
        return IssuedToken(text: text, token: token)
    }
}

// MARK: - Shared

extension Administration {
    func reading<R>(
        _ body: (borrowing Snapshot) throws(DirectoryError) -> R
    ) throws(AdministrationError) -> R {
        do throws(DirectoryError) { return try store.reading(body) } catch .storage(let error) {
            throw .store(error)
        } catch {
            throw .conflict
        }
    }

    /// False on a conflict that `conflicts` does not name by its precondition.
    func commit(
        _ changes: Changeset,
        conflicts: [Int: AdministrationError] = [:]
    ) async throws(AdministrationError) -> Bool {
        guard gate.isAccepting else { throw .auditUnavailable }
        do throws(StoreError) {
            _ = try await store.commit(changes)
            recordsCommitted()
            return true
        } catch .conflict(let index) {
            if let error = conflicts[index] { throw error }
            return false
        } catch {
            throw .store(error)
        }
    }

    private func versioned(
        _ name: String
    ) throws(AdministrationError) -> (tenant: Tenant, version: CommitVersion, slug: AuditSlug) {
        let found = try reading { snapshot throws(DirectoryError) in
            try snapshot.row(Keys.tenant(name)) { row, version in (Tenant(name: name, row: row), version) }
        }
        guard let (found, version) = found, let tenant = found, let slug = AuditSlug(name) else {
            throw .noSuchTenant
        }
        return (tenant, version, slug)
    }
}
