import COpenSSL

/// Why a certificate could not be made, loaded or used.
package enum TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be read or is no PEM certificate chain; with OpenSSL's reason.
    case certificate(file: String, reason: String)
    /// The file cannot be read or is no unencrypted PEM private key; with OpenSSL's reason.
    case key(file: String, reason: String)
    /// The private key does not belong to the certificate.
    case keyMismatch
    /// OpenSSL refused something that should always work; with its reason.
    case library(String)

    package var description: String {
        switch self {
        case .certificate(let file, let reason): "the certificate \(file) cannot be used: \(reason)"
        case .key(let file, let reason):
            "the key \(file) cannot be used, as it has to be an unencrypted key in PEM form: \(reason)"
        case .keyMismatch: "the key does not belong to the certificate"
        case .library(let reason): "OpenSSL refused it (\(reason))"
        }
    }

    /// The oldest reason in OpenSSL's queue of this thread, which is emptied.
    static func takeReason() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        return code == 0 ? "unknown" : reason(of: code)
    }

    /// The end of OpenSSL's text for an error.
    static func reason(of code: UInt) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            guard let base = text.baseAddress else { return "unknown" }
            unsafe ERR_error_string_n(code, base, text.count)
            // `error:0480006C:PEM routines::no start line`: who reads it needs the end.
            let text = unsafe String(cString: base)
            return text.split(separator: ":").last.map(String.init) ?? text
        }
    }
}
