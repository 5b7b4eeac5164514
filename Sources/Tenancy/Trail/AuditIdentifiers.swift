/// Whether audit records mark the names of users and groups.
package enum AuditIdentifiers: String, Sendable, CaseIterable {
    case none
    /// By ``IdentifierKey``.
    case hmac
}
