import Counting
import HTTP
import Logging
import Reactor
import TLS

/// The connections of one event loop, on which it runs.
actor Worker: LoopHandler {
    nonisolated let loop: EventLoop
    nonisolated let counters = WorkerCounters()
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let resources: LoopResources
    private let tls: TLSContext?
    private let log: Logger
    /// By slot of their registration.
    private var connections: [Connection?] = []

    init(
        loop: EventLoop,
        configuration: ServerConfiguration,
        handler: any RequestHandler,
        census: ConnectionCensus,
        bodies: BodyBudget,
        answers: AnswerBudget,
        tenants: TenantPlaces,
        tls: TLSContext?,
        log: Logger
    ) {
        self.loop = loop
        self.tls = tls
        self.log = log
        resources = LoopResources(
            loop: loop,
            configuration: configuration,
            handler: handler,
            counters: counters,
            census: census,
            bodies: bodies,
            answers: answers,
            tenants: tenants
        )
    }

    /// Takes over a connection, from any thread.
    nonisolated func adopt(
        _ accepted: ListeningSocket.Accepted,
        security: ServerConfiguration.Security,
        place: ConnectionCensus.Place
    ) {
        loop.execute { self.assumeIsolated { $0.begin(accepted, security: security, place: place) } }
    }

    nonisolated func ready(_ descriptors: [ReadyDescriptor]) {
        assumeIsolated { worker in
            for descriptor in descriptors {
                worker.withConnection(descriptor.registration) { $0.ready(descriptor.readiness) }
            }
        }
    }

    nonisolated func deadlineReached(_ registration: Registration) {
        assumeIsolated { worker in
            worker.withConnection(registration) { $0.deadlineReached() }
        }
    }

    /// From now on closes idle connections that were answered before, and the others after their next answer.
    func beginDraining() {
        resources.isDraining = true
        sendWaiting()
        for case let connection? in connections where isOver(connection) { close(connection) }
    }

    /// Closes the connections too on which nobody has asked anything.
    func closeIdle() {
        resources.isClosing = true
        for case let connection? in connections where isOver(connection) { close(connection) }
    }

    /// Whether nothing more is expected of a connection, since the server ends.
    private func isOver(_ connection: Connection) -> Bool {
        resources.isDraining && connection.isIdle && (!connection.isNew || resources.isClosing)
    }

    /// Closes every connection, whatever it does.
    func closeAll() {
        sendWaiting()
        for case let connection? in connections { close(connection) }
    }

    private func begin(
        _ accepted: ListeningSocket.Accepted,
        security: ServerConfiguration.Security,
        place: ConnectionCensus.Place
    ) {
        let socket = Socket(owning: accepted.descriptor)
        do {
            guard !resources.isClosing else {
                resources.census.leave(place)
                return
            }
            let session = security == .tls ? try tls?.makeSession(descriptor: socket.descriptor) : nil
            let registration = try loop.register(socket.descriptor, handler: self)
            let connection = Connection(
                registration: registration,
                place: place,
                peer: Peer(
                    address: accepted.peer.host,
                    userID: accepted.userID,
                    isSecure: session != nil,
                    origin: accepted.peer.origin,
                    isExempt: place.origin == nil
                ),
                channel: Channel(socket: socket, tls: session),
                resources: resources
            )
            while connections.count <= Int(registration.slot) { connections.append(nil) }
            connections[Int(registration.slot)] = connection
        } catch {
            resources.census.leave(place)
            log.warning("a connection could not be set up", metadata: ["error": "\(error)"])
        }
    }

    private func withConnection(_ registration: Registration, _ body: (Connection) -> Connection.Next) {
        guard let connection = connection(registration) else { return }
        // What is done next must not overtake answers that wait.
        if connection.isWaitingForTurnEnd {
            sendWaiting()
            guard self.connection(registration) === connection else { return }
        }
        let hadNothingWaiting = resources.output.isNothingWaiting
        loop.perform(for: connection.account) { perform(body(connection), for: connection) }
        if hadNothingWaiting, !resources.output.isNothingWaiting {
            // Runs behind all that the turn has time for, and behind the operations that have ended by then.
            loop.executeLast { self.assumeIsolated { $0.sendWaiting() } }
        }
        if connection.counted.output > 0, resources.hasTooMuchUnread { closeSlowestReaders() }
    }

    /// Sends the answers that waited for the end of the loop's turn.
    private func sendWaiting() {
        resources.output.takeWaiting { connection, range in
            perform(connection.sendWaiting(range), for: connection)
        }
        if resources.hasTooMuchUnread { closeSlowestReaders() }
    }

    /// Closes connections whose answers have waited longest, until what waits has room.
    private func closeSlowestReaders() {
        let waiting = connections.compactMap { connection in
            connection.flatMap { reader in reader.counted.outputSince.map { (since: $0, reader: reader) } }
        }
        for (_, reader) in waiting.sorted(by: { $0.since < $1.since }) where resources.hasTooMuchUnread {
            counters.slowReaders.add()
            close(reader)
        }
    }

    /// The connection with this registration, unless it is closed; its slot may belong to another one by now.
    private func connection(_ registration: Registration) -> Connection? {
        let slot = Int(registration.slot)
        guard slot < connections.count, let connection = connections[slot] else { return nil }
        return connection.registration == registration ? connection : nil
    }

    private func perform(_ next: Connection.Next, for connection: Connection) {
        switch next {
        case .wait: break
        case .close: close(connection)
        case .again:
            if let advancing = advancing(connection) { loop.execute(advancing) }
        case .late:
            if let advancing = advancing(connection) { loop.executeLate(advancing) }
        case .start(let operation): start(operation, for: connection.registration)
        case .write(let source):
            let registration = connection.registration
            connection.task = Task(executorPreference: loop) { await self.write(source, for: registration) }
        }
    }

    /// What has a connection go on later; nil if that has been arranged already.
    private func advancing(_ connection: Connection) -> (@Sendable () -> Void)? {
        guard !connection.goesOnLater else { return nil }
        connection.goesOnLater = true
        let registration = connection.registration
        return {
            self.assumeIsolated { worker in
                worker.withConnection(registration) { connection in
                    connection.goesOnLater = false
                    let next = connection.advance()
                    guard case .wait = next, worker.isOver(connection) else { return next }
                    return .close
                }
            }
        }
    }

    /// The operation is told when the client leaves; what it changes must not be half done, so that only a query ends then.
    private func start(_ operation: @escaping @Sendable () async -> Response, for registration: Registration)
    {
        // Whoever the operation waits for resumes it on the loop, without a detour over the shared threads.
        let body = connection(registration)?.handOverBody()
        let task = Task(executorPreference: loop) { await self.carryOut(operation, body, for: registration) }
        connection(registration)?.task = task
    }

    private func carryOut(
        _ operation: @Sendable () async -> Response,
        _ body: (owner: BodyBudget.Owner, bytes: Int)?,
        for registration: Registration
    ) async {
        let response = await operation()
        resources.census.endOperation()
        if let (owner, bytes) = body { resources.bodies.giveBack(bytes, of: owner) }
        withConnection(registration) { $0.finish(response) }
    }

    /// Gets the next part of an answer.
    private func write(_ source: any ContentStream, for registration: Registration) async {
        let part = await source.next()
        withConnection(registration) { $0.finish(part) }
    }

    private func close(_ connection: Connection) {
        connection.task?.cancel()
        if connection.breaksOff {
            connection.channel.socket.breakOffWhenClosed()
        } else {
            connection.channel.tls?.finishSending()
        }
        resources.output.removeOwn()
        connection.releaseAll()
        loop.deregister(connection.registration)
        connections[Int(connection.registration.slot)] = nil
        resources.census.leave(connection.place)
    }
}
