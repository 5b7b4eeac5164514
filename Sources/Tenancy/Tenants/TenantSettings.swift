import SCIM

/// What an operator decides for one tenant, with the defaults.
///
/// Each property has an entry in the table below, from which the stored row, the audit trail, the admin interface,
/// `tenant show` and the command line follow.
package struct TenantSettings: Sendable, Equatable {
    package var profile = ProfileName.default
    package var urlFilters = URLFilters.allow
    package var authentication = AuthenticationType.openid
    package var serverTiming = ServerTiming.off
    package var auditIdentifiers = AuditIdentifiers.none
    package var auditReads = AuditReads.none
    package var auditReadSample = ReadSample.all

    package init() {}
}

// The numbers stand in stored rows: none ever changes or is used again. The settings share theirs with `Tenant.Field`.
extension TenantSetting {
    package static let all = [
        profile, urlFilters, authentication, serverTiming, auditIdentifiers, auditReads, auditReadSample,
    ]

    package static let profile = TenantSetting(
        "profile",
        number: 1,
        \.profile,
        title: "Profile",
        decides: "what is accepted of a tenant's clients where they and the standards disagree"
    ) {
        switch $0 {
        case .default: (0, "works with the most clients")
        case .strict: (1, "the RFCs' letter, and the refusals of the interoperability profile")
        case .okta: (2, "the RFCs, and what Okta is known to send")
        case .entra: (3, "the RFCs, and what Microsoft Entra ID is known to send")
        }
    }

    package static let urlFilters = TenantSetting(
        "urlFilters",
        number: 3,
        \.urlFilters,
        title: "Personal filters in URLs",
        decides: "whether a tenant's clients may ask for personal attributes in URLs, which proxies log"
    ) {
        switch $0 {
        case .allow: (0, "a GET whose filter names one is answered, as Okta and Entra need it")
        case .refuse: (1, "a GET whose filter names one gets 403; it is answered by POST to .search")
        }
    }

    package static let authentication = TenantSetting(
        "authentication",
        number: 5,
        \.authentication,
        title: "Authentication",
        decides:
            "by which protocol a tenant's people sign in, on which it depends whether its administrators may make tokens"
    ) {
        switch $0 {
        case .openid: (0, "OpenID Connect, which SCIM with Okta needs")
        case .saml: (1, "SAML; tokens are made by operators only")
        case .other: (2, "another way; tokens are made by operators only")
        }
    }

    package static let serverTiming = TenantSetting(
        "serverTiming",
        number: 9,
        \.serverTiming,
        title: "Server-Timing",
        decides: "whether answers to a tenant's queries tell how they were found"
    ) {
        switch $0 {
        case .off: (0, "answers do not tell")
        case .on:
            (
                1,
                "the field Server-Timing names the index, how many rows were looked at, and the time that it took"
            )
        }
    }

    package static let auditIdentifiers = TenantSetting(
        "auditIdentifiers",
        number: 10,
        \.auditIdentifiers,
        title: "Names in the audit trail",
        decides: "whether the audit trail marks names, so that who knows one finds its records"
    ) {
        switch $0 {
        case .none:
            (0, "records have ids and no names; setting it deletes the key, and with it what marks mean")
        case .hmac: (1, "records have keyed digests of userName, a group's displayName and externalId")
        }
    }

    package static let auditReads = TenantSetting(
        "auditReads",
        number: 12,
        \.auditReads,
        title: "Reads in the audit trail",
        decides: "which reads of a tenant's clients leave audit records"
    ) {
        switch $0 {
        case .none: (0, "none")
        case .sensitive: (1, "queries whose filter names a personal attribute")
        case .all: (2, "all queries, and all reads of one resource")
        }
    }

    package static let auditReadSample = TenantSetting(
        "auditReadSample",
        number: 13,
        \.auditReadSample,
        title: "Sample of reads",
        decides: "of how many reads that leave audit records one does, by the request's id"
    ) {
        switch $0 {
        case .all: (0, "each one")
        case .tenth: (1, "one of 10")
        case .hundredth: (2, "one of 100")
        case .thousandth: (3, "one of 1,000")
        }
    }
}
