import Locking

/// Which tenant a name has meant so far: a tenant that was deleted may give its name to another one.
final class TenantIdentities: Sendable {
    /// Names that are remembered; beyond it all are forgotten.
    static let namesMax = 16_384

    /// When the tenant of each name was created.
    private let known = Locked<[String: String]>([:])

    /// Notes which tenant a name means; true if it meant another one before.
    func replace(_ created: String, _ name: String) -> Bool {
        known.withLock { known in
            let before = known[name]
            if before == nil, known.count >= Self.namesMax { known.removeAll() }
            known[name] = created
            return before != nil && before != created
        }
    }
}
