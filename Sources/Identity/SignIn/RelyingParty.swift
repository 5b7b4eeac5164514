package import HTTP
internal import TLS

/// Signs people in with an OpenID provider: the authorization code flow with PKCE (OpenID Connect Core §3.1, RFC 7636).
///
/// ```
/// beginSignIn ─► pending, kept in the session
///            └─► URL ─► browser ─► provider ─► browser ─► finishSignIn(parameters, pending) ─► person
/// ```
///
/// Each method but ``isSignedOut(_:state:)`` may ask the provider and block as long as the client does: they are for a
/// background thread. The clock is the caller's, in seconds since 1970.
package final class RelyingParty: Sendable {
    /// Somebody whom the provider vouches for.
    package struct Person: Sendable, Equatable {
        package let claims: IDTokenClaims
        /// For a sign-out that names the session; as secret as the session itself.
        package let idToken: String
    }

    /// What the provider is to do with the person (OpenID Connect Core §3.1.2.1).
    package enum Prompt: String, Sendable {
        /// Nothing: an error if the person is not signed in there.
        case none
        /// Have them prove again who they are.
        case login
        case consent
        case selectAccount = "select_account"
    }

    /// Longest hint at who signs in; of a longer one nothing is sent.
    package static let loginHintBytesMax = 256

    package let configuration: RelyingPartyConfiguration
    private let provider: Provider
    private let random: @Sendable (Int) -> [UInt8]

    /// A party for one provider, which keeps what the provider publishes.
    ///
    /// - Parameters:
    ///   - configuration: the provider, and what is registered there.
    ///   - client: what asks the provider.
    ///   - random: gives that many bytes that nobody can guess.
    package init(
        _ configuration: RelyingPartyConfiguration,
        client: any HTTPClient,
        random: @escaping @Sendable (Int) -> [UInt8] = RelyingParty.systemRandom
    ) {
        self.configuration = configuration
        self.random = random
        provider = Provider(configuration, client: client)
    }

    /// The kernel's random bytes.
    package static let systemRandom: @Sendable (Int) -> [UInt8] = { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Asks the provider for its configuration and keys, so that an operator sees whether both can be used.
    @discardableResult
    package func checkProvider(at now: Int64) throws(SignInError) -> ProviderMetadata {
        do throws(ProviderError) {
            let metadata = try provider.metadata(at: now)
            _ = try provider.keys(at: now)
            return metadata
        } catch { throw .provider(error) }
    }

    /// Begins a sign-in.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - prompt: what the provider is to do with the person; nil leaves it to the provider.
    ///   - loginHint: who probably signs in.
    /// - Returns: what the session keeps until the answer comes, and the URL that the browser is sent to.
    /// - Throws: ``SignInError/provider(_:)``.
    package func beginSignIn(
        at now: Int64,
        prompt: Prompt? = nil,
        loginHint: String? = nil
    ) throws(SignInError) -> (pending: PendingSignIn, url: String) {
        let metadata = try metadata(at: now)
        let pending = PendingSignIn(at: now, random: random)
        var parameters = [
            ("response_type", "code"), ("client_id", configuration.clientID),
            ("redirect_uri", configuration.redirectURI),
            ("scope", configuration.scopes.joined(separator: " ")), ("state", pending.state),
            ("nonce", pending.nonce), ("code_challenge", pending.challenge),
            ("code_challenge_method", "S256"),
        ]
        if let prompt { parameters.append(("prompt", prompt.rawValue)) }
        if let loginHint, SafeText.isPlain(loginHint, bytesMax: Self.loginHintBytesMax) {
            parameters.append(("login_hint", loginHint))
        }
        return (pending, FormEncoding.url(metadata.authorizationEndpoint.text, parameters))
    }

    /// Finishes a sign-in with what the browser brought to the redirect URI.
    ///
    /// - Parameters:
    ///   - parameters: those of the query.
    ///   - pending: of the same browser's session, which forgets it whatever comes of this.
    ///   - now: seconds since 1970.
    /// - Returns: who has signed in.
    /// - Throws: ``SignInError``, from the browser's answer, the provider or the ID token.
    package func finishSignIn(
        _ parameters: [Target.QueryItem],
        for pending: PendingSignIn,
        at now: Int64
    ) throws(SignInError) -> Person {
        guard !pending.isOver(at: now) else { throw .answer(.tooLate) }
        let metadata = try metadata(at: now)
        let answer: AuthorizationAnswer
        do throws(AnswerError) {
            answer = try AuthorizationAnswer(parameters, for: pending, metadata: metadata)
        } catch { throw .answer(error) }
        let tokens: TokenAnswer
        do throws(ProviderError) {
            tokens = try provider.redeem(code: answer.code, verifier: pending.verifier, at: now)
        } catch { throw .provider(error) }

        let token: SignedToken
        do throws(TokenError) { token = try SignedToken(tokens.idToken) } catch { throw .token(error) }
        try verify(token, at: now)
        do throws(TokenError) {
            let claims = try IDTokenClaims(
                token,
                expecting: IDTokenExpectation(
                    issuer: metadata.issuer,
                    clientID: configuration.clientID,
                    nonce: pending.nonce,
                    accessToken: tokens.accessToken,
                    rolesClaim: configuration.rolesClaim,
                    now: now
                )
            )
            return Person(claims: claims, idToken: tokens.idToken)
        } catch { throw .token(error) }
    }

    /// Begins a sign-out at the provider (RP-Initiated Logout 1.0 §2).
    ///
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - idToken: names the session, so that the provider need not ask. It makes the URL a secret, which browsers and the
    ///     provider's logs keep; some providers come back to us only with it.
    /// - Returns: the URL that the browser is sent to, and the state that it brings back; nil if the provider has no sign-out.
    /// - Throws: ``SignInError/provider(_:)``.
    package func beginSignOut(
        at now: Int64,
        idToken: String? = nil
    ) throws(SignInError) -> (state: String, url: String)? {
        guard let endpoint = try metadata(at: now).endSessionEndpoint else { return nil }
        let state = PendingSignIn(at: now, random: random).state
        var parameters = [("client_id", configuration.clientID)]
        if let uri = configuration.signedOutURI {
            parameters += [("post_logout_redirect_uri", uri), ("state", state)]
        }
        if let idToken { parameters.append(("id_token_hint", idToken)) }
        return (state, FormEncoding.url(endpoint.text, parameters))
    }

    /// Whether the browser brought back the state of its sign-out.
    package func isSignedOut(_ parameters: [Target.QueryItem], state: String) -> Bool {
        let values = parameters.filter { $0.name == "state" }.map(\.value)
        guard values.count == 1 else { return false }
        return Digest.constantTimeEquals(Array(values[0].utf8).span, Array(state.utf8).span)
    }

    private func metadata(at now: Int64) throws(SignInError) -> ProviderMetadata {
        do throws(ProviderError) { return try provider.metadata(at: now) } catch { throw .provider(error) }
    }

    /// Proves that the provider has signed a token; a key that is not known yet has the key set read again.
    private func verify(_ token: SignedToken, at now: Int64) throws(SignInError) {
        let newer: KeySet?
        let failure: TokenError
        do throws(ProviderError) {
            let keys = try provider.keys(at: now)
            do throws(TokenError) { return try keys.verify(token) } catch { failure = error }
            newer = Self.mayHaveChanged(failure, token) ? try provider.newerKeys(at: now) : nil
        } catch { throw .provider(error) }
        guard let newer else { throw .token(failure) }
        do throws(TokenError) { try newer.verify(token) } catch { throw .token(error) }
    }

    /// Whether a failure may come of keys that the provider has changed since.
    private static func mayHaveChanged(_ failure: TokenError, _ token: SignedToken) -> Bool {
        switch failure {
        case .unknownKey, .unusableKey, .ambiguousKey: true
        // A provider that gives its keys no names may have another one under none.
        case .wrongSignature: token.keyID == nil
        default: false
        }
    }
}
