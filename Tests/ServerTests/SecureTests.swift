import Foundation
import HTTP
import Reactor
import Server
import TLS
import TestSupport
import Testing

/// A server that speaks TLS, and its certificate's files.
private struct SecureServer {
    let server: TestServer
    let tls: TLSContext
    let certificateFile: String
    let keyFile: String

    static func run(
        _ configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (SecureServer) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "server-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (certificateFile, keyFile) = (folder + "/certificate.pem", folder + "/key.pem")
        try write(certificateFile, keyFile)
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: 0, security: .tls)
        let tls = try TLSContext(certificateFile: certificateFile, keyFile: keyFile)
        try await TestServer.run(endpoints: [endpoint], tls: tls, configure) { server in
            try await body(
                SecureServer(server: server, tls: tls, certificateFile: certificateFile, keyFile: keyFile)
            )
        }
    }

    private static func write(_ certificateFile: String, _ keyFile: String) throws {
        let pair = try SelfSignedCertificate.make(hosts: ["127.0.0.1"], validDays: 1)
        try pair.certificatePEM.write(toFile: certificateFile, atomically: true, encoding: .utf8)
        try pair.keyPEM.write(toFile: keyFile, atomically: true, encoding: .utf8)
    }

    func replaceCertificate() throws { try Self.write(certificateFile, keyFile) }

    /// A client after its handshake, in front of which `bytes` are sent, one by one.
    func connect(after bytes: [UInt8] = []) async throws -> TLSClient {
        let socket = try Socket.connecting(to: "127.0.0.1", port: server.port)
        for byte in bytes {
            #expect(await eventually { socket.send([byte].span) == .bytes(1) })
            await pause(.milliseconds(1))
        }
        let client = try #require(
            TLSClient(
                owning: socket.release(),
                authorityFile: certificateFile,
                host: "127.0.0.1",
                protocols: ["http/1.1"]
            )
        )
        #expect(await eventually { client.handshake() == .ready })
        return client
    }
}

extension TLSClient {
    fileprivate func text(until condition: (String) -> Bool) async -> String {
        var received: [UInt8] = []
        _ = await eventually {
            while true {
                switch receive() {
                case .bytes(let bytes): received += bytes
                case .blocked: return condition(String(decoding: received, as: UTF8.self))
                case .ready, .end, .failed: return true
                }
            }
        }
        return String(decoding: received, as: UTF8.self)
    }
}

@Suite("Requests over TLS")
struct SecureTests {
    private let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("The PROXY protocol's header comes before the handshake, and leaves that to TLS")
    func proxyHeader() async throws {
        let range = try AddressRange("127.0.0.1")
        try await SecureServer.run { configuration in
            configuration.proxies = TrustedProxies([range], source: .proxyProtocol)
        } _: { secure in
            let line = Array("PROXY TCP4 198.51.100.7 203.0.113.9 51324 8443\r\n".utf8)
            for header in [line, ProxyHeaderTests.binary(0x20, 0x00, [1, 2, 3])] {
                let client = try await secure.connect(after: header)
                #expect(client.send("GET /peer HTTP/1.1\r\nHost: x\r\n\r\n") == .ready)
                let end = header == line ? "198.51.100.7 - true" : "127.0.0.1 - true"
                #expect(await client.text { $0.hasSuffix(end) }.hasPrefix("HTTP/1.1 200 "))
            }
            #expect(secure.server.server.counters.handshakesFailed == 0)
        }
    }

    @Test("Requests are answered, alone and pipelined, at once and later")
    func requests() async throws {
        try await SecureServer.run { secure in
            let client = try await secure.connect()
            for _ in 0..<3 {
                #expect(client.send(get) == .ready)
                #expect(await client.text { $0.hasSuffix("\r\n\r\n/a") }.hasPrefix("HTTP/1.1 200 OK"))
            }
            #expect(client.send(get + "GET /later/b HTTP/1.1\r\nHost: x\r\n\r\n" + get) == .ready)
            let answer = await client.text { $0.count(of: "HTTP/1.1 200 OK") == 3 && $0.hasSuffix("/a") }
            #expect(answer.contains("/aHTTP/1.1 200 OK"))
            #expect(answer.contains("/later/bHTTP/1.1 200 OK"))
            #expect(secure.server.server.counters.handshakesFailed == 0)
        }
    }

    @Test("A large answer arrives whole, although the client begins to read late")
    func largeAnswer() async throws {
        try await SecureServer.run { secure in
            let client = try await secure.connect()
            #expect(client.send("GET /large/20000000 HTTP/1.1\r\nHost: x\r\n\r\n" + get) == .ready)
            await pause(.milliseconds(50))
            var count = 0
            var tail: [UInt8] = []
            #expect(
                await eventually {
                    while case .bytes(let bytes) = client.receive() {
                        count += bytes.count
                        tail = Array((tail + bytes).suffix(100))
                    }
                    return String(decoding: tail, as: UTF8.self).hasSuffix("\r\n\r\n/a")
                }
            )
            #expect(count > 20_000_000)
        }
    }

    @Test("A refusal ends with close_notify")
    func refusal() async throws {
        try await SecureServer.run { secure in
            let client = try await secure.connect()
            #expect(client.send("GET /a HTTP/1.1\r\n\r\n") == .ready)
            #expect(await client.text { _ in false }.hasPrefix("HTTP/1.1 400 "))
            #expect(client.receive() == .end)
        }
    }

    @Test("A reload drops no connection, and new ones see the new certificate")
    func reload() async throws {
        try await SecureServer.run { secure in
            let old = try await secure.connect()
            try secure.replaceCertificate()
            try secure.tls.reload()
            let new = try await secure.connect()
            #expect(old.certificate != new.certificate)
            for client in [old, new] {
                #expect(client.send(get) == .ready)
                #expect(await client.text { $0.hasSuffix("/a") }.hasPrefix("HTTP/1.1 200 OK"))
            }
        }
    }

    @Test(
        "A handshake that does not begin, or is not one, ends the connection",
        arguments: ["", Self.get7, "\u{16}\u{3}"]
    )
    func brokenHandshake(text: String) async throws {
        try await SecureServer.run { configuration in
            configuration.deadlines.handshake = .milliseconds(100)
        } _: { secure in
            let client = try secure.server.connect()
            try await client.send(text)
            _ = try await client.receiveToEnd()
            let counters = secure.server.server.counters
            #expect(counters.handshakesFailed + counters.timeouts == 1)
            #expect(await eventually { secure.server.server.counters.connectionsOpen == 0 })
        }
    }

    private static let get7 = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
}
