import COpenSSL

/// SHA-256, and the comparison of what must not be guessed.
package enum Digest {
    /// Bytes of a SHA-256 digest.
    package static let sha256ByteCount = 32

    /// Fetched once, as each use by name would look through the providers; never freed.
    nonisolated(unsafe) private static let sha256Method = unsafe EVP_MD_fetch(nil, "SHA256", nil)

    /// The SHA-256 digest of `bytes` (FIPS 180-4).
    package static func sha256(_ bytes: Span<UInt8>) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { input in
            unsafe [UInt8](unsafeUninitializedCapacity: sha256ByteCount) { output, count in
                let start = output.baseAddress
                let code = unsafe EVP_Digest(input.baseAddress, input.count, start, nil, sha256Method, nil)
                precondition(code == 1, "SHA-256 is in every provider")
                count = sha256ByteCount
            }
        }
    }

    /// Whether both are equal, in a time that depends on their lengths only.
    package static func constantTimeEquals(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in
                unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}
