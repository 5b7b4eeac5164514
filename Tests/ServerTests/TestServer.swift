import Foundation
import HTTP
import Locking
import Logging
import Reactor
import Server
import Synchronization
import TLS

/// Answers that show what the server does: at once, later, large, or never.
final class TestHandler: RequestHandler {
    private let gate = Locked<[CheckedContinuation<Void, Never>]>([])
    private let started = Atomic<Int>(0)
    private let ended = Atomic<Int>(0)
    private let refused = Locked<[Peer]>([])

    private let handled = Locked<[String]>([])

    /// Parts of answers that were asked for.
    let partsWritten = Atomic<Int>(0)

    var operationsStarted: Int { started.load(ordering: .relaxed) }
    var operationsEnded: Int { ended.load(ordering: .relaxed) }
    /// Who has sent the messages that never became requests.
    var refusedPeers: [Peer] { refused.withLock { $0 } }

    /// The paths of the requests so far, in the order in which they were handled.
    var paths: [String] { handled.withLock { $0 } }

    /// How long a request of `/long` keeps the loop.
    private static let longTime = Duration.milliseconds(2)

    func handle(_ request: Request) -> Outcome {
        let segments = request.target.segments
        handled.withLock { $0.append(request.target.path) }
        switch segments.first {
        case "echo": return .ready(Response(.ok, contentType: "text/plain", body: request.body))
        case "peer":
            let peer = request.peer
            let text = "\(peer.address ?? "-") \(peer.userID.map(String.init) ?? "-") \(peer.isSecure)"
            return .ready(Response(.ok, body: Array(text.utf8)))
        case "large":
            let count = Int(segments.dropFirst().first ?? "") ?? 0
            return .ready(Response(.ok, body: [UInt8](repeating: UInt8(ascii: "x"), count: count)))
        case "parts":
            // How many, how long each is, and whether the last one comes.
            let numbers = segments.dropFirst().compactMap { Int($0) }
            var response = Response(.ok, contentType: "text/plain", body: Array("begin".utf8))
            response.rest = TestParts(self, numbers[0], numbers[1], breaksOff: segments.last == "broken")
            return .ready(response)
        case "marked":
            // Its route, tenant and reason, and whether it is answered later.
            let numbers = segments.dropFirst().compactMap { Int($0) }
            var response = Response(numbers[2] == 0 ? .ok : .forbidden)
            response.mark = AnswerMark(
                route: UInt8(numbers[0]),
                reason: UInt8(numbers[2]),
                tenant: UInt32(numbers[1])
            )
            let answer = response
            return segments.last == "later" ? .pending { answer } : .ready(answer)
        case "long":
            let end = ContinuousClock.now + Self.longTime
            while ContinuousClock.now < end {}
            return .ready(Response(.ok))
        case "account":
            // Names the account from then on, or has it named at once or later.
            if let account = segments.dropFirst().first.flatMap({ UInt32($0) }) {
                request.memo?.account = account
            }
            let answer: @Sendable () -> Response = {
                Response(.ok, body: Array("\(WorkAccount.current)".utf8))
            }
            return segments.last == "later" ? .pending { answer() } : .ready(answer())
        case "kept":
            // Whether something was kept by the request before.
            let isKept = request.memo?.value != nil
            request.memo?.value = self
            return .ready(Response(.ok, body: Array("kept: \(isKept)".utf8)))
        case "later":
            return .pending {
                await pause(.milliseconds(20))
                return Response(.ok, body: Array(request.target.path.utf8))
            }
        case "until-left":
            return .pending {
                self.started.add(1, ordering: .relaxed)
                while !Task.isCancelled { await pause(.milliseconds(5)) }
                self.ended.add(1, ordering: .relaxed)
                return Response(.ok)
            }
        case "gate":
            // The compiler sends a closure with a capture list to the shared threads; without one it stays on the loop.
            return .pending {
                self.started.add(1, ordering: .relaxed)
                await withCheckedContinuation { continuation in
                    self.gate.withLock { $0.append(continuation) }
                }
                self.ended.add(1, ordering: .relaxed)
                return Response(.ok, body: Array(request.target.path.utf8))
            }
        default: return .ready(Response(.ok, body: Array(request.target.path.utf8)))
        }
    }

    /// Of `/refused` no body is received; `/tenant/N` is on the account of a tenant.
    func admit(_ head: Request) -> Admission {
        let segments = head.target.segments
        guard segments.first != "refused" else {
            return .answered(Response(.unauthorized, body: Array("refused".utf8)))
        }
        return .receive(tenant: segments.first == "tenant" ? UInt32(segments[1]) ?? 0 : 0)
    }

    func response(to rejection: Rejection, from peer: Peer) -> Response {
        refused.withLock { $0.append(peer) }
        return Response(rejection.status, contentType: "text/plain", body: Array(rejection.detail.utf8))
    }

    /// Lets every waiting operation go on.
    func openGate() {
        let waiting = gate.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// The rest of an answer in parts of the letter x.
private final class TestParts: ContentStream {
    private let handler: TestHandler
    private let left: Atomic<Int>
    private let byteCount: Int
    private let breaksOff: Bool

    init(_ handler: TestHandler, _ count: Int, _ byteCount: Int, breaksOff: Bool) {
        self.handler = handler
        left = Atomic(count)
        self.byteCount = byteCount
        self.breaksOff = breaksOff
    }

    func next() async -> ContentPart {
        await Task.yield()
        handler.partsWritten.add(1, ordering: .relaxed)
        let left = left.subtract(1, ordering: .relaxed).newValue
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: byteCount)
        if left > 0 { return .more(bytes) }
        return breaksOff ? .broken : .last(bytes)
    }
}

/// A server on loopback with its own loops.
struct TestServer {
    let handler = TestHandler()
    let loops: EventLoopGroup
    let server: HTTPServer
    let addresses: [SocketAddress]

    var port: UInt16 { addresses.first?.port ?? 0 }

    /// Starts a server, runs `body` and stops the server.
    static func run(
        endpoints: [ServerConfiguration.Endpoint] = [.tcp(host: "127.0.0.1", port: 0, security: .plain)],
        loops: Int = 1,
        tls: TLSContext? = nil,
        _ configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        var configuration = ServerConfiguration(endpoints: endpoints)
        // Test clients keep their sockets open to look at them.
        configuration.deadlines.linger = .milliseconds(100)
        configure(&configuration)
        let server = try TestServer(configuration, loops: loops, tls: tls)
        try await withTaskExecutorPreference(OwnTurn()) {
            do {
                try await body(server)
            } catch {
                await server.stop()
                throw error
            }
            await server.stop()
        }
    }

    private init(_ configuration: ServerConfiguration, loops count: Int, tls: TLSContext?) throws {
        var log = Logger(label: "test")
        log.logLevel = .critical
        loops = try EventLoopGroup(count: count)
        server = HTTPServer(configuration: configuration, handler: handler, loops: loops, tls: tls, log: log)
        addresses = try server.start()
    }

    private func stop() async {
        handler.openGate()
        await server.drain(within: .zero)
        loops.shutDown()
    }

    /// Keeps the first loop from doing anything until the body has ended.
    func holdingLoop(_ body: () async throws -> Void) async throws {
        let end = DispatchSemaphore(value: 0)
        defer { end.signal() }
        loops.loops[0].execute { end.wait() }
        try await body()
    }

    func connect() throws -> TestClient { TestClient(try .connecting(to: "127.0.0.1", port: port)) }
}

/// A client that sends and receives what it is told, without blocking a thread.
final class TestClient {
    struct TimedOut: Error { let received: String }

    private let socket: Socket
    private(set) var received: [UInt8] = []
    private(set) var isClosed = false

    init(_ socket: consuming Socket) { self.socket = socket }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        var sent = 0
        while sent < bytes.count {
            switch socket.send(bytes.span.extracting(droppingFirst: sent)) {
            case .bytes(let count): sent += count
            case .wouldBlock: await pause(.milliseconds(1))
            case .end, .failed:
                // The connection may still be on its way; a broken one shows when receiving.
                if isClosed { return }
                await pause(.milliseconds(1))
                isClosed = true
            }
        }
    }

    func finishSending() { socket.finishSending() }

    private var buffer = [UInt8](repeating: 0, count: 262_144)

    /// Takes what has come; false when nothing has.
    func poll() -> Bool {
        switch Self.receive(socket, into: &buffer) {
        case .bytes(let count):
            received += buffer[..<count]
            return true
        case .wouldBlock: return false
        case .end, .failed:
            isClosed = true
            return false
        }
    }

    private static func receive(_ socket: borrowing Socket, into buffer: inout [UInt8]) -> Transfer {
        var span = buffer.mutableSpan
        return socket.receive(into: &span)
    }

    /// Waits until the text received satisfies `condition`, which is the result.
    @discardableResult
    func receive(
        within limit: Duration = .seconds(30),
        until condition: (String) -> Bool
    ) async throws -> String {
        let deadline = ContinuousClock.now + limit
        while true {
            while poll() {}
            let text = String(decoding: received, as: UTF8.self)
            if condition(text) { return text }
            if isClosed || ContinuousClock.now > deadline {
                throw TimedOut(received: String(text.prefix(500)))
            }
            await pause(.milliseconds(1))
        }
    }

    /// Waits for the end of the connection; everything received before it is the result.
    func receiveToEnd(within limit: Duration = .seconds(30)) async throws -> String {
        let deadline = ContinuousClock.now + limit
        while !isClosed {
            if poll() { continue }
            if ContinuousClock.now > deadline {
                throw TimedOut(received: String(decoding: received, as: UTF8.self))
            }
            await pause(.milliseconds(1))
        }
        return String(decoding: received, as: UTF8.self)
    }

    func forget() { received.removeAll(keepingCapacity: true) }
}

extension String {
    func count(of part: String) -> Int { components(separatedBy: part).count - 1 }
}

/// Waits for something to become true, ten seconds and more if need be.
func eventually(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<2_000 {
        if await condition() { return true }
        await pause(.milliseconds(5))
    }
    return await condition()
}
