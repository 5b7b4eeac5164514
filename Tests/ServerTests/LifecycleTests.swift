import HTTP
import Reactor
import Server
import TLS
import Testing

@Suite("Start and end of a server")
struct LifecycleTests {
    private let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("Plain HTTP is served on loopback only, unless it is allowed")
    func insecure() async throws {
        let open = ServerConfiguration.Endpoint.tcp(host: "0.0.0.0", port: 0, security: .plain)
        await #expect(throws: ServerError.insecureEndpoint("http://0.0.0.0:0")) {
            try await TestServer.run(endpoints: [open]) { _ in }
        }
        try await TestServer.run(endpoints: [open], { $0.allowInsecure = true }) { _ in }
    }

    @Test("TLS needs a certificate")
    func noCertificate() async {
        let secure = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: 0, security: .tls)
        await #expect(throws: ServerError.certificateMissing("https://127.0.0.1:0")) {
            try await TestServer.run(endpoints: [secure]) { _ in }
        }
    }

    @Test("A port in use is refused")
    func portInUse() async throws {
        try await TestServer.run { server in
            let same = ServerConfiguration.Endpoint.tcp(
                host: "127.0.0.1",
                port: server.port,
                security: .plain
            )
            await #expect(throws: ServerError.self) { try await TestServer.run(endpoints: [same]) { _ in } }
        }
    }

    @Test("An inherited socket is served like one of our own")
    func inherited() async throws {
        let socket = try ListeningSocket.ip(host: "127.0.0.1", port: 0)
        let descriptor = duplicate(socket.descriptor)
        let endpoint = ServerConfiguration.Endpoint.inherited(
            descriptor: descriptor,
            name: "scim",
            security: .plain
        )
        try await TestServer.run(endpoints: [endpoint]) { server in
            let client = try server.connect()
            try await client.send(get)
            try await client.receive { $0.hasSuffix("/a") }
        }
    }

    @Test(
        "A drain answers the first request of whoever has connected before it, and waits a second for one who asks nothing"
    )
    func firstRequest() async throws {
        try await TestServer.run { server in
            let (asking, silent) = (try server.connect(), try server.connect())
            #expect(await eventually { server.server.counters.connectionsOpen == 2 })
            async let drained: Void = server.server.drain(within: .seconds(300))
            await pause(.milliseconds(50))
            try await asking.send(get)
            let answer = try await asking.receiveToEnd()
            #expect(answer.hasSuffix("/a"))
            #expect(answer.contains("Connection: close\r\n"))
            #expect(try await silent.receiveToEnd().isEmpty)
            await drained
            #expect(server.server.counters.connectionsOpen == 0)
        }
    }

    @Test("An operation is told when its client leaves, and not as long as it stays")
    func clientLeaves() async throws {
        try await TestServer.run { server in
            // A client closes its socket when it goes away.
            var clients = [try server.connect(), try server.connect()]
            for client in clients { try await client.send("GET /until-left HTTP/1.1\r\nHost: x\r\n\r\n") }
            while server.handler.operationsStarted < 2 { await pause(.milliseconds(5)) }
            clients.removeLast()
            while server.handler.operationsEnded < 1 { await pause(.milliseconds(5)) }
            await pause(.milliseconds(50))
            #expect(server.handler.operationsEnded == 1)
            clients.removeLast()
            while server.handler.operationsEnded < 2 { await pause(.milliseconds(5)) }
        }
    }

    @Test("A drain closes idle connections, finishes what is under way and accepts nothing more")
    func drain() async throws {
        try await TestServer.run { server in
            let idle = try server.connect()
            let busy = try server.connect()
            try await idle.send(get)
            try await idle.receive { $0.hasSuffix("/a") }
            idle.forget()
            try await busy.send("GET /gate/1 HTTP/1.1\r\nHost: x\r\n\r\n\(get)")
            #expect(await eventually { server.handler.operationsStarted == 1 })
            async let drained: Void = server.server.drain(within: .seconds(30))
            #expect(try await idle.receiveToEnd().isEmpty)
            #expect(!busy.poll())
            server.handler.openGate()
            let answer = try await busy.receiveToEnd()
            #expect(answer.hasSuffix("/gate/1"))
            #expect(answer.contains("Connection: close\r\n"))
            await drained
            #expect(server.server.counters.connectionsOpen == 0)
            let late = try? server.connect()
            if let late {
                try? await late.send(get)
                #expect(try await late.receiveToEnd().isEmpty)
            }
        }
    }

    @Test("A drain answers what has come and waits for its turn behind others")
    func drainWhileBusy() async throws {
        try await TestServer.run { server in
            let asking = try server.connect()
            try await asking.send("GET /account/7 HTTP/1.1\r\nHost: x\r\n\r\n")
            try await asking.receive { $0.hasSuffix("\r\n\r\n0") }
            asking.forget()
            var others: [TestClient] = []
            for _ in 0..<40 {
                let other = try server.connect()
                try await other.send("GET /account/7 HTTP/1.1\r\nHost: x\r\n\r\n")
                try await other.receive { $0.hasSuffix("\r\n\r\n0") }
                others.append(other)
            }
            // Each keeps the loop for two milliseconds, in which the request behind them is not read.
            for other in others { try await other.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n") }
            try await asking.send(get)
            await server.server.drain(within: .seconds(30))
            #expect(try await asking.receiveToEnd().hasSuffix("/a"))
            #expect(server.server.counters.connectionsOpen == 0)
        }
    }

    @Test("A drain does not wait longer than it may")
    func drainTimeout() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send("GET /gate/1 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await eventually { server.handler.operationsStarted == 1 })
            let start = ContinuousClock.now
            await server.server.drain(within: .milliseconds(50))
            #expect(ContinuousClock.now - start < .seconds(2))
            #expect(server.server.counters.connectionsOpen == 0)
            #expect(try await client.receiveToEnd().isEmpty)
        }
    }
}
