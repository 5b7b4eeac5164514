// RFC 7518 §3.1. There is no `none` and no HS256 to choose: what is not here cannot be asked for by a token.

/// A way to sign, by its name in JOSE headers.
package enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// RSASSA-PKCS1-v1_5 (RFC 7518 §3.3).
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    /// RSASSA-PSS with a salt as long as the digest (RFC 7518 §3.5).
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    /// ECDSA on P-256, as the two numbers one behind the other (RFC 7518 §3.4).
    case es256 = "ES256"

    /// Which keys it takes.
    package enum KeyType: Sendable, Hashable { case rsa, p256 }

    package var keyType: KeyType { self == .es256 ? .p256 : .rsa }

    /// The digest that is signed, which is also that of `at_hash` (OpenID Connect Core §3.1.3.6).
    package var digest: Digest.Algorithm {
        switch self {
        case .rs256, .ps256, .es256: .sha256
        case .rs384, .ps384: .sha384
        case .rs512, .ps512: .sha512
        }
    }

    var isPSS: Bool {
        switch self {
        case .ps256, .ps384, .ps512: true
        case .rs256, .rs384, .rs512, .es256: false
        }
    }
}
