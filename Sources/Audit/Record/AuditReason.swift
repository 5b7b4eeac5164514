/// Why something failed, as `SCIM_REASON` gives it: a closed list, so that no text of a client can get in.
package enum AuditReason: String, Sendable, Hashable, CaseIterable {
    // RFC 7644 §3.12, table 9
    case invalidFilter, tooMany, uniqueness, mutability, invalidSyntax, invalidPath, noTarget, invalidValue
    case invalidVers, sensitive
    // RFC 9865 §4
    case invalidCursor, expiredCursor, invalidCount

    // Credentials
    case missing, malformed, unknown, expired, revoked
    /// The tenant is suspended, or its clients are not served yet.
    case disabled
    /// The credential belongs to another tenant than the one in the URL.
    case tenant
    /// An identity provider's answer to a sign-in was not accepted.
    case provider
    /// Nobody has given the person a role.
    case role

    // Requests and resources
    case notFound = "not-found"
    case versionMismatch = "version-mismatch"
    case methodNotAllowed = "method-not-allowed"
    case mediaType = "media-type"
    case tooLarge = "too-large"
    case notImplemented = "not-implemented"
    /// What the change refers to was not created.
    case conflict

    // The service itself
    case auditUnavailable = "audit-unavailable"
    case busy
    /// A tenant asks, or an address fails, too often.
    case rate
    case storeFull = "store-full"
    case storeFailure = "store-failure"
    case outcomeUnknown = "outcome-unknown"
    case `internal`
    /// Undelivered records are too old or too many.
    case behind
    /// The outbox is at its limit.
    case full
    /// The clock is wrong.
    case clock

    // A verification of the trail: the kinds of ``TrailFinding``
    case changed, replaced, moved, missingRecords = "missing-records", cut, foreign, unsigned

    package init(_ kind: TrailFinding.Kind) {
        self =
            switch kind {
            case .changed: .changed
            case .replaced: .replaced
            case .moved: .moved
            case .missing: .missingRecords
            case .cut: .cut
            case .foreign: .foreign
            case .unsigned: .unsigned
            }
    }

    /// The word in the record.
    package var word: String { rawValue }
}
