import Foundation
import Testing

@Suite("Floods", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct FloodTests {
    private static let bodyBytes = 983_040
    private static let spaces = String(repeating: " ", count: bodyBytes - 1_000)

    /// A request whose body ends some bytes too early.
    private func unfinished(_ client: Client, _ more: String = "", sends: Bool) -> String {
        let address = URL(string: client.url)
        return """
            POST \(address?.path() ?? "")/Users HTTP/1.1\r
            Host: \(address?.host() ?? "")\r
            Authorization: Bearer \(client.token ?? "")\r
            Content-Type: application/scim+json\r
            Content-Length: \(Self.bodyBytes)\r
            \(more)\r
            \(sends ? Self.spaces : "")
            """
    }

    /// Opens connections with large bodies, none of which arrives whole; gives the statuses of the answers, 0 for none.
    private func flood(
        _ client: Client,
        connections count: Int,
        waitingMilliseconds wait: Int
    ) throws -> [Int: Int] {
        let connections = try (0..<count).map { _ in
            let connection = try PlainConnection(url: client.url)
            connection.send(unfinished(client, sends: true))
            return connection
        }
        var statuses: [Int: Int] = [:]
        for connection in connections {
            statuses[connection.receivedStatus(withinMilliseconds: wait) ?? 0, default: 0] += 1
        }
        return statuses
    }

    @Test("Who has no good token is answered before the body comes, also in place of 100 Continue")
    func answeredAtTheHead() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            let good = try serving.newTenant("acme")
            var wrong = good
            wrong.token = "wrong"
            for more in ["", "Expect: 100-continue\r\n"] {
                let connection = try PlainConnection(url: wrong.url)
                connection.send(unfinished(wrong, more, sends: false))
                let reply = try connection.receive()
                #expect(reply.status == 401)
                #expect(reply.field("Connection") == "close")
                #expect(throws: Failure.self) { try connection.receive() }
            }
            let asked = try PlainConnection(url: good.url)
            asked.send(unfinished(good, "Expect: 100-continue\r\n", sends: false))
            #expect(try asked.receive().status == 100)
        }
    }

    @Test("Large bodies with a wrong token keep no memory, and those of one tenant a bounded amount")
    func memory() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            let good = try serving.newTenant("acme")
            let other = try serving.newTenant("other")
            var wrong = good
            wrong.token = "wrong"
            let idle = try peakMebibytes(of: serving.server.process)

            #expect(try flood(wrong, connections: 150, waitingMilliseconds: 5_000) == [401: 150])
            let refused = try peakMebibytes(of: serving.server.process)
            #expect(refused < idle + 40, "\(idle) MiB, then \(refused) MiB")

            let statuses = try flood(good, connections: 80, waitingMilliseconds: 20)
            #expect(statuses[503] ?? 0 >= 40, "\(statuses)")
            #expect(statuses[0] ?? 0 >= 30, "\(statuses)")
            let received = try peakMebibytes(of: serving.server.process)
            #expect(received < idle + 120, "\(idle) MiB, then \(received) MiB")
            #expect(try other.post("/Users", Client.user("bjensen")).status == 201)
            try eventually { try good.post("/Users", Client.user("bjensen")).status == 201 }
        }
    }

    @Test(
        "Guesses are slowed down, a good token from the same address is not, and the trail tells of it once"
    )
    func guesses() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(
                data: folder.appending(path: "data"),
                [
                    "--http", "--audit-output", "stdout", "--failures-per-second", "2", "--failure-burst",
                    "20",
                ]
            )
            let good = try serving.newTenant("acme")
            var wrong = good
            wrong.token = "phs_000000000000_wrong"
            let guesser = try PlainConnection(url: wrong.url)
            var statuses: [Int: Int] = [:]
            let start = Date()
            for number in 0..<300 {
                guesser.send(wrong.text("GET", "/Users", ""))
                let reply = try guesser.receive()
                statuses[reply.status, default: 0] += 1
                if reply.status == 429 { #expect(Int(reply.field("Retry-After") ?? "") == 1) }
                if number % 50 == 0 { #expect(try good.get("/Users").status == 200) }
            }
            let seconds = Int(Date().timeIntervalSince(start)) + 1
            #expect(Set(statuses.keys) == [401, 429])
            #expect((20...20 + 2 * seconds).contains(statuses[401] ?? 0), "\(statuses) in \(seconds) s")
            #expect(serving.server.stop() == 0)
            let limited = serving.server.auditEntries.filter { $0["SCIM_EVENT"] as? String == "rate.limited" }
            #expect((1...2).contains(limited.count))
            #expect(limited.first?["SCIM_IP"] as? String == "127.0.0.1")
        }
    }

    @Test("Requests of one tenant beyond its rate are 429, and another tenant is served as ever")
    func tenantRate() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(
                data: folder.appending(path: "data"),
                [
                    "--http", "--audit-output", "stdout", "--requests-per-second", "1", "--request-burst",
                    "10",
                ]
            )
            defer { serving.server.stop() }
            let clients = try ["acme", "other"].map { try serving.newTenant($0) }
            let connections = try clients.map { try PlainConnection(url: $0.url) }
            func statuses(_ index: Int, _ count: Int) throws -> [Int] {
                try (0..<count).map { _ in
                    connections[index].send(clients[index].text("GET", "/Users", ""))
                    return try connections[index].receive().status
                }
            }
            let flood = try statuses(0, 100)
            #expect(Set(flood) == [200, 429])
            #expect(flood.prefix(10).allSatisfy { $0 == 200 })
            #expect(try statuses(1, 5) == [200, 200, 200, 200, 200])
        }
    }

    @Test(
        "A rate that makes no sense is refused, and so is a size of the log",
        arguments: [
            "--requests-per-second", "--request-burst", "--failures-per-second", "--failure-burst",
            "--log-hours", "--log-bytes",
        ]
    )
    func numbers(option: String) throws {
        let finished = try Program.run(
            Program.pharos,
            ["serve", "--data", "/dev/null/nowhere", "--http", option, "\(1 << 41)"]
        )
        #expect(finished.status == 64)
        #expect(finished.errors.contains(option))
    }

    /// The most memory that a process has had at a time.
    private func peakMebibytes(of process: Process) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return (line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first ?? 0) / 1_024
        }
        throw Failure("no VmHWM in \(status)")
    }
}
