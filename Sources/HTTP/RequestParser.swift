/// Turns the bytes of one connection into requests (RFC 9112), without doing any I/O.
///
/// ```
///   append(bytes)                      next()
///        │            head complete, content follows          content complete
///        ▼           ┌───────────────────────────┐           ┌──────────────────► .request
///     buffer ──► [head] ──► [content: length | chunked] ─────┘      (back to [head], or [closed])
///                    └── anything doubtful ──► throws, and [failed] for ever
/// ```
///
/// Each byte is looked at a fixed number of times however the bytes are split, and the outcome does not depend on
/// the split. Bytes after a request stay in the buffer until the next call (pipelining, RFC 9112 §9.3.2), so the
/// caller bounds them by not reading while a request is being answered.
package struct RequestParser: Sendable {
    /// What the connection should do now.
    package enum Step: Sendable {
        /// Read more bytes; nothing can be done before.
        case needMore
        /// Send ``ResponseEncoder/continueResponse`` and call ``next()`` again.
        case continueExpected
        case request(Request)
    }

    /// What the parser is waiting for, so that the connection knows which deadline runs.
    package enum Phase: Sendable, Hashable {
        /// Between messages: no byte of the next one has come.
        case idle
        case head
        case body
        /// The last request of the connection was returned or a message was refused; further bytes are dropped.
        case closed
    }

    private let limits: Limits
    private let peer: Peer
    private var buffer: [UInt8] = []

    package init(limits: Limits = Limits(), peer: Peer) {
        self.limits = limits
        self.peer = peer
    }

    package private(set) var phase = Phase.idle

    /// Content bytes of the current message received so far, for a minimum rate.
    package private(set) var bodyBytesReceived = 0

    /// Bytes that were appended and not yet used.
    package var bufferedBytes: Int { buffer.count }

    /// Takes bytes from the connection.
    package mutating func append(_ bytes: Span<UInt8>) {
        for index in bytes.indices { buffer.append(bytes[index]) }
    }

    /// Takes bytes from the connection.
    package mutating func append(_ bytes: ArraySlice<UInt8>) { buffer.append(contentsOf: bytes) }

    /// Goes as far as the bytes allow.
    ///
    /// - Throws: the reason why the connection must be answered once more and closed; the same at each further call.
    package mutating func next() throws(Rejection) -> Step { .needMore }
}
