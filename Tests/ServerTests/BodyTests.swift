import HTTP
import Reactor
import Server
import Testing

@Suite("Bodies that have not arrived whole")
struct BodyTests {
    private func head(_ path: String, _ length: Int, _ more: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\(more)\r\n"
    }

    private func letters(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test(
        "RFC 9110 §10.1.1: what the head decides is answered before the body comes, in place of 100, and the connection ends",
        arguments: ["", "Expect: 100-continue\r\n"],
        [0, 70_000]
    )
    func refusedAtTheHead(more: String, sent: Int) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send(head("/refused", 1_000_000, more) + letters(sent))
            let answer = try await client.receiveToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 401 "))
            #expect(answer.contains("Connection: close\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nrefused"))
            #expect(server.server.counters.bodyBytes == 0)
            #expect(server.server.counters.requests == 1)
            #expect(server.server.counters.rejections == 0)
        }
    }

    @Test("A client that sends its whole body first still reads the answer")
    func refusedWhileSending() async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.linger = .seconds(10)
        } _: { server in
            let client = try server.connect()
            try await client.send(head("/refused", 1_000_000))
            for _ in 0..<10 {
                try await client.send([UInt8](repeating: 0x78, count: 100_000))
                await pause(.milliseconds(5))
            }
            #expect(try await client.receive { $0.hasSuffix("refused") }.hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test("A client that still sends is waited for, longer than one that does not, and not for ever")
    func lingering() async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.linger = .milliseconds(300)
            configuration.deadlines.lingerMax = .milliseconds(1_500)
        } _: { server in
            let client = try server.connect()
            // Before the server begins to wait, whenever the client gets to read the answer.
            let start = ContinuousClock.now
            try await client.send(head("/refused", 1_000_000))
            try await client.receive { $0.hasSuffix("refused") }
            var longest = Duration.zero
            var last = ContinuousClock.now
            while server.server.counters.connectionsOpen > 0, .now - start < .seconds(20) {
                try await client.send("x")
                await pause(.milliseconds(20))
                longest = max(longest, .now - last)
                last = .now
            }
            #expect(server.server.counters.connectionsOpen == 0)
            // On a busy machine it may have been the client that was silent.
            if longest < .milliseconds(250) { #expect(last - start >= .milliseconds(1_400)) }

            let silent = try server.connect()
            try await silent.send(head("/refused", 1_000_000))
            try await silent.receive { $0.hasSuffix("refused") }
            let silence = ContinuousClock.now
            #expect(await eventually { server.server.counters.connectionsOpen == 0 })
            #expect(.now - silence < .milliseconds(1_400) || longest > .milliseconds(250))
        }
    }

    @Test("Requests before one that is refused at its head are answered, and none after it")
    func pipelined() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let get = "GET /later/a HTTP/1.1\r\nHost: x\r\n\r\n"
            try await client.send(get + head("/refused", 100) + letters(50))
            let answer = try await client.receiveToEnd()
            #expect(answer.count(of: "HTTP/1.1 200 ") == 1)
            #expect(answer.count(of: "HTTP/1.1 401 ") == 1)
            #expect(answer.hasSuffix("refused"))
        }
    }

    @Test("A body that is let in is asked for, counted while it comes, and not afterwards")
    func received() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send(head("/echo", 4, "Expect: 100-continue\r\n"))
            try await client.receive { $0 == "HTTP/1.1 100 Continue\r\n\r\n" }
            try await client.send("ab")
            #expect(await eventually { server.server.counters.bodyBytes == 2 })
            try await client.send("cd")
            try await client.receive { $0.hasSuffix("\r\n\r\nabcd") }
            #expect(server.server.counters.bodyBytes == 0)
        }
    }

    @Test(
        "A body is counted until its request has been carried out, also when its client has left",
        arguments: [true, false]
    )
    func carriedOut(leaves: Bool) async throws {
        try await TestServer.run { server in
            var clients = [try server.connect()]
            try await clients[0].send(head("/gate", 4))
            try await clients[0].send("ab")
            #expect(await eventually { server.server.counters.bodyBytes == 2 })
            try await clients[0].send("cd")
            #expect(await eventually { server.handler.operationsStarted == 1 })
            // What came last, with which the body is whole, is not counted any more.
            if leaves { clients = [] }
            await pause(.milliseconds(50))
            #expect(server.server.counters.bodyBytes == 2)
            server.handler.openGate()
            #expect(await eventually { server.server.counters.bodyBytes == 0 })
        }
    }

    @Test("What is counted of a body is given back when its client leaves, is too slow or breaks the grammar")
    func givenBack() async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.transferWindow = .milliseconds(300)
        } _: { server in
            let chunked = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc"
            let slow = try server.connect()
            try await slow.send(chunked)
            let wrong = try server.connect()
            try await wrong.send(chunked)
            do {
                let leaving = try server.connect()
                try await leaving.send(chunked)
                #expect(await eventually { server.server.counters.bodyBytes == 9 })
            }
            try await wrong.send("def")
            #expect(try await wrong.receiveToEnd().hasPrefix("HTTP/1.1 400 "))
            #expect(try await slow.receiveToEnd().hasPrefix("HTTP/1.1 408 "))
            #expect(await eventually { server.server.counters.bodyBytes == 0 })
        }
    }

    @Test(
        "Beyond the bound of one tenant, or of all, a body is answered 503 and its connection ends; then there is room",
        arguments: [true, false]
    )
    func bounds(isOfTenant: Bool) async throws {
        try await TestServer.run { configuration in
            configuration.limits.bodyBytesMax = 500_000
            if isOfTenant {
                configuration.capacity.bodyBytesPerTenantMax = 1_000_000
            } else {
                configuration.capacity.bodyBytesMax = 1_000_000
            }
        } _: { server in
            let tenants = isOfTenant ? [1, 1, 1] : [1, 2, 3]
            let clients = try tenants.map { _ in try server.connect() }
            for (client, tenant) in zip(clients, tenants) {
                try await client.send(head("/tenant/\(tenant)", 500_000) + letters(400_000))
                if client !== clients.last {
                    let bytes = client === clients[0] ? 400_000 : 800_000
                    #expect(await eventually { server.server.counters.bodyBytes == bytes })
                }
            }
            #expect(try await clients[2].receiveToEnd().hasPrefix("HTTP/1.1 503 "))
            #expect(server.server.counters.bodyBytes == 800_000)
            if isOfTenant {
                let other = try server.connect()
                try await other.send(head("/tenant/2", 500_000) + letters(500_000))
                try await other.receive { $0.hasSuffix("/tenant/2") }
            }
            try await clients[0].send(letters(100_000))
            try await clients[0].receive { $0.hasPrefix("HTTP/1.1 200 ") }
            let next = try server.connect()
            try await next.send(head("/tenant/\(tenants[2])", 500_000) + letters(500_000))
            try await next.receive { $0.hasPrefix("HTTP/1.1 200 ") }
            #expect(!clients[1].isClosed)
        }
    }

    @Test("One address has a bound of its own, whose tenants do not matter; who is exempt has none")
    func originBound() {
        var capacity = ServerConfiguration.Capacity()
        capacity.bodyBytesPerOriginMax = 1_000
        let budget = BodyBudget(capacity, largestBody: 100)
        #expect(budget.take(600, for: .init(tenant: 1, origin: 7)))
        #expect(budget.take(400, for: .init(tenant: 2, origin: 7)))
        #expect(!budget.take(1, for: .init(tenant: 3, origin: 7)))
        #expect(!budget.take(1_001, for: .init(tenant: 3, origin: 8)))
        #expect(budget.take(5_000, for: .init(tenant: 3, origin: nil)))
        budget.giveBack(600, of: .init(tenant: 1, origin: 7))
        #expect(budget.take(600, for: .init(tenant: 3, origin: 7)))
        #expect(budget.bytes == 6_000)
    }

    @Test("The largest body that is allowed has room where there is no other, whatever the bounds")
    func largestBody() {
        var capacity = ServerConfiguration.Capacity()
        capacity.bodyBytesMax = 10
        capacity.bodyBytesPerTenantMax = 10
        capacity.bodyBytesPerOriginMax = 10
        let budget = BodyBudget(capacity, largestBody: 100)
        #expect(budget.take(100, for: .init(tenant: 1, origin: 7)))
        #expect(!budget.take(1, for: .init(tenant: 2, origin: 8)))
    }

    @Test(
        "A body keeps the least rate of the windows only for the grace, then that of the whole",
        arguments: [(500, false), (8_000, true)]
    )
    func wholeDeadline(bytes: Int, isFastEnough: Bool) async throws {
        try await TestServer.run { configuration in
            configuration.deadlines.transferWindow = .milliseconds(200)
            configuration.deadlines.transferGrace = .milliseconds(400)
            configuration.deadlines.sustainedBytesPerSecondMin = 40_000
        } _: { server in
            let client = try server.connect()
            try await client.send(head("/echo", 30 * bytes))
            for _ in 0..<30 {
                try await client.send([UInt8](repeating: 0x78, count: bytes))
                await pause(.milliseconds(50))
                _ = client.poll()
                if client.isClosed || !client.received.isEmpty { break }
            }
            let answer = try await client.receive { $0.contains("\r\n\r\n") }
            #expect(answer.hasPrefix(isFastEnough ? "HTTP/1.1 200 " : "HTTP/1.1 408 "))
        }
    }

    @Test(
        "Beyond the bound of answers that wait, who has not read for longest is closed, and who reads is served"
    )
    func slowestReader() async throws {
        let bound = 60_000_000
        try await TestServer.run { configuration in
            configuration.deadlines.transferWindow = .seconds(60)
            configuration.capacity.outputBytesOfAllMax = bound
        } _: { server in
            let large = "GET /large/30000000 HTTP/1.1\r\nHost: x\r\n\r\n"
            var clients: [TestClient] = []
            for number in 1...4 {
                clients.append(try server.connect())
                try await clients[number - 1].send(large)
                #expect(await eventually { server.server.counters.requests == number })
            }
            #expect(await eventually { server.server.counters.outputBytes <= bound })
            #expect(server.server.counters.slowReaders >= 1)
            let bytes = try await clients[0].receiveToEnd().utf8.count
            #expect(bytes < 30_000_000)
            var last = 0
            let deadline = ContinuousClock.now + .seconds(20)
            while last < 30_000_000, !clients[3].isClosed, ContinuousClock.now < deadline {
                if !clients[3].poll() { await pause(.microseconds(200)) }
                last += clients[3].received.count
                clients[3].forget()
            }
            #expect(last > 30_000_000)
        }
    }

    @Test(
        "A loop that is within its share of what may wait closes nobody for the slow readers of another one"
    )
    func slowReadersOfAnotherLoop() async throws {
        let bound = 60_000_000
        try await TestServer.run(loops: 2) { configuration in
            configuration.deadlines.transferWindow = .seconds(60)
            configuration.capacity.outputBytesOfAllMax = bound
        } _: { server in
            // An answer of 29 MB takes a loop's share, nearly. Each connection goes to the loop that has fewer, which is the first one where both have as many.
            var clients: [TestClient] = []
            for _ in 0..<3 {
                let client = try server.connect()
                try await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
                try await client.receive { $0.hasSuffix("/a") }
                clients.append(client)
            }
            let counters = server.server.counters
            func ask(_ client: TestClient, _ number: Int) async throws {
                try await client.send("GET /large/29000000 HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(await eventually { server.server.counters.requests == counters.requests + number })
            }
            try await ask(clients[0], 1)
            try await ask(clients[2], 2)
            try await ask(clients[1], 3)
            let answer = try await clients[1].receive { $0.utf8.count > 29_000_000 }
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }
}
