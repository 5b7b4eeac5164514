import HTTP
import Reactor
import Testing

@testable import Server

@Suite("Requests behind proxies")
struct ProxyTests {
    private static func peer(_ field: String? = nil) -> String {
        "GET /peer HTTP/1.1\r\nHost: x\r\n\(field.map { "\($0)\r\n" } ?? "")\r\n"
    }

    private static func line(_ client: String) -> String { "PROXY TCP4 \(client) 203.0.113.9 51324 8443\r\n" }

    /// A server that believes its clients' addresses, or whom they are told to be.
    private func run(
        _ source: TrustedProxies.Source,
        trusting ranges: [String] = ["127.0.0.1"],
        _ configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let proxies = TrustedProxies(try ranges.map { try AddressRange($0) }, source: source)
        try await TestServer.run { configuration in
            configuration.proxies = proxies
            configure(&configuration)
        } _: {
            try await body($0)
        }
    }

    // MARK: - Fields

    @Test("A trusted proxy tells with each request for whom it asks, also on one connection")
    func fields() async throws {
        try await run(.xForwardedFor) { server in
            let client = try server.connect()
            let cases: [(String?, String)] = [
                ("X-Forwarded-For: 198.51.100.7", "198.51.100.7"),
                ("x-forwarded-for: 6.6.6.6\r\nX-FORWARDED-FOR: 2001:db8::7", "2001:db8::7"),
                (nil, "127.0.0.1"),
                ("Forwarded: for=198.51.100.7", "127.0.0.1"),
                ("X-Forwarded-For: nobody", "127.0.0.1"),
                ("X-Forwarded-For: 198.51.100.8, 127.0.0.1", "198.51.100.8"),
            ]
            for (field, expected) in cases {
                try await client.send(Self.peer(field))
                try await client.receive { $0.hasSuffix("\(expected) - false") }
                client.forget()
            }
            // A body that comes later than its head is its client's too.
            try await client.send(
                "POST /peer HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.9\r\nContent-Length: 2\r\n\r\n"
            )
            await pause(.milliseconds(20))
            try await client.send("ab")
            try await client.receive { $0.hasSuffix("198.51.100.9 - false") }
        }
    }

    @Test("Forwarded is read where the operator says so, and X-Forwarded-For then is not")
    func forwarded() async throws {
        try await run(.forwarded) { server in
            let client = try server.connect()
            try await client.send(Self.peer("X-Forwarded-For: 6.6.6.6\r\nForwarded: for=198.51.100.7"))
            try await client.receive { $0.hasSuffix("198.51.100.7 - false") }
        }
    }

    @Test(
        "Whoever is no trusted proxy is believed nothing",
        arguments: [TrustedProxies.Source.xForwardedFor, .forwarded]
    )
    func untrusted(source: TrustedProxies.Source) async throws {
        try await run(source, trusting: ["10.0.0.0/8"]) { server in
            let client = try server.connect()
            try await client.send(Self.peer("X-Forwarded-For: 198.51.100.7\r\nForwarded: for=198.51.100.7"))
            try await client.receive { $0.hasSuffix("127.0.0.1 - false") }
        }
    }

    @Test("Who is told of by a proxy has the message that is refused behind its head, and no other")
    func refusedMessages() async throws {
        try await run(.xForwardedFor) { server in
            let first = try server.connect()
            let head = "POST /echo HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.7\r\n"
            try await first.send(head + "Transfer-Encoding: chunked\r\n\r\n")
            await pause(.milliseconds(20))
            try await first.send("no size\r\n")
            #expect(try await first.receiveToEnd().hasPrefix("HTTP/1.1 400 "))
            let second = try server.connect()
            try await second.send(head + "Content-Length: 2\r\n\r\n")
            await pause(.milliseconds(20))
            try await second.send("ab")
            try await second.receive { $0.hasSuffix("ab") }
            try await second.send("GET  / HTTP/1.1\r\n\r\n")
            _ = try await second.receiveToEnd()
            #expect(server.handler.refusedPeers.map(\.address) == ["198.51.100.7", "127.0.0.1"])
        }
    }

    @Test("Bodies are counted for the client for whom a proxy sends them")
    func bodies() async throws {
        try await run(.xForwardedFor) { configuration in
            configuration.capacity.bodyBytesPerOriginMax = 1_000
            configuration.limits.bodyBytesMax = 1_000
        } _: { server in
            func begin(_ client: String) async throws -> TestClient {
                let connection = try server.connect()
                let field = "X-Forwarded-For: \(client)\r\nContent-Length: 1000\r\n"
                try await connection.send("POST /echo HTTP/1.1\r\nHost: x\r\n\(field)\r\n")
                await pause(.milliseconds(20))
                try await connection.send([UInt8](repeating: 0x78, count: 900))
                return connection
            }
            let first = try await begin("198.51.100.7")
            #expect(await eventually { server.server.counters.bodyBytes == 900 })
            #expect(try await begin("198.51.100.7").receiveToEnd().hasPrefix("HTTP/1.1 503 "))
            let other = try await begin("198.51.100.8")
            #expect(await eventually { server.server.counters.bodyBytes == 1_800 })
            // The proxy itself, as it asks for nobody or for another proxy, is not limited.
            let proxies = [try await begin("127.0.0.1"), try await begin("unknown")]
            #expect(await eventually { server.server.counters.bodyBytes == 3_600 })
            for client in [first, other] + proxies {
                try await client.send([UInt8](repeating: 0x78, count: 100))
                try await client.receive { $0.hasSuffix("xxxx") }
            }
        }
    }

    // MARK: - The PROXY protocol

    @Test(
        "A connection begins with the header, byte by byte or together with a request, and goes on as the client's"
    )
    func header() async throws {
        try await run(.proxyProtocol) { server in
            let slow = try server.connect()
            for byte in (Self.line("198.51.100.7") + Self.peer()).utf8 {
                try await slow.send([byte])
                await pause(.milliseconds(1))
            }
            try await slow.receive { $0.hasSuffix("198.51.100.7 - false") }
            slow.forget()
            // What a request tells is not looked at, not even if the header names a proxy.
            try await slow.send(Self.peer("X-Forwarded-For: 6.6.6.6"))
            try await slow.receive { $0.hasSuffix("198.51.100.7 - false") }
            let addresses: [UInt8] = [198, 51, 100, 8, 203, 0, 113, 9, 1, 2, 3, 4]
            let headers: [([UInt8], String)] = [
                (ProxyHeaderTests.binary(0x21, 0x11, addresses + [1, 2, 3]), "198.51.100.8"),
                (ProxyHeaderTests.binary(0x20, 0x11, addresses), "127.0.0.1"),
                (ProxyHeaderTests.binary(0x21, 0x00, []), "127.0.0.1"),
                (Array("PROXY UNKNOWN\r\n".utf8), "127.0.0.1"),
                (Array(Self.line("127.0.0.1").utf8), "127.0.0.1"),
            ]
            for (header, expected) in headers {
                let client = try server.connect()
                try await client.send(header + Array(Self.peer("X-Forwarded-For: 6.6.6.6").utf8))
                try await client.receive { $0.hasSuffix("\(expected) - false") }
            }
        }
    }

    @Test(
        "A connection whose header is missing, wrong or unfinished is closed without a word",
        arguments: [
            "GET /peer HTTP/1.1\r\nHost: x\r\n\r\n", "PROXY TCP4 198.51.100.7\r\n",
            "\r\n\r\n\0\r\nQUIT\n\u{31}aaa",
            String(repeating: "PROXY ", count: 200),
        ]
    )
    func malformed(text: String) async throws {
        try await run(.proxyProtocol) { server in
            let client = try server.connect()
            try await client.send(text)
            #expect(try await client.receiveToEnd().isEmpty)
            #expect(await eventually { server.server.counters.handshakesFailed == 1 })
            let unfinished = try server.connect()
            try await unfinished.send("PROXY TCP4 198.51")
            unfinished.finishSending()
            #expect(try await unfinished.receiveToEnd().isEmpty)
            #expect(await eventually { server.server.counters.connectionsOpen == 0 })
            // It is not waited for what cannot come.
            #expect(server.server.counters.handshakesFailed == 2)
            #expect(server.server.counters.requests == 0)
        }
    }

    @Test("A header that does not come in time ends the connection")
    func slowHeader() async throws {
        try await run(.proxyProtocol) {
            $0.deadlines.handshake = .milliseconds(150)
        } _: { server in
            let client = try server.connect()
            try await client.send("PROXY ")
            #expect(try await client.receiveToEnd().isEmpty)
            #expect(server.server.counters.timeouts == 1)
        }
    }

    @Test(
        "Where the PROXY protocol is spoken, whoever is no trusted proxy is not served, with a header or without"
    )
    func closedToOthers() async throws {
        try await run(.proxyProtocol, trusting: ["10.0.0.0/8"]) { server in
            for text in [Self.peer(), Self.line("198.51.100.7") + Self.peer()] {
                let client = try server.connect()
                try await client.send(text)
                #expect(try await client.receiveToEnd().isEmpty)
            }
            #expect(server.server.counters.connectionsRefused == 2)
            #expect(server.server.counters.connectionsOpen == 0)
        }
    }

    @Test("The cap on the connections of one address is that of the client, and each that leaves makes room")
    func connectionsOfOneClient() async throws {
        try await run(.proxyProtocol, trusting: ["127.0.0.1", "192.0.2.1"]) {
            $0.capacity.connectionsPerOriginMax = 1
        } _: { server in
            func ask(_ address: String) async throws -> (TestClient, String) {
                let client = try server.connect()
                try await client.send(Self.line(address) + Self.peer())
                return (client, try await client.receive { $0.hasPrefix("HTTP/1.1 ") })
            }
            do {
                let (first, answer) = try await ask("198.51.100.7")
                #expect(answer.hasPrefix("HTTP/1.1 200 "))
                let (second, refusal) = try await ask("198.51.100.7")
                #expect(refusal.hasPrefix("HTTP/1.1 503 "))
                #expect(try await ask("198.51.100.8").1.hasPrefix("HTTP/1.1 200 "))
                // A proxy has no cap, whether it has connected or is told of.
                let proxies = [try await ask("192.0.2.1"), try await ask("192.0.2.1")]
                for (_, answer) in proxies { #expect(answer.hasPrefix("HTTP/1.1 200 ")) }
                #expect(!first.isClosed)
                _ = try await second.receiveToEnd()
            }
            #expect(await eventually { server.server.counters.connectionsOpen == 0 })
            #expect(try await ask("198.51.100.7").1.hasPrefix("HTTP/1.1 200 "))
            #expect(server.server.counters.connectionsRefused == 1)
        }
    }

    @Test("Proxies are exempt from the cap on the connections of one address; what is counted is counted out")
    func census() throws {
        var capacity = ServerConfiguration.Capacity()
        capacity.connectionsPerOriginMax = 1
        capacity.refusalsMax = 1
        let census = ConnectionCensus(capacity, workers: 1)
        let proxy = try #require(SocketAddress(host: "192.0.2.1", port: 1))
        let client = try #require(SocketAddress(host: "198.51.100.7", port: 1))
        var places = (0..<4).compactMap { _ in census.enter(proxy, isProxy: true) }
        #expect(places.map(\.isRefused) == [false, false, false, false])
        #expect(census.attribute(&places[0], to: client))
        #expect(census.attribute(&places[1], to: client))
        #expect(places.map(\.isRefused) == [false, true, false, false])
        // There is no room for another refusal.
        #expect(!census.attribute(&places[2], to: client))
        let direct = try #require(census.enter(proxy))
        #expect(!direct.isRefused)
        for place in places + [direct] { census.leave(place) }
        #expect(census.isEmpty)
        let again = try #require(census.enter(client))
        #expect(!again.isRefused)
    }

    // MARK: - Unix sockets

    @Test(
        "Whoever connects over a Unix socket is a proxy where that is said, and has no address where it is not"
    )
    func unixSocket() async throws {
        let path = "/tmp/server-proxy-\(getProcessID()).sock"
        for isTrusted in [true, false] {
            try await TestServer.run(endpoints: [.local(path: path, mode: 0o660)]) { configuration in
                configuration.proxies = TrustedProxies([], includesLocal: isTrusted)
            } _: { _ in
                let client = TestClient(try .connecting(toPath: path))
                try await client.send(Self.peer("X-Forwarded-For: 198.51.100.7"))
                let expected = isTrusted ? "198.51.100.7 - false" : "- \(getUserID()) false"
                try await client.receive { $0.hasSuffix(expected) }
            }
        }
    }
}
