import HTTP
import Load
import Logging
import OutgoingHTTP
import Reactor
import Server
import Synchronization
import TLS
import TestSupport

/// A server on loopback over plain HTTP.
struct LocalServer {
    let port: UInt16

    /// Starts a server whose answers a handler gives, runs `body` and stops the server.
    static func run<R>(
        _ handler: any RequestHandler,
        _ body: (LocalServer) async throws -> R
    ) async throws -> R {
        var configuration = ServerConfiguration(
            endpoints: [.tcp(host: "127.0.0.1", port: 0, security: .plain)]
        )
        configuration.deadlines.linger = .milliseconds(100)
        var log = Logger(label: "test")
        log.logLevel = .critical
        let loops = try EventLoopGroup(count: 1)
        let server = HTTPServer(configuration: configuration, handler: handler, loops: loops, log: log)
        let port = try server.start().first?.port ?? 0
        let result: Result<R, any Error>
        do { result = .success(try await body(LocalServer(port: port))) } catch { result = .failure(error) }
        await server.drain(within: .zero)
        loops.shutDown()
        return try result.get()
    }

    var url: RemoteURL {
        guard let url = RemoteURL("http://127.0.0.1:\(port)") else { preconditionFailure("That is a URL.") }
        return url
    }

    func place() async throws -> ConnectionPlace {
        var configuration = HTTPSClient.Configuration()
        configuration.allowsPlainLoopback = true
        configuration.exchangeTimeout = .seconds(60)
        let (client, url) = (try HTTPSClient(configuration), url)
        return try await onOwnThread { Result { () throws(ExchangeError) in try client.place(of: url) } }
            .get()
    }

    /// Carries out a phase whose connections send GET requests.
    func phase(
        connections: Int = 1,
        requests: Int = .max,
        loops: Int = 1,
        to place: ConnectionPlace? = nil,
        _ configure: (inout LoadPhase) -> Void
    ) async throws -> PhaseFigures {
        let there: ConnectionPlace
        if let place { there = place } else { there = try await self.place() }
        let writer = RequestWriter(url: url, token: "secret", version: "0")
        var phase = LoadPhase(place: there, connections: connections, timeoutSeconds: 60) { _ in
            GetScript(writer, count: requests)
        }
        configure(&phase)
        let engine = try LoadEngine(loops: loops)
        defer { engine.shutDown() }
        return try await engine.run(phase)
    }
}

/// Sends one GET after the other, and expects 200.
final class GetScript: LoadScript {
    private let writer: RequestWriter
    private var left: Int

    init(_ writer: RequestWriter, count: Int) {
        self.writer = writer
        left = count
    }

    func next(_ output: inout [UInt8]) -> LoadOperation? {
        guard left > 0 else { return nil }
        left -= 1
        writer.write("GET", "/x", to: &output)
        return .read
    }

    func take(_ answer: ReceivedResponse?) -> Bool { answer?.status == .ok }
}

/// Answers each request by its number, from 1 on.
final class NumberedHandler: RequestHandler {
    private let last = Atomic<Int>(0)
    private let answer: @Sendable (Int) -> Outcome

    init(_ answer: @escaping @Sendable (Int) -> Outcome) { self.answer = answer }

    var count: Int { last.load(ordering: .relaxed) }

    func handle(_ request: Request) -> Outcome {
        answer(last.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    func admit(_ head: Request) -> Admission { .receive(tenant: 0) }

    func response(to rejection: Rejection, from peer: Peer) -> Response { Response(rejection.status) }
}
