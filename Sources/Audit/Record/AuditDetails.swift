package import JSON

/// What only some events tell, each with its own closed form.
package enum AuditDetails: Sendable, Hashable {
    case none
    /// token.issue, token.rotate: when the credential ends.
    case expiry(Timestamp)
    /// service.start: the program's version, the configuration's digest, and whether the last stop was a clean one.
    case start(version: AuditSlug, configuration: AuditDigest?, recovered: Bool)
    /// service.stop, which is recorded only if it was asked for: how many records are left for the next start.
    case stop(undelivered: UInt64)
    /// config.reload: the digests of the two configurations.
    case reload(old: AuditDigest, new: AuditDigest)
    /// audit.degraded, audit.recovered, audit.refusing: undelivered records, and the age of the oldest.
    case outbox(records: UInt64, oldestSeconds: UInt64)
    /// tenant.update: the words of a setting that has few of them, before and after; `SCIM_ATTR` names it.
    case setting(old: AuditSlug, new: AuditSlug)
    /// tenant.update: the client that the tenant's traffic has shown for the first time.
    case client(AuditSlug)
}
