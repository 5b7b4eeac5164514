import Audit
import JSON
import Storage

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
        return try await issue(.tokenIssue, tenant: name, shortening: [], to: now, at: now, by: actor)
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
        return try await issue(.tokenRotate, tenant: name, shortening: live, to: end, at: now, by: actor)
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
        guard try await commit(changes, isSafer: true) else { throw .conflict }
        return token
    }

    private func issue(
        _ event: AuditEvent,
        tenant name: String,
        shortening old: [Token],
        to end: Timestamp,
        at now: Timestamp,
        by actor: AuditActor
    ) async throws(AdministrationError) -> IssuedToken {
        let (tenant, version, slug) = try versioned(name)
        let (text, id) = Token.generateText(environment)
        let year = Int64(Token.validDays) * 86_400 * 1_000_000
        let token = Token(
            id: id,
            tenant: tenant,
            created: now,
            expires: Timestamp(microseconds: now.microseconds + year),
            createdBy: actor,
            digest: environment.sha256(text.utf8.span)
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
