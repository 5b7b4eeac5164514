/// The seam between the half that moves bytes and the half that knows what they mean.
package protocol RequestHandler: Sendable {
    /// Answers a request. Called on the connection's event loop: it must not block.
    func handle(_ request: Request) -> Outcome

    /// Decides by a head alone, whose content has not all come yet, whether that is worth receiving.
    ///
    /// The request comes to ``handle(_:)`` once its content is complete, unless it is answered here. Called on the
    /// connection's event loop: it must not block.
    func admit(_ head: Request) -> Admission

    /// The answer to a message that never became a request; the connection closes after it.
    func response(to rejection: Rejection, from peer: Peer) -> Response
}

/// An answer at once, or work that ends in one.
package enum Outcome: Sendable {
    case ready(Response)
    /// The operation starts on the connection's event loop and may await.
    case pending(@Sendable () async -> Response)
}

/// What becomes of a request whose head has come, and whose content has not.
package enum Admission: Sendable {
    /// The content is received, on the account of this tenant.
    case receive(tenant: UInt32)
    /// This is the answer; the connection closes after it, since the content is not read.
    case answered(Response)
}

/// Who asks: whoever is at the other end of a connection, or for whom a trusted proxy is there.
package struct Peer: Sendable, Equatable {
    /// The IP address without its port, or nil for a Unix socket whose other end tells no address.
    package let address: String?
    /// Credentials of the process behind a Unix socket (SO_PEERCRED).
    package let userID: UInt32?
    package let isSecure: Bool
    /// Whether connections and bodies of this origin may be as many as all together: loopback, a Unix socket, a proxy.
    package let isExempt: Bool
    /// Equal for those who are counted together: one IPv4 address, one IPv6 /64, or all behind Unix sockets.
    package let origin: UInt64

    package init(
        address: String?,
        userID: UInt32? = nil,
        isSecure: Bool,
        origin: UInt64 = 0,
        isExempt: Bool = false
    ) {
        self.address = address
        self.userID = userID
        self.origin = origin
        self.isExempt = isExempt
        self.isSecure = isSecure
    }
}
