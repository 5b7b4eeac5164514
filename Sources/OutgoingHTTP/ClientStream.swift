import Reactor
import TLS

/// A socket with or without TLS on it, as a client uses both: what a step came to, and what has to be waited for.
struct ClientStream: ~Copyable {
    /// What an operation came to.
    enum Step: Equatable {
        /// At least one byte; for a handshake that it is over.
        case bytes(Int)
        /// What has to come about before the operation is tried again.
        case wait(Socket.Readiness)
        /// The server sends no more.
        case end
        case failed
    }

    let socket: Socket
    private(set) var session: TLSSession?

    init(_ socket: consuming Socket) { self.socket = socket }

    /// Begins TLS, whose handshake is carried on by ``handshake()``.
    mutating func startTLS(_ context: TLSClientContext, host: String) throws(TLSError) {
        session = try context.makeSession(descriptor: socket.descriptor, host: host)
    }

    /// Goes on with the handshake; without TLS there is none.
    borrowing func handshake() -> Step {
        guard let session else { return .bytes(0) }
        let step = session.handshake()
        return step == .ready ? .bytes(0) : Self.step(step)
    }

    /// Sends a front part of `bytes`, which are not empty.
    borrowing func send(_ bytes: Span<UInt8>) -> Step {
        if let session { return Self.step(session.write(bytes)) }
        return Self.step(socket.send(bytes), or: .toSend)
    }

    /// Receives into the front of `buffer`.
    borrowing func receive(into buffer: inout [UInt8]) -> Step {
        var span = buffer.mutableSpan
        if let session { return Self.step(session.read(into: &span)) }
        return Self.step(socket.receive(into: &span), or: .toReceive)
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

    private static func step(_ transfer: Transfer, or readiness: Socket.Readiness) -> Step {
        switch transfer {
        case .bytes(let count): .bytes(count)
        case .wouldBlock: .wait(readiness)
        case .end: .end
        case .failed: .failed
        }
    }
}
