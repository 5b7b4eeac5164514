import Audit
import JSON
import Storage

extension Administration {
    /// A tenant's tokens, also those no longer valid, oldest first.
    package func tokens(of name: String) throws(AdministrationError) -> [Token] {
        try versionedTokens(of: name).map(\.token)
    }

    /// A tenant's tokens with the versions of their rows, for preconditions, oldest first.
    private func versionedTokens(
        of name: String
    ) throws(AdministrationError) -> [(token: Token, version: CommitVersion)] {
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
            var tokens: [(token: Token, version: CommitVersion)] = []
            for id in ids {
                let found = try snapshot.row(Keys.token(id)) { row, version in
                    Token(id: id, row: row).map { (token: $0, version: version) }
                }
                if let found = found ?? nil { tokens.append(found) }
            }
            return tokens
        }
        return tokens.sorted { $0.token.created < $1.token.created }
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
        return try await issue(.tokenIssue, tenant: name, at: now, by: actor) { _, _ in }
    }

    /// Makes a new token, and lets the live ones end after an overlap (0: at once).
    ///
    /// At most two are good afterwards: of several old ones, the overlap is for the one that was used last, and the
    /// others end at once, each with a record of its own.
    ///
    /// `expected`: the ids of the tokens that are to end, if whoever asks knows them; `uses`: when each of the tenant's tokens was
    /// used.
    /// - Throws: ``AdministrationError/conflict`` if others are live than were expected.
    package func regenerateToken(
        tenant name: String,
        overlapSeconds: Int,
        expecting expected: [String]? = nil,
        uses: [TokenUse] = [],
        by actor: AuditActor
    ) async throws(AdministrationError) -> IssuedToken {
        guard (0...Self.overlapSecondsMax).contains(overlapSeconds) else { throw .invalidOverlap }
        let now = environment.now()
        let live = try versionedTokens(of: name).filter { $0.token.isLive(at: now) }
        if let expected, Set(expected) != Set(live.map(\.token.id)) { throw .conflict }
        // Of tokens that were never used, the newest.
        func rank(_ token: Token) -> (Int64, Timestamp) {
            (uses.first { $0.tokenID == token.id }?.time.microseconds ?? .min, token.created)
        }
        guard let kept = live.max(by: { rank($0.token) < rank($1.token) })?.token else { throw .noLiveToken }
        let end = Timestamp(microseconds: now.microseconds + Int64(overlapSeconds) * 1_000_000)
        return try await issue(.tokenRotate, tenant: name, at: now, by: actor) { changes, slug in
            for (old, version) in live {
                // Somebody may revoke it meanwhile, which this must not undo.
                changes.preconditions.append(.version(Keys.token(old.id), version))
                var token = old
                if old.id == kept.id {
                    token.expires = min(old.expires, end)
                } else {
                    token.revoked = now
                    changes.mutations.append(
                        .append(
                            AuditRecord.administration(
                                .tokenRevoke,
                                tenant: slug,
                                actor: actor,
                                credential: old.id
                            )
                            .logEntry()
                        )
                    )
                }
                changes.mutations.append(.put(Keys.token(old.id), token.encoded))
            }
        }
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
        at now: Timestamp,
        by actor: AuditActor,
        alongWith addOthers: (inout Changeset, AuditSlug) -> Void
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
        addOthers(&changes, slug)
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
