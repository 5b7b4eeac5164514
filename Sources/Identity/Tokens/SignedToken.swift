// RFC 7515 §7.1, the compact serialization: header "." payload "." signature, each in base64url. Parameters of the header
// that bring or point to keys (`jwk`, `jku`, `x5c`, `x5u`) are not looked at: keys come from the provider's key set alone.

internal import JSON
internal import TLS

/// A JSON Web Signature taken apart; nothing in it is proven before ``KeySet/verify(_:)`` has returned.
package struct SignedToken: Sendable {
    /// Longest token, which has room for a person with a thousand roles.
    package static let bytesMax = 64 * 1024
    /// Longest header, decoded; with a chain of certificates it has a few kilobytes.
    package static let headerBytesMax = 16 * 1024
    /// Longest key id, which is named in errors.
    static let keyIDBytesMax = 256
    private static let depthMax = 8

    let algorithm: SignatureAlgorithm
    let keyID: String?
    /// What was signed: header and payload as they were sent.
    let signingInput: [UInt8]
    let payload: [UInt8]
    let signature: [UInt8]

    /// Takes a token apart.
    ///
    /// - Throws: ``TokenError`` for what is no token, too large, encrypted, signed by another algorithm than
    ///   ``SignatureAlgorithm`` has, or has a header that has to be understood (`crit`, RFC 7515 §4.1.11).
    package init(_ text: String) throws(TokenError) {
        guard text.utf8.count <= Self.bytesMax else { throw .tooLarge }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // RFC 7516 §3.1: an encrypted one has five.
        guard parts.count != 5 else { throw .encrypted }
        guard parts.count == 3 else { throw .malformed("it has not three parts") }
        guard let header = Base64URL.bytes(parts[0]), let payload = Base64URL.bytes(parts[1]),
            let signature = Base64URL.bytes(parts[2])
        else { throw .malformed("a part is not base64url") }

        let object = try Self.object(
            header,
            JSONLimits(bytesMax: Self.headerBytesMax, depthMax: Self.depthMax)
        )
        // None is understood here, and `b64` (RFC 7797) needs it too.
        guard object["crit"] == nil else { throw .critical }
        guard case .string(let name)? = object["alg"] else { throw .malformed("its header has no alg") }
        guard let algorithm = SignatureAlgorithm(rawValue: name) else {
            throw .algorithmRefused(SafeText.short(name))
        }
        switch object["kid"] {
        case nil: keyID = nil
        case .string(let text) where text.utf8.count <= Self.keyIDBytesMax: keyID = text
        default: throw .malformed("its kid is no text, or too long")
        }
        guard !signature.isEmpty else { throw .wrongSignature }
        self.algorithm = algorithm
        signingInput = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
        self.payload = payload
        self.signature = signature
    }

    /// The claims; to be called once the signature has been verified.
    func claims() throws(TokenError) -> JSONObject {
        try Self.object(payload, JSONLimits(bytesMax: Self.bytesMax, depthMax: Self.depthMax))
    }

    private static func object(_ bytes: [UInt8], _ limits: JSONLimits) throws(TokenError) -> JSONObject {
        do throws(JSONError) {
            guard case .object(let object) = try JSONValue(parsing: bytes, limits: limits) else {
                throw JSONError(.syntax, at: 0)
            }
            return object
        } catch { throw .malformed("a part is no proper JSON object, as \(error.reason.rawValue)") }
    }
}
