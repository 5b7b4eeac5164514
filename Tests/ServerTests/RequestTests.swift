import Foundation
import HTTP
import Reactor
import Server
import Testing

@Suite("Requests over a socket")
struct RequestTests {
    private let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("RFC 9112 §9.3: one connection carries request after request")
    func keepAlive() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            for _ in 0..<5 {
                try await client.send(get)
                let answer = try await client.receive { $0.hasSuffix("\r\n\r\n/a") }
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
                #expect(!answer.contains("Connection: close"))
                client.forget()
            }
            #expect(server.server.counters.requests == 5)
            #expect(server.server.counters.connectionsOpen == 1)
        }
    }

    @Test("A request arrives byte by byte and is answered once")
    func byteByByte() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            for byte in "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello".utf8 {
                try await client.send([byte])
            }
            let answer = try await client.receive { $0.hasSuffix("hello") }
            #expect(answer.count(of: "HTTP/1.1 200") == 1)
        }
    }

    @Test("RFC 9112 §9.3.2: pipelined answers come in order, those that take time among those that do not")
    func pipelining() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let paths = (0..<40).map { $0 % 5 == 2 ? "/later/\($0)" : "/now/\($0)" }
            try await client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
            let answer = try await client.receive { $0.hasSuffix("/now/39") }
            let bodies = answer.components(separatedBy: "\r\n\r\n").dropFirst().map {
                String($0.prefix { $0 != "H" })
            }
            #expect(bodies == paths)
        }
    }

    @Test("Thousands of pipelined requests are all answered, more than one turn takes")
    func longPipeline() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send(get)
            let one = try await client.receive { $0.hasSuffix("\r\n\r\n/a") }
            client.forget()
            let count = 3000
            try await client.sendWhileReceiving(String(repeating: get, count: count))
            let bytes = count * one.utf8.count
            #expect(await eventually { !client.poll() && client.received.count >= bytes })
            #expect(client.received.count == bytes)
            #expect(server.server.counters.requests == count + 1)
        }
    }

    @Test("A connection and its operations are served on the account of its last request")
    func accounts() async throws {
        try await TestServer.run { server in
            for (path, accounts) in [("/account", "007"), ("/account/later", "077")] {
                let client = try server.connect()
                for (name, account) in zip(["", "/7", ""], accounts) {
                    let target = "/account\(name)\(path.dropFirst("/account".count))"
                    try await client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
                    try await client.receive { $0.hasSuffix("\r\n\r\n\(account)") }
                    client.forget()
                }
            }
        }
    }

    @Test("RFC 9110 §10.1.1: Expect: 100-continue is answered before the content comes")
    func expectContinue() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send(
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
            )
            try await client.receive { $0 == "HTTP/1.1 100 Continue\r\n\r\n" }
            try await client.send("hello")
            try await client.receive { $0.hasSuffix("\r\n\r\nhello") }
        }
    }

    @Test("RFC 9110 §9.3.2: HEAD gets the length and no content")
    func head() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            let answer = try await client.receive { $0.hasSuffix("\r\n\r\n/b") }
            #expect(answer.contains("Content-Length: 4\r\n\r\nHTTP/1.1 200"))
        }
    }

    @Test("RFC 9112 §9.6: a request that asks for it is the last one")
    func closes() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n\(get)")
            let answer = try await client.receiveToEnd()
            #expect(answer.count(of: "HTTP/1.1 200") == 1)
            #expect(answer.contains("Connection: close\r\n"))
        }
    }

    @Test(
        "A malformed request is refused with Connection: close, after the answers before it",
        arguments: [
            "GET /a HTTP/1.1\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "GET  /a HTTP/1.1\r\nHost: x\r\n\r\n",
        ]
    )
    func rejection(text: String) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send(get + text + get)
            let answer = try await client.receiveToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.count(of: "HTTP/1.1 ") == 2)
            #expect(answer.contains("\r\n\r\n/aHTTP/1.1 400 Bad Request\r\n"))
            #expect(answer.count(of: "Connection: close\r\n") == 1)
            #expect(server.server.counters.rejections == 1)
            #expect(await eventually { server.server.counters.connectionsOpen == 0 })
        }
    }

    @Test("A refusal can be read although the client goes on sending")
    func lingering() async throws {
        try await TestServer.run { configuration in
            configuration.limits.bodyBytesMax = 1000
        } _: { server in
            let client = try server.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n")
            for _ in 0..<30 { try await client.send([UInt8](repeating: 0x78, count: 100_000)) }
            let answer = try await client.receiveToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.contains("1000 bytes"))
        }
    }

    @Test("A client that finishes sending still gets its answers", arguments: ["/a", "/later/a"])
    func halfClose(path: String) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            client.finishSending()
            let answer = try await client.receiveToEnd()
            #expect(answer.hasSuffix("\r\n\r\n\(path)"))
            #expect(await eventually { server.server.counters.connectionsOpen == 0 })
        }
    }

    @Test("A client that leaves during an operation harms nobody, and the operation ends")
    func disconnectWhilePending() async throws {
        try await TestServer.run { server in
            do {
                let client = try server.connect()
                try await client.send("GET /gate/1 HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(await eventually { server.handler.operationsStarted == 1 })
            }
            // The slot of the one that left may be taken by this one, which must not get its answer.
            let client = try server.connect()
            try await client.send("GET /gate/2 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await eventually { server.handler.operationsStarted == 2 })
            server.handler.openGate()
            let answer = try await client.receive { $0.contains("/gate/") }
            #expect(answer.hasSuffix("/gate/2"))
            #expect(await eventually { server.handler.operationsEnded == 2 })
            #expect(await eventually { server.server.counters.connectionsOpen == 1 })
            #expect(server.server.counters.operationsUnderWay == 0)
        }
    }

    @Test("The peer is told by address, or by user on a Unix socket")
    func peer() async throws {
        let path = "/tmp/server-test-\(getProcessID()).sock"
        try await TestServer.run(endpoints: [
            .tcp(host: "127.0.0.1", port: 0, security: .plain), .local(path: path, mode: 0o600),
        ]) { server in
            let client = try server.connect()
            try await client.send("GET /peer HTTP/1.1\r\nHost: x\r\n\r\n")
            try await client.receive { $0.hasSuffix("127.0.0.1 - false") }
            let local = TestClient(try .connecting(toPath: path))
            try await local.send("GET /peer HTTP/1.1\r\nHost: x\r\n\r\n")
            try await local.receive { $0.hasSuffix("- \(getUserID()) false") }
        }
    }
}

extension TestClient {
    /// Sends and receives in turn, so that neither side's buffers fill up for good.
    func sendWhileReceiving(_ text: String) async throws {
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 4096) {
            try await send(Array(bytes[start..<min(start + 4096, bytes.count)]))
            while poll() {}
        }
    }
}
