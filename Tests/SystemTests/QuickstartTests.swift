import Foundation
import Testing

@Suite("Quickstart", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct QuickstartTests {
    @Test("T-01: prints one line of JSON when it is ready to answer over TLS, and the token works")
    func answersOverTLS() throws {
        try ServerUnderTest.quickstart { server in
            #expect(
                Set(server.ready.keys) == ["tenantURL", "token", "consoleURL", "consoleLink", "caFile"]
            )
            let link = "\(server.ready["consoleLink"] ?? "")"
            #expect(link.hasPrefix("\(server.ready["consoleURL"] ?? "-")/link/"))
            #expect(server.client.url.hasPrefix("https://127.0.0.1:"))
            #expect(server.client.url.hasSuffix("/demo/scim/v2"))
            let reply = try server.client.get("/Users?startIndex=1&count=2")
            #expect(reply.status == 200)
            #expect(reply.totalResults == 0)
            #expect(reply.field("Content-Type") == "application/scim+json")
        }
    }

    @Test("--http serves plain HTTP on loopback")
    func answersOverHTTP() throws {
        try ServerUnderTest.quickstart("--http") { server in
            #expect(server.client.url.hasPrefix("http://127.0.0.1:"))
            #expect(server.ready["caFile"] is NSNull)
            let reply = try server.client.get("/ServiceProviderConfig")
            #expect(reply.status == 200)
        }
    }

    @Test("A second start keeps the tenant, its data and the certificate, and the old token is void")
    func secondStart() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            let first = try ServerUnderTest("quickstart", data: data, [])
            let id = try first.client.post("/Users", Client.user("bjensen")).id
            let old = first.client
            #expect(first.stop() == 0)
            let certificate = try Data(contentsOf: URL(filePath: old.caFile ?? ""))

            let second = try ServerUnderTest("quickstart", data: data, [])
            defer { second.stop() }
            #expect(second.client.token != old.token)
            #expect(try second.client.get("/Users/\(id)").json["userName"] as? String == "bjensen")
            #expect(try Data(contentsOf: URL(filePath: second.client.caFile ?? "")) == certificate)
            var stale = second.client
            stale.token = old.token
            #expect(try stale.get("/Users/\(id)").status == 401)
        }
    }

    @Test("Another address than loopback is refused", arguments: ["0.0.0.0:0", "[::]:0", "192.0.2.1:8443"])
    func loopbackOnly(address: String) throws {
        try Scratch.use { folder in
            let finished = try Program.run(
                Program.pharos,
                ["quickstart", "--data", folder.path, "--listen", address, "--json"]
            )
            #expect(finished.status != 0)
            #expect(finished.errors.contains("loopback"))
        }
    }

    @Test("Without --json it prints the Tenant URL, the token, three curl lines and how to read the journal")
    func printsForPeople() throws {
        try Scratch.use { folder in
            let output = folder.appending(path: "out")
            let process = try Program.start(
                Program.pharos,
                [
                    "quickstart", "--data", folder.appending(path: "data").path, "--listen", "127.0.0.1:0",
                    "--http",
                ],
                output: output,
                errors: folder.appending(path: "err")
            )
            defer {
                process.terminate()
                process.waitUntilExit()
            }
            var text = ""
            let deadline = Date(timeIntervalSinceNow: ServerUnderTest.startSecondsMax)
            while !text.contains("Ctrl-C"), process.isRunning, Date() < deadline {
                usleep(10_000)
                text = try String(contentsOf: output, encoding: .utf8)
            }
            #expect(text.contains("Tenant URL"))
            #expect(text.contains("pharos_scim_"))
            #expect(text.components(separatedBy: "curl ").count == 4)
            #expect(text.contains("journalctl") || text.contains("journal"))
        }
    }
}
