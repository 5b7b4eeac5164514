import Foundation
import TestSupport

/// A server over TLS that monitoring systems are answered by over TCP, with a tenant of whom something is known.
struct WatchedServer {
    let serving: ServingServer
    /// Below it are the three paths.
    let monitoring: Client
    var client: Client

    /// `certificateDays`: until its certificate ends; `clockOffsetSeconds`: how far its clock is moved, the certificate's aside.
    init(_ folder: URL, certificateDays: Int = 400, clockOffsetSeconds: Int? = nil) throws {
        let (certificate, key) = (
            folder.appending(path: "cert.pem").path, folder.appending(path: "key.pem").path
        )
        let made = try Program.run(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "\(certificateDays)", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout", key, "-out", certificate,
            ]
        )
        guard made.status == 0 else { throw Failure(made.errors) }
        let data = folder.appending(path: "data")
        let isNew = !FileManager.default.fileExists(atPath: data.path)
        serving = ServingServer(
            try ServerUnderTest(
                "serve",
                data: data,
                [
                    "--tls-cert", certificate, "--tls-key", key, "--audit-output", "stdout",
                    "--monitoring-listen",
                    "127.0.0.1:0",
                ],
                clockOffsetSeconds: clockOffsetSeconds
            )
        )
        let started = serving.server.log.split(separator: "\n").last {
            $0.contains("monitoring systems are answered")
        }
        guard let address = started?.split(separator: "=").last else {
            throw Failure("no address: \(serving.server.log)")
        }
        monitoring = Client(url: "http://\(address)")
        client = isNew ? try serving.newTenant("acme") : Client(url: "\(serving.url)/acme/scim/v2")
        client.caFile = certificate
    }

    /// The page as a monitoring system reads it.
    func page() throws -> MetricsPage {
        let reply = try monitoring.get("/metrics")
        guard reply.status == 200 else { throw Failure("\(reply.status)") }
        return try MetricsPage(reply.body)
    }

    /// What clients of a server that is well do; some of their requests are wrong.
    func work(_ name: String) throws {
        let created = try client.post("/Users", Client.user(name))
        guard created.status == 201 else { throw Failure("\(created.status)") }
        for _ in 0..<3 { _ = try client.get("/Users/\(created.id)") }
        _ = try client.get("/Users?filter=userName%20eq%20%22\(name)%22")
        _ = try client.patch("/Users/\(created.id)", [["op": "replace", "path": "title", "value": "T"]])
        _ = try client.get("/Users/none")
        _ = try client.post("/Users", Client.user(name))
    }
}
