import COpenSSL
import Glibc

/// A TLS client on a non-blocking socket, for tests of servers.
package final class TLSClient {
    package enum Step: Sendable, Hashable {
        case ready
        case bytes([UInt8])
        case blocked
        case end
        case failed
    }

    private let context: OpaquePointer
    private let session: OpaquePointer
    private let descriptor: Int32

    /// Takes over the descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: of a non-blocking socket; closed with the client.
    ///   - authorityFile: PEM certificates that the server's is checked against; nil checks nothing.
    ///   - host: the name or address that the certificate must be for.
    ///   - protocols: what ALPN offers.
    ///   - lowest: lowest version, such as `TLS1_VERSION`.
    ///   - highest: highest version.
    package init?(
        owning descriptor: Int32,
        authorityFile: String? = nil,
        host: String? = nil,
        protocols: [String] = [],
        lowest: Int32 = TLS1_VERSION,
        highest: Int32 = TLS1_3_VERSION
    ) {
        guard let context = SSL_CTX_new(TLS_client_method()), let session = SSL_new(context) else {
            return nil
        }
        self.context = context
        self.session = session
        self.descriptor = descriptor
        // Level 0 lets the client offer versions that OpenSSL itself would not, so that the server has to refuse.
        SSL_set_security_level(session, 0)
        _ = SSL_ctrl(session, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(lowest), nil)
        _ = SSL_ctrl(session, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(highest), nil)
        if let authorityFile {
            SSL_CTX_load_verify_file(context, authorityFile)
            if let store = SSL_CTX_get_cert_store(context) {
                _ = SSL_ctrl(session, SSL_CTRL_SET_VERIFY_CERT_STORE, 1, UnsafeMutableRawPointer(store))
            }
            SSL_set_verify(session, SSL_VERIFY_PEER, nil)
        }
        if let host {
            let parameters = SSL_get0_param(session)
            if X509_VERIFY_PARAM_set1_ip_asc(parameters, host) != 1 { SSL_set1_host(session, host) }
        }
        let offered = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !offered.isEmpty { SSL_set_alpn_protos(session, offered, UInt32(offered.count)) }
        SSL_set_fd(session, descriptor)
        SSL_set_connect_state(session)
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
        close(descriptor)
    }

    package func handshake() -> Step {
        ERR_clear_error()
        let result = SSL_do_handshake(session)
        return result == 1 ? .ready : step(after: result)
    }

    package func receive() -> Step {
        ERR_clear_error()
        var bytes = [UInt8](repeating: 0, count: 16384)
        let result = SSL_read(session, &bytes, Int32(bytes.count))
        return result > 0 ? .bytes(Array(bytes[..<Int(result)])) : step(after: result)
    }

    /// Sends all of a short text, or nothing.
    package func send(_ text: String) -> Step {
        ERR_clear_error()
        let bytes = Array(text.utf8)
        let result = SSL_write(session, bytes, Int32(bytes.count))
        return result > 0 ? .ready : step(after: result)
    }

    package var version: String { String(cString: SSL_get_version(session)) }

    package var cipherSuite: String { String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(session))) }

    /// What the server chose by ALPN.
    package var applicationProtocol: String {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(session, &name, &count)
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// Whether the server gave a session that could be resumed.
    package var isResumable: Bool { SSL_SESSION_is_resumable(SSL_get_session(session)) == 1 }

    /// The server's certificate in DER.
    package var certificate: [UInt8] {
        guard let certificate = SSL_get1_peer_certificate(session) else { return [] }
        defer { X509_free(certificate) }
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(certificate, &start)
        defer { CRYPTO_free(start, #file, #line) }
        return Array(UnsafeBufferPointer(start: start, count: Int(max(count, 0))))
    }

    private func step(after result: Int32) -> Step {
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: .blocked
        case SSL_ERROR_ZERO_RETURN: .end
        default: .failed
        }
    }
}
