import Audit
import JSON
import Storage

extension Administration {
    /// For how long a replaced token must not have been used before it ends by itself, in seconds; 0 takes the wish back.
    ///
    /// Not shorter than ten minutes, because a client may pause, and uses are known to the minute.
    package static let unusedSeconds = 600...overlapSecondsMax

    /// Has a token that another has replaced end by itself, once it was not used for a time and its successor is in use.
    ///
    /// `seconds`: within ``unusedSeconds``, or 0 to take that back. Wishing what is wished already changes nothing.
    /// - Throws: ``AdministrationError/inUse(_:)`` unless the token is good and another one has replaced it.
    package func retireToken(
        _ id: String,
        tenant name: String,
        afterUnused seconds: Int,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Token {
        guard seconds == 0 || Self.unusedSeconds.contains(seconds) else {
            throw .invalidBody(
                "unusedSeconds is from \(Self.unusedSeconds.lowerBound) to \(Self.unusedSeconds.upperBound), or 0 for never."
            )
        }
        guard let standing = try standings(of: name).first(where: { $0.token.id == id }) else {
            throw .noSuchToken
        }
        guard standing.state == .overlapping else {
            throw .inUse("Only a token that is good, and that another has replaced, ends by itself.")
        }
        var token = standing.token
        let wish = seconds == 0 ? nil : UInt32(seconds)
        guard token.endsUnusedSeconds != wish else { return token }
        token.endsUnusedSeconds = wish
        guard try await change(standing.token, to: token, .tokenRetire, unused: seconds, by: actor) else {
            throw .conflict
        }
        return token
    }

    /// Ends the replaced tokens that were to end once they are not used any more.
    ///
    /// `uses`: when each of a tenant's tokens was used. What somebody else changes at the same time is left for the next call.
    package func endUnusedTokens(
        _ uses: (Tenant) async throws(DirectoryError) -> [TokenUse]
    ) async throws(AdministrationError) {
        for tenant in try tenants() {
            let standings = try standings(of: tenant.name)
            let leaving = standings.filter { $0.state == .overlapping && $0.token.endsUnusedSeconds != nil }
            guard !leaving.isEmpty, let current = TokenStanding.current(of: standings, at: now) else {
                continue
            }
            let known: [TokenUse]
            do throws(DirectoryError) { known = try await uses(tenant) } catch { continue }
            func use(of token: Token) -> TokenUse? { known.first { $0.tokenID == token.id } }
            guard let successor = use(of: current.token) else { continue }
            for standing in leaving {
                guard let seconds = standing.token.endsUnusedSeconds else { continue }
                let since = max(successor.first, use(of: standing.token)?.time ?? successor.first)
                guard now.microseconds - since.microseconds >= Int64(seconds) * 1_000_000 else { continue }
                var token = standing.token
                token.revoked = now
                _ = try await change(
                    standing.token,
                    to: token,
                    .tokenRevoke,
                    unused: Int(seconds),
                    by: .system
                )
            }
        }
    }

    /// Stores another state of a token, unless somebody else has changed it; false then.
    private func change(
        _ old: Token,
        to new: Token,
        _ event: AuditEvent,
        unused seconds: Int,
        by actor: AuditActor
    ) async throws(AdministrationError) -> Bool {
        let key = Keys.token(old.id)
        let (_, _, slug) = try versioned(old.tenantName)
        let found = try reading { snapshot throws(DirectoryError) in
            try snapshot.row(key) { row, version in (Token(id: old.id, row: row), version) }
        }
        guard let (read, version) = found, read == old else { return false }
        var record = AuditRecord.administration(event, tenant: slug, actor: actor, credential: old.id)
        record.details = .unused(seconds: UInt64(seconds))
        var changes = Changeset()
        changes.preconditions = [.version(key, version)]
        changes.mutations = [.put(key, new.encoded), .append(record.logEntry())]
        return try await commit(changes)
    }
}
