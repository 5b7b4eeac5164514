import COpenSSL
import Glibc
import Locking

/// A certificate with its key, and the rules under which connections are made with it.
///
/// TLS 1.3 and 1.2 with forward secrecy and authenticated encryption only, as Mozilla's intermediate profile asks;
/// no renegotiation, compression, early data or resumption. Sessions keep the certificate they began with.
package final class TLSContext: Sendable {
    /// Key exchange groups, preferred first.
    private static let groups = "X25519:P-256:P-384"
    /// Cipher suites of TLS 1.2; those of 1.3 are all good.
    private static let cipherSuites12 = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")

    private let current: Locked<Loaded>

    /// What was loaded, and from where.
    private struct Loaded {
        let certificateFile: String
        let keyFile: String
        let handle: Handle
    }

    /// Loads a PEM certificate chain, leaf first, and its unencrypted PEM key.
    package init(certificateFile: String, keyFile: String) throws(TLSError) {
        let handle = try Self.load(certificateFile: certificateFile, keyFile: keyFile)
        current = Locked(Loaded(certificateFile: certificateFile, keyFile: keyFile, handle: handle))
    }

    /// Loads both files again for sessions that begin from now on; when that fails, nothing changes.
    package func reload() throws(TLSError) {
        let (certificateFile, keyFile) = current.withLock { ($0.certificateFile, $0.keyFile) }
        try reload(certificateFile: certificateFile, keyFile: keyFile)
    }

    /// Loads other files in the same way.
    package func reload(certificateFile: String, keyFile: String) throws(TLSError) {
        let handle = try Self.load(certificateFile: certificateFile, keyFile: keyFile)
        current.withLock {
            $0 = Loaded(certificateFile: certificateFile, keyFile: keyFile, handle: handle)
        }
    }

    /// The server's side of a connection on this socket, which the caller keeps open for as long as the session.
    package func makeSession(descriptor: Int32) throws(TLSError) -> TLSSession {
        // The handle lives until the session, which counts a reference of its own, has been made.
        let handle = current.withLock { $0.handle }
        return try TLSSession(context: handle, descriptor: descriptor)
    }

    /// The certificate that sessions begin with from now on; nil if it says nothing that can be understood.
    package var certificate: Certificate? { current.withLock { unsafe Certificate(of: $0.handle.pointer) } }

    /// The version of OpenSSL that the process has loaded, `3.0.15`.
    package static var libraryVersion: String {
        // A constant of the library.
        unsafe OpenSSL_version(OPENSSL_VERSION_STRING).map { unsafe String(cString: $0) } ?? ""
    }

    /// Owns one reference to OpenSSL's context, which is immutable after it was set up, so any thread may use it.
    @safe
    final class Handle: @unchecked Sendable {
        let pointer: OpaquePointer

        init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

        deinit { unsafe SSL_CTX_free(pointer) }
    }

    private static func load(certificateFile: String, keyFile: String) throws(TLSError) -> Handle {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw .library(TLSError.takeReason())
        }
        let handle = unsafe Handle(context)
        try configure(handle)
        // OpenSSL would wait for whoever writes a pipe.
        let reason = "it is not there, or it is no regular file"
        guard isRegularFile(certificateFile) else {
            throw .certificate(file: certificateFile, reason: reason)
        }
        guard isRegularFile(keyFile) else { throw .key(file: keyFile, reason: reason) }
        guard unsafe SSL_CTX_use_certificate_chain_file(context, certificateFile) == 1 else {
            throw .certificate(file: certificateFile, reason: TLSError.takeReason())
        }
        guard unsafe SSL_CTX_use_PrivateKey_file(context, keyFile, SSL_FILETYPE_PEM) == 1 else {
            let code = ERR_peek_error()
            let reason = TLSError.takeReason()
            if copenssl_is_key_mismatch(code) { throw .keyMismatch }
            throw .key(file: keyFile, reason: reason)
        }
        guard unsafe SSL_CTX_check_private_key(context) == 1 else {
            ERR_clear_error()
            throw .keyMismatch
        }
        return handle
    }

    /// Whether a path leads to a file that has an end.
    private static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private static func configure(_ handle: Handle) throws(TLSError) {
        try restrict(handle)
        let context = unsafe handle.pointer
        let isConfigured =
            unsafe SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_max_early_data(context, 0) == 1
        guard isConfigured else { throw .library(TLSError.takeReason()) }
        unsafe copenssl_ask_for_no_passphrase(context)
        unsafe SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
    }

    /// Sets the rules that hold for both sides of a connection.
    static func restrict(_ handle: Handle) throws(TLSError) {
        let context = unsafe handle.pointer
        let isConfigured =
            unsafe copenssl_set_versions(context, TLS1_2_VERSION, TLS1_3_VERSION)
            && SSL_CTX_set_cipher_list(context, cipherSuites12) == 1
            && copenssl_set_groups(context, groups)
        guard isConfigured else { throw .library(TLSError.takeReason()) }
        unsafe copenssl_set_options(context)
        unsafe copenssl_disable_session_cache(context)
        unsafe copenssl_enable_read_ahead(context)
    }
}

/// Chooses `http/1.1` (RFC 7301), and ends the handshake when the client offers only others.
private func selectProtocol(
    _ session: OpaquePointer?,
    _ selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ selectedLength: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?,
    _ offeredLength: UInt32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe copenssl_select_http11(selected, selectedLength, offered, offeredLength)
}
