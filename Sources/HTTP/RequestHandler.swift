/// The seam between the half that moves bytes and the half that knows what they mean.
package protocol RequestHandler: Sendable {
    /// Answers a request. Called on the connection's event loop: it must not block.
    func handle(_ request: Request) -> Outcome

    /// The answer to a message that never became a request; the connection closes after it.
    func response(to rejection: Rejection, from peer: Peer) -> Response
}

/// An answer at once, or work that ends in one.
package enum Outcome: Sendable {
    case ready(Response)
    /// The operation starts on the connection's event loop and may await.
    case pending(@Sendable () async -> Response)
}

/// Who is at the other end of a connection.
package struct Peer: Sendable, Equatable {
    /// The IP address without its port, or nil for a Unix socket.
    package let address: String?
    /// Credentials of the process behind a Unix socket (SO_PEERCRED).
    package let userID: UInt32?
    package let isSecure: Bool

    package init(address: String?, userID: UInt32? = nil, isSecure: Bool) {
        self.address = address
        self.userID = userID
        self.isSecure = isSecure
    }
}
