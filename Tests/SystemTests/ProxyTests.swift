import Foundation
import Testing

@Suite("Behind proxies", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct ProxyTests {
    /// An address of this machine that is no proxy's, from which the client asks.
    private static let clientAddress = "127.0.0.5"
    private static let publicURL = "https://scim.example.com"
    private static let forged = ["X-Forwarded-For": "203.0.113.66", "Forwarded": "for=203.0.113.66"]

    /// A tenant's client that reaches the server by another URL than the public one.
    private func client(_ serving: ServingServer, at base: String, caFile: String? = nil) throws -> Client {
        var client = try serving.newTenant("acme")
        client.url = "\(base)/acme/scim/v2"
        client.caFile = caFile
        client.interface = Self.clientAddress
        return client
    }

    /// Creates a user, whose record names this address, or none.
    private func expectChange(
        by client: Client,
        _ serving: ServingServer,
        name address: String?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let created = try client.post("/Users", Client.user("u\(serving.server.auditEntries.count)"))
        #expect(created.status == 201, sourceLocation: sourceLocation)
        let record = try entry(serving) { $0["SCIM_TARGET_ID"] as? String == created.id }
        #expect(record["SCIM_IP"] as? String == address, sourceLocation: sourceLocation)
    }

    /// Asks with a wrong token; the record, of which there is one in a minute, names this address, or none.
    private func expectFailure(
        of client: Client,
        _ serving: ServingServer,
        name address: String?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var wrong = client
        wrong.token = "wrong"
        #expect(try wrong.get("/Users").status == 401, sourceLocation: sourceLocation)
        let record = try entry(serving) { $0["SCIM_EVENT"] as? String == "auth.failure" }
        #expect(record["SCIM_IP"] as? String == address, sourceLocation: sourceLocation)
    }

    private func entry(
        _ serving: ServingServer,
        where condition: ([String: Any]) -> Bool
    ) throws -> [String: Any] {
        var found: [String: Any]?
        try eventually {
            found = serving.server.auditEntries.first(where: condition)
            return found != nil
        }
        return found ?? [:]
    }

    @Test(
        "The recipe for nginx: records have the client's address, and what the client writes changes nothing",
        .enabled(if: Proxy.path("nginx") != nil, "nginx is not installed")
    )
    func nginx() throws {
        try Scratch.use { folder in
            let socket = folder.appending(path: "http.sock").path
            let serving = try ServingServer(
                data: folder.appending(path: "data"),
                ["--listen", "unix:\(socket)", "--trusted-proxy", "unix", "--public-url", Self.publicURL]
                    + ["--audit-output", "stdout"]
            )
            defer { serving.server.stop() }
            let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions]
            #expect(mode as? Int == 0o660)
            let (port, certificate) = (try Proxy.freePort(), try Certificate(in: folder))
            var recipe = try Recipe("nginx", under: "nginx")
            try recipe.replace([
                ("unix:/run/pharos-scim/http.sock", "unix:\(socket)"),
                ("listen 443", "listen 127.0.0.1:\(port)"),
                ("/etc/nginx/tls/cert.pem", certificate.file), ("/etc/nginx/tls/key.pem", certificate.key),
            ])
            let proxy = try Proxy.nginx(recipe, in: folder, port: port)
            defer { proxy.stop() }
            var client = try client(serving, at: "https://127.0.0.1:\(port)", caFile: certificate.file)
            try expectChange(by: client, serving, name: Self.clientAddress)
            client.headers = Self.forged
            try expectChange(by: client, serving, name: Self.clientAddress)
            try expectFailure(of: client, serving, name: Self.clientAddress)
            let created = try client.post("/Users", Client.user("bjensen"))
            #expect(created.field("Location") == "\(Self.publicURL)/acme/scim/v2/Users/\(created.id)")
        }
    }

    @Test(
        "The recipe for HAProxy that speaks TLS: records have the client's address",
        .enabled(if: Proxy.path("haproxy") != nil, "HAProxy is not installed")
    )
    func haproxyWithTLS() throws {
        try Scratch.use { folder in
            let socket = folder.appending(path: "http.sock").path
            let serving = try ServingServer(
                data: folder.appending(path: "data"),
                ["--listen", "unix:\(socket)", "--trusted-proxy", "unix", "--public-url", Self.publicURL]
                    + ["--audit-output", "stdout"]
            )
            defer { serving.server.stop() }
            let (port, certificate) = (try Proxy.freePort(), try Certificate(in: folder))
            var recipe = try Recipe("haproxy", under: "HAProxy speaks TLS")
            try recipe.replace([
                ("unix@/run/pharos-scim/http.sock", "unix@\(socket)"),
                ("bind :443", "bind 127.0.0.1:\(port)"),
                ("/etc/haproxy/scim.pem", try certificate.withKey(in: folder)),
            ])
            let proxy = try Proxy.haproxy(recipe, in: folder, port: port)
            defer { proxy.stop() }
            var client = try client(serving, at: "https://127.0.0.1:\(port)", caFile: certificate.file)
            try expectChange(by: client, serving, name: Self.clientAddress)
            client.headers = Self.forged
            try expectChange(by: client, serving, name: Self.clientAddress)
            try expectFailure(of: client, serving, name: Self.clientAddress)
        }
    }

    @Test(
        "The recipe for HAProxy that passes TLS on, by both versions of the PROXY protocol; nobody gets past it",
        .enabled(if: Proxy.path("haproxy") != nil, "HAProxy is not installed"),
        arguments: ["send-proxy-v2", "send-proxy"]
    )
    func haproxyWithoutTLS(option: String) throws {
        try Scratch.use { folder in
            let certificate = try Certificate(in: folder)
            let serving = try ServingServer(
                data: folder.appending(path: "data"),
                ["--tls-cert", certificate.file, "--tls-key", certificate.key, "--audit-output", "stdout"]
                    + ["--trusted-proxy", "127.0.0.1", "--client-from", "proxy-protocol"]
            )
            defer { serving.server.stop() }
            let port = try Proxy.freePort()
            var recipe = try Recipe("haproxy", under: "The server speaks TLS")
            try recipe.replace([
                ("bind :443", "bind 127.0.0.1:\(port)"), ("send-proxy-v2", option),
                ("127.0.0.1:8443", serving.url.replacingOccurrences(of: "https://", with: "")),
            ])
            let proxy = try Proxy.haproxy(recipe, in: folder, port: port)
            defer { proxy.stop() }
            var client = try client(serving, at: "https://127.0.0.1:\(port)", caFile: certificate.file)
            client.headers = Self.forged
            try expectChange(by: client, serving, name: Self.clientAddress)
            try expectFailure(of: client, serving, name: Self.clientAddress)
            client.url = "\(serving.url)/acme/scim/v2"
            #expect(throws: Failure.self) { try client.get("/Users") }
            // A trusted address without the header.
            client.interface = nil
            #expect(throws: Failure.self) { try client.get("/Users") }
        }
    }

    @Test("Who is no trusted proxy is believed nothing; a trusted one is, by the source that was named")
    func fields() throws {
        try Scratch.use { folder in
            let cases: [(options: [String], address: String)] = [
                ([], Self.clientAddress),
                (["--trusted-proxy", "127.0.0.1", "--trusted-proxy", "10.0.0.0/8"], Self.clientAddress),
                (["--trusted-proxy", "10.0.0.0/8", "--client-from", "forwarded"], Self.clientAddress),
                (["--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "127.0.0.4/31"], "203.0.113.66"),
                (["--trusted-proxy", Self.clientAddress, "--client-from", "forwarded"], "203.0.113.67"),
            ]
            for (index, (options, address)) in cases.enumerated() {
                let serving = try ServingServer(
                    data: folder.appending(path: "data\(index)"),
                    ["--http", "--audit-output", "stdout"] + options
                )
                defer { serving.server.stop() }
                var client = try client(serving, at: serving.url)
                client.headers = ["X-Forwarded-For": "203.0.113.66", "Forwarded": "for=203.0.113.67"]
                try expectChange(by: client, serving, name: address)
                try expectFailure(of: client, serving, name: address)
            }
        }
    }

    @Test(
        "Over a Unix socket nobody has an address unless such clients are trusted; a dead socket is replaced"
    )
    func unixSocket() throws {
        try Scratch.use { folder in
            let socket = folder.appending(path: "http.sock").path
            let options = [
                "--listen", "unix:\(socket)", "--public-url", Self.publicURL, "--audit-output", "stdout",
            ]
            let data = folder.appending(path: "data")
            let killed = try ServingServer(data: data, options)
            killed.server.kill9()
            #expect(FileManager.default.fileExists(atPath: socket))
            let serving = try ServingServer(data: data, options)
            defer { serving.server.stop() }
            var client = try client(serving, at: "http://localhost")
            client.interface = nil
            client.unixSocket = socket
            client.headers = Self.forged
            try expectChange(by: client, serving, name: nil)
            try expectFailure(of: client, serving, name: nil)
            #expect(serving.server.stop() == 0)
            #expect(!FileManager.default.fileExists(atPath: socket))
        }
    }

    @Test(
        "A Unix socket may be handed over by systemd",
        .enabled(if: Program.exists("systemd-socket-activate"), "systemd-socket-activate is not installed")
    )
    func inheritedUnixSocket() throws {
        try Scratch.use { folder in
            let (data, socket) = (
                folder.appending(path: "data").path, folder.appending(path: "http.sock").path
            )
            // The shell keeps open what Foundation sees a process's end by; systemd-socket-activate closes it.
            let process = try Program.start(
                "/usr/bin/env",
                [
                    "bash", "-c", #"trap 'kill $!' TERM; systemd-socket-activate "$@" & wait $!; wait $!"#,
                    "bash",
                    "--fdname=https", "--listen=\(socket)", Program.pharos, "serve", "--data", data,
                    "--listen", "unix:\(socket)", "--trusted-proxy", "unix", "--public-url", Self.publicURL,
                    "--audit-output", "stderr",
                ],
                output: folder.appending(path: "out"),
                errors: folder.appending(path: "err")
            )
            defer {
                process.terminate()
                process.waitUntilExit()
            }
            var client = Client(url: "http://localhost/acme/scim/v2", token: "wrong")
            client.unixSocket = socket
            client.headers = ["X-Forwarded-For": "198.51.100.7"]
            try eventually { try client.get("/Users").status == 401 }
            try eventually {
                try String(contentsOf: folder.appending(path: "err"), encoding: .utf8)
                    .contains(#""SCIM_IP":"198.51.100.7""#)
            }
        }
    }

    @Test(
        "What does not fit together is told in a sentence",
        arguments: [
            (["--http", "--trusted-proxy", "10.1.2.3/8"], "the range is 10.0.0.0/8"),
            (["--http", "--trusted-proxy", "proxy.example.com"], "no IPv4 or IPv6 address"),
            (["--http", "--trusted-proxy", "10.0.0.0/33"], "from 0 to 32"),
            (["--http", "--client-from", "forwarded"], "needs --trusted-proxy"),
            (["--http", "--trusted-proxy", "10.0.0.1", "--client-from", "via"], "x-forwarded-for"),
            (["--listen", "unix:/tmp/a.sock"], "needs --public-url"),
            (["--listen", "unix:a.sock", "--public-url", "https://a"], "--listen"),
            (
                [
                    "--listen", "unix:/tmp/a.sock", "--public-url", "https://a", "--tls-cert", "a",
                    "--tls-key", "b",
                ],
                "does not go with a Unix socket"
            ),
        ]
    )
    func refusedOptions(options: [String], part: String) throws {
        try Scratch.use { folder in
            let finished = try Program.run(
                Program.pharos,
                ["serve", "--data", folder.appending(path: "data").path] + options
            )
            #expect(finished.status == 64)
            #expect(finished.errors.contains(part), "\(finished.errors)")
        }
    }
}

/// A certificate of this machine for 127.0.0.1, and its key.
private struct Certificate {
    let file: String
    let key: String

    init(in folder: URL) throws {
        file = folder.appending(path: "certificate.pem").path
        key = folder.appending(path: "key.pem").path
        let made = try Program.run(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2",
            ]
                + [
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                    "-out", file,
                ]
        )
        guard made.status == 0 else { throw Failure(made.errors) }
    }

    /// Both in one file, as HAProxy wants them.
    func withKey(in folder: URL) throws -> String {
        let both = folder.appending(path: "both.pem")
        let text =
            try String(contentsOfFile: file, encoding: .utf8) + String(contentsOfFile: key, encoding: .utf8)
        try text.write(to: both, atomically: true, encoding: .utf8)
        return both.path
    }
}
