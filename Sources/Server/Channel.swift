import Reactor
import TLS

/// A socket with or without TLS on it, and what is known about its readiness.
///
/// Edge-triggered: readiness is remembered until a transfer shows that it is used up.
struct Channel: ~Copyable {
    let socket: Socket
    let tls: TLSSession?
    private(set) var mayReceive = false
    private(set) var mayHandshakeOrSend = true
    private var peerFinished = false

    init(socket: consuming Socket, tls: TLSSession?) {
        self.socket = socket
        self.tls = tls
    }

    /// Takes in what the loop reported.
    mutating func note(_ readiness: Readiness) {
        if readiness.contains(.writable) { mayHandshakeOrSend = true }
        if readiness.contains(.peerFinished), !peerFinished {
            peerFinished = true
            mayReceive = true
            tls?.peerFinished()
        }
        if readiness.contains(.readable) {
            mayReceive = true
            tls?.socketBecameReadable()
        }
    }

    /// Shows what stands in front of everything else, at most `most` bytes, and leaves it in the socket.
    mutating func peek(into bytes: inout [UInt8], atMost most: Int) -> Transfer {
        var buffer = bytes.mutableSpan
        let transfer = socket.peek(into: &buffer, atMost: most)
        // An end that is known is not reported again, and nothing follows it.
        return transfer == .wouldBlock && peerFinished ? .end : transfer
    }

    /// Takes what was shown out of the socket; false if it is not there any more.
    func take(_ count: Int, into bytes: inout [UInt8]) -> Bool {
        var buffer = bytes.mutableSpan
        return socket.receive(into: &buffer, atMost: count) == .bytes(count)
    }

    /// Whether the peer has said that it sends no more.
    var hasPeerFinished: Bool { peerFinished }

    /// Goes on with the handshake; `.bytes` stands for its end.
    mutating func handshake() -> Transfer {
        guard let tls else { return .bytes(0) }
        switch tls.handshake() {
        case .ready:
            // Application data may have come with the last flight, and is in OpenSSL's buffer already.
            mayReceive = true
            // In TLS 1.3 the client speaks last. If it has Nagle's algorithm on, its first request waits until this is
            // acknowledged, and without session tickets we send nothing that would do so by the way.
            socket.acknowledge()
            return .bytes(0)
        case .wantsRead, .wantsWrite: return .wouldBlock
        case .bytes, .end, .failed: return .failed
        }
    }

    /// Receives plain text into the front of `bytes`.
    mutating func receive(into bytes: inout [UInt8]) -> Transfer {
        var buffer = bytes.mutableSpan
        let transfer: Transfer =
            if let tls {
                Self.transfer(tls.read(into: &buffer))
            } else {
                socket.receive(into: &buffer)
            }
        switch transfer {
        case .bytes(let count):
            // A short read empties a socket, and new bytes are reported; but an end that is there already is not. TLS
            // knows itself when its socket is empty, and may hold further records then.
            let mayHoldMore = tls.map(\.mayHoldMore) ?? (count == buffer.count)
            if !mayHoldMore, !peerFinished { mayReceive = false }
        case .wouldBlock: mayReceive = false
        case .end, .failed: break
        }
        return transfer
    }

    /// Sends a front part of `bytes`, which are not empty.
    mutating func send(_ bytes: Span<UInt8>) -> Transfer {
        let transfer: Transfer =
            if let tls {
                Self.transfer(tls.write(bytes))
            } else {
                socket.send(bytes)
            }
        if transfer == .wouldBlock { mayHandshakeOrSend = false }
        return transfer
    }

    /// Receives bytes that nobody will look at, without decrypting them.
    mutating func discard(into bytes: inout [UInt8]) -> Transfer {
        var buffer = bytes.mutableSpan
        let transfer = socket.receive(into: &buffer)
        if transfer == .wouldBlock { mayReceive = false }
        return transfer
    }

    /// Announces the end of what is sent, in TLS and in TCP.
    func finishSending() {
        tls?.finishSending()
        socket.finishSending()
    }

    private static func transfer(_ step: TLSSession.Step) -> Transfer {
        switch step {
        case .bytes(let count): .bytes(count)
        case .wantsRead, .wantsWrite: .wouldBlock
        case .end: .end
        case .ready, .failed: .failed
        }
    }
}
