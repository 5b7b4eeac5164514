import Logging
import Reactor

/// A listening socket and what is spoken on it.
final class Listener: Sendable {
    let socket: ListeningSocket
    let security: ServerConfiguration.Security

    init(_ socket: consuming ListeningSocket, security: ServerConfiguration.Security) {
        self.socket = socket
        self.security = security
    }
}

/// Accepts on one loop and hands each connection to the worker that has the fewest.
///
/// One acceptor rather than a listening socket per loop (SO_REUSEPORT): identity providers come with few, long-lived
/// connections, which the kernel's hash would spread unevenly; inherited and Unix sockets work alike; and nothing
/// that waits in a queue is lost when it stops. The hand-over costs a fraction of what accepting costs.
actor Acceptor: LoopHandler {
    /// Connections accepted before others have their turn.
    private static let acceptsPerTurnMax = 64
    /// How long nothing is accepted after the process ran out of descriptors or memory.
    private static let exhaustionPause = Duration.milliseconds(100)

    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let workers: [Worker]
    private let census: ConnectionCensus
    private let proxies: TrustedProxies?
    private let log: Logger
    private var listeners: [Registration: Listener] = [:]
    private var isExhausted = false

    init(
        loop: EventLoop,
        workers: [Worker],
        census: ConnectionCensus,
        proxies: TrustedProxies?,
        log: Logger
    ) {
        self.loop = loop
        self.workers = workers
        self.census = census
        self.proxies = proxies
        self.log = log
    }

    /// Begins to accept, from any thread.
    nonisolated func open(_ listeners: [Listener]) {
        loop.execute {
            self.assumeIsolated { acceptor in
                for listener in listeners { acceptor.open(listener) }
            }
        }
    }

    /// Closes the listening sockets.
    func close() {
        for registration in listeners.keys { loop.deregister(registration) }
        listeners = [:]
    }

    nonisolated func ready(_ descriptors: [ReadyDescriptor]) {
        assumeIsolated { acceptor in
            for descriptor in descriptors { acceptor.accept(descriptor.registration) }
        }
    }

    nonisolated func deadlineReached(_ registration: Registration) {
        assumeIsolated { $0.accept(registration) }
    }

    private func open(_ listener: Listener) {
        do {
            listeners[try loop.register(listener.socket.descriptor, handler: self)] = listener
        } catch {
            log.critical("a listening socket cannot be watched", metadata: ["error": "\(error)"])
        }
    }

    /// The place of who has connected; nil when there is none.
    private func admit(_ peer: SocketAddress) -> ConnectionCensus.Place? {
        guard let proxies else { return census.enter(peer) }
        let isProxy = proxies.contains(peer)
        // The PROXY protocol wants a receiver that never guesses: nobody gets past the proxies to where it is spoken.
        if !isProxy, proxies.source == .proxyProtocol {
            census.turnAway()
            return nil
        }
        return census.enter(peer, isProxy: isProxy)
    }

    private func accept(_ registration: Registration) {
        guard let listener = listeners[registration] else { return }
        do {
            for _ in 0..<Self.acceptsPerTurnMax {
                guard let accepted = try listener.socket.accept() else { return }
                isExhausted = false
                guard let place = admit(accepted.peer) else {
                    _ = Socket(owning: accepted.descriptor)
                    continue
                }
                workers[place.workerIndex].adopt(accepted, security: listener.security, place: place)
            }
            // Edge-triggered: what still waits is not reported again.
            loop.execute { self.assumeIsolated { $0.accept(registration) } }
        } catch {
            // Trying again at once would only burn the processor that could close connections.
            if !isExhausted { log.error("accepting pauses", metadata: ["error": "\(error)"]) }
            isExhausted = true
            loop.setDeadline(loop.now.advanced(by: Self.exhaustionPause), of: registration)
        }
    }
}
