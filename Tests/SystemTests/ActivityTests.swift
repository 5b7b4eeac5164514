import Foundation
import Testing

@Suite("A tenant's activity", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct ActivityTests {
    /// What the admin socket shows.
    private static func activity(_ server: ServerUnderTest, _ query: String = "") throws -> [String: Any] {
        let socket = server.ready["adminSocket"] as? String ?? ""
        let finished = try Program.run(
            "/usr/bin/curl",
            [
                "-sS", "--max-time", "40", "--unix-socket", socket,
                "http://localhost/tenants/acme/activity\(query)",
            ]
        )
        return JSON.object(finished.output)
    }

    private static func routes(_ activity: [String: Any]) -> [String] {
        (activity["exchanges"] as? [[String: Any]] ?? []).map { "\($0["method"] ?? "") \($0["route"] ?? "")" }
    }

    @Test(
        "It is shown over the admin socket, outlives the server, and who waits for more does not delay its end"
    )
    func life() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            var serving = try ServingServer(data: data)
            let client = try serving.newTenant("acme")
            _ = try client.get("/Users")
            _ = try client.post("/Users", Client.user("ann"))
            let shown = try Self.activity(serving.server)
            #expect(Self.routes(shown) == ["GET Users", "POST Users"])
            let last = shown["lastSequence"] as? Int ?? 0
            #expect(try Self.routes(Self.activity(serving.server, "?after=\(last - 1)")) == ["POST Users"])
            let waiting = try Program.start(
                "/usr/bin/curl",
                [
                    "-sS", "--unix-socket", serving.server.ready["adminSocket"] as? String ?? "",
                    "http://localhost/tenants/acme/activity?after=\(last)&wait=25",
                ],
                output: folder.appending(path: "waiting.out"),
                errors: folder.appending(path: "waiting.err")
            )
            usleep(300_000)
            let start = Date()
            #expect(serving.server.stop() == 0)
            #expect(Date().timeIntervalSince(start) < 9)
            waiting.waitUntilExit()

            serving = try ServingServer(data: data)
            defer { serving.server.stop() }
            #expect(try Self.routes(Self.activity(serving.server)) == ["GET Users", "POST Users"])
        }
    }

    @Test("With the clock moved, a token's end is told by the commands and in the trail, once for two starts")
    func expiry() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            let serving = try ServingServer(data: data)
            _ = try serving.newTenant("acme")
            #expect(serving.server.stop() == 0)
            for start in 1...2 {
                let moved = try ServerUnderTest(
                    "serve",
                    data: data,
                    ["--http", "--audit-output", "stdout"],
                    clockOffsetSeconds: 340 * 86_400
                )
                let listed = try moved.run("token", "list", "acme").json["tokens"] as? [[String: Any]]
                #expect(listed?.first?["state"] as? String == "expiring")
                #expect((listed?.first?["message"] as? String)?.contains("in 25 days") == true)
                let messages = try moved.run("tenant", "show", "acme").json["tokenMessages"] as? [String]
                #expect(messages?.count == 1)
                usleep(500_000)
                #expect(moved.stop() == 0)
                let events = moved.auditEntries.compactMap { $0["SCIM_EVENT"] as? String }
                #expect(events.filter { $0 == "token.expiring" }.count == 1, "after \(start) starts")
            }
        }
    }
}
