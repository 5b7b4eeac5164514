import Foundation
import TestSupport
import Testing

@Suite(
    "Load tests from the command line",
    .ownThreads,
    .enabled(if: Client.isPossible, "curl is not installed")
)
struct LoadCommandTests {
    /// A server over TLS without a limit of requests, and a tenant.
    private struct Measured {
        let serving: ServingServer
        let client: Client
        let certificate: TestCertificate
        let folder: URL

        static func use(_ body: (Measured) throws -> Void) throws {
            try Scratch.use { folder in
                let certificate = try TestCertificate()
                let serving = try ServingServer(
                    data: folder.appending(path: "data"),
                    [
                        "--tls-cert", certificate.certificateFile, "--tls-key", certificate.keyFile,
                        "--audit-output", "stdout", "--requests-per-second", "0",
                    ]
                )
                defer { serving.server.stop() }
                var client = try serving.newTenant("acme")
                client.caFile = certificate.certificateFile
                try Data("\(client.token ?? "")\n".utf8).write(to: folder.appending(path: "token"))
                try body(
                    Measured(serving: serving, client: client, certificate: certificate, folder: folder)
                )
            }
        }

        /// Runs `load`, and looks for the token in all that it has written.
        func load(_ arguments: String...) throws -> Finished { try run(arguments) }

        func run(_ arguments: [String]) throws -> Finished {
            let finished = try Program.run(
                Program.pharos,
                [
                    "load", "--url", client.url, "--ca-file", certificate.certificateFile, "--token-file",
                    folder.appending(path: "token").path, "--json",
                ] + arguments
            )
            let secret = try #require(client.token?.split(separator: "_").last.map(String.init))
            #expect(!finished.output.contains(secret))
            #expect(!finished.errors.contains(secret))
            return finished
        }

        /// How many requests of the tenant the server has noted.
        func exchanges() throws -> Int {
            let socket = serving.server.ready["adminSocket"] as? String ?? ""
            let shown = try Program.run(
                "/usr/bin/curl",
                ["-sS", "--unix-socket", socket, "http://localhost/tenants/acme/activity"]
            )
            return JSON.object(shown.output)["lastSequence"] as? Int ?? -1
        }
    }

    @Test(
        "Over TLS, in a closed and an open loop, what is reported is what the server has seen, and shows no token"
    )
    func measures() throws {
        try Measured.use { measured in
            let page = measured.folder.appending(path: "report.html").path
            let made = try measured.load("--prepare", "--users", "20", "--allow-changes", "--groups", "1")
            #expect(made.status == 0, "\(made.errors)")
            for rate in [nil, 100] {
                let before = try measured.exchanges()
                var arguments = [
                    "--workload", "filter", "--users", "20", "--duration", "1s", "--warm-up", "1s",
                    "--connections", "4", "--html", page,
                ]
                if let rate { arguments += ["--rate", "\(rate)"] }
                let finished = try measured.run(arguments)
                #expect(finished.status == 0, "\(finished.errors)")
                let run = try #require((finished.json["runs"] as? [[String: Any]])?.first)
                let answered = run["answered"] as? Int ?? -1
                let warmUp = run["warmUp"] as? Int ?? -1
                #expect(answered > 10)
                if let rate { #expect(answered + (run["unsent"] as? Int ?? 0) == rate) }
                #expect(run["statuses"] as? [String: Int] == ["200": answered])
                // Beside the workload: the configuration, and a look for the first and the last user.
                #expect(try measured.exchanges() - before == answered + warmUp + 3)
                let text = try String(contentsOfFile: page, encoding: .utf8)
                #expect(text.contains("<svg"))
                #expect(!text.contains(measured.client.token ?? "?"))
            }
        }
    }

    @Test("Nothing is changed unasked, and what a test has made is deleted again")
    func changes() throws {
        try Measured.use { measured in
            _ = try measured.client.post("/Users", Client.user("ann"))
            for arguments in [["--prepare"], ["--clean-up"], ["--workload", "create"]] {
                #expect(try measured.run(arguments).status == ExitStatus.refused)
            }
            #expect(try measured.client.get("/Users").totalResults == 1)
            let finished = try measured.load(
                "--workload",
                "entra-sync",
                "--users",
                "10",
                "--groups",
                "2",
                "--prepare",
                "--clean-up",
                "--allow-changes",
                "--duration",
                "1",
                "--warm-up",
                "0"
            )
            #expect(finished.status == 0, "\(finished.errors)")
            #expect((finished.json["removed"] as? [String: Int])?["groups"] == 2)
            #expect(try measured.client.get("/Users").totalResults == 1)
            #expect(try measured.client.get("/Groups").totalResults == 0)
        }
    }

    @Test("Why a test does not come about is told by its exit status, and answers that are not expected too")
    func failures() throws {
        try Measured.use { measured in
            let filter = ["--workload", "filter", "--users", "5", "--duration", "1", "--warm-up", "0"]
            #expect(try measured.run(filter).status == ExitStatus.notThere)
            #expect(try measured.run(["--workload", "filter", "--rate", "0"]).status == 64)
            #expect(try measured.run(["--workload", "nothing"]).status == 64)
            let made = try measured.load("--prepare", "--users", "5", "--allow-changes")
            #expect(made.status == 0, "\(made.errors)")
            // Of a directory that changes meanwhile: the user in the middle is not looked for beforehand.
            let found = try measured.client.get("/Users?filter=userName%20eq%20%22load-000003%22")
            let id = found.resources.first?["id"] as? String ?? ""
            #expect(try measured.client.delete("/Users/\(id)").status == 204)
            let faulty = try measured.run(filter)
            #expect(faulty.status == 8)
            let run = try #require((faulty.json["runs"] as? [[String: Any]])?.first)
            #expect(run["unexpected"] as? Int ?? 0 > 0)
            try Data("wrong".utf8).write(to: measured.folder.appending(path: "token"))
            #expect(try measured.run(filter).status == ExitStatus.refused)
            measured.serving.server.stop()
            #expect(try measured.run(filter).status == ExitStatus.unreachable)
        }
    }

    @Test("A certificate that no trusted authority vouches for is refused")
    func untrusted() throws {
        try Measured.use { measured in
            let finished = try Program.run(
                Program.pharos,
                ["load", "--url", measured.client.url, "--workload", "filter"],
                environment: ["PHAROS_SCIM_TOKEN": "token"]
            )
            #expect(finished.status == ExitStatus.unreachable)
            #expect(finished.errors.contains("not trusted"))
        }
    }
}
