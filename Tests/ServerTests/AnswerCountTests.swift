import Counting
import HTTP
import Reactor
import Server
import Testing

@Suite("Answers are counted")
struct AnswerCountTests {
    private func request(_ method: String, _ path: String, _ more: String = "") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(more)\r\n"
    }

    private func lines(_ figures: AnswerFigures) -> Set<String> {
        Set(
            figures.counts.map {
                "\($0.route) \(Method.names[$0.method]) \(Status.codes[$0.status]) \($0.tenant) \($0.count)"
            }
        )
    }

    @Test(
        "By route, method, status and tenant, at once or later, on whichever loop; refusals by their reason too"
    )
    func counts() async throws {
        try await TestServer.run(loops: 2) { server in
            for _ in 0..<3 {
                let client = try server.connect()
                for sent in [
                    request("GET", "/marked/1/7/0"), request("GET", "/marked/2/7/0/later"),
                    request("HEAD", "/marked/1/7/0"), request("PATCH", "/marked/2/8/5"),
                    request("GET", "/marked/2/0/5/later"), request("BREW", "/marked/0/0/0"),
                ] {
                    client.forget()
                    try await client.send(sent)
                    _ = try await client.receive { $0.contains("\r\n\r\n") }
                }
            }
            let figures = server.server.answered
            #expect(
                lines(figures) == [
                    "1 GET 200 number(7) 3", "2 GET 200 number(7) 3", "1 HEAD 200 number(7) 3",
                    "2 PATCH 403 number(8) 3", "2 GET 403 nobody 3", "0 other 200 nobody 3",
                ]
            )
            #expect(figures.refusals[5] == 6 && figures.refusals.reduce(0, +) == 6)
            let durations = figures.durations.map { ($0.route * 10 + $0.method, $0.reading.count) }
            #expect(
                Dictionary(uniqueKeysWithValues: durations) == [
                    0 + Method.other("").place: 3, 10 + Method.get.place: 3, 10 + Method.head.place: 3,
                    20 + Method.get.place: 6, 20 + Method.patch.place: 3,
                ]
            )
        }
    }

    @Test(
        "An answer to a head alone is counted, and a message that never became a request only by what was wrong"
    )
    func headsAndRejections() async throws {
        try await TestServer.run { server in
            let first = try server.connect()
            try await first.send(request("POST", "/refused", "Content-Length: 5\r\n"))
            _ = try await first.receive { $0.contains("refused") }
            let second = try server.connect()
            try await second.send("BAD\r\n\r\n")
            _ = try await second.receive { $0.contains("\r\n\r\n") }
            #expect(lines(server.server.answered) == ["0 POST 401 nobody 1"])
            let rejections = zip(Rejection.words, server.server.counters.rejectionsBy).filter { $0.1 > 0 }
            #expect(rejections.map { "\($0.0) \($0.1)" } == ["malformed 1"])
        }
    }

    @Test("Tenants beyond the first 64 are counted together, also those that another loop has given a place")
    func manyTenants() async throws {
        try await TestServer.run(loops: 2) { server in
            let clients = [try server.connect(), try server.connect()]
            func ask(_ client: Int, _ tenant: Int) async throws {
                clients[client].forget()
                try await clients[client].send(request("GET", "/marked/1/\(tenant)/0"))
                _ = try await clients[client].receive { $0.contains("\r\n\r\n") }
            }
            for tenant in 1...TenantPlaces.listedMax + 3 { try await ask(0, tenant) }
            // The other loop meets one without a place first.
            for tenant in [TenantPlaces.listedMax + 9, 3, TenantPlaces.listedMax + 1, 3] {
                try await ask(1, tenant)
            }
            let counts = server.server.answered.counts
            #expect(counts.count == TenantPlaces.listedMax + 1)
            func count(_ tenant: AnswerFigures.Tenant) -> Int? { counts.first { $0.tenant == tenant }?.count }
            #expect(count(.others) == 5)
            #expect(count(.number(3)) == 3)
            #expect(count(.number(UInt32(TenantPlaces.listedMax))) == 1)
        }
    }

    @Test("Every status, method and rejection has a place and a word of its own")
    func places() {
        #expect(Status.codes.count == Status.placesMax && Set(Status.codes).count == Status.placesMax)
        #expect(Status.allKnown.map { Status.codes[$0.place] } == Status.allKnown.map { "\($0.code)" })
        #expect(Status.codes[Status(299, "Odd").place] == "other")
        #expect(Method.names.count == Method.placesMax)
        let methods: [Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        #expect(methods.map { Method.names[$0.place] } == methods.map(\.text))
        #expect(Method.names[Method.other("BREW").place] == "other")
        let rejections: [Rejection] = [
            .malformed(""), .requestLineTooLong, .fieldsTooLarge, .bodyTooLarge(limit: 1),
            .unsupportedVersion,
            .methodNotImplemented, .transferCodingNotImplemented, .expectationFailed, .timeout,
            .tooManyConnections, .tooManyBodies, .shuttingDown,
        ]
        #expect(rejections.map(\.place) == Array(Rejection.words.indices))
    }

    @Test("A value is in the bucket of the first bound that is not below it, and beyond all in the last one")
    func buckets() {
        let counter = BucketCounter(bounds: [1, 10, 100])
        for value in [0, 1, 2, 10, 11, 100, 101, 1_000] { counter.record(value) }
        #expect(counter.reading.counts == [2, 2, 2, 2])
        #expect(counter.reading.sum == 1_225 && counter.reading.count == 8)
        var sum = counter.reading
        sum += counter.reading
        #expect(sum.counts == [4, 4, 4, 4] && sum.sum == 2_450)
    }
}
