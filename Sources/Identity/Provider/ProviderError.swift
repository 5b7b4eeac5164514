package import HTTP

/// Why the provider could not be asked, or its answer not be used.
///
/// Carries names, reasons and what the provider says of itself; no secret, code or token.
package enum ProviderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was asked for.
    package enum Step: String, Sendable {
        case configuration = "configuration (/.well-known/openid-configuration)"
        case keySet = "key set (jwks_uri)"
        case token = "answer to the code (token_endpoint)"
    }

    case exchange(Step, ExchangeError)
    /// The answer has this status.
    case status(Step, Int)
    case document(Step, DocumentError)
    /// The configuration is that of another issuer.
    case wrongIssuer(expected: String, found: String)
    /// An endpoint, by its member's name, has no URL that begins with `https`.
    case notSecure(String)
    /// The provider cannot do what is needed.
    case unsupported(String)
    /// The token endpoint takes no clients that authenticate as this one does.
    case authenticationUnsupported(String, offered: String)
    /// The token endpoint refused the code, with its error code and sentence.
    case tokenRefused(error: String, sentence: String?)
    /// Too many threads wait for the provider already.
    case busy

    package var description: String {
        switch self {
        case .exchange(let step, let error): "the provider's \(step.rawValue) could not be read: \(error)"
        case .status(let step, let status):
            "the provider's \(step.rawValue) could not be read: it answered with status \(status)"
                + (status == 404 ? "; is the issuer right?" : "")
        case .document(let step, let error): "the provider's \(step.rawValue) cannot be used: \(error)"
        case .wrongIssuer(let expected, let found):
            "the provider calls itself \(found), and the configured issuer is \(expected); both have to be the same "
                + "to the letter"
        case .notSecure(let name): "the provider's \(name) does not begin with https"
        case .unsupported(let what): "the provider does not offer \(what), which is needed"
        case .authenticationUnsupported(let method, let offered):
            "the provider takes no client authentication by \(method), only by \(offered); configure one of these"
        case .tokenRefused(let error, let sentence):
            Self.advice(error) + " (\(error)\(sentence.map { ": \($0)" } ?? ""))"
        case .busy: "too many sign-ins wait for the provider; try again in a moment"
        }
    }

    /// RFC 6749 §5.2.
    private static func advice(_ error: String) -> String {
        switch error {
        case "invalid_client":
            "the provider does not accept this client; are client id, secret and way of authentication right?"
        case "invalid_grant":
            "the provider does not accept the code; it is used up or too old, or the redirect URI is not the "
                + "registered one; sign in again"
        case "unauthorized_client":
            "the provider does not allow this client the authorization code flow; allow it there"
        default: "the provider refused the code"
        }
    }
}
