/// Why nobody was signed in or out.
package enum SignInError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the browser brought back is not right, or says that the provider refused.
    case answer(AnswerError)
    /// The provider could not be asked, or is not as it has to be.
    case provider(ProviderError)
    /// The ID token is not to be believed.
    case token(TokenError)

    package var description: String {
        switch self {
        case .answer(let error): error.description
        case .provider(let error): error.description
        case .token(let error): error.description
        }
    }
}
