import COpenSSL

/// A public key that says whether bytes were signed with its private key (RFC 7518 §3.3 to §3.5).
///
/// Any thread may use it: OpenSSL counts references to a key and changes nothing in it.
@safe
package final class VerificationKey: @unchecked Sendable {
    package static let rsaBitsMin = 2_048
    /// Beyond it a signature takes milliseconds to check.
    package static let rsaBitsMax = 8_192
    /// Longest public exponent; nearly every key has 65537.
    private static let exponentBytesMax = 8
    /// Bytes of a coordinate of P-256, and of each half of a signature.
    private static let coordinateByteCount = 32
    /// Longest ECDSA signature of two such numbers in DER.
    private static let ecdsaDERBytesMax = 72

    package let type: SignatureAlgorithm.KeyType
    private let key: OpaquePointer

    private init(_ type: SignatureAlgorithm.KeyType, _ key: OpaquePointer) {
        self.type = type
        unsafe self.key = key
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Makes an RSA key of its numbers (RFC 7518 §6.3.1).
    ///
    /// - Parameters:
    ///   - modulus: big-endian, ``rsaBitsMin`` to ``rsaBitsMax`` bits; zeros in front are left out.
    ///   - exponent: big-endian, odd, from 3 on.
    /// - Returns: the key.
    /// - Throws: ``KeyError/size(bits:)``, ``KeyError/weak``, ``KeyError/library(_:)``.
    package static func rsa(modulus: [UInt8], exponent: [UInt8]) throws(KeyError) -> VerificationKey {
        let modulus = Array(modulus.drop { $0 == 0 })
        let exponent = Array(exponent.drop { $0 == 0 })
        guard let first = modulus.first, let last = modulus.last else { throw .size(bits: 0) }
        let bits = modulus.count * 8 - first.leadingZeroBitCount
        guard (rsaBitsMin...rsaBitsMax).contains(bits) else { throw .size(bits: bits) }
        guard last & 1 == 1, let lowest = exponent.last, lowest & 1 == 1, exponent != [1],
            exponent.count <= exponentBytesMax
        else { throw .weak }
        ERR_clear_error()
        // The arrays live through the call, which copies them.
        guard let key = unsafe copenssl_rsa_key(modulus, modulus.count, exponent, exponent.count) else {
            throw .openSSL(TLSError.takeReason())
        }
        return unsafe VerificationKey(.rsa, key)
    }

    /// Makes a key of a point on P-256 (RFC 7518 §6.2.1).
    ///
    /// - Parameters:
    ///   - x: exactly 32 bytes, big-endian.
    ///   - y: as `x`.
    /// - Returns: the key.
    /// - Throws: ``KeyError/notOnCurve``.
    package static func p256(x: [UInt8], y: [UInt8]) throws(KeyError) -> VerificationKey {
        guard x.count == coordinateByteCount, y.count == coordinateByteCount else { throw .notOnCurve }
        ERR_clear_error()
        // SEC 1 §2.3.3: 4 stands for an uncompressed point. The array lives through the call, which copies it.
        let point = [4] + x + y
        guard let key = unsafe copenssl_p256_key(point, point.count) else {
            ERR_clear_error()
            throw .notOnCurve
        }
        return unsafe VerificationKey(.p256, key)
    }

    /// Whether `signature` is this key's for `message`; never for an algorithm that takes keys of another type.
    package func verifies(
        _ signature: [UInt8],
        of message: [UInt8],
        by algorithm: SignatureAlgorithm
    ) -> Bool {
        guard algorithm.keyType == type else { return false }
        ERR_clear_error()
        defer { ERR_clear_error() }
        var signature = signature
        if type == .p256 {
            guard let der = Self.der(signature) else { return false }
            signature = der
        }
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        // Belongs to the digest context, with which it is freed.
        var keyContext: OpaquePointer?
        guard
            unsafe EVP_DigestVerifyInit_ex(
                context,
                &keyContext,
                algorithm.digest.name,
                nil,
                nil,
                key,
                nil
            ) == 1, unsafe !algorithm.isPSS || copenssl_use_pss(keyContext)
        else { return false }
        // Both arrays live through the call.
        return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// The two numbers of an ECDSA signature in the form that OpenSSL reads; nil if they are not two times 32 bytes.
    private static func der(_ numbers: [UInt8]) -> [UInt8]? {
        guard numbers.count == 2 * coordinateByteCount else { return nil }
        let der = unsafe [UInt8](unsafeUninitializedCapacity: ecdsaDERBytesMax) { output, count in
            // The array has room for the longest one.
            count = unsafe copenssl_ecdsa_der(numbers, output.baseAddress)
        }
        return der.isEmpty ? nil : der
    }
}
