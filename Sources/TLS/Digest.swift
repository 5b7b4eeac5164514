import COpenSSL

/// The digests of SHA-2, and the comparison of what must not be guessed.
package enum Digest {
    /// A digest of FIPS 180-4, by its name in OpenSSL.
    package enum Algorithm: Sendable, Hashable {
        case sha256, sha384, sha512

        package var byteCount: Int {
            switch self {
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }

        var name: String {
            switch self {
            case .sha256: "SHA256"
            case .sha384: "SHA384"
            case .sha512: "SHA512"
            }
        }
    }

    /// Bytes of a SHA-256 digest.
    package static let sha256ByteCount = 32

    /// Fetched once, as each use by name would look through the providers; never freed.
    nonisolated(unsafe) static let sha256Method = unsafe EVP_MD_fetch(nil, "SHA256", nil)

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

    /// The digest of `bytes` by any of the algorithms; slower than ``sha256(_:)``, as the algorithm is looked up.
    package static func digest(_ bytes: [UInt8], by algorithm: Algorithm) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { output, count in
            // Both arrays live through the call, and the digest fills the output exactly.
            let code = unsafe EVP_Q_digest(
                nil,
                algorithm.name,
                nil,
                bytes,
                bytes.count,
                output.baseAddress,
                &count
            )
            precondition(code == 1 && count == algorithm.byteCount, "SHA-2 is in every provider")
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
