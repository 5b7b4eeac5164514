import ArgumentParser

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
}
