// OpenID Connect Discovery 1.0 §3 and §4, RFC 8414 §2, RFC 9207 §3, RP-Initiated Logout 1.0 §2.1.

package import HTTP
internal import JSON
internal import TLS

/// What a provider publishes about itself, as far as it is used here.
package struct ProviderMetadata: Sendable {
    /// Largest document.
    package static let bytesMax = 256 * 1024
    private static let depthMax = 16

    package let issuer: String
    package let authorizationEndpoint: RemoteURL
    package let tokenEndpoint: RemoteURL
    package let keySetURL: RemoteURL
    /// Where a person signs out; nil if the provider has no such page.
    package let endSessionEndpoint: RemoteURL?
    /// Whether each answer names its issuer (RFC 9207).
    package let namesIssuerInAnswers: Bool
    /// How clients may authenticate at the token endpoint.
    let authenticationMethods: [String]

    /// Where the document of an issuer is (OpenID Connect Discovery §4).
    ///
    /// Nil if the URL would be too long.
    package static func url(of issuer: RemoteURL) -> RemoteURL? {
        let base = issuer.text.hasSuffix("/") ? String(issuer.text.dropLast()) : issuer.text
        return RemoteURL(base + "/.well-known/openid-configuration")
    }

    /// Reads the document.
    ///
    /// - Parameters:
    ///   - bytes: at most ``bytesMax``.
    ///   - issuer: what was configured, which the document has to repeat exactly.
    ///   - allowsPlainLoopback: whether endpoints on this machine may be without TLS.
    /// - Throws: ``ProviderError`` if the document is another issuer's, or the provider lacks what is needed.
    package init(
        parsing bytes: [UInt8],
        issuer: String,
        allowsPlainLoopback: Bool = false
    ) throws(ProviderError) {
        let object: JSONObject
        do throws(DocumentError) {
            object = try ProviderDocument.object(
                bytes,
                JSONLimits(bytesMax: Self.bytesMax, depthMax: Self.depthMax)
            )
        } catch { throw .document(.configuration, error) }
        func text(_ name: String) throws(ProviderError) -> String {
            guard case .string(let text)? = object[name] else {
                throw .document(.configuration, .member(name))
            }
            return text
        }
        func url(_ name: String) throws(ProviderError) -> RemoteURL {
            guard let url = RemoteURL(try text(name)) else {
                throw .document(.configuration, .member(name))
            }
            guard url.isSecure || allowsPlainLoopback && url.isLoopback else { throw .notSecure(name) }
            return url
        }
        /// Nil if the member is not there, which leaves open what the provider can do.
        func list(_ name: String) throws(ProviderError) -> [String]? {
            guard let value = object[name] else { return nil }
            guard case .array(let elements) = value else {
                throw .document(.configuration, .member(name))
            }
            return elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
        }

        let found = try text("issuer")
        guard found == issuer else {
            throw .wrongIssuer(expected: issuer, found: SafeText.sentence(found))
        }
        self.issuer = found
        authorizationEndpoint = try url("authorization_endpoint")
        tokenEndpoint = try url("token_endpoint")
        keySetURL = try url("jwks_uri")
        endSessionEndpoint = object["end_session_endpoint"] == nil ? nil : try url("end_session_endpoint")
        namesIssuerInAnswers = object["authorization_response_iss_parameter_supported"] == .bool(true)
        // RFC 8414 §2: the default.
        authenticationMethods =
            try list("token_endpoint_auth_methods_supported") ?? ["client_secret_basic"]

        if let types = try list("response_types_supported"), !types.contains("code") {
            throw .unsupported("the authorization code flow (response type code)")
        }
        if let methods = try list("code_challenge_methods_supported"), !methods.contains("S256") {
            throw .unsupported("PKCE with S256")
        }
        if let names = try list("id_token_signing_alg_values_supported"),
            !names.contains(where: { SignatureAlgorithm(rawValue: $0) != nil })
        {
            throw .unsupported(
                "ID tokens that are signed with RS256, RS384, RS512, PS256, PS384, PS512 or ES256"
            )
        }
    }
}
