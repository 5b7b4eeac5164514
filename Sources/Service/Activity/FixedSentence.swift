import SCIM

/// The sentences of refusals that hold no value, so that a tenant's activity may keep them.
///
/// The numbers stand in stored rows: none ever changes or is used again.
enum FixedSentence: UInt8, CaseIterable {
    case noSuchResource = 1
    case noSuchEndpoint = 2
    case unauthorized = 3
    case suspended = 4
    case tooManyRequests = 5
    case methodNotAllowed = 6
    case compressed = 7
    case versionMismatch = 8
    case busy = 9
    case auditUnavailable = 10
    case full = 11
    case mediaType = 12
    case discoveryFilter = 13
    case userNameTaken = 14
    case unsupportedVersion = 15
    case sensitive = 16
    case clockAhead = 17
    case unconfirmed = 18

    var text: String {
        switch self {
        case .noSuchResource: "There is no such resource."
        case .noSuchEndpoint: "There is no such endpoint."
        case .unauthorized: "The request needs a valid bearer token of this tenant."
        case .suspended: "SCIM is not enabled for this tenant; an operator of the service enables it."
        case .tooManyRequests:
            "There are too many requests; nothing was done. Retry-After tells when to try again."
        case .methodNotAllowed: "This endpoint does not answer the request's method."
        case .compressed: "The body has a Content-Encoding; bodies must be sent uncompressed."
        case .versionMismatch: "The resource has another version than the one the request names."
        case .busy: "The server is busy; nothing was changed. Try again."
        case .auditUnavailable: "The audit trail takes no records; nothing was changed."
        case .unconfirmed:
            "The change was made, but the journal has not confirmed its record: read the resource again."
        case .clockAhead: "The server's clock is wrong; nothing was changed."
        case .full: "The server has no room left; nothing was changed."
        case .mediaType: "The body must be application/scim+json or application/json."
        case .discoveryFilter: "Discovery endpoints cannot be filtered."
        case .userNameTaken: "The value of userName is already taken by another resource of this tenant."
        case .unsupportedVersion: "This server speaks version v2 of the protocol."
        case .sensitive: "Ask for personal attributes by POST to .search, not in a URL (RFC 7644 §3.4.3)."
        }
    }

    /// The sentence of an error that comes from further down; nil if that is none of these.
    init?(_ error: SCIMError) {
        let candidate: FixedSentence? =
            switch error.keyword {
            case .uniqueness: .userNameTaken
            case .invalidVers: .unsupportedVersion
            case .sensitive: .sensitive
            default: nil
            }
        guard let candidate, candidate.text == error.detail else { return nil }
        self = candidate
    }
}
