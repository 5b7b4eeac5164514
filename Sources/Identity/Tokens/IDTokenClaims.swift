// OpenID Connect Core 1.0 §2, §3.1.3.6 and §3.1.3.7. Deviation: further audiences are accepted if `azp` names this client, as
// only the provider knows whom else it trusts.

internal import JSON
internal import TLS

/// What an ID token must say to be believed.
struct IDTokenExpectation: Sendable {
    let issuer: String
    let clientID: String
    let nonce: String
    /// The access token that came with it.
    let accessToken: String?
    /// The claim in which roles stand; nil if none is looked at.
    let rolesClaim: String?
    /// Seconds since 1970.
    let now: Int64
}

/// What an ID token tells of a person, once its signature has been verified.
package struct IDTokenClaims: Sendable, Equatable {
    /// How far the clocks of provider and server may be apart, in seconds.
    package static let clockSkewSeconds: Int64 = 60
    /// Most roles of a person.
    package static let rolesMax = 1_000
    /// Longest subject (OpenID Connect Core §2).
    package static let subjectBytesMax = 255
    /// Longest name, e-mail address or role; longer ones count as missing.
    package static let textBytesMax = 512
    /// Most audiences.
    static let audiencesMax = 100

    /// Unique and never reassigned within the issuer; what a person is known by.
    package let subject: String
    package let issuer: String
    package let name: String?
    package let preferredUsername: String?
    package let email: String?
    /// Whether the provider says that the address is the person's; nil if it says nothing.
    package let isEmailVerified: Bool?
    /// The values of the configured claim, in their order; empty if there is none.
    package let roles: [String]
    /// When the person proved who they are, in seconds since 1970; a fraction is cut off.
    package let authenticatedAt: Int64?
    /// In seconds since 1970.
    package let expiresAt: Int64

    /// Checks the claims of a token.
    init(
        _ token: SignedToken,
        expecting expected: IDTokenExpectation
    ) throws(TokenError) {
        let claims = try token.claims()
        let issuer = try Self.requiredText("iss", claims)
        guard issuer == expected.issuer else {
            throw .wrongIssuer(expected: expected.issuer, found: SafeText.sentence(issuer))
        }
        try Self.checkAudience(claims, expected.clientID)
        expiresAt = try Self.checkTimes(claims, expected.now)
        guard Self.isSame(try Self.requiredText("nonce", claims), expected.nonce) else { throw .wrongNonce }
        if claims["at_hash"] != nil {
            let hash = try Self.requiredText("at_hash", claims)
            guard let accessToken = expected.accessToken,
                Self.isSame(hash, Self.accessTokenHash(accessToken, token.algorithm))
            else { throw .wrongAccessToken }
        }
        subject = try Self.requiredText("sub", claims)
        guard SafeText.isPlain(subject, bytesMax: Self.subjectBytesMax) else { throw .claim("sub") }
        self.issuer = issuer
        name = Self.text("name", claims)
        preferredUsername = Self.text("preferred_username", claims)
        email = Self.text("email", claims)
        isEmailVerified =
            switch claims["email_verified"] {
            case .bool(let value): value
            // So write some providers.
            case .string("true"): true
            case .string("false"): false
            default: nil
            }
        roles = try expected.rolesClaim.map { name throws(TokenError) in try Self.roles(name, claims) } ?? []
        authenticatedAt = claims["auth_time"] == nil ? nil : try Self.seconds("auth_time", claims)
    }

    private static func checkAudience(_ claims: JSONObject, _ clientID: String) throws(TokenError) {
        var count = 1
        switch claims["aud"] {
        case .string(let audience):
            guard audience == clientID else { throw .wrongAudience(clientID: clientID) }
        case .array(let elements):
            guard !elements.isEmpty else { throw .emptyAudience }
            guard elements.count <= audiencesMax else { throw .claim("aud") }
            guard elements.contains(.string(clientID)) else { throw .wrongAudience(clientID: clientID) }
            count = elements.count
        default: throw .claim("aud")
        }
        guard claims["azp"] != nil || count > 1 else { return }
        guard claims["azp"] == .string(clientID) else { throw .wrongParty(clientID: clientID) }
    }

    /// Checks when the token is valid, and gives until when.
    private static func checkTimes(_ claims: JSONObject, _ now: Int64) throws(TokenError) -> Int64 {
        let expiresAt = try seconds("exp", claims)
        guard now < expiresAt + clockSkewSeconds else { throw .expired(secondsAgo: now - expiresAt) }
        var begins = [try seconds("iat", claims)]
        if claims["nbf"] != nil { begins.append(try seconds("nbf", claims)) }
        for begin in begins where begin > now + clockSkewSeconds { throw .early(seconds: begin - now) }
        return expiresAt
    }

    /// A time in seconds since 1970 (RFC 7519 §2, NumericDate), which may have a fraction.
    private static func seconds(_ name: String, _ claims: JSONObject) throws(TokenError) -> Int64 {
        // Before the year 9999, so that sums and differences stay far from any overflow.
        guard case .number(let number)? = claims[name], (0...253_402_300_799).contains(number.double) else {
            throw .claim(name)
        }
        return Int64(number.double)
    }

    private static func requiredText(_ name: String, _ claims: JSONObject) throws(TokenError) -> String {
        guard case .string(let text)? = claims[name] else { throw .claim(name) }
        return text
    }

    /// A claim for people to read; nil if it is missing, or no text that can be shown.
    private static func text(_ name: String, _ claims: JSONObject) -> String? {
        guard case .string(let text)? = claims[name], SafeText.isPlain(text, bytesMax: textBytesMax) else {
            return nil
        }
        return text
    }

    private static func roles(_ name: String, _ claims: JSONObject) throws(TokenError) -> [String] {
        let elements: [JSONValue] =
            switch claims[name] {
            case .array(let elements): elements
            case .string(let role): [.string(role)]
            case nil, .null: []
            default: throw .claim(SafeText.short(name))
            }
        guard elements.count <= rolesMax else { throw .tooManyRoles(claim: SafeText.short(name)) }
        return elements.compactMap { element in
            guard case .string(let role) = element, SafeText.isPlain(role, bytesMax: textBytesMax) else {
                return nil
            }
            return role
        }
    }

    /// The left half of the digest (OpenID Connect Core §3.1.3.6).
    private static func accessTokenHash(_ token: String, _ algorithm: SignatureAlgorithm) -> String {
        let digest = Digest.digest(Array(token.utf8), by: algorithm.digest)
        return Base64URL.text(Array(digest.prefix(digest.count / 2)))
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        Digest.constantTimeEquals(Array(left.utf8).span, Array(right.utf8).span)
    }
}
