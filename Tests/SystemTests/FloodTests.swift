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

    /// The most memory that a process has had at a time.
    private func peakMebibytes(of process: Process) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return (line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first ?? 0) / 1_024
        }
        throw Failure("no VmHWM in \(status)")
    }
}
