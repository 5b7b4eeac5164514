import HTTP
import Reactor
import TLS

/// A connection to another server, used by one thread that waits.
final class ClientChannel {
    /// Bytes that are received at a time.
    private static let receiveBytes = 16 * 1024

    private var stream: ClientStream
    private let timing: ExchangeTiming
    private var buffer = [UInt8](repeating: 0, count: receiveBytes)

    init(_ connected: consuming HTTPSClient.Connected, _ timing: ExchangeTiming) {
        stream = ClientStream(connected.takeSocket())
        self.timing = timing
    }

    deinit { stream.session?.finishSending() }

    /// Agrees on TLS; the certificate has been checked once this returns.
    func startTLS(_ context: TLSClientContext) throws(ExchangeError) {
        do throws(TLSError) {
            try stream.startTLS(context, host: timing.host)
        } catch { throw .handshake(host: timing.host, reason: error.description) }
        while true {
            switch stream.handshake() {
            case .bytes: return
            case .wait(let readiness): try wait(readiness)
            case .end, .failed: throw stream.handshakeError(timing.host)
            }
        }
    }

    /// Sends all of the bytes.
    func send(_ bytes: [UInt8]) throws(ExchangeError) {
        var sent = 0
        while sent < bytes.count {
            switch stream.send(bytes.span.extracting(droppingFirst: sent)) {
            case .bytes(let count): sent += count
            case .wait(let readiness): try wait(readiness)
            case .end, .failed: throw .incomplete(host: timing.host)
            }
        }
    }

    /// What has come, as soon as something has; nil at the end of the connection.
    func receive() throws(ExchangeError) -> ArraySlice<UInt8>? {
        while true {
            switch stream.receive(into: &buffer) {
            case .bytes(let count): return buffer[..<count]
            case .wait(let readiness): try wait(readiness)
            case .end: return nil
            case .failed: throw .incomplete(host: timing.host)
            }
        }
    }

    /// Whether the end of the connection is known to be the server's doing.
    ///
    /// Without TLS there is nobody in between: it is for this machine alone.
    var endIsCertain: Bool { stream.session?.peerSaidEnd ?? true }

    private func wait(_ readiness: Socket.Readiness) throws(ExchangeError) {
        guard stream.socket.waits(for: readiness, until: timing.deadline) else { throw timing.timeout }
        if readiness == .toReceive { stream.session?.socketBecameReadable() }
    }
}

extension ClientStream {
    /// Why the handshake failed.
    func handshakeError(_ host: String) -> ExchangeError {
        if let reason = session?.certificateRefusal { return .untrusted(host: host, reason: reason) }
        return .handshake(host: host, reason: session?.failure ?? "it ended the connection")
    }
}
