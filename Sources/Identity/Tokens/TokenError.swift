package import TLS

/// Why a token of the provider is not believed.
///
/// Carries names, and what was expected and found of issuer and audience, never the token itself.
package enum TokenError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It is no signed token. The reason is a constant.
    case malformed(String)
    case tooLarge
    case encrypted
    /// It is signed by an algorithm that is not accepted, such as `none`.
    case algorithmRefused(String)
    /// Its header has to be understood in a way that is not.
    case critical
    /// The provider's key set has no key that the token could be signed with.
    case unknownKey(String?)
    /// More than one key could be meant.
    case ambiguousKey
    /// The key that the token names cannot be used.
    case unusableKey(String?, KeyError)
    case wrongSignature
    /// A claim that has to be there is not, or is no text or number as it should be.
    case claim(String)
    case wrongIssuer(expected: String, found: String)
    /// `aud` names nobody.
    case emptyAudience
    case wrongAudience(clientID: String)
    /// `azp` names another client, or is missing beside several audiences.
    case wrongParty(clientID: String)
    case expired(secondsAgo: Int64)
    /// It was issued, or becomes valid, in the future.
    case early(seconds: Int64)
    case wrongNonce
    /// `at_hash` belongs to another access token.
    case wrongAccessToken
    case tooManyRoles(claim: String)

    package var description: String {
        switch self {
        case .malformed(let reason): "the ID token is malformed: \(reason)"
        case .tooLarge:
            "the ID token is larger than \(SignedToken.bytesMax) bytes; have the provider put less into it"
        case .encrypted:
            "the ID token is encrypted; turn encryption of ID tokens off for this client at the provider"
        case .algorithmRefused(let name):
            "the ID token is signed with \(name), which is not accepted; have the provider sign with RS256, PS256 "
                + "or ES256"
        case .critical: "the ID token has a critical header that is not understood"
        case .unknownKey(let name?): "the provider's key set has no key \(name) for the ID token"
        case .unknownKey(nil): "the provider's key set has no key for the ID token"
        case .ambiguousKey: "the provider's key set has several keys that the ID token could be signed with"
        case .unusableKey(let name, let error):
            "the key \(name ?? "without a name") of the provider cannot be used: \(error)"
        case .wrongSignature:
            "the ID token's signature is wrong: it was changed, or another key has signed it"
        case .claim(let name): "the ID token's claim \(name) is missing or has a wrong form"
        case .wrongIssuer(let expected, let found):
            "the ID token was issued by \(found), and the configured issuer is \(expected)"
        case .emptyAudience:
            "the ID token names no audience (aud is empty); at the provider, add the client itself to the client's "
                + "audiences"
        case .wrongAudience(let clientID):
            "the ID token was not issued for the client \(clientID); is that the client's id at the provider?"
        case .wrongParty(let clientID):
            "the ID token was issued to another client than \(clientID) (azp)"
        case .expired(let seconds):
            "the ID token expired \(seconds) s ago; do the clocks of this server and the provider agree?"
        case .early(let seconds):
            "the ID token is valid only in \(seconds) s; do the clocks of this server and the provider agree?"
        case .wrongNonce: "the ID token belongs to another sign-in (nonce); sign in again"
        case .wrongAccessToken: "the ID token belongs to another access token (at_hash)"
        case .tooManyRoles(let claim):
            "the claim \(claim) has more than \(IDTokenClaims.rolesMax) values; have the provider send those of this "
                + "client alone"
        }
    }
}
