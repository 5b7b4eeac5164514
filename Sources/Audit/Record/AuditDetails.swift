package import JSON
package import Storage

/// What only some events tell, each with its own closed form.
package enum AuditDetails: Sendable, Hashable {
    case none
    /// token.issue, token.rotate, token.expiring, token.expired: when the credential ends.
    case expiry(Timestamp)
    /// token.retire, and token.revoke where the server carries that out: for how long the credential must not have been used, in
    /// seconds; 0 to take it back.
    case unused(seconds: UInt64)
    /// service.start: the program's version, the configuration's digest, the certificate, and whether the last stop was a clean one.
    case start(
        version: AuditSlug,
        configuration: AuditDigest?,
        certificate: AuditCertificate?,
        recovered: Bool
    )
    /// service.stop, which is recorded only if it was asked for: how many records are left for the next start.
    case stop(undelivered: UInt64)
    /// config.reload: the digests of the two configurations, and the certificate that is in use now.
    case reload(old: AuditDigest, new: AuditDigest, certificate: AuditCertificate?)
    /// audit.degraded, audit.recovered, audit.refusing: undelivered records, and the age of the oldest.
    case outbox(records: UInt64, oldestSeconds: UInt64)
    /// clock.ahead, clock.behind: by how much the clock was wrong.
    case clock(seconds: UInt64)
    /// tenant.update: the words of a setting that has few of them, before and after; `SCIM_ATTR` names it.
    case setting(old: AuditSlug, new: AuditSlug)
    /// tenant.update: the client that the tenant's traffic has shown for the first time.
    case client(AuditSlug)
    /// console.signin: how, and what the person may do; nil if that is nothing.
    case signIn(AuditSignInWay, role: AuditRole?)
    /// console.link: what the person may do who uses the link, and when it ends.
    case link(role: AuditRole, expires: Timestamp)
    /// audit.checkpoint: where all streams end, signed.
    case checkpoint(Checkpoint)
    /// resource.read, resource.search: the filter, if there is one, and of how many such reads this is one.
    case read(filter: AuditFilterShape?, sampleRate: UInt64)
    /// store.restore: under which id the trail was known before.
    case restored(from: UniqueID)
}

/// How somebody signs in to the console.
package enum AuditSignInWay: String, Sendable, Hashable, CaseIterable {
    /// With an identity provider.
    case provider
    /// By a one-time link.
    case link
}

/// What somebody may do in the console.
package enum AuditRole: String, Sendable, Hashable, CaseIterable {
    case owner, administrator, reader
}

/// The certificate of the server, as far as records tell of it.
package struct AuditCertificate: Sendable, Hashable {
    /// In hexadecimal digits.
    package let serialNumber: AuditSlug
    /// When it ends.
    package let notAfter: Timestamp

    package init(serialNumber: AuditSlug, notAfter: Timestamp) {
        self.serialNumber = serialNumber
        self.notAfter = notAfter
    }
}
