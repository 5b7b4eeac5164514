import COpenSSL
import TLS

/// A private key that signs as a provider does, for tests of what checks signatures.
package final class SigningKey: @unchecked Sendable {
    /// A key of 2048 bits, made once: making one takes a while.
    package static let rsa = SigningKey(rsaBits: 2_048)
    /// Another one.
    package static let otherRSA = SigningKey(rsaBits: 2_048)
    package static let p256 = SigningKey(key: copenssl_make_p256_key())

    private let key: OpaquePointer?

    private init(key: OpaquePointer?) { self.key = key }

    private convenience init(rsaBits: Int32) {
        let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        EVP_PKEY_keygen_init(context)
        EVP_PKEY_CTX_set_rsa_keygen_bits(context, rsaBits)
        EVP_PKEY_generate(context, &key)
        self.init(key: key)
    }

    /// A new key on P-256.
    package static func makeP256() -> SigningKey { SigningKey(key: copenssl_make_p256_key()) }

    deinit { EVP_PKEY_free(key) }

    /// The RSA modulus, big-endian.
    package var modulus: [UInt8] { number("n") }
    /// The RSA public exponent, big-endian.
    package var exponent: [UInt8] { number("e") }
    /// The coordinates of a point on P-256, 32 bytes each.
    package var coordinates: (x: [UInt8], y: [UInt8]) {
        var point = [UInt8](repeating: 0, count: 65)
        var count = 0
        EVP_PKEY_get_octet_string_param(key, "pub", &point, point.count, &count)
        return (Array(point[1..<33]), Array(point[33..<65]))
    }

    /// The key that checks what this one signs.
    package func verificationKey() throws(KeyError) -> VerificationKey {
        if self.isP256 { return try .p256(x: coordinates.x, y: coordinates.y) }
        return try .rsa(modulus: modulus, exponent: exponent)
    }

    package var isP256: Bool { EVP_PKEY_get_bits(key) == 256 }

    private func number(_ name: String) -> [UInt8] {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &number) == 1 else { return [] }
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: (Int(BN_num_bits(number)) + 7) / 8)
        BN_bn2bin(number, &bytes)
        return bytes
    }

    /// Signs as JWS does (RFC 7518 §3).
    package func sign(_ message: [UInt8], by algorithm: SignatureAlgorithm) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var keyContext: OpaquePointer?
        let digest =
            switch algorithm.digest {
            case .sha256: "SHA256"
            case .sha384: "SHA384"
            case .sha512: "SHA512"
            }
        EVP_DigestSignInit_ex(context, &keyContext, digest, nil, nil, key, nil)
        switch algorithm {
        case .ps256, .ps384, .ps512: _ = copenssl_use_pss(keyContext)
        case .rs256, .rs384, .rs512, .es256: break
        }
        var signature = [UInt8](repeating: 0, count: 1_100)
        var count = signature.count
        EVP_DigestSign(context, &signature, &count, message, message.count)
        signature.removeSubrange(count...)
        return algorithm == .es256 ? Self.numbers(signature) : signature
    }

    /// The two numbers of an ECDSA signature in DER, 32 bytes each.
    private static func numbers(_ der: [UInt8]) -> [UInt8] {
        var position = 2
        var result: [UInt8] = []
        for _ in 0..<2 {
            let count = Int(der[position + 1])
            let number = der[(position + 2)..<(position + 2 + count)].drop { $0 == 0 }
            result += [UInt8](repeating: 0, count: 32 - number.count) + number
            position += 2 + count
        }
        return result
    }
}
