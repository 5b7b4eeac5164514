internal import HTTP
internal import TLS

/// What a provider has the browser bring back (RFC 6749 §4.1.2, RFC 9207 §2), checked against what was asked.
struct AuthorizationAnswer: Sendable {
    /// Longest value; codes of some providers have a kilobyte or two.
    static let valueBytesMax = 4_096
    /// Most parameters; those that are not known are ignored (RFC 6749 §4.1.2).
    static let parametersMax = 32

    let code: String

    /// Checks the parameters in an order that believes nothing before it is known from whom it is: state, issuer, error.
    ///
    /// - Throws: ``AnswerError``.
    init(
        _ parameters: [Target.QueryItem],
        for pending: PendingSignIn,
        metadata: ProviderMetadata
    ) throws(AnswerError) {
        guard parameters.count <= Self.parametersMax else { throw .tooLarge }
        var values: [String: String] = [:]
        for parameter in parameters {
            guard parameter.value.utf8.count <= Self.valueBytesMax else { throw .tooLarge }
            // RFC 6749 §3.1: each at most once.
            guard values.updateValue(parameter.value, forKey: parameter.name) == nil else {
                throw .repeated(SafeText.short(parameter.name))
            }
        }
        guard let state = values["state"],
            Digest.constantTimeEquals(Array(state.utf8).span, Array(pending.state.utf8).span)
        else { throw .foreign }
        if let issuer = values["iss"] {
            guard issuer == metadata.issuer else {
                throw .wrongIssuer(expected: metadata.issuer, found: SafeText.sentence(issuer))
            }
        } else if metadata.namesIssuerInAnswers {
            throw .issuerMissing
        }
        if let error = values["error"] {
            throw .refused(
                ProviderRefusal(error),
                error: SafeText.short(error),
                sentence: values["error_description"].map(SafeText.sentence)
            )
        }
        guard let code = values["code"], !code.isEmpty else { throw .codeMissing }
        self.code = code
    }
}

/// Why a provider let nobody sign in (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
package enum ProviderRefusal: Sendable, Hashable {
    /// The person declined, or may not use this client.
    case accessDenied
    /// `prompt=none` was asked for, and the person has to do something.
    case interactionRequired
    /// The provider has trouble of its own.
    case temporary
    /// This server is not registered as it asks.
    case misconfigured
    case other

    init(_ error: String) {
        self =
            switch error {
            case "access_denied": .accessDenied
            case "login_required", "interaction_required", "consent_required", "account_selection_required":
                .interactionRequired
            case "server_error", "temporarily_unavailable": .temporary
            case "unauthorized_client", "unsupported_response_type", "invalid_scope", "invalid_request":
                .misconfigured
            default: .other
            }
    }
}

/// Why an answer that a browser has brought lets nobody in.
package enum AnswerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It does not belong to the sign-in that this browser began.
    case foreign
    /// The sign-in was begun too long ago.
    case tooLate
    case tooLarge
    /// This parameter is there twice.
    case repeated(String)
    case wrongIssuer(expected: String, found: String)
    case issuerMissing
    case codeMissing
    /// The provider let nobody sign in, with its error code and sentence, of which nothing is sure.
    case refused(ProviderRefusal, error: String, sentence: String?)

    package var description: String {
        switch self {
        case .foreign: "the answer does not belong to the sign-in that this browser began; sign in again"
        case .tooLate:
            "the sign-in took longer than \(PendingSignIn.lifetimeSeconds / 60) minutes; sign in again"
        case .tooLarge: "the provider's answer is too large"
        case .repeated(let name): "the provider's answer has the parameter \(name) twice"
        case .wrongIssuer(let expected, let found):
            "the answer is from \(found), and the sign-in was with \(expected); sign in again"
        case .issuerMissing:
            "the provider's answer does not name its issuer (iss), as this provider always does"
        case .codeMissing: "the provider's answer has no code"
        case .refused(let refusal, let error, let sentence):
            Self.text(refusal) + " (\(error)\(sentence.map { ": \($0)" } ?? ""))"
        }
    }

    private static func text(_ refusal: ProviderRefusal) -> String {
        switch refusal {
        case .accessDenied:
            "the provider did not let you in: you declined, or you are not assigned to this application there"
        case .interactionRequired: "the provider needs you to do something first; sign in again and follow it"
        case .temporary: "the provider has trouble; try again in a few minutes"
        case .misconfigured:
            "the provider does not accept the request; is the client registered there with this redirect URI, the "
                + "authorization code flow and these scopes?"
        case .other: "the provider did not let you in"
        }
    }
}
