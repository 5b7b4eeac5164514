import HTTP
import Reactor
import TLS

/// A connection on an event loop that is kept from request to request, of which one at a time is under way.
///
/// ```
///   connecting ─► handshaking ─► open ─► asking ─► (ended)
///                                  ▲   │
///                                  └───┘ the answer
/// ```
///
/// Its owner registers ``descriptor`` with the loop, hands on readiness, and has an eye on the time. It belongs to the
/// loop's thread. Once an event says that it has ended it must only be destroyed, behind its registration.
package final class KeptConnection {
    /// What came of readiness or of a request.
    package enum Event {
        /// Nothing that matters to the owner.
        case nothing
        /// The connection takes requests from now on.
        case opened
        /// The answer to the request; if it closes the connection, no other may be sent.
        case answer(ReceivedResponse)
        /// The connection is over; without an error the server ended it between two requests, as it may.
        case ended(ExchangeError?)
    }

    private enum Stage { case connecting, handshaking, open, asking }

    private let place: ConnectionPlace
    private var stage = Stage.connecting
    // Only the loop's thread comes here, and nothing that changes one of them calls back into the connection.
    @exclusivity(unchecked) private var stream: ClientStream
    @exclusivity(unchecked) private var parser: ResponseParser
    /// What is left of the request.
    private var unsent: ArraySlice<UInt8> = []
    private var peerFinished = false

    /// Bytes of requests and answers, without those of TLS.
    package private(set) var (bytesSent, bytesReceived) = (0, 0)

    /// Begins to connect.
    ///
    /// - Parameters:
    ///   - place: where to.
    ///   - limits: bounds on answers.
    /// - Throws: ``ExchangeError/unreachable(host:reason:)``.
    package init(to place: ConnectionPlace, limits: Limits) throws(ExchangeError) {
        self.place = place
        parser = ResponseParser(limits: limits)
        do throws(SystemError) {
            stream = ClientStream(try Socket.connecting(to: place.address))
        } catch { throw .unreachable(host: place.url.host, reason: error.description) }
    }

    deinit { stream.session?.finishSending() }

    /// To be watched by the loop.
    package var descriptor: Int32 { stream.socket.descriptor }

    /// Whether it takes a request.
    package var isOpen: Bool { stage == .open }

    /// Goes on with what the loop has reported.
    ///
    /// - Parameters:
    ///   - readiness: of ``descriptor``.
    ///   - buffer: what is received passes through it; any connections of a loop may share one.
    /// - Returns: what came of it.
    package func ready(_ readiness: Readiness, _ buffer: inout [UInt8]) -> Event {
        if readiness.contains(.readable) { stream.session?.socketBecameReadable() }
        if readiness.contains(.peerFinished), !peerFinished {
            peerFinished = true
            stream.session?.peerFinished()
        }
        switch stage {
        case .connecting:
            guard readiness.contains(.writable) || !readiness.isDisjoint(with: .hungUp) else {
                return .nothing
            }
            return connected()
        case .handshaking: return handshake()
        case .open: return receive(into: &buffer)
        case .asking:
            let event = unsent.isEmpty ? .nothing : send()
            if case .ended = event { return event }
            return receive(into: &buffer)
        }
    }

    /// Sends a request.
    ///
    /// - Precondition: ``isOpen``.
    package func ask(_ request: [UInt8]) -> Event {
        precondition(stage == .open, "one request at a time is under way")
        stage = .asking
        unsent = request[...]
        return send()
    }
}

extension KeptConnection {
    private func connected() -> Event {
        if let error = stream.socket.connectionError() {
            return .ended(.unreachable(host: place.url.host, reason: error.description))
        }
        guard let tls = place.tls else {
            stage = .open
            return .opened
        }
        do throws(TLSError) {
            try stream.startTLS(tls, host: place.url.host)
        } catch { return .ended(.handshake(host: place.url.host, reason: error.description)) }
        stage = .handshaking
        return handshake()
    }

    private func handshake() -> Event {
        switch stream.handshake() {
        case .bytes:
            stage = .open
            return .opened
        case .wait: return .nothing
        case .end, .failed: return .ended(stream.handshakeError(place.url.host))
        }
    }

    private func send() -> Event {
        while !unsent.isEmpty {
            switch stream.send(unsent.span) {
            case .bytes(let count):
                bytesSent += count
                unsent = unsent.dropFirst(count)
            case .wait: return .nothing
            case .end, .failed: return .ended(.incomplete(host: place.url.host))
            }
        }
        return .nothing
    }

    private func receive(into buffer: inout [UInt8]) -> Event {
        while true {
            switch stream.receive(into: &buffer) {
            case .bytes(let count):
                bytesReceived += count
                guard stage == .asking else { return .ended(.response(host: place.url.host, .followed)) }
                parser.append(buffer[..<count])
                do throws(ResponseFault) {
                    if let response = try parser.next() { return answer(response) }
                } catch { return .ended(.response(host: place.url.host, error)) }
                // A short read empties a socket; TLS knows itself when its socket is empty.
                if stream.session == nil, count < buffer.count, !peerFinished { return .nothing }
            case .wait: return .nothing
            case .end:
                guard stage == .asking else { return .ended(nil) }
                guard stream.session?.peerSaidEnd ?? true, let response = parser.finish() else {
                    return .ended(.incomplete(host: place.url.host))
                }
                return answer(response)
            case .failed: return .ended(stage == .asking ? .incomplete(host: place.url.host) : nil)
            }
        }
    }

    private func answer(_ response: consuming ReceivedResponse) -> Event {
        stage = .open
        parser.restart()
        if peerFinished { response.closesConnection = true }
        return .answer(response)
    }
}
