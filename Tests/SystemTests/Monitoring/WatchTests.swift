import Foundation
import Monitoring
import TestSupport
import Testing

@Suite("Watching a server", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct WatchTests {
    @Test(
        "Every figure is on the page, which is valid; it counts what clients did, by route, method, status and tenant"
    )
    func page() throws {
        try Scratch.use { folder in
            let server = try WatchedServer(folder)
            defer { server.serving.server.stop() }
            try server.work("ann")
            var stranger = server.client
            stranger.token = "pharos_scim_wrong"
            #expect(try stranger.get("/Users").status == 401)
            stranger.url = stranger.url.replacing("/acme/", with: "/nobody/")
            #expect(try stranger.get("/Users").status == 401)

            let page = try server.page()
            let names = Set(page.families.map(\.name))
            #expect(Set(ServerMetrics.all.map(\.name)).subtracting(names).isEmpty)
            for family in page.families {
                let known = try #require(ServerMetrics.all.first { $0.name == family.name })
                #expect(family.type == known.kind.rawValue)
                for sample in page.samples where known.labelsOfMetrics.contains(sample.name) {
                    #expect(Set(sample.labels.keys).subtracting(["le"]) == Set(known.labels), "\(sample)")
                }
            }
            func count(_ route: String, _ method: String, _ status: String, _ tenant: String) -> Double? {
                page.value(
                    "pharos_scim_requests_total",
                    ["route": route, "method": method, "status": status, "tenant": tenant]
                )
            }
            #expect(count("Users", "POST", "201", "acme") == 1)
            #expect(count("Users", "POST", "409", "acme") == 1)
            #expect(count("User", "GET", "200", "acme") == 3)
            #expect(count("User", "GET", "404", "acme") == 1)
            #expect(count("User", "PATCH", "200", "acme") == 1)
            #expect(count("Users", "GET", "200", "acme") == 1)
            #expect(count("unknown", "GET", "401", "acme") == 1)
            #expect(count("unknown", "GET", "401", "_none") == 1)
            #expect(page.sum("pharos_scim_requests_total") == 10)
            #expect(page.sum("pharos_scim_request_duration_seconds_count") == 10)
            #expect(page.value("pharos_scim_refusals_total", ["reason": "uniqueness"]) == 1)
            #expect(page.value("pharos_scim_audit_state", ["state": "ok"]) == 1)
            #expect(page.sum("pharos_scim_audit_state") == 1)
            #expect((page.value("pharos_scim_commit_batch_changes_count") ?? 0) >= 2)
            #expect((page.value("pharos_scim_store_data_pages") ?? 0) > 0)
            #expect(page.value("pharos_scim_token_days_left", ["tenant": "acme"]) == 365)
            let days = try #require(page.value("pharos_scim_certificate_days_left"))
            #expect((399...400).contains(days))
            #expect(!page.samples.contains { $0.labels.values.contains { $0.contains("ann") } })
        }
    }

    @Test(
        "The three paths are on the operators' socket and on the address of their own, and there nothing else is"
    )
    func paths() throws {
        try Scratch.use { folder in
            let server = try WatchedServer(folder)
            defer { server.serving.server.stop() }
            let socket = server.serving.server.data.appending(path: "admin.sock").path
            let operators = Client(url: "http://localhost", unixSocket: socket)
            for client in [server.monitoring, operators] {
                for path in ["/healthz", "/readyz"] {
                    let reply = try client.get(path)
                    #expect(reply.status == 200)
                    #expect(reply.json["ready"] as? Bool == true && reply.json["audit"] as? String == "ok")
                    #expect(reply.json["phase"] as? String == "serving")
                }
                #expect(try !MetricsPage(try client.get("/metrics").body).samples.isEmpty)
            }
            #expect(try operators.get("/tenants").status == 200)
            for path in ["/tenants", "/store", "/status", "/tenants/acme/tokens", "/acme/scim/v2/Users"] {
                #expect(try server.monitoring.get(path).status == 404, "\(path)")
            }
            for method in ["POST", "PUT", "DELETE"] {
                #expect(try server.monitoring.send(method, "/metrics").status == 405)
            }
            #expect(try server.monitoring.post("/metrics", ["a": 1]).status == 405)
            // Clients do not find them where SCIM is.
            #expect(try server.client.get("/../../metrics").status != 200)
        }
    }

    @Test("status tells people and tools how the server fares, and by its exit status whether it is ready")
    func status() throws {
        try Scratch.use { folder in
            let server = try WatchedServer(folder)
            try server.work("ann")
            let data = server.serving.server.data.path
            let text = try Program.run(Program.pharos, ["status", "--data", data])
            #expect(text.status == 0)
            for line in [
                "Server       ready", "Audit trail  ok; ", "Certificate  ends in 399 days", "Tenants      1",
            ] {
                #expect(text.output.contains(line), "\(line): \(text.output)")
            }
            let json = try server.serving.server.run("status").json
            #expect((json["health"] as? [String: Any])?["ready"] as? Bool == true)
            #expect(json["requests"] as? Int == 8)
            #expect((json["expiringTokens"] as? [Any])?.isEmpty == true)
            server.serving.server.stop()
            let gone = try Program.run(Program.pharos, ["status", "--data", data])
            #expect(gone.status == ExitStatus.unreachable && gone.errors.contains("No server answers"))
        }
    }

    @Test("While requests are on their way to their end, a server that stops is alive and not ready")
    func stopping() throws {
        try Scratch.use { folder in
            let server = try WatchedServer(folder)
            let connection = try TLSConversation(url: server.client.url)
            defer { connection.end() }
            let read = server.client.text("GET", "/Users", "")
            #expect(try connection.ask(read).status == 200)
            // A request that has begun keeps the server for a while.
            let body = try JSON.text(Client.user("late"))
            let request = server.client.text("POST", "/Users", body)
            try connection.begin(String(request.dropLast(1)))
            usleep(100_000)
            kill(server.serving.server.process.processIdentifier, SIGTERM)
            var reply = try server.monitoring.get("/readyz")
            let deadline = Date(timeIntervalSinceNow: 5)
            while reply.status == 200, Date() < deadline { reply = try server.monitoring.get("/readyz") }
            #expect(reply.status == 503)
            #expect(reply.json["obstacle"] as? String == "stopping")
            #expect(try server.monitoring.get("/healthz").status == 200)
            #expect(try server.page().value("pharos_scim_ready") == 0)
            #expect(try connection.ask(String(request.suffix(1))).status == 201)
            #expect(server.serving.server.stop() == 0)
        }
    }
}
