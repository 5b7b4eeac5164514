/// Who did it.
package enum AuditActor: Sendable, Hashable {
    /// A SCIM client, by the id of its registration where it has one.
    case client(AuditSlug?)
    /// An operator, by the name of the Unix user at the other end of the admin socket.
    case admin(AuditSlug?)
    /// The server itself.
    case system
    /// A client whose credential was not accepted.
    case anonymous

    /// The word of `SCIM_ACTOR_TYPE`.
    package var kind: String {
        switch self {
        case .client: "client"
        case .admin: "admin"
        case .system: "system"
        case .anonymous: "anonymous"
        }
    }

    /// What `SCIM_ACTOR_ID` gives, if the actor is known.
    package var id: AuditSlug? {
        switch self {
        case .client(let id), .admin(let id): id
        case .system, .anonymous: nil
        }
    }
}
