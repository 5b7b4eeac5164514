import HTTP
import Reactor
import Server
import Synchronization
import Testing

@Suite("Answers that are sent while they are written")
struct StreamTests {
    private static func get(_ path: String, _ version: String = "1.1") -> String {
        "GET \(path) HTTP/\(version)\r\nHost: x\r\n\r\n"
    }

    @Test("RFC 9112 §7.1: the content comes in chunks, and the connection goes on with the next request")
    func chunks() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send(Self.get("/parts/3/2") + Self.get("/next"))
            let text = try await client.receive { $0.hasSuffix("/next") }
            #expect(text.contains("\r\nTransfer-Encoding: chunked\r\n"))
            #expect(text.count(of: "Content-Length") == 1)
            let content = "5\r\nbegin\r\n2\r\nxx\r\n2\r\nxx\r\n2\r\nxx\r\n0\r\n\r\nHTTP/1.1 200 OK"
            #expect(text.contains("\r\n\r\n" + content))
        }
    }

    @Test("What cannot go on has no last chunk, and its connection ends")
    func broken() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send(Self.get("/parts/3/2/broken") + Self.get("/next"))
            let text = try await client.receiveToEnd()
            #expect(text.contains("5\r\nbegin\r\n"))
            #expect(!text.contains("0\r\n\r\n") && !text.contains("/next"))
            #expect(await eventually { server.server.counters.connectionsOpen == 0 })
        }
    }

    @Test(
        "RFC 9112 §6.1, §6.3: a client of HTTP/1.0 gets no chunks, and the content ends with the connection"
    )
    func oldClient() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send(Self.get("/parts/3/2", "1.0"))
            let text = try await client.receiveToEnd()
            #expect(!text.contains("Transfer-Encoding") && !text.contains("Content-Length"))
            #expect(text.contains("\r\nConnection: close\r\n"))
            #expect(text.hasSuffix("\r\n\r\nbeginxxxxxx"))
        }
    }

    @Test("RFC 9110 §9.3.2: an answer to HEAD has the head alone, of which nothing more is written")
    func head() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send("HEAD /parts/3/2 HTTP/1.1\r\nHost: x\r\n\r\n" + Self.get("/next"))
            let text = try await client.receive { $0.hasSuffix("/next") }
            #expect(text.count(of: "HTTP/1.1 200 OK") == 2 && !text.contains("begin"))
            #expect(server.handler.partsWritten.load(ordering: .relaxed) == 0)
        }
    }

    @Test("Nothing is written ahead for a client that does not read, and others are answered meanwhile")
    func backPressure() async throws {
        try await TestServer.run { server in
            let slow = try server.connect()
            try await slow.send(Self.get("/parts/2000/20000"))
            #expect(await eventually { server.handler.partsWritten.load(ordering: .relaxed) > 3 })
            await pause(.milliseconds(200))
            let written = server.handler.partsWritten.load(ordering: .relaxed)
            // What the sockets hold, and little more.
            #expect(written < 1_000)
            let other = try server.connect()
            try await other.send(Self.get("/parts/2/10"))
            try await other.receive { $0.hasSuffix("0\r\n\r\n") }
            let end = Array("\r\n0\r\n\r\n".utf8)
            #expect(
                await eventually {
                    while slow.poll() {}
                    return slow.received.suffix(end.count) == end[...]
                }
            )
            #expect(slow.received.count > 40_000_000)
        }
    }

    @Test("A client that leaves ends what is written for it")
    func disconnect() async throws {
        try await TestServer.run { server in
            do {
                let client = try server.connect()
                try await client.send(Self.get("/parts/100000/100000"))
                try await client.receive { $0.utf8.count > 1_000_000 }
            }
            #expect(await eventually { server.server.counters.connectionsOpen == 0 })
            let written = server.handler.partsWritten.load(ordering: .relaxed)
            await pause(.milliseconds(50))
            #expect(server.handler.partsWritten.load(ordering: .relaxed) <= written + 1)
        }
    }
}
