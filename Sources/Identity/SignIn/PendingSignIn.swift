internal import JSON
internal import TLS

/// A sign-in whose answer has not come: what the browser that began it has to bring back, and what it never sees.
///
/// It belongs to one browser's session, is kept on the server, and is thrown away with the first answer.
package struct PendingSignIn: Sendable, CustomStringConvertible {
    /// For how long an answer is waited for, in seconds: people look for their second factor.
    package static let lifetimeSeconds: Int64 = 900
    /// Random bytes of each of the three texts (RFC 7636 §4.1 asks for 32).
    package static let randomByteCount = 32

    /// Ties the answer to this browser (RFC 6749 §10.12).
    package let state: String
    /// Ties the ID token to this sign-in (OpenID Connect Core §15.5.2).
    let nonce: String
    /// Ties the code to this server (RFC 7636); never leaves it before the code is redeemed.
    let verifier: String
    /// Seconds since 1970.
    package let beganAt: Int64

    /// A new one.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - random: gives that many bytes that nobody can guess.
    init(at now: Int64, random: (Int) -> [UInt8]) {
        state = Base64URL.text(random(Self.randomByteCount))
        nonce = Base64URL.text(random(Self.randomByteCount))
        verifier = Base64URL.text(random(Self.randomByteCount))
        beganAt = now
    }

    /// The verifier's digest (RFC 7636 §4.2, S256).
    var challenge: String { Base64URL.text(Digest.sha256(Array(verifier.utf8).span)) }

    package func isOver(at now: Int64) -> Bool { !(beganAt..<(beganAt + Self.lifetimeSeconds)).contains(now) }

    /// Without what is secret.
    package var description: String { "a sign-in since \(beganAt)" }
}
