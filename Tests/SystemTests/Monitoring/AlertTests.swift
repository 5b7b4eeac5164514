import Foundation
import Monitoring
import TestSupport
import Testing

@Suite("Alert rules", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct AlertTests {
    private static let minutes = 60.0

    /// The rules that fire, by their names.
    private func firing(_ pages: [MetricsPage], every seconds: Double = 4 * minutes) throws -> Set<String> {
        let read = pages.enumerated().map { index, page in
            (
                at: Double(index) * seconds,
                page: page.value("up") == nil ? page.adding("up", ["job": "pharos-scim"], 1) : page
            )
        }
        let query = PromQL(pages: read)
        return Set(
            try AlertRule.all().filter { try !query.evaluate($0.expression).isEmpty }.map(\.name)
        )
    }

    @Test(
        "No rule fires on a server that is well, and each fires in the state that it is for, alone but for those that the state is for too"
    )
    func rules() throws {
        try Scratch.use { folder in
            var fired: Set<String> = []
            func expect(
                _ names: Set<String>,
                _ pages: [MetricsPage],
                _ location: SourceLocation = #_sourceLocation
            ) throws {
                let found = try firing(pages)
                #expect(found == names, sourceLocation: location)
                fired.formUnion(found.intersection(names))
            }

            // States that a server has.
            let server = try WatchedServer(folder)
            var stranger = server.client
            stranger.token = "pharos_scim_wrong"
            _ = try stranger.get("/Users")
            try server.work("ann")
            let first = try server.page()
            try server.work("eve")
            let well = try server.page()
            try expect([], [first, well])
            for _ in 0..<25 { _ = try stranger.get("/Users") }
            try expect(["PharosSCIMTokenRefused"], [well, try server.page()])
            let beforeError = try server.page()
            try Data("nonsense".utf8).write(to: folder.appending(path: "key.pem"))
            _ = try server.serving.server.run("reload")
            try expect(["PharosSCIMErrorsLogged"], [beforeError, try server.page()])
            server.serving.server.stop()
            let old = try WatchedServer(folder, certificateDays: 2, clockOffsetSeconds: 363 * 86_400)
            try expect(
                [
                    "PharosSCIMTokenEnds", "PharosSCIMTokenEndsSoon", "PharosSCIMCertificateEnds",
                    "PharosSCIMCertificateEndsSoon",
                ],
                [try old.page()]
            )
            old.serving.server.stop()

            // States that take too long, or cannot be had on purpose: pages changed to what they would be.
            func changed(
                _ name: String,
                _ value: Double,
                _ labels: [String: String] = [:]
            )
                -> [MetricsPage]
            {
                [first, well.with("pharos_scim_\(name)", labels, value)]
            }
            func state(_ state: String) -> [MetricsPage] {
                [
                    first,
                    well.with("pharos_scim_audit_state", 0)
                        .with("pharos_scim_audit_state", ["state": state], 1),
                ]
            }
            try expect(["PharosSCIMTokenEnds"], changed("token_days_left", 29))
            try expect(["PharosSCIMCertificateEnds"], changed("certificate_days_left", 13.5))
            try expect(["PharosSCIMDown"], [first, MetricsPage.none.adding("up", ["job": "pharos-scim"], 0)])
            try expect(["PharosSCIMNotReady"], changed("ready", 0))
            try expect(
                ["PharosSCIMRestarts"],
                (0..<4).map { well.with("pharos_scim_start_time_seconds", Double($0)) }
            )
            try expect(["PharosSCIMAuditBehind"], state("behind"))
            try expect(["PharosSCIMAuditDegraded"], state("degraded"))
            try expect(["PharosSCIMAuditRefusing"], state("refusing"))
            try expect(["PharosSCIMAuditRolledBack"], changed("audit_rolled_back", 1))
            try expect(["PharosSCIMDiskFull"], changed("store_waits_for_room", 1))
            try expect(["PharosSCIMDiskLow"], changed("store_disk_free_bytes", 1.9e9))
            try expect(
                ["PharosSCIMDataFileLarge"],
                [well.with("pharos_scim_store_free_pages", 0).with("pharos_scim_store_data_bytes", 55e9)]
            )
            try expect(["PharosSCIMCheckpointLate"], changed("store_overlay_age_seconds", 121))
            try expect(["PharosSCIMLoopHeld"], changed("loop_lag_seconds", 1.5, ["loop": "0"]))
            try expect(
                ["PharosSCIMConnectionsNearlyAll"],
                [
                    well.with("pharos_scim_connections", 9).with("pharos_scim_connections_max", 10)
                ]
            )
            try expect(
                ["PharosSCIMConnectionsRefused"],
                changed("connections_refused_total", 1, ["reason": "address"])
            )
            func answered(_ status: String, _ count: Double) -> [MetricsPage] {
                let labels = ["route": "Users", "method": "GET", "status": status, "tenant": "acme"]
                let name = "pharos_scim_requests_total"
                return [first.adding(name, labels, 0), well.adding(name, labels, count)]
            }
            try expect(["PharosSCIMErrors"], answered("500", 1))
            try expect(["PharosSCIMTenantLimited"], answered("429", 300))
            try expect(
                ["PharosSCIMCommitsSlow"],
                [first, well.slowed("pharos_scim_commit_duration_seconds")]
            )
            try expect(
                ["PharosSCIMSlow"],
                [
                    first,
                    well.slowed(
                        "pharos_scim_request_duration_seconds",
                        ["route": "User", "method": "GET"]
                    ),
                ]
            )
            let names = try AlertRule.all().map(\.name)
            #expect(Set(names).count == names.count)
            #expect(Set(names).subtracting(fired).isEmpty, "no state is known that they fire in")
        }
    }

    @Test("Each rule says why it is there, what it is about and what to do, and how much it matters")
    func reasons() throws {
        let rules = try AlertRule.all()
        #expect(rules.count > 20)
        for rule in rules {
            #expect(["warning", "critical"].contains(rule.severity), "\(rule.name)")
            for field in ["summary", "reason", "action"] {
                #expect((rule.annotations[field]?.count ?? 0) > 10, "\(rule.name) \(field)")
            }
        }
    }

    @Test("Every figure that rules and dashboard show exists, and every figure is on the dashboard")
    func names() throws {
        let known = Set(ServerMetrics.all.flatMap(\.labelsOfMetrics))
        let dashboard = try String(
            contentsOf: Program.root.appending(path: "monitoring/grafana-dashboard.json"),
            encoding: .utf8
        )
        #expect((try JSONSerialization.jsonObject(with: Data(dashboard.utf8)) as? [String: Any]) != nil)
        let rules = try AlertRule.all().map(\.expression).joined(separator: "\n")
        for text in [dashboard, rules] {
            let named = text.matches(of: #/pharos_scim_\w+/#).map { String($0.0) }
            #expect(Set(named).subtracting(known).isEmpty)
            #expect(!named.isEmpty)
        }
        for family in ServerMetrics.all { #expect(dashboard.contains(family.name), "\(family.name)") }
    }

    @Test("The evaluator of these tests does what Prometheus does")
    func evaluator() throws {
        func page(_ total: Double, _ other: Double) throws -> MetricsPage {
            try MetricsPage(
                """
                # HELP a_total A.
                # TYPE a_total counter
                a_total{s="200",t="x"} \(Int(total))
                a_total{s="500",t="x"} \(Int(other))
                # HELP g G.
                # TYPE g gauge
                g{t="x"} 4
                # HELP h_seconds H.
                # TYPE h_seconds histogram
                h_seconds_bucket{le="0.1"} \(Int(total))
                h_seconds_bucket{le="1.0"} \(Int(total))
                h_seconds_bucket{le="+Inf"} \(Int(total))
                h_seconds_count \(Int(total))
                h_seconds_sum 1

                """
            )
        }
        let query = PromQL(pages: [(0, try page(10, 5)), (60, try page(40, 5)), (120, try page(10, 8))])
        func value(_ expression: String) throws -> Double? { try query.evaluate(expression).values.first }
        #expect(try value("rate(a_total{s=\"200\"}[5m])") == 40 / 120)
        #expect(try value("increase(a_total{s=\"500\"}[4m])") == 6)
        #expect(try value("changes(a_total{s=~\"2..\"}[1h]) > 1") == 2)
        #expect(try value("sum by (t) (rate(a_total[5m])) * 120 - 1") == 42)
        #expect(
            try value("sum by (t) (rate(a_total{s!~\"2..\"}[5m])) / sum by (t) (rate(a_total[5m])) > 0.06")
                == 3.0 / 43
        )
        #expect(try query.evaluate("g > 4").isEmpty && value("(g + g) / 2 >= 4") == 4)
        #expect(try query.evaluate("rate(a_total[1m])").isEmpty)
        let quantile = try #require(try value("histogram_quantile(0.5, rate(h_seconds_bucket[5m]))"))
        #expect(abs(quantile - 0.05) < 1e-9)
        #expect(throws: PromQL.Fault.self) { try query.evaluate("topk(3, g)") }
    }
}

extension MetricsPage {
    fileprivate static let none =
        (try? MetricsPage("")) ?? { preconditionFailure("an empty page is valid") }()

    fileprivate func with(_ name: String, _ value: Double) -> MetricsPage { with(name, [:], value) }

    /// The page after a thousand more values of two seconds in a histogram.
    fileprivate func slowed(_ name: String, _ labels: [String: String] = [:]) -> MetricsPage {
        var page = self
        for index in page.samples.indices {
            let sample = page.samples[index]
            guard labels.allSatisfy({ sample.labels[$0] == $1 }) else { continue }
            let bound = sample.labels["le"].map { $0 == "+Inf" ? .infinity : Double($0) ?? 0 }
            let isCount = sample.name == "\(name)_count"
            guard isCount || (sample.name == "\(name)_bucket" && (bound ?? 0) >= 2) else { continue }
            page.samples[index].value += 1_000
        }
        return page
    }
}
