/// Whether a tenant's clients may ask for personal attributes in URLs (RFC 7644 §7.5.2), which proxies log.
package enum URLFilters: String, Sendable, CaseIterable {
    /// As Okta and Entra do.
    case allow
    /// Such a GET gets 403 `sensitive`; the same query is answered by `POST /.search`.
    case refuse
}

extension ResourceType {
    /// Whether a filter looks at an attribute that may tell of a person.
    ///
    /// What is not known to be impersonal is taken for personal: every attribute that a tenant has defined for itself, and
    /// every extension.
    package func isSensitive(_ filter: BoundFilter) -> Bool {
        let names =
            topLevelAttributes.map(\.name) + extensions.map(\.schema.id)
        return names.contains { name in
            filter.needs(name) && !Self.impersonalCommon.contains(name)
                && Self.impersonal[schema.id]?.contains(name) != true
        }
    }

    private static let impersonalCommon: Set = ["schemas", "id", "meta"]

    private static let impersonal: [String: Set<String>] = [
        Schema.user.id: [
            "active", "userType", "locale", "timezone", "preferredLanguage", "groups", "roles",
            "entitlements",
        ],
        Schema.group.id: ["displayName", "members", "externalId"],
    ]
}
