import ArgumentParser
import HTTP
import JSON

/// Shows how the running server fares.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the running server fares.",
        discussion: """
            Asks the server, so that it needs one. The exit status is 0 if the server is ready, 1 if it is not (it starts, \
            stops, hangs, or refuses changes because the audit trail is full), and 7 if none answers.

            Example:
              pharos-scim status
            """
    )

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = AdminClient(socketPaths: data.folder.adminSocketPaths)
        guard let reply = try client.send(.get, "/status", []) else {
            throw CommandFailure(.unreachable, "No server answers on \(data.folder.adminSocketPath).")
        }
        let status = try reply.result()
        status.show(output) { Terminal.table(StatusText($0).rows) }
        guard status["health"]?.object?["ready"] == .bool(true) else {
            throw ExitCode(CommandFailure.Kind.failed.status)
        }
    }
}

/// The status of a server for people: a line for each thing.
struct StatusText {
    let rows: [[String]]

    init(_ status: JSONObject) {
        let health = status["health"]?.object ?? JSONObject()
        var rows = [
            ["Server", Self.server(health)],
            ["Program", "pharos-scim \(status.text("version")), since \(status.text("started"))"],
        ]
        if !status.text("publicURL").isEmpty { rows.append(["Address", status.text("publicURL")]) }
        if let audit = status["audit"]?.object {
            rows.append([
                "Audit trail",
                "\(health.text("audit")); \(audit.integer("undelivered")) records wait, the oldest for "
                    + "\(audit.integer("oldestSeconds")) s; \(audit.integer("confirmed")) confirmed",
            ])
        }
        if let connections = status["connections"]?.object {
            rows.append([
                "Connections",
                "\(connections.integer("open")) of \(connections.integer("max")); "
                    + "\(connections.integer("refused")) refused",
            ])
            rows.append(["Requests", "\(status.integer("requests"))"])
        }
        if let store = status["store"]?.object {
            rows.append([
                "Data",
                "\(Self.size(store.integer("dataBytes"))), of which \(Self.size(store.integer("freeBytes"))) free; "
                    + "log \(Self.size(store.integer("logBytes"))); last checkpoint "
                    + "\(store.integer("checkpointSeconds")) s ago; \(store.integer("waitingCommits")) changes wait",
            ])
            let room = health.text("disk") == "full" ? "full: changes are refused, or soon will be; " : ""
            rows.append(["Disk", "\(room)\(Self.size(store.integer("diskFreeBytes"))) free"])
        }
        if let certificate = status["certificate"]?.object {
            rows.append([
                "Certificate",
                "\(Self.days(certificate.integer("daysLeft"))), \(certificate.text("notAfter")); "
                    + "serial number \(certificate.text("serialNumber"))",
            ])
        }
        if status["tenants"] != nil { rows.append(["Tenants", "\(status.integer("tenants"))"]) }
        for token in status.list("expiringTokens").compactMap(\.object) {
            rows.append([
                "Token", "of \(token.text("tenant")): \(Self.days(token.integer("daysLeft")))",
            ])
        }
        self.rows = rows
    }

    private static func server(_ health: JSONObject) -> String {
        switch health.text("obstacle") {
        case "": "ready"
        case "audit": "not ready: changes are refused, since the audit trail takes no records"
        case "loop": "not ready: an event loop hangs"
        case "log": "not ready: the commit log hangs"
        case "watch": "not ready: the watch over the audit trail hangs"
        case let obstacle: "not ready: \(obstacle)"
        }
    }

    private static func days(_ days: Int) -> String {
        days > 0 ? "ends in \(days) \(days == 1 ? "day" : "days")" : "has ended, or ends today"
    }

    private static func size(_ bytes: Int) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB"]
        var (value, unit) = (bytes, 0)
        var rest = 0
        while value >= 1_000, unit < units.count - 1 {
            rest = value % 1_000 / 100
            value /= 1_000
            unit += 1
        }
        return unit == 0 || value >= 10 ? "\(value) \(units[unit])" : "\(value).\(rest) \(units[unit])"
    }
}
