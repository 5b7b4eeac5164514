import HTTP

/// Where the server listens and what it grants its clients.
package struct ServerConfiguration: Sendable {
    /// One listening socket.
    package enum Endpoint: Sendable, Hashable, CustomStringConvertible {
        /// A numeric address; port 0 lets the kernel choose.
        case tcp(host: String, port: UInt16, security: Security)
        /// A Unix socket, always without TLS, whose file gets these permissions.
        case local(path: String, mode: UInt32)
        /// A listening socket that a service manager opened, with the name it gave.
        case inherited(descriptor: Int32, name: String, security: Security)

        package var description: String {
            switch self {
            case .tcp(let host, let port, let security):
                "\(security == .tls ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            case .local(let path, _): path
            case .inherited(_, let name, _): name
            }
        }
    }

    package enum Security: Sendable, Hashable {
        case tls
        case plain
    }

    package var endpoints: [Endpoint]
    /// Whether plain HTTP may be served on addresses other than loopback.
    package var allowInsecure = false
    /// Who is believed when it tells for whom it asks; nil for nobody.
    package var proxies: TrustedProxies?
    package var limits = Limits()
    package var deadlines = Deadlines()
    package var capacity = Capacity()

    package init(endpoints: [Endpoint]) { self.endpoints = endpoints }
}

extension ServerConfiguration {
    /// How long a client may take.
    package struct Deadlines: Sendable, Hashable {
        /// From the connection to the end of the TLS handshake, a proxy's header in front of it included.
        package var handshake = Duration.seconds(5)
        /// From the first byte of a head to its last.
        package var head = Duration.seconds(10)
        /// The time over which the rate of the content, and of the answer, is looked at.
        ///
        /// A transfer that is not complete after it must have brought ``bytesPerSecondMin`` in it, and in each
        /// further one.
        package var transferWindow = Duration.seconds(5)
        /// Slowest content, and slowest reading of an answer.
        package var bytesPerSecondMin = 1024
        /// For how long content, and the reading of an answer, may be as slow as that.
        package var transferGrace = Duration.seconds(60)
        /// The rate that a transfer has to have had for every second beyond the ``transferGrace``.
        ///
        /// So it is over after the grace and its length at this rate, whatever its pace: what is trickled holds memory
        /// for minutes at the most, and a slow line has time.
        package var sustainedBytesPerSecondMin = 16 * 1024
        /// Between requests, and before the first one.
        package var idle = Duration.seconds(60)
        /// Between requests, until a connection gives back the memory that makes its next request cheaper.
        package var rest = Duration.seconds(2)
        /// After the last answer, for the client to read it and close.
        package var linger = Duration.seconds(2)
        /// The same for a client that still sends, such as a body that nobody reads.
        package var lingerMax = Duration.seconds(20)

        package init() {}
    }

    /// How much the server takes on.
    package struct Capacity: Sendable, Hashable {
        /// Open connections; fewer when the process may not open so many descriptors.
        package var connectionsMax = 16384
        /// Open connections of one IPv4 address or IPv6 /64; loopback, Unix sockets and trusted proxies are exempt.
        package var connectionsPerOriginMax = 1024
        /// Connections beyond the maximum that are answered 503; further ones are closed unanswered.
        package var refusalsMax = 64
        /// Operations under way at one time; further ones are answered 503.
        package var operationsMax = 4096
        /// Bytes waiting for a client above which its further requests are neither read nor handled.
        package var outputBytesMax = 256 * 1024
        /// Bytes that wait for all clients together; beyond them the connection that has waited longest is closed.
        package var outputBytesOfAllMax = 128 * 1024 * 1024
        /// Bytes of bodies that have not arrived whole, or whose requests are being carried out, of all connections; what comes beyond them is answered 503.
        ///
        /// The largest body that is allowed has room in this and in the next two.
        package var bodyBytesMax = 128 * 1024 * 1024
        /// The same of one tenant.
        package var bodyBytesPerTenantMax = 32 * 1024 * 1024
        /// The same of one IPv4 address or IPv6 /64; loopback, Unix sockets and trusted proxies are exempt.
        package var bodyBytesPerOriginMax = 64 * 1024 * 1024

        package init() {}
    }
}
