import Foundation
import Reactor
import Testing

@Suite("Serving", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct ServingTests {
    @Test("One process owns the store: a second server on the same folder is refused")
    func storeLock() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            let first = try ServingServer(data: data)
            defer { first.server.stop() }
            let second = try Program.run(
                Program.pharos,
                ["serve", "--data", data.path, "--listen", "127.0.0.1:0", "--http", "--json"]
            )
            #expect(second.status == ExitStatus.unreachable)
            let pid = first.server.process.processIdentifier
            #expect(second.errors.contains("is open in pharos-scim (pid \(pid))"))
            #expect(try first.server.run("tenant", "list").status == 0)
        }
    }

    @Test(
        "A server that cannot have its address leaves no record of a start, and the next one has nothing to recover from"
    )
    func addressInUse() throws {
        try Scratch.use { folder in
            let first = try ServingServer(data: folder.appending(path: "first"))
            defer { first.server.stop() }
            let address = try #require(URL(string: first.url)?.port)
            let data = folder.appending(path: "second")
            let second = try Program.run(
                Program.pharos,
                ["serve", "--data", data.path, "--listen", "127.0.0.1:\(address)", "--http", "--json"]
            )
            #expect(second.status == 1)
            #expect(second.errors.contains("\(address)"))
            #expect(!FileManager.default.fileExists(atPath: data.appending(path: "running").path))
            let third = try ServingServer(data: data)
            #expect(third.server.stop() == 0)
            let starts = third.server.auditEntries.filter { $0["SCIM_EVENT"] as? String == "service.start" }
            #expect(starts.map { $0["SCIM_START"] as? String } == ["clean"])
        }
    }

    @Test("SIGTERM: the request on its way is answered, then the process ends with status 0")
    func gracefulStop() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            let client = try serving.newTenant("acme")
            let connection = try PlainConnection(url: client.url)
            let body = try JSON.text(Client.user("late"))
            let request = client.text("POST", "/Users", body)
            connection.send(String(request.dropLast(1)))
            usleep(50_000)
            kill(serving.server.process.processIdentifier, SIGTERM)
            usleep(50_000)
            connection.send(String(request.suffix(1)))
            #expect(try connection.receive().status == 201)
            #expect(serving.server.stop() == 0)
            #expect(
                try Program.run(Program.pharos, ["check", "--data", serving.server.data.path]).status == 0
            )
        }
    }

    @Test("SIGHUP: new connections get the new certificate, and an open connection stays open")
    func certificateReload() throws {
        try Scratch.use { folder in
            let certificate = folder.appending(path: "certificate.pem").path
            let key = folder.appending(path: "key.pem").path
            try makeCertificate(certificate, key)
            let serving = try ServingServer(
                data: folder.appending(path: "data"),
                ["--tls-cert", certificate, "--tls-key", key, "--audit-output", "stdout"]
            )
            defer { serving.server.stop() }
            var client = try serving.newTenant("acme")
            client.caFile = certificate
            #expect(try client.get("/Users").status == 200)
            let session = try TLSConversation(url: client.url)
            defer { session.end() }
            #expect(try session.ask(client.text("GET", "/Users", "")).status == 200)

            let oldCertificate = folder.appending(path: "old.pem").path
            try FileManager.default.copyItem(atPath: certificate, toPath: oldCertificate)
            try makeCertificate(certificate, key)
            kill(serving.server.process.processIdentifier, SIGHUP)
            try eventually { try client.get("/Users").status == 200 }
            #expect(try session.ask(client.text("GET", "/Users", "")).status == 200)
            client.caFile = oldCertificate
            #expect(throws: Failure.self) { try client.get("/Users") }
        }
    }

    @Test("reload tells how it went: the new certificate, or why the old one stays in use")
    func reloadCommand() throws {
        try Scratch.use { folder in
            let certificate = folder.appending(path: "certificate.pem").path
            let key = folder.appending(path: "key.pem").path
            try makeCertificate(certificate, key)
            let serving = try ServingServer(
                data: folder.appending(path: "data"),
                ["--tls-cert", certificate, "--tls-key", key, "--audit-output", "stdout"]
            )
            var client = try serving.newTenant("acme")
            client.caFile = certificate
            try makeCertificate(certificate, key)
            #expect(throws: Failure.self) { try client.get("/Users") }
            let reload = try serving.server.run("reload", "--json")
            #expect(reload.status == 0)
            let serial = try #require(JSON.object(reload.output)["serialNumber"] as? String)
            #expect(try client.get("/Users").status == 200)

            try Data("nonsense".utf8).write(to: URL(filePath: key))
            let refusal = try serving.server.run("reload")
            #expect(refusal.status != 0)
            #expect(refusal.errors.contains(key))
            #expect(try client.get("/Users").status == 200)
            #expect(serving.server.stop() == 0)
            let records = serving.server.auditEntries.filter {
                $0["SCIM_EVENT"] as? String == "config.reload"
            }
            #expect(records.map { $0["SCIM_TLS_SERIAL"] as? String } == [serial])
        }
    }

    @Test("A soft limit of 300 descriptors is raised: 400 clients are connected and served at a time")
    func descriptors() throws {
        #expect(DescriptorLimit.raise() > 1_000)
        try Scratch.use { folder in
            let server = try ServerUnderTest(
                "quickstart",
                data: folder.appending(path: "data"),
                ["--http"],
                softDescriptorLimit: 300
            )
            defer { server.stop() }
            let client = server.client
            let connections = try (0..<400).map { _ in try PlainConnection(url: client.url) }
            for connection in connections { connection.send(client.text("GET", "/Users?count=0", "")) }
            let statuses = try connections.map { try $0.receive().status }
            #expect(Set(statuses) == [200])
            #expect(server.log.contains("descriptors=\(DescriptorLimit.current)"), "\(server.log)")
        }
    }

    @Test(
        "T-01: TLS 1.2 and 1.3 are spoken, older versions are not",
        arguments: [("1.2", true), ("1.3", true), ("1.1", false)]
    )
    func tlsVersions(version: String, isSpoken: Bool) throws {
        try ServerUnderTest.quickstart { server in
            let option = version == "1.3" ? "--tlsv1.3" : "--tlsv1.0"
            let finished = try Program.run(
                "/usr/bin/env",
                [
                    "curl", "--silent", "--show-error", option, "--tls-max", version, "--ciphers",
                    "DEFAULT@SECLEVEL=0", "--noproxy", "*", "--cacert", server.client.caFile ?? "",
                    server.client.url + "/ServiceProviderConfig",
                ]
            )
            #expect((finished.status == 0) == isSpoken, "\(finished.errors)")
        }
    }

    @Test(
        "Listening sockets may be handed over by systemd",
        .enabled(if: Program.exists("systemd-socket-activate"), "systemd-socket-activate is not installed")
    )
    func inheritedSocket() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data").path
            for arguments in [["tenant", "create", "acme"], ["tenant", "enable-scim", "acme"]] {
                #expect(try Program.run(Program.pharos, arguments + ["--data", data]).status == 0)
            }
            let issued = try Program.run(
                Program.pharos,
                ["token", "generate", "acme", "--data", data, "--json"]
            )
            let port = UInt16.random(in: 20_000...30_000)
            // The shell keeps open what Foundation sees a process's end by; systemd-socket-activate closes it.
            let process = try Program.start(
                "/usr/bin/env",
                [
                    "bash", "-c", #"trap 'kill $!' TERM; systemd-socket-activate "$@" & wait $!; wait $!"#,
                    "bash",
                    "--fdname=https", "--listen=127.0.0.1:\(port)", Program.pharos, "serve", "--data", data,
                    "--insecure-http", "--public-url", "https://scim.example.com", "--audit-output", "stderr",
                ],
                output: folder.appending(path: "out"),
                errors: folder.appending(path: "err")
            )
            defer {
                process.terminate()
                process.waitUntilExit()
            }
            let client = Client(
                url: "http://127.0.0.1:\(port)/acme/scim/v2",
                token: issued.json["token"] as? String
            )
            try eventually { try client.get("/Users").status == 200 }
            let created = try client.post("/Users", Client.user("bjensen"))
            #expect(created.field("Location") == "https://scim.example.com/acme/scim/v2/Users/\(created.id)")
        }
    }

    @Test("Plain HTTP beyond loopback needs --insecure-http, TLS needs both files")
    func transportIsChosen() throws {
        try Scratch.use { folder in
            func refusal(_ arguments: String...) throws -> String {
                let finished = try Program.run(
                    Program.pharos,
                    ["serve", "--data", folder.appending(path: "data").path] + arguments
                )
                #expect(finished.status == 1 || finished.status == 64)
                return finished.errors
            }
            let beyond = try refusal("--listen", "0.0.0.0:0", "--http", "--public-url", "http://a")
            #expect(beyond.contains("--insecure-http"))
            let without = try refusal("--listen", "127.0.0.1:0")
            #expect(without.contains("--tls-cert"))
            let half = try refusal("--listen", "127.0.0.1:0", "--tls-cert", "/nowhere")
            #expect(half.contains("--tls-key"))
        }
    }

    private func makeCertificate(_ certificate: String, _ key: String) throws {
        let finished = try Program.run(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days",
                "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                "-out",
                certificate,
            ]
        )
        guard finished.status == 0 else { throw Failure(finished.errors) }
    }
}

/// Waits until a condition holds, for at most five seconds.
func eventually(_ condition: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: 5)
    while (try? condition()) != true {
        guard Date() < deadline else { throw Failure("what was waited for did not happen") }
        usleep(20_000)
    }
}
