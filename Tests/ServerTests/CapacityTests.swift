import HTTP
import Reactor
import Server
import Testing

@Suite("Deadlines, caps and back-pressure")
struct CapacityTests {
    private let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test(
        "A client that is slow with its head or content is told so and closed",
        arguments: [
            "GET /a HTTP/1.1\r\nHos",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        ]
    )
    func slowRequests(text: String) async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.head = .milliseconds(100)
            configuration.deadlines.transferWindow = .milliseconds(100)
        } _: { server in
            let client = try server.connect()
            try await client.send(get)
            try await client.receive { $0.hasSuffix("/a") }
            client.forget()
            let start = ContinuousClock.now
            try await client.send(text)
            let answer = try await client.receiveToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(answer.contains("Connection: close\r\n"))
            #expect(ContinuousClock.now - start >= .milliseconds(95))
            #expect(server.server.counters.timeouts == 1)
        }
    }

    @Test("A trickled head meets the deadline of its first byte")
    func trickledHead() async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.head = .milliseconds(150)
        } _: { server in
            let client = try server.connect()
            // At this pace the head would take ten seconds, and no two bytes are a deadline apart.
            let head = Array("GET /".utf8) + [UInt8](repeating: 0x61, count: 995)
            var sent = 0
            for byte in head {
                try await client.send([byte])
                sent += 1
                await pause(.milliseconds(10))
                _ = client.poll()
                if client.isClosed || !client.received.isEmpty { break }
            }
            let answer = try await client.receiveToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(sent < head.count)
        }
    }

    @Test("Content that keeps the least rate may take longer than a window")
    func steadyContent() async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.transferWindow = .milliseconds(400)
        } _: { server in
            let client = try server.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n")
            var pace = Pace()
            for _ in 0..<16 {
                try await client.send([UInt8](repeating: 0x78, count: 500))
                try await pace.wait(.milliseconds(50))
            }
            guard pace.longest < .milliseconds(150) else { return }
            let answer = try await client.receive { $0.hasSuffix("xxxx") }
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test("An idle connection is closed without a word, a busy one is not")
    func idle() async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.idle = .milliseconds(600)
        } _: { server in
            let quiet = try server.connect()
            let busy = try server.connect()
            var pace = Pace()
            for _ in 0..<8 where pace.longest < .milliseconds(300) {
                try await busy.send(get)
                try await busy.receive { $0.hasSuffix("/a") }
                busy.forget()
                try await pace.wait(.milliseconds(100))
            }
            #expect(try await quiet.receiveToEnd().isEmpty)
            if pace.longest < .milliseconds(300) { #expect(!busy.isClosed) }
            #expect(server.server.counters.timeouts == 0)
        }
    }

    @Test("A connection that has been idle for a while keeps nothing for its next request, and answers it")
    func rest() async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.rest = .milliseconds(20)
        } _: { server in
            let client = try server.connect()
            func isKept() async throws -> Bool {
                client.forget()
                try await client.send("GET /kept HTTP/1.1\r\nHost: x\r\n\r\n")
                return try await client.receive { $0.hasSuffix("true") || $0.hasSuffix("false") }
                    .hasSuffix("kept: true")
            }
            #expect(try await !isKept())
            // One after the other at once, and then with ever longer pauses.
            var hasKept = false
            for _ in 0..<100 where !hasKept { hasKept = try await isKept() }
            #expect(hasKept)
            var milliseconds = 10
            while try await isKept(), milliseconds < 10_000 {
                milliseconds *= 2
                await pause(.milliseconds(milliseconds))
            }
            #expect(milliseconds < 10_000)
            #expect(!client.isClosed)
            #expect(server.server.counters.timeouts == 0)
        }
    }

    @Test("A client that does not read is no longer served, others are, and memory stays bounded")
    func backPressure() async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.transferWindow = .seconds(30)
        } _: { server in
            let greedy = try server.connect()
            let large = "GET /large/1000000 HTTP/1.1\r\nHost: x\r\n\r\n"
            try await greedy.send(String(repeating: large, count: 60))
            await pause(.milliseconds(100))
            let handled = server.server.counters.requests
            // The kernel holds some megabytes; the server adds one answer above its mark and stops.
            #expect(handled < 30)
            let client = try server.connect()
            try await client.send(get)
            try await client.receive { $0.hasSuffix("/a") }
            #expect(server.server.counters.requests == handled + 1)
            var bytes = 0
            let deadline = ContinuousClock.now + .seconds(10)
            while bytes < 60_000_000, ContinuousClock.now < deadline {
                if !greedy.poll() { await pause(.microseconds(200)) }
                bytes += greedy.received.count
                greedy.forget()
            }
            #expect(bytes >= 60_000_000)
            #expect(server.server.counters.requests == 61)
        }
    }

    @Test("A client that never reads a large answer is closed")
    func stalledReader() async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.transferWindow = .milliseconds(100)
        } _: { server in
            let client = try server.connect()
            try await client.send("GET /large/30000000 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await eventually { server.server.counters.timeouts == 1 })
            #expect(await eventually { server.server.counters.connectionsOpen == 0 })
        }
    }

    @Test("Beyond the cap a connection is answered 503 and closed; when one leaves, there is room")
    func connectionCap() async throws {
        try await TestServer.run { configuration in
            configuration.capacity.connectionsMax = 2
            configuration.capacity.refusalsMax = 1
        } _: { server in
            let first = try server.connect()
            do {
                let second = try server.connect()
                try await first.send(get)
                try await first.receive { $0.hasSuffix("/a") }
                #expect(await eventually { server.server.counters.connectionsOpen == 2 })
                let third = try server.connect()
                try await third.send(get)
                #expect(try await third.receiveToEnd().hasPrefix("HTTP/1.1 503 "))
                #expect(!second.isClosed)
            }
            #expect(await eventually { server.server.counters.connectionsOpen == 1 })
            let fourth = try server.connect()
            try await fourth.send(get)
            try await fourth.receive { $0.hasPrefix("HTTP/1.1 200 ") }
            #expect(server.server.counters.connectionsRefused == 1)
        }
    }

    @Test("When even the refusals are used up, a connection is closed at once")
    func refusalCap() async throws {
        try await TestServer.run { configuration in
            configuration.capacity.connectionsMax = 1
            configuration.capacity.refusalsMax = 1
            configuration.deadlines.head = .milliseconds(1_000)
        } _: { server in
            let first = try server.connect()
            try await first.send(get)
            try await first.receive { $0.hasSuffix("/a") }
            let silent = try server.connect()
            #expect(await eventually { server.server.counters.connectionsOpen == 2 })
            let dropped = try server.connect()
            #expect(try await dropped.receiveToEnd().isEmpty)
            #expect(!silent.isClosed)
            // It does not keep its place for as long as an idle connection may.
            #expect(try await silent.receiveToEnd().hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test("Beyond the cap on operations the answer is 503 and the connection stays")
    func operationCap() async throws {
        try await TestServer.run { configuration in
            configuration.capacity.operationsMax = 1
        } _: { server in
            let first = try server.connect()
            try await first.send("GET /gate/1 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await eventually { server.handler.operationsStarted == 1 })
            let second = try server.connect()
            try await second.send("GET /gate/2 HTTP/1.1\r\nHost: x\r\n\r\n")
            try await second.receive { $0.hasPrefix("HTTP/1.1 503 ") }
            server.handler.openGate()
            try await first.receive { $0.hasSuffix("/gate/1") }
            second.forget()
            try await second.send("GET /later/2 HTTP/1.1\r\nHost: x\r\n\r\n")
            try await second.receive { $0.hasSuffix("/later/2") }
        }
    }

    @Test("Whose requests keep the loop for long is answered after those whose requests do not")
    func longRequests() async throws {
        try await TestServer.run { server in
            let long = try [server.connect(), server.connect()]
            for client in long {
                try await client.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
                try await client.receive { $0.contains("\r\n\r\n") }
                client.forget()
            }
            let short = try server.connect()
            var orders: [[String]] = []
            // A machine that is busy makes a short request long now and then.
            while orders.count < 50, orders.last != ["/a", "/long", "/long"] {
                try await short.send(get)
                try await short.receive { $0.hasSuffix("/a") }
                short.forget()
                let before = server.handler.paths.count
                try await server.holdingLoop {
                    for client in long { try await client.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n") }
                    try await short.send(get)
                }
                for client in long {
                    try await client.receive { $0.contains("\r\n\r\n") }
                    client.forget()
                }
                try await short.receive { $0.hasSuffix("/a") }
                short.forget()
                orders.append(Array(server.handler.paths.dropFirst(before)))
            }
            #expect(orders.last == ["/a", "/long", "/long"], "\(orders)")
        }
    }

    @Test("Connections are spread evenly over the loops, and all of them are served")
    func balance() async throws {
        try await TestServer.run(loops: 2) { server in
            var clients: [TestClient] = []
            for _ in 0..<20 { clients.append(try server.connect()) }
            for client in clients {
                try await client.send(get)
                try await client.receive { $0.hasSuffix("/a") }
            }
            #expect(server.server.counters.connectionsOpen == 20)
        }
    }
}

/// How steadily a test client works: on a busy machine it may be the slow one, and then proves nothing.
private struct Pace {
    private var last = ContinuousClock.now
    private(set) var longest = Duration.zero

    mutating func wait(_ duration: Duration) async throws {
        await pause(duration)
        longest = max(longest, ContinuousClock.now - last)
        last = .now
    }
}
