import Tenancy

/// Why a command was not carried out, in a word for scripts, which never changes its meaning.
package enum AdminFault: String, Sendable {
    /// What was to be made is there already.
    case exists
    /// What the command names is not there.
    case notThere
    /// It may not be done, or not as it was asked.
    case refused
    /// The store or the system failed; it may go well another time.
    case failed

    init(_ error: AdministrationError) {
        self =
            switch error {
            case .tenantExists, .tokenExists: .exists
            case .noSuchTenant, .noSuchToken, .noSuchSchema, .noSuchResourceType, .noSuchIndex, .noLiveToken,
                .noIdentifierKey:
                .notThere
            case .invalidTenantName, .invalidSetting, .invalidOverlap, .invalidSchema, .invalidBody, .inUse,
                .transferRefused:
                .refused
            case .conflict, .auditUnavailable, .store: .failed
            }
    }
}
