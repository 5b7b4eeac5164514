import Audit
import Storage

extension Administration {
    /// Records that tokens end soon, or have ended without a successor: once for each notice and token, also over restarts.
    ///
    /// What somebody else changes at the same time is left for the next call.
    package func noteExpiries() async throws(AdministrationError) {
        for tenant in try tenants() {
            for standing in try standings(of: tenant.name) { try await note(standing, tenant) }
        }
    }

    /// How a tenant's tokens stand, oldest first.
    package func standings(of name: String) throws(AdministrationError) -> [TokenStanding] {
        TokenStanding.all(try tokens(of: name), at: environment.now())
    }

    private func note(_ standing: TokenStanding, _ tenant: Tenant) async throws(AdministrationError) {
        var token = standing.token
        guard let notice = standing.notice, notice.rawValue > token.noticed?.rawValue ?? 0,
            let slug = AuditSlug(tenant.name)
        else { return }
        let key = Keys.token(token.id)
        let found = try reading { snapshot throws(DirectoryError) in
            try snapshot.row(key) { row, version in (Token(id: token.id, row: row), version) }
        }
        // Of what was read a moment before, nothing may have changed.
        guard let (read, version) = found, read == token else { return }
        token.noticed = notice
        let record = AuditRecord.administration(
            notice == .expired ? .tokenExpired : .tokenExpiring,
            tenant: slug,
            actor: .system,
            credential: token.id,
            expires: token.expires
        )
        var changes = Changeset()
        changes.preconditions = [.version(key, version)]
        changes.mutations = [.put(key, token.encoded), .append(record.logEntry())]
        _ = try await commit(changes)
    }
}
