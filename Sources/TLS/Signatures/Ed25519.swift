import COpenSSL

/// Signatures by Ed25519 (RFC 8032).
package enum Ed25519 {
    /// Bytes of a private key, which is the seed, and of a public one.
    package static let keyByteCount = 32
    package static let signatureByteCount = 64

    /// Whether `signature` is that of `message` by the private key behind `publicKey`.
    package static func verifies(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureByteCount, publicKey.count == keyByteCount else { return false }
        ERR_clear_error()
        defer { ERR_clear_error() }
        // The arrays live through the calls, which copy the key.
        guard let key = unsafe EVP_PKEY_new_raw_public_key(type, nil, publicKey, publicKey.count) else {
            return false
        }
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    fileprivate static let type = EVP_PKEY_ED25519
}

/// A private Ed25519 key; nothing shows it but ``pem``.
///
/// Any thread may use it: OpenSSL counts references to a key and changes nothing in it.
@safe
package final class Ed25519PrivateKey: @unchecked Sendable, CustomStringConvertible {
    private let key: OpaquePointer
    /// The public key: 32 bytes.
    package let publicKey: [UInt8]

    private init?(owning key: OpaquePointer) {
        var bytes = [UInt8](repeating: 0, count: Ed25519.keyByteCount)
        var count = bytes.count
        // The array has room for the key.
        guard unsafe EVP_PKEY_is_a(key, "ED25519") == 1,
            unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == bytes.count
        else {
            unsafe EVP_PKEY_free(key)
            return nil
        }
        unsafe self.key = key
        publicKey = bytes
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Makes a key at random.
    package static func make() -> Ed25519PrivateKey {
        var random = SystemRandomNumberGenerator()
        let seed = (0..<Ed25519.keyByteCount).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        guard let key = Ed25519PrivateKey(seed: seed) else { preconditionFailure("every 32 bytes are a key") }
        return key
    }

    /// Takes a seed; nil unless it has 32 bytes.
    package convenience init?(seed: [UInt8]) {
        guard seed.count == Ed25519.keyByteCount,
            // The array lives through the call, which copies it.
            let key = unsafe EVP_PKEY_new_raw_private_key(Ed25519.type, nil, seed, seed.count)
        else { return nil }
        unsafe self.init(owning: key)
    }

    /// Reads a file's content: an unencrypted PEM key, as `openssl genpkey -algorithm ed25519` writes it, or a seed's 32 bytes.
    ///
    /// - Returns: nil for anything else.
    package convenience init?(file content: [UInt8]) {
        guard content.count != Ed25519.keyByteCount else {
            self.init(seed: content)
            return
        }
        ERR_clear_error()
        defer { ERR_clear_error() }
        // The bytes live as long as the BIO does.
        let key = unsafe content.withUnsafeBytes { bytes -> OpaquePointer? in
            guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else {
                return nil
            }
            defer { unsafe BIO_free(bio) }
            return unsafe copenssl_read_key(bio)
        }
        guard let key = unsafe key else { return nil }
        unsafe self.init(owning: key)
    }

    /// The signature of `message`: 64 bytes.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("there is no memory") }
        defer { unsafe EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: Ed25519.signatureByteCount)
        var count = signature.count
        // Both arrays live through the call, and the signature fills its array exactly.
        let isSigned =
            unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1
            && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        precondition(isSigned && count == Ed25519.signatureByteCount, "an Ed25519 key signs everything")
        return signature
    }

    /// The private key as an unencrypted PEM file (RFC 8410), which only its owner may be able to read.
    package var pem: String {
        let text = unsafe PEMText.make { bio in
            unsafe PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1
        }
        guard let text else { preconditionFailure("every key can be written") }
        return text
    }

    /// Nothing of the key, as texts get into logs.
    package var description: String { "an Ed25519 key" }
}
