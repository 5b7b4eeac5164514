import Foundation
import TestSupport
import Testing

@Suite("Reloading settings", .ownThreads)
struct ReloadTests {
    @Test("A reload takes the rates of the file at once, says what needs a restart, and leaves a record")
    func reload() throws {
        try Self.serve { server, client, write in
            #expect(try client.get("/Users").status == 200)
            try write("request-burst = 1\nrequests-per-second = 1\nloops = 7\nlog-level = warning\n")
            let reload = try server.run("reload", "--json")
            #expect(reload.status == 0)
            let expected = ["log-level", "request-burst", "requests-per-second"]
            #expect((reload.json["changed"] as? [String])?.sorted() == expected)
            #expect(reload.json["needsRestart"] as? [String] == ["loops"])
            #expect(server.log.contains("in use only after a restart: loops"))
            let statuses = try (0..<20).map { _ in try client.get("/Users").status }
            #expect(statuses.contains(429))

            try write("requests-per-second = 0\nloops = 7\n")
            let again = try Program.run(Program.pharos, ["reload", "--data", server.data.path])
            #expect(again.output.contains("Changed: log-level, requests-per-second, request-burst."))
            #expect(again.output.contains("only after a restart: loops."))
            #expect(try (0..<20).allSatisfy { _ in try client.get("/Users").status == 200 })
            let unchanged = try server.run("reload", "--json")
            #expect(unchanged.json["changed"] as? [String] == [])

            #expect(server.stop() == 0)
            let records = server.auditEntries.filter { $0["SCIM_EVENT"] as? String == "config.reload" }
            let digests = records.map { $0["SCIM_CONFIG_SHA256"] as? String ?? "" }
            let former = records.map { $0["SCIM_CONFIG_SHA256_OLD"] as? String ?? "" }
            try #require(digests.count == 3)
            #expect(Set([former[0], digests[0], digests[1]]).count == 3)
            #expect(former[1...] == digests[..<2])
            #expect(digests[1] == digests[2])
        }
    }

    @Test("A file that cannot be used fails the reload in a sentence, and the old settings stay, all of them")
    func wrongFile() throws {
        try Self.serve { server, client, write in
            try write("requests-per-second = 1\nrequest-burst = 1\nloops = 0\nfailure-bursts = 1\n")
            let reload = try server.run("reload")
            #expect(reload.status == ExitStatus.failed)
            for part in ["line 5: loops is a number from 1 to 256, and not 0", "line 6: there is no setting"]
            {
                #expect(reload.errors.contains(part), "\(reload.errors)")
            }
            #expect(server.log.contains("The settings stay as they were"))
            #expect(try (0..<20).allSatisfy { _ in try client.get("/Users").status == 200 })

            try write("requests-per-second = 1\nrequest-burst = 1\n")
            #expect(try server.run("reload").status == 0)
            #expect(try (0..<20).contains { _ in try client.get("/Users").status == 429 })
        }
    }

    @Test("A pipe in the place of the file holds neither a reload nor the stop")
    func pipe() throws {
        try Scratch.use { folder in
            let file = folder.appending(path: "pharos-scim.conf")
            try Data("http = yes\naudit-output = stdout\n".utf8).write(to: file)
            let server = try ServerUnderTest(
                "serve",
                data: folder.appending(path: "data"),
                ["--config", file.path]
            )
            try FileManager.default.removeItem(at: file)
            #expect(mkfifo(file.path, 0o600) == 0)
            let reload = try server.run("reload")
            #expect(reload.status == ExitStatus.failed)
            #expect(reload.errors.contains("regular file and not a pipe"), "\(reload.errors)")
            #expect(server.stop() == 0)
        }
    }

    @Test("SIGHUP does the same; flags and variables stay those of the start")
    func hangUp() throws {
        try Self.serve(["--failure-burst", "500"]) { server, client, write in
            try write("requests-per-second = 1\nrequest-burst = 1\nfailure-burst = 1\n")
            kill(server.process.processIdentifier, SIGHUP)
            try eventually { server.log.contains("changed=requests-per-second,request-burst") }
            #expect(try (0..<20).contains { _ in try client.get("/Users").status == 429 })
            var guess = client
            guess.token = "wrong"
            #expect(try (0..<5).allSatisfy { _ in try guess.get("/Users").status == 401 })
        }
    }

    /// Runs `body` with a server, a client of its tenant, and what writes the server's file.
    private static func serve(
        _ arguments: [String] = [],
        body: (ServerUnderTest, Client, (String) throws -> Void) throws -> Void
    ) throws {
        try Scratch.use { folder in
            let file = folder.appending(path: "pharos-scim.conf")
            func write(_ content: String) throws {
                try Data("http = yes\naudit-output = stdout\n\(content)".utf8).write(to: file)
            }
            try write("")
            let serving = try ServingServer(
                data: folder.appending(path: "data"),
                ["--config", file.path] + arguments
            )
            defer { serving.server.stop() }
            try body(serving.server, try serving.newTenant("acme"), write)
        }
    }
}
