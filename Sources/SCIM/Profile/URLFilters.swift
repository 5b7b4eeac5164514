/// Whether a tenant's clients may ask for personal attributes in URLs (RFC 7644 §7.5.2), which proxies log.
///
/// The numbers stand in stored rows: none ever changes or is used again.
package enum URLFilters: UInt8, Sendable, CaseIterable {
    /// As Okta and Entra do.
    case allow = 0
    /// Such a GET gets 403 `sensitive`; the same query is answered by `POST /.search`.
    case refuse = 1

    /// The word by which operators and records call it.
    package var word: String {
        switch self {
        case .allow: "allow"
        case .refuse: "refuse"
        }
    }

    package init?(word: String) {
        guard let filters = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = filters
    }
}

extension ResourceType {
    /// Whether a filter looks at an attribute that may tell of a person.
    ///
    /// What is not known to be impersonal is taken for personal: every attribute that a tenant has defined for itself, and
    /// every extension.
    package func isSensitive(_ filter: BoundFilter) -> Bool {
        let names =
            (CommonAttributes.definitions + schema.attributes).map(\.name) + extensions.map(\.schema.id)
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
