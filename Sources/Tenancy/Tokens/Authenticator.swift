import Audit
import JSON
import SCIM
import Storage

/// The right to act in one tenant.
///
/// ``Authenticator`` makes one for a client, from a token alone; ``Administration`` makes one for an operator. A
/// reference type, because every step of a request passes it along.
package final class TenantAccess: Sendable {
    package let tenant: Tenant
    /// The token behind it; nil for an operator.
    package let tokenID: String?
    /// When the token ends; nil for an operator.
    package let expires: Timestamp?
    /// Who acts, as the audit trail tells it.
    package let actor: AuditActor
    /// The tenant and the credential, as the audit trail calls them.
    package let tenantSlug: AuditSlug?
    package let credentialID: AuditSlug?
    /// The tenant's resource types and schemas, which everything in the request goes by.
    package let kinds: ResourceKinds
    /// The tenant's row, and that of its own schemas: every change rests on both.
    package let tenantKey: Key
    package let schemasHeadKey: Key

    package init(
        tenant: Tenant,
        tokenID: String?,
        expires: Timestamp? = nil,
        actor: AuditActor,
        kinds: ResourceKinds
    ) {
        self.tenant = tenant
        self.tokenID = tokenID
        self.expires = expires
        self.actor = actor
        tenantSlug = AuditSlug(tenant.name)
        credentialID = tokenID.flatMap { AuditSlug("tok_\($0)") }
        self.kinds = kinds
        tenantKey = Keys.tenant(tenant.name)
        schemasHeadKey = Keys.schemasHead(tenant.number)
    }

    /// What is accepted: of clients what the tenant's profile says, of operators the same in every tenant.
    package var profile: Profile { isOperators ? .default : tenant.settings.profile.profile }

    /// Whether an operator acts, and no client.
    package var isOperators: Bool { tokenID == nil }
}

extension Administration {
    /// An operator's right to act in a tenant; read where its own schemas may take long.
    package func access(to name: String, by actor: AuditActor) throws(AdministrationError) -> TenantAccess {
        let found = try reading { snapshot throws(DirectoryError) -> (Tenant, ResourceKinds)? in
            guard let found = try snapshot.row(Keys.tenant(name), { row, _ in Tenant(name: name, row: row) }),
                let tenant = found
            else { return nil }
            return (tenant, try ResourceKinds.of(tenant, snapshot))
        }
        guard let (tenant, kinds) = found else { throw .noSuchTenant }
        return TenantAccess(tenant: tenant, tokenID: nil, actor: actor, kinds: kinds)
    }
}

/// Why a credential is not accepted.
///
/// Clients cannot tell these apart; the audit trail can.
package enum AuthenticationFailure: Error, Sendable, Equatable, CustomStringConvertible {
    case missing
    case malformed
    case unknown(tokenID: String?)
    case expired(tokenID: String)
    case revoked(tokenID: String)
    /// A good token of another tenant than the URL's.
    case foreign(tokenID: String)
    /// The token is good, but the tenant's own schemas are yet to be read, which takes too long for a loop.
    case tooLongForLoop(tenant: UInt32)
    case unavailable(StoreError)

    package var description: String {
        switch self {
        case .missing: "there is no credential"
        case .malformed: "the credential is no token of this server"
        case .unknown: "the token is not known"
        case .expired: "the token has expired"
        case .revoked: "the token has been revoked"
        case .foreign: "the token is another tenant's"
        case .tooLongForLoop: "the tenant's schemas are not read yet"
        case .unavailable(let error): error.description
        }
    }
}

/// Decides who a request acts for (RFC 7644 §2).
///
/// What a token leads to is read from the store, and read again after every commit of ``Keys/access``, which the store has to watch; so
/// a revocation holds at once.
package struct Authenticator: Sendable {
    private let store: any Store
    private let environment: DirectoryEnvironment
    private let kindsCache = KindsCache()
    private let credentials = CredentialCache()
    /// Compared when there is no such token, so that the comparison does not tell.
    private let noDigest: [UInt8]

    package init(store: any Store, environment: DirectoryEnvironment) {
        self.store = store
        self.environment = environment
        let (a, b) = environment.randomness()
        noDigest = environment.sha256("\(a)\(b)".utf8.span)
    }

    /// Changes with every commit of ``Keys/access``: what a token led to still holds while it is the same; nil if the store does not tell.
    package var generation: UInt64? { store.generation }

    /// Checks an Authorization field's value, with or without `Bearer ` in front, against the tenant of the URL.
    ///
    /// On a loop, the first request after a change of the tenant's own schemas is
    /// ``AuthenticationFailure/tooLongForLoop(tenant:)``.
    package func authenticate(
        _ credentials: Span<UInt8>?,
        tenant name: String,
        _ pace: WorkPace
    ) throws(AuthenticationFailure) -> TenantAccess {
        guard let credentials, !credentials.isEmpty else { throw .missing }
        let text = credentials.extracting(Self.tokenRange(in: credentials))
        guard !text.isEmpty else { throw .missing }
        guard let number = Token.number(in: text) else { throw .malformed }
        let found = try credential(shown: text, number)
        let token = found.token
        guard token.revoked == nil else { throw .revoked(tokenID: token.id) }
        guard environment.now() < token.expires else { throw .expired(tokenID: token.id) }
        guard token.tenantName == name, let access = found.access else { throw .foreign(tokenID: token.id) }
        switch access {
        case .known(let access): return access
        case .unread(let tenant):
            guard pace == .background else { throw .tooLongForLoop(tenant: tenant) }
            guard case .known(let access)? = try read(token.id, .background)?.access else {
                throw .foreign(tokenID: token.id)
            }
            return access
        }
    }

    /// The credential of whoever shows a token's text.
    private func credential(
        shown text: Span<UInt8>,
        _ number: UInt64
    ) throws(AuthenticationFailure) -> Credential {
        // Asked for before the store is read: a commit in between makes what is kept older than it is.
        let generation = store.generation
        let kept = generation.flatMap { credentials.entry(number, $0) }
        if let kept, let shownText = kept.shownText,
            environment.constantTimeEquals(text, shownText.span)
        {
            return kept.credential
        }
        guard Token.hasSecret(text) else { throw .malformed }
        let digest = environment.sha256(text)
        let found = if let kept { kept.credential } else { try read(Token.id(number)) }
        let known = found?.token.digest ?? noDigest
        let matches = environment.constantTimeEquals(digest.span, known.span)
        if let generation, let found, found.isWhole, matches || kept == nil {
            let entry = CredentialCache.Entry(
                credential: found,
                shownText: matches ? [UInt8](copying: text) : nil
            )
            credentials.keep(entry, number, generation)
        }
        guard let found, matches else { throw .unknown(tokenID: found?.token.id) }
        return found
    }

    /// What the store knows of a token; nil if there is no such token.
    ///
    /// What takes long is not done for a token whose secret was not shown yet.
    private func read(
        _ id: String,
        _ pace: WorkPace = .loop
    ) throws(AuthenticationFailure) -> Credential? {
        var found: Credential?
        do throws(StoreError) {
            try store.lendSnapshot { snapshot throws(StoreError) in
                var token: Token?
                try snapshot.show(Keys.token(id)) { row, _ in token = Token(id: id, row: row) }
                guard let token else { return }
                found = Credential(token: token, access: try access(by: token, snapshot, pace))
            }
        } catch {
            throw .unavailable(error)
        }
        return found
    }

    /// What a token leads to; nil if its tenant is gone.
    private func access(
        by token: Token,
        _ snapshot: borrowing Snapshot,
        _ pace: WorkPace
    ) throws(StoreError) -> Credential.Access? {
        // A tenant of the same name may be another one.
        guard let tenant = try snapshot.tenant(named: token.tenantName), tenant.number == token.tenantNumber
        else { return nil }
        guard let kinds = try kindsCache.kinds(of: tenant, snapshot, pace) else {
            return .unread(tenant: tenant.number)
        }
        return .known(
            TenantAccess(
                tenant: tenant,
                tokenID: token.id,
                expires: token.expires,
                actor: .client(nil),
                kinds: kinds
            )
        )
    }

    /// What follows `Bearer ` in any case; all of it where there is no scheme, as header-auth clients send it.
    private static func tokenRange(in credentials: Span<UInt8>) -> Range<Int> {
        let scheme: [UInt8] = [0x62, 0x65, 0x61, 0x72, 0x65, 0x72]  // "bearer"
        guard credentials.count >= scheme.count else { return 0..<credentials.count }
        for index in scheme.indices where credentials[index] | 0x20 != scheme[index] {
            return 0..<credentials.count
        }
        var start = scheme.count
        guard start == credentials.count || credentials[start] == UInt8(ascii: " ") else {
            return 0..<credentials.count
        }
        while start < credentials.count, credentials[start] == UInt8(ascii: " ") { start += 1 }
        return start..<credentials.count
    }
}

extension StoreSnapshot where Self: ~Copyable {
    /// The tenant of a name; nil if there is none.
    package func tenant(named name: String) throws(StoreError) -> Tenant? {
        var tenant: Tenant?
        try show(Keys.tenant(name)) { row, _ in tenant = Tenant(name: name, row: row) }
        return tenant
    }
}
