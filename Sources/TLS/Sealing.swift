import COpenSSL

/// Authenticated encryption: AES-256 in Galois/Counter Mode (NIST SP 800-38D).
///
/// ```
/// sealed = nonce (12 bytes) ‖ cipher text ‖ tag (16 bytes)
/// ```
package enum Sealing {
    /// Bytes of a key.
    package static let keyByteCount = 32
    /// How much longer than its content a sealed message is.
    package static let overheadByteCount = nonceByteCount + tagByteCount

    private static let nonceByteCount = 12
    private static let tagByteCount = 16

    /// Fetched once, as ``Digest``'s method; never freed.
    nonisolated(unsafe) private static let method = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    /// Seals `content` under a random nonce; only the same `context` opens it again, which is not part of the result.
    ///
    /// - Precondition: `key` has ``keyByteCount`` bytes. One key serves 2^32 messages (SP 800-38D §8.3).
    package static func seal(_ content: [UInt8], key: [UInt8], context: [UInt8]) -> [UInt8] {
        precondition(key.count == keyByteCount, "an AES-256 key has 32 bytes")
        var random = SystemRandomNumberGenerator()
        let nonce = (0..<nonceByteCount).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        var text = [UInt8](repeating: 0, count: content.count)
        var tag = [UInt8](repeating: 0, count: tagByteCount)
        let isDone = unsafe withContext { cipher in
            var count: Int32 = 0
            // Every array lives through the call that gets its address.
            return unsafe EVP_EncryptInit_ex2(cipher, method, key, nonce, nil) == 1
                && EVP_EncryptUpdate(cipher, nil, &count, context, Int32(context.count)) == 1
                && EVP_EncryptUpdate(cipher, &text, &count, content, Int32(content.count)) == 1
                && EVP_EncryptFinal_ex(cipher, nil, &count) == 1
                && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagByteCount), &tag) == 1
        }
        precondition(isDone, "AES-256-GCM is in every provider")
        return nonce + text + tag
    }

    /// The content of a sealed message; nil if it was made with another key or context, or is not as it was made.
    package static func open(_ sealed: [UInt8], key: [UInt8], context: [UInt8]) -> [UInt8]? {
        precondition(key.count == keyByteCount, "an AES-256 key has 32 bytes")
        guard sealed.count >= overheadByteCount else { return nil }
        let nonce = Array(sealed.prefix(nonceByteCount))
        let text = Array(sealed.dropFirst(nonceByteCount).dropLast(tagByteCount))
        var tag = Array(sealed.suffix(tagByteCount))
        var content = [UInt8](repeating: 0, count: text.count)
        let isAuthentic = unsafe withContext { cipher in
            var count: Int32 = 0
            return unsafe EVP_DecryptInit_ex2(cipher, method, key, nonce, nil) == 1
                && EVP_DecryptUpdate(cipher, nil, &count, context, Int32(context.count)) == 1
                && EVP_DecryptUpdate(cipher, &content, &count, text, Int32(text.count)) == 1
                && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tagByteCount), &tag) == 1
                && EVP_DecryptFinal_ex(cipher, nil, &count) == 1
        }
        return isAuthentic ? content : nil
    }

    /// Lends a cipher context for the length of the body.
    private static func withContext(_ body: (OpaquePointer) -> Bool) -> Bool {
        guard let cipher = unsafe EVP_CIPHER_CTX_new() else { return false }
        defer { unsafe EVP_CIPHER_CTX_free(cipher) }
        return unsafe body(cipher)
    }
}
