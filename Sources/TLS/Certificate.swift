import COpenSSL

/// What tells a server's certificate from others, and when it ends (RFC 5280 §4.1.2).
package struct Certificate: Sendable, Hashable {
    /// Hexadecimal digits in upper case, an even number of them.
    package let serialNumber: String
    /// The last second in which it is valid, in seconds since 1970.
    package let notAfter: Int64

    package init(serialNumber: String, notAfter: Int64) {
        self.serialNumber = serialNumber
        self.notAfter = notAfter
    }

    /// Reads the leaf certificate of a context; nil if it has none that can be understood.
    init?(of context: OpaquePointer) {
        guard let certificate = unsafe SSL_CTX_get0_certificate(context),
            let digits = unsafe copenssl_serial_number(certificate)
        else { return nil }
        // OpenSSL made the text, which is copied before it is given back.
        defer { unsafe copenssl_free(digits) }
        let notAfter = unsafe copenssl_not_after(certificate)
        guard notAfter >= 0 else { return nil }
        self.init(serialNumber: unsafe String(cString: digits), notAfter: notAfter)
    }
}
