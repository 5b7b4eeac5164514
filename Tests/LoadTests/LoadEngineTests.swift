import HTTP
import Load
import TestSupport
import Testing

@Suite("Load engine")
struct LoadEngineTests {
    @Test(
        "In a closed loop every request is counted once, over any number of connections and loops",
        arguments: [(1, 1), (7, 1), (16, 3)]
    )
    func closed(connections: Int, loops: Int) async throws {
        let handler = NumberedHandler { _ in .ready(Response(.ok, body: Array("hello".utf8))) }
        let figures = try await LocalServer.run(handler) { server in
            try await server.phase(connections: connections, loops: loops) {
                $0.durationSeconds = 1
                $0.warmUpSeconds = 0
            }
        }
        #expect(figures.answered + figures.warmUp == handler.count)
        #expect(figures.answered > 10)
        #expect(figures.answers == [200: figures.answered])
        #expect(figures.isFaultless)
        #expect(figures.connectionsOpened == connections)
        #expect(figures.perSecond.reduce(0, +) == figures.answered)
        #expect(figures.service.count == UInt64(figures.answered))
        #expect(figures.elapsedNanoseconds >= 1_000_000_000)
        #expect(figures.bytesReceived > figures.answered * 5)
    }

    @Test("What is sent before the figures begin is not in them")
    func warmUp() async throws {
        let handler = NumberedHandler { _ in .ready(Response(.ok)) }
        let figures = try await LocalServer.run(handler) { server in
            try await server.phase {
                $0.warmUpSeconds = 1
                $0.durationSeconds = 1
            }
        }
        #expect(figures.warmUp > 0)
        #expect(figures.answered + figures.warmUp == handler.count)
    }

    @Test("Scripts that end, end the phase")
    func scriptsEnd() async throws {
        let handler = NumberedHandler { _ in .ready(Response(.ok)) }
        let figures = try await LocalServer.run(handler) { server in
            try await server.phase(connections: 3, requests: 5) { _ in }
        }
        #expect((figures.answered, handler.count) == (15, 15))
    }

    @Test("Answers that are not expected are counted by their status")
    func unexpected() async throws {
        let handler = NumberedHandler { .ready(Response($0 % 4 == 0 ? .serviceUnavailable : .ok)) }
        let figures = try await LocalServer.run(handler) { server in
            try await server.phase(requests: 20) { _ in }
        }
        #expect(figures.answers == [200: 15, 503: 5])
        #expect(figures.unexpected == 5)
        #expect(!figures.isFaultless)
    }

    @Test("An answer that does not come is a failure, and another connection takes over")
    func timeout() async throws {
        let handler = NumberedHandler { number in
            number == 3
                ? .pending {
                    try? await Task.sleep(for: .seconds(5))
                    return Response(.ok)
                } : .ready(Response(.ok))
        }
        let figures = try await LocalServer.run(handler) { server in
            try await server.phase(requests: 10) { $0.timeoutSeconds = 1 }
        }
        #expect((figures.answered, figures.failed, figures.count(of: .timeout)) == (9, 1, 1))
        #expect(figures.connectionsOpened == 2)
    }

    @Test("In an open loop as many requests are sent as are due, and no more")
    func openLoop() async throws {
        let handler = NumberedHandler { _ in .ready(Response(.ok)) }
        let figures = try await LocalServer.run(handler) { server in
            try await server.phase(connections: 8, loops: 2) {
                $0.pace = .open(perSecond: 200)
                $0.durationSeconds = 1
            }
        }
        #expect(figures.answered + figures.unsent == 200)
        #expect(figures.answered == handler.count)
        let response = try #require(figures.response(.open(perSecond: 200), each: nil))
        #expect(response.count == 200)
        #expect(response.quantile(0.5) >= figures.service.quantile(0.5))
    }

    @Test("A pause of the server counts for all requests that were due meanwhile, sent or not")
    func coordinatedOmission() async throws {
        let handler = NumberedHandler { number in
            number == 20
                ? .pending {
                    try? await Task.sleep(for: .milliseconds(600))
                    return Response(.ok)
                } : .ready(Response(.ok))
        }
        let figures = try await LocalServer.run(handler) { server in
            try await server.phase(connections: 1) {
                $0.pace = .open(perSecond: 100)
                $0.durationSeconds = 1
            }
        }
        // Of 100 requests one was slow, but about sixty waited for it.
        #expect(figures.service.quantile(0.5) < 300_000_000)
        let response = try #require(figures.response(.open(perSecond: 100), each: nil))
        #expect(response.count == 100)
        #expect(response.quantile(0.85) > 300_000_000)
        #expect(figures.service.largest >= 600_000_000)
    }

    @Test("What an overloaded server leaves unsent has waited until the end")
    func overload() async throws {
        let handler = NumberedHandler { _ in
            .pending {
                try? await Task.sleep(for: .milliseconds(100))
                return Response(.ok)
            }
        }
        let figures = try await LocalServer.run(handler) { server in
            try await server.phase(connections: 1) {
                $0.pace = .open(perSecond: 1_000)
                $0.durationSeconds = 1
            }
        }
        #expect(figures.answered + figures.unsent == 1_000)
        #expect(figures.unsent > 900)
        let response = try #require(figures.response(.open(perSecond: 1_000), each: nil))
        #expect(response.count == 1_000)
        #expect(response.quantile(0.5) > 300_000_000)
    }

    @Test("A server that ends each connection with its answer is asked over new ones, and that is no failure")
    func closing() async throws {
        let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"
        let server = try ScriptedServer(tls: nil) { _ in [.send(answer)] }
        let figures = try await LocalServer(port: server.port).phase(connections: 2, requests: 5) { _ in }
        #expect((figures.answered, figures.failed) == (10, 0))
        #expect(figures.connectionsOpened >= 10)
        #expect(server.requests.count == 10)
        #expect(server.requests.allSatisfy { $0.contains("Authorization: Bearer secret\r\n") })
    }

    @Test("An answer that is cut off, or none of HTTP, is a failure of its kind")
    func broken() async throws {
        for (answer, failure) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", LoadFailure.closed),
            ("ICY 200 OK\r\n\r\n", .malformed),
        ] {
            let server = try ScriptedServer(tls: nil) { _ in [.send(answer)] }
            let figures = try await LocalServer(port: server.port).phase(requests: 2) { _ in }
            #expect((figures.answered, figures.failed, figures.count(of: failure)) == (0, 2, 2))
        }
    }

    @Test("A server that is gone costs failures, is not stormed, and the phase still ends")
    func gone() async throws {
        let handler = NumberedHandler { _ in .ready(Response(.ok)) }
        let (server, place) = try await LocalServer.run(handler) { ($0, try await $0.place()) }
        let figures = try await server.phase(connections: 2, to: place) { $0.durationSeconds = 1 }
        #expect(figures.answered == 0)
        #expect((2...40).contains(figures.count(of: .connect)))
        #expect(figures.failed == figures.count(of: .connect))
        let rest = try await server.phase(connections: 2, to: place) { _ in }
        #expect(rest.failed >= 100)
    }
}
