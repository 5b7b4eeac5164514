import HTTP
import Logging
import Reactor
import TLS

/// Listens, and answers what it hears by a ``RequestHandler``.
package final class HTTPServer: Sendable {
    private let configuration: ServerConfiguration
    private let handler: any RequestHandler
    private let loops: EventLoopGroup
    private let tls: TLSContext?
    private let log: Logger

    /// A server that does nothing yet; `tls` is needed when an endpoint asks for it.
    package init(
        configuration: ServerConfiguration,
        handler: any RequestHandler,
        loops: EventLoopGroup,
        tls: TLSContext? = nil,
        log: Logger
    ) {
        self.configuration = configuration
        self.handler = handler
        self.loops = loops
        self.tls = tls
        self.log = log
    }

    /// Opens every endpoint and begins to accept; all of them or none.
    ///
    /// - Returns: the bound addresses, in the order of the configuration.
    @discardableResult
    package func start() throws(ServerError) -> [SocketAddress] { [] }

    /// Stops accepting, closes idle connections and lets requests in flight finish, for at most `limit`; then closes
    /// what is left.
    package func drain(within limit: Duration) async {}

    /// Loads the certificate and key again for new connections; on failure the old ones stay in use.
    package func reloadCertificate() throws(TLSError) { try tls?.reload() }

    /// What has happened so far.
    package var counters: ServerCounters { ServerCounters() }
}
