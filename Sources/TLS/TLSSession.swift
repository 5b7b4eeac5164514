import COpenSSL

/// One side of a TLS connection on a non-blocking socket.
///
/// Belongs to one thread at a time. After ``Step/failed`` it must only be destroyed.
@safe
package final class TLSSession {
    /// What an operation came to.
    package enum Step: Sendable, Hashable {
        /// The handshake is complete.
        case ready
        /// At least one byte of application data.
        case bytes(Int)
        case wantsRead
        case wantsWrite
        /// The peer sends no more, whether or not it said so.
        case end
        case failed
    }

    /// Which side of the connection this is.
    enum Role {
        case server
        /// The certificate has to be for this DNS name or numeric address.
        case client(host: String)
    }

    private let session: OpaquePointer
    private let stream: UnsafeMutablePointer<copenssl_stream>
    /// What OpenSSL gave as the reason of the last failure; 0 for none.
    private var failureCode: UInt = 0

    /// One description of socket BIOs for all sessions; nil when memory was out at the first one.
    private static let method = unsafe SendablePointer(copenssl_stream_method())

    init(context: TLSContext.Handle, descriptor: Int32, role: Role = .server) throws(TLSError) {
        guard let session = unsafe SSL_new(context.pointer) else { throw .library(TLSError.takeReason()) }
        // Freed in deinit, after the session whose BIO points to it.
        let stream = UnsafeMutablePointer<copenssl_stream>.allocate(capacity: 1)
        unsafe stream.initialize(
            to: copenssl_stream(
                descriptor: descriptor,
                is_drained: false,
                peer_finished: false,
                has_ended: false,
                has_failed: false
            )
        )
        unsafe self.session = session
        unsafe self.stream = stream
        guard unsafe copenssl_attach(session, Self.method.pointer, stream) else {
            throw .library(TLSError.takeReason())
        }
        switch role {
        case .server: unsafe SSL_set_accept_state(session)
        case .client(let host):
            unsafe SSL_set_connect_state(session)
            guard expect(host) else { throw .library(TLSError.takeReason()) }
        }
    }

    deinit {
        unsafe SSL_free(session)
        unsafe stream.deallocate()
    }

    /// The socket may have bytes again: the loop reported it readable.
    ///
    /// Between a short read and this call reading makes no system call.
    package func socketBecameReadable() { unsafe stream.pointee.is_drained = false }

    /// Whether reading may give something before the socket becomes readable again.
    ///
    /// Tells that there is nothing only where the socket has given less than was asked for, and nothing of that is left.
    package var mayHoldMore: Bool {
        unsafe !stream.pointee.is_drained || SSL_pending(session) > 0 || SSL_has_pending(session) == 1
    }

    /// The loop reported that the peer will send no more: reading goes on until the end is seen.
    package func peerFinished() {
        unsafe stream.pointee.is_drained = false
        unsafe stream.pointee.peer_finished = true
    }

    /// Goes on with the handshake.
    package func handshake() -> Step {
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(session)
        return result == 1 ? .ready : step(after: result)
    }

    /// Decrypts into the front of `buffer`, one record at most.
    package func read(into buffer: inout MutableSpan<UInt8>) -> Step {
        ERR_clear_error()
        var count = 0
        let result = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe SSL_read_ex(session, bytes.baseAddress, bytes.count, &count)
        }
        return result == 1 ? .bytes(count) : step(after: result)
    }

    /// Encrypts and sends a front part of `bytes`, which are not empty, one record at most.
    ///
    /// After `wantsWrite` the next call must offer the same bytes again, and may offer more behind them.
    package func write(_ bytes: Span<UInt8>) -> Step {
        ERR_clear_error()
        var count = 0
        let result = unsafe bytes.withUnsafeBytes { bytes in
            unsafe SSL_write_ex(session, bytes.baseAddress, bytes.count, &count)
        }
        return result == 1 ? .bytes(count) : step(after: result)
    }

    /// Tells the peer that nothing more will be sent (close_notify), if the socket takes it at once.
    package func finishSending() {
        ERR_clear_error()
        guard unsafe !stream.pointee.has_failed, unsafe SSL_is_init_finished(session) == 1 else { return }
        unsafe SSL_shutdown(session)
        ERR_clear_error()
    }

    /// `TLSv1.3` or `TLSv1.2`.
    package var version: String { unsafe String(cString: SSL_get_version(session)) }

    /// Has the certificate checked against a DNS name or numeric address, and tells the server the name.
    private func expect(_ host: String) -> Bool {
        let parameters = unsafe SSL_get0_param(session)
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 { return true }
        ERR_clear_error()
        return unsafe SSL_set1_host(session, host) == 1 && copenssl_set_server_name(session, host)
    }

    /// Why the peer's certificate was refused, in OpenSSL's words; nil if it was not.
    package var certificateRefusal: String? {
        let code = unsafe SSL_get_verify_result(session)
        guard code != Int(X509_V_OK) else { return nil }
        return unsafe String(cString: X509_verify_cert_error_string(code))
    }

    /// Whether the peer has said that it sends no more (close_notify): then nothing was cut off.
    package var peerSaidEnd: Bool { unsafe SSL_get_shutdown(session) & SSL_RECEIVED_SHUTDOWN != 0 }

    /// Why the last operation failed, in OpenSSL's words; nil if it gave no reason.
    package var failure: String? { failureCode == 0 ? nil : TLSError.reason(of: failureCode) }

    private func step(after result: Int32) -> Step {
        switch unsafe SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .end
        default:
            failureCode = ERR_get_error()
            ERR_clear_error()
            // A peer that closes without close_notify; HTTP's framing shows whether anything is missing.
            return unsafe stream.pointee.has_ended && !stream.pointee.has_failed ? .end : .failed
        }
    }
}

/// A pointer to something that is never changed or freed.
@safe
private struct SendablePointer: @unchecked Sendable {
    let pointer: OpaquePointer?

    init(_ pointer: OpaquePointer?) { unsafe self.pointer = pointer }
}
