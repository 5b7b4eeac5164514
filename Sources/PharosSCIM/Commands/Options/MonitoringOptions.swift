import ArgumentParser
import Logging

/// How a server is watched.
struct MonitoringOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Where a monitoring system reads /healthz, /readyz and /metrics over plain HTTP, without a password: an IP \
            address and a port. (default: on the admin socket only)
            """,
            valueName: "host:port"
        )
    )
    var monitoringListen: ListenAddress?

    @Option(
        help: ArgumentHelp(
            """
            The least level of the lines in the operational log: trace, debug, info, notice, warning, error or critical. \
            debug has a line for each answered request.
            """,
            valueName: "level"
        ),
        transform: MonitoringOptions.level
    )
    var logLevel = Logger.Level.info

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--log-level is one of \(levels).")
        }
        return level
    }
}
