// RFC 7517: a JWK Set. Keys of other types, for other uses or other algorithms are passed over (§5), as a set may hold keys
// for everything that a provider does; so are those that are too small, and a token that names one is told so.

internal import JSON
internal import TLS

/// The public keys of a provider.
package struct KeySet: Sendable {
    /// Largest key set.
    package static let bytesMax = 256 * 1024
    package static let keysMax = 100
    private static let depthMax = 8

    private struct Key: Sendable {
        let keyID: String?
        /// Nil if the key is good for each algorithm of its type.
        let algorithm: SignatureAlgorithm?
        let type: SignatureAlgorithm.KeyType
        let key: Result<VerificationKey, KeyError>

        func fits(_ token: SignedToken) -> Bool {
            type == token.algorithm.keyType && (algorithm == nil || algorithm == token.algorithm)
                && (token.keyID == nil || keyID == token.keyID)
        }
    }

    private let keys: [Key]

    /// How many keys can be used.
    package var usableCount: Int { keys.count { (try? $0.key.get()) != nil } }

    /// Reads a key set.
    ///
    /// - Throws: ``DocumentError`` if it is no JSON object with an array `keys` of at most ``keysMax`` objects.
    package init(parsing bytes: [UInt8]) throws(DocumentError) {
        let limits = JSONLimits(bytesMax: Self.bytesMax, depthMax: Self.depthMax)
        guard case .array(let elements)? = try ProviderDocument.object(bytes, limits)["keys"] else {
            throw .member("keys")
        }
        guard elements.count <= Self.keysMax else { throw .tooMany("keys", most: Self.keysMax) }
        var keys: [Key] = []
        for element in elements {
            guard case .object(let object) = element else { throw .member("keys") }
            if let key = Self.key(object) { keys.append(key) }
        }
        self.keys = keys
    }

    /// Proves that one of the keys has signed the token.
    ///
    /// - Throws: ``TokenError/unknownKey(_:)``, ``TokenError/ambiguousKey``, ``TokenError/unusableKey(_:_:)``,
    ///   ``TokenError/wrongSignature``.
    package func verify(_ token: SignedToken) throws(TokenError) {
        let fitting = keys.filter { $0.fits(token) }
        guard let first = fitting.first else { throw .unknownKey(token.keyID.map(SafeText.short)) }
        guard fitting.count == 1 else { throw .ambiguousKey }
        let key: VerificationKey
        do throws(KeyError) { key = try first.key.get() } catch {
            throw .unusableKey(first.keyID.map(SafeText.short), error)
        }
        guard key.verifies(token.signature, of: token.signingInput, by: token.algorithm) else {
            throw .wrongSignature
        }
    }

    /// A key for signatures; nil if it is for something else.
    private static func key(_ object: JSONObject) -> Key? {
        func text(_ name: String) -> String? {
            guard case .string(let text)? = object[name] else { return nil }
            return text
        }
        if object["use"] != nil, text("use") != "sig" { return nil }
        if let operations = object["key_ops"] {
            guard case .array(let elements) = operations, elements.contains(.string("verify")) else {
                return nil
            }
        }
        let algorithm = text("alg").flatMap(SignatureAlgorithm.init(rawValue:))
        if object["alg"] != nil, algorithm == nil { return nil }
        let keyID = text("kid")
        if object["kid"] != nil {
            guard let keyID, keyID.utf8.count <= SignedToken.keyIDBytesMax else { return nil }
        }
        func number(_ name: String) -> [UInt8] { text(name).flatMap(Base64URL.bytes) ?? [] }

        let type: SignatureAlgorithm.KeyType
        let key: Result<VerificationKey, KeyError>
        switch text("kty") {
        case "RSA":
            type = .rsa
            key = Result { () throws(KeyError) in
                try VerificationKey.rsa(modulus: number("n"), exponent: number("e"))
            }
        case "EC" where text("crv") == "P-256":
            type = .p256
            key = Result { () throws(KeyError) in
                try VerificationKey.p256(x: number("x"), y: number("y"))
            }
        default: return nil
        }
        guard algorithm == nil || algorithm?.keyType == type else { return nil }
        return Key(keyID: keyID, algorithm: algorithm, type: type, key: key)
    }
}
