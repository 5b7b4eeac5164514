import COpenSSL

/// Texts in PEM form that OpenSSL writes.
enum PEMText {
    /// What `write` puts into a BIO in memory; nil if it says that it failed.
    static func make(_ write: (OpaquePointer) -> Bool) -> String? {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return nil }
        defer { unsafe BIO_free(bio) }
        guard unsafe write(bio) else { return nil }
        var bytes: UnsafeMutablePointer<CChar>?
        let count = unsafe copenssl_memory(bio, &bytes)
        guard let start = unsafe bytes, count > 0 else { return nil }
        // The bytes belong to `bio`, which is freed after they were copied.
        return unsafe start.withMemoryRebound(to: UInt8.self, capacity: count) {
            unsafe String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
    }
}
