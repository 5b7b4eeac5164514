import HTTP
import Reactor
import TLS

/// A connection to another server: a socket, and TLS over it, used by one thread that waits.
final class ClientChannel {
    /// Bytes that are received at a time.
    private static let receiveBytes = 16 * 1024

    private let socket: Socket
    private let timing: ExchangeTiming
    private var session: TLSSession?
    private var buffer = [UInt8](repeating: 0, count: receiveBytes)

    init(_ socket: consuming Socket, _ timing: ExchangeTiming) {
        self.socket = socket
        self.timing = timing
    }

    deinit { session?.finishSending() }

    /// Agrees on TLS; the certificate has been checked once this returns.
    func startTLS(_ context: TLSClientContext) throws(ExchangeError) {
        let session: TLSSession
        do throws(TLSError) {
            session = try context.makeSession(descriptor: socket.descriptor, host: timing.host)
        } catch { throw .handshake(host: timing.host, reason: error.description) }
        self.session = session
        while true {
            switch session.handshake() {
            case .ready, .bytes: return
            case .wantsRead: try wait(.toReceive)
            case .wantsWrite: try wait(.toSend)
            case .end, .failed:
                if let reason = session.certificateRefusal {
                    throw .untrusted(host: timing.host, reason: reason)
                }
                throw .handshake(host: timing.host, reason: session.failure ?? "it ended the connection")
            }
        }
    }

    /// Sends all of the bytes.
    func send(_ bytes: [UInt8]) throws(ExchangeError) {
        var sent = 0
        while sent < bytes.count {
            let rest = bytes.span.extracting(droppingFirst: sent)
            switch session.map({ Self.step($0.write(rest)) }) ?? Self.step(socket.send(rest)) {
            case .bytes(let count): sent += count
            case .wait(let readiness): try wait(readiness ?? .toSend)
            case .end, .failed: throw .incomplete(host: timing.host)
            }
        }
    }

    /// What has come, as soon as something has; nil at the end of the connection.
    func receive() throws(ExchangeError) -> ArraySlice<UInt8>? {
        while true {
            var span = buffer.mutableSpan
            switch session.map({ Self.step($0.read(into: &span)) }) ?? Self.step(socket.receive(into: &span))
            {
            case .bytes(let count): return buffer[..<count]
            case .wait(let readiness): try wait(readiness ?? .toReceive)
            case .end: return nil
            case .failed: throw .incomplete(host: timing.host)
            }
        }
    }

    /// Whether the end of the connection is known to be the server's doing.
    ///
    /// Without TLS there is nobody in between: it is for this machine alone.
    var endIsCertain: Bool { session?.peerSaidEnd ?? true }

    private enum Step {
        case bytes(Int)
        /// For what the operation itself needs, unless TLS needs something else.
        case wait(Socket.Readiness?)
        case end, failed
    }

    private static func step(_ step: TLSSession.Step) -> Step {
        switch step {
        case .bytes(let count): .bytes(count)
        case .ready, .wantsRead: .wait(.toReceive)
        case .wantsWrite: .wait(.toSend)
        case .end: .end
        case .failed: .failed
        }
    }

    private static func step(_ transfer: Transfer) -> Step {
        switch transfer {
        case .bytes(let count): .bytes(count)
        case .wouldBlock: .wait(nil)
        case .end: .end
        case .failed: .failed
        }
    }

    private func wait(_ readiness: Socket.Readiness) throws(ExchangeError) {
        guard socket.waits(for: readiness, until: timing.deadline) else { throw timing.timeout }
        if readiness == .toReceive { session?.socketBecameReadable() }
    }
}
