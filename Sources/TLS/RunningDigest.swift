import COpenSSL

/// The SHA-256 digest (FIPS 180-4) of bytes that come in parts.
@safe
package struct RunningDigest: ~Copyable {
    /// Alive from `init` to `deinit`.
    private let context: OpaquePointer

    package init() {
        guard let context = unsafe EVP_MD_CTX_new() else {
            preconditionFailure("there is no memory for a digest")
        }
        unsafe self.context = context
        let code = unsafe EVP_DigestInit_ex2(context, Digest.sha256Method, nil)
        precondition(code == 1, "SHA-256 is in every provider")
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func add(_ bytes: Span<UInt8>) {
        // The span lives for the length of the call.
        let code = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(code == 1, "a digest takes any bytes")
    }

    /// The digest of all bytes so far: 32 bytes.
    package consuming func finish() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Digest.sha256ByteCount) { output, count in
            // The digest fills the output exactly.
            let code = unsafe EVP_DigestFinal_ex(context, output.baseAddress, nil)
            precondition(code == 1, "a digest that was begun has an end")
            count = Digest.sha256ByteCount
        }
    }
}
