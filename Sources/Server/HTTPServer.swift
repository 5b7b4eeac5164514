import HTTP
import Locking
import Logging
import Reactor
import Synchronization
import TLS

/// Listens, and answers what it hears by a ``RequestHandler``.
///
/// ```
///   Acceptor (loop 0) ──► Worker (one per loop) ──► Connection ──► RequestHandler
/// ```
package final class HTTPServer: Sendable {
    /// How often a drain looks whether everybody has left.
    private static let drainPollInterval = Duration.milliseconds(5)
    /// How long a drain waits for the first request of whoever has connected before it.
    private static let firstRequestGrace = Duration.seconds(1)

    private let configuration: ServerConfiguration
    private let tls: TLSContext?
    private let workers: [Worker]
    private let acceptor: Acceptor
    private let census: ConnectionCensus
    private let bodies: BodyBudget
    private let answers: AnswerBudget
    private let tenants = TenantPlaces()
    /// Those that are open and from which nothing is accepted yet.
    private let listeners = Locked<[Listener]?>(nil)

    /// A server that does nothing yet; `tls` is needed when an endpoint asks for it.
    package init(
        configuration: ServerConfiguration,
        handler: any RequestHandler,
        loops: EventLoopGroup,
        tls: TLSContext? = nil,
        log: Logger
    ) {
        self.configuration = configuration
        self.tls = tls
        let census = ConnectionCensus(configuration.capacity, workers: loops.loops.count)
        let bodies = BodyBudget(
            configuration.capacity,
            largestBody: configuration.limits.bodyBytesMax
        )
        let answers = AnswerBudget(configuration.capacity, loops: loops.loops.count)
        self.census = census
        self.bodies = bodies
        self.answers = answers
        workers = loops.loops.map { [tenants] loop in
            Worker(
                loop: loop,
                configuration: configuration,
                handler: handler,
                census: census,
                bodies: bodies,
                answers: answers,
                tenants: tenants,
                tls: tls,
                log: log
            )
        }
        acceptor = Acceptor(
            loop: loops.loops[0],
            workers: workers,
            census: census,
            proxies: configuration.proxies,
            log: log
        )
    }

    /// Opens every endpoint, all of them or none; whoever connects waits for ``start()``.
    package func listen() throws(ServerError) {
        var opened: [Listener] = []
        for endpoint in configuration.endpoints { opened.append(try open(endpoint)) }
        listeners.withLock { $0 = opened }
    }

    /// Begins to accept, after ``listen()`` if that was not called.
    ///
    /// - Returns: the bound addresses, in the order of the configuration.
    @discardableResult
    package func start() throws(ServerError) -> [SocketAddress] {
        if listeners.withLock({ $0 == nil }) { try listen() }
        let opened = listeners.withLock { $0.take() } ?? []
        acceptor.open(opened)
        return opened.map { $0.socket.localAddress }
    }

    /// Stops accepting, closes idle connections and lets requests in flight finish, for at most `limit`; then closes
    /// what is left.
    ///
    /// Who has connected and not asked yet has a second for a first request, so that nobody meets a close in a restart where a socket of
    /// the service manager goes on listening.
    package func drain(within limit: Duration) async {
        let start = LoopInstant.now
        let deadline = start.advanced(by: limit)
        let grace = start.advanced(by: min(limit, Self.firstRequestGrace))
        var isClosing = false
        await acceptor.close()
        for worker in workers { await worker.beginDraining() }
        while !census.isEmpty, LoopInstant.now < deadline {
            // Cancellation means that the caller does not want to wait any longer.
            guard (try? await Task.sleep(for: Self.drainPollInterval)) != nil else { break }
            if !isClosing, LoopInstant.now >= grace {
                isClosing = true
                for worker in workers { await worker.closeIdle() }
            }
        }
        for worker in workers { await worker.closeAll() }
    }

    /// How many connections may be open at a time, after what the process may have of descriptors.
    package var connectionsMax: Int { census.connectionsMax }

    /// What has happened so far.
    package var counters: ServerCounters {
        var counters = ServerCounters()
        for worker in workers { worker.counters.add(to: &counters) }
        census.add(to: &counters)
        counters.bodyBytes = bodies.bytes
        counters.outputBytes = answers.bytes
        return counters
    }

    /// What has been answered so far, and how quickly.
    package var answered: AnswerFigures {
        AnswerFigures(workers.map(\.counters.answers), tenants: tenants.listed)
    }

    private func open(_ endpoint: ServerConfiguration.Endpoint) throws(ServerError) -> Listener {
        let listener: Listener
        do throws(SystemError) {
            listener =
                switch endpoint {
                case .tcp(let host, let port, let security):
                    Listener(try .ip(host: host, port: port), security: security)
                case .local(let path, let mode):
                    Listener(try .local(path: path, mode: mode), security: .plain)
                case .inherited(let descriptor, _, let security):
                    Listener(try .inherited(descriptor), security: security)
                }
        } catch {
            throw .cannotListen(endpoint.description, error)
        }
        switch listener.security {
        case .tls:
            if tls == nil { throw .certificateMissing(endpoint.description) }
        case .plain:
            let address = listener.socket.localAddress
            if address.host != nil, !address.isLoopback, !configuration.allowInsecure {
                throw .insecureEndpoint(endpoint.description)
            }
        }
        return listener
    }
}
