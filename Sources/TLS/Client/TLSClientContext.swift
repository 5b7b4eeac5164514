import COpenSSL

/// Whom connections of ours to other servers trust, and the rules under which they are made.
///
/// TLS 1.3 and 1.2 as in ``TLSContext``. A certificate has to be for the host by its alternative names (RFC 9525) and to
/// lead to a trusted authority; whether it was revoked is not asked. Trust is read once.
package final class TLSClientContext: Sendable {
    /// Which authorities are trusted.
    package enum Trust: Sendable, Hashable {
        /// Those of the system, which `ca-certificates` installs.
        case system
        /// The certificates in a PEM file and no others: authorities, or a server's own certificate.
        case file(String)
    }

    /// Most certificates between the server's and the trusted one.
    private static let chainDepthMax: Int32 = 8

    private let handle: TLSContext.Handle

    /// Reads the certificates that are trusted.
    ///
    /// - Throws: ``TLSError/certificate(file:reason:)`` if a file has none.
    package init(trust: Trust) throws(TLSError) {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw .library(TLSError.takeReason())
        }
        handle = unsafe TLSContext.Handle(context)
        try TLSContext.restrict(handle)
        let parameters = unsafe SSL_CTX_get0_param(context)
        switch trust {
        case .system:
            guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
                throw .library(TLSError.takeReason())
            }
        case .file(let file):
            guard unsafe SSL_CTX_load_verify_file(context, file) == 1 else {
                throw .certificate(file: file, reason: TLSError.takeReason())
            }
            // Who names a file trusts what is in it, whether or not that is signed by itself.
            unsafe X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        }
        unsafe X509_VERIFY_PARAM_set_hostflags(
            parameters,
            UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
        )
        unsafe X509_VERIFY_PARAM_set_depth(parameters, Self.chainDepthMax)
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        // ALPN offers `http/1.1` alone (RFC 7301); zero means that it was taken.
        let protocols = [8] + Array("http/1.1".utf8)
        guard unsafe SSL_CTX_set_alpn_protos(context, protocols, UInt32(protocols.count)) == 0 else {
            throw .library(TLSError.takeReason())
        }
    }

    /// Begins a connection on a socket.
    ///
    /// - Parameters:
    ///   - descriptor: of a non-blocking socket, which the caller keeps open for as long as the session.
    ///   - host: the DNS name, which is told to the server too (SNI, RFC 6066 §3), or numeric address that its certificate must
    ///     be for.
    /// - Returns: our side of the connection.
    /// - Throws: ``TLSError/library(_:)``, for instance when the host is no name.
    package func makeSession(descriptor: Int32, host: String) throws(TLSError) -> TLSSession {
        try TLSSession(context: handle, descriptor: descriptor, role: .client(host: host))
    }
}
