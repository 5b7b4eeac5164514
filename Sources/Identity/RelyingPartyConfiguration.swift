internal import HTTP

/// What an operator configures of a provider, and what is registered there for this server.
package struct RelyingPartyConfiguration: Sendable {
    /// How this server proves to the token endpoint who it is (OpenID Connect Core §9).
    package enum Authentication: Sendable {
        /// `client_secret_basic`: the secret in the Authorization field.
        case basic(secret: String)
        /// `client_secret_post`: the secret in the body.
        case post(secret: String)
        /// A public client, which PKCE alone protects.
        case none

        /// The name in a provider's configuration; nil for a public client.
        var name: String? {
            switch self {
            case .basic: "client_secret_basic"
            case .post: "client_secret_post"
            case .none: nil
            }
        }

        fileprivate var secret: String? {
            switch self {
            case .basic(let secret), .post(let secret): secret
            case .none: nil
            }
        }
    }

    /// Longest client id, secret, scope and claim name.
    package static let textBytesMax = 1_024
    package static let scopesMax = 32

    /// The provider, exactly as it calls itself.
    package let issuer: String
    package let clientID: String
    let authentication: Authentication
    /// Where the provider sends the browser back to; registered there.
    package let redirectURI: String
    /// Where the browser is sent after sign-out; registered there too.
    package let signedOutURI: String?
    /// `openid` first.
    package let scopes: [String]
    /// The claim of the ID token in which a person's roles stand; nil if none is looked at.
    package let rolesClaim: String?
    package let allowsPlainLoopback: Bool
    let discoveryURL: RemoteURL

    /// Checks what was configured.
    ///
    /// - Parameters:
    ///   - issuer: an `https` URL without query.
    ///   - clientID: as registered at the provider.
    ///   - authentication: as registered at the provider.
    ///   - redirectURI: an `https` URL of this server, or of `localhost`.
    ///   - signedOutURI: as `redirectURI`.
    ///   - scopes: beside `openid`, which is added.
    ///   - rolesClaim: the name of a claim whose value is a text or an array of texts.
    ///   - allowsPlainLoopback: whether a provider on this machine may be without TLS; for tests.
    /// - Throws: ``ConfigurationError``.
    package init(
        issuer: String,
        clientID: String,
        authentication: Authentication,
        redirectURI: String,
        signedOutURI: String? = nil,
        scopes: [String] = ["profile", "email"],
        rolesClaim: String? = nil,
        allowsPlainLoopback: Bool = false
    ) throws(ConfigurationError) {
        guard let url = RemoteURL(issuer), !issuer.contains("?"),
            url.isSecure || allowsPlainLoopback && url.isLoopback,
            let discoveryURL = ProviderMetadata.url(of: url)
        else { throw .issuer }
        for uri in [redirectURI, signedOutURI].compactMap(\.self) {
            guard let url = RemoteURL(uri), url.isSecure || url.isLoopback else { throw .redirectURI }
        }
        guard SafeText.isPlain(clientID, bytesMax: Self.textBytesMax) else { throw .text("client id") }
        if let secret = authentication.secret, !SafeText.isPlain(secret, bytesMax: Self.textBytesMax) {
            throw .text("client secret")
        }
        if let rolesClaim, !SafeText.isPlain(rolesClaim, bytesMax: Self.textBytesMax) {
            throw .text("claim for roles")
        }
        // RFC 6749 §3.3: printable ASCII without quotation mark and backslash; blanks stand between scopes.
        guard scopes.count < Self.scopesMax,
            scopes.allSatisfy({ scope in
                SafeText.isPlain(scope, bytesMax: Self.textBytesMax)
                    && scope.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
            })
        else { throw .text("list of scopes") }
        self.issuer = issuer
        self.clientID = clientID
        self.authentication = authentication
        self.redirectURI = redirectURI
        self.signedOutURI = signedOutURI
        self.scopes = ["openid"] + scopes.filter { $0 != "openid" }
        self.rolesClaim = rolesClaim
        self.allowsPlainLoopback = allowsPlainLoopback
        self.discoveryURL = discoveryURL
    }
}

/// What is wrong with a configuration of sign-in.
package enum ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    case issuer
    case redirectURI
    /// This one is empty, too long, or has characters that it cannot have.
    case text(String)

    package var description: String {
        switch self {
        case .issuer:
            "the issuer has to be a URL that begins with https and has no query, as the provider shows it in its "
                + "configuration"
        case .redirectURI: "the redirect URI has to be a URL of this server that begins with https"
        case .text(let name): "the \(name) is empty, too long, or has characters that it cannot have"
        }
    }
}
