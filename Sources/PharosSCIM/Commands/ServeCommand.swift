import ArgumentParser
import Reactor

/// Serves until it is told to stop.
struct ServeCommand: ServingCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve SCIM over HTTPS until a signal ends it.",
        discussion: """
            SIGTERM and SIGINT: requests on their way are answered, then the process ends with status 0. SIGHUP: the \
            certificate and its key are read again; open connections stay. Sockets that systemd passes are used in \
            place of --listen (FileDescriptorName=https) and --admin-socket (FileDescriptorName=admin); one named console is \
            for a web console that runs as another user, and one named monitoring takes the place of --monitoring-listen.

            Example:
              pharos-scim serve --data /var/lib/pharos-scim --listen 0.0.0.0:8443 \\
                --tls-cert /etc/pharos-scim/cert.pem --tls-key /etc/pharos-scim/key.pem \\
                --public-url https://scim.example.com
            """
    )

    @OptionGroup var data: DataOptions

    @OptionGroup var listening: ListenOptions

    @OptionGroup var trail: TrailOptions

    @Option(
        help: ArgumentHelp(
            "Event loops, one thread each. (default: one for each processor that the process may use)",
            valueName: "n"
        )
    )
    var loops: Int?

    @Option(help: ArgumentHelp("The largest request body.", valueName: "bytes"))
    var maxBodyBytes = 1 << 20

    @OptionGroup var rates: RateOptions

    @OptionGroup var commitLog: CommitLogOptions

    @OptionGroup var monitoring: MonitoringOptions

    @OptionGroup var output: OutputOptions

    private static let defaultPort: UInt16 = 8_443
    private static let bodyBytes = 1_024...(64 << 20)
    private static let loopCounts = 1...256

    func validate() throws {
        guard Self.bodyBytes.contains(maxBodyBytes) else {
            throw ValidationError(
                "--max-body-bytes is from \(Self.bodyBytes.lowerBound) to \(Self.bodyBytes.upperBound)."
            )
        }
        if let loops, !Self.loopCounts.contains(loops) {
            throw ValidationError(
                "--loops is from \(Self.loopCounts.lowerBound) to \(Self.loopCounts.upperBound)."
            )
        }
    }

    func run() async throws {
        let settings = ServerSettings(
            folder: data.folder,
            public: listening.settings(defaultPort: Self.defaultPort, bodyBytesMax: maxBodyBytes),
            trail: trail.settings,
            monitoringAddress: monitoring.monitoringListen,
            logLevel: monitoring.logLevel,
            loopCount: loops ?? ProcessorShare.threadCount,
            rates: rates.limits,
            commitLog: commitLog.settings,
            takesInheritedSockets: true
        )
        let output = output
        try await ServerProcess(settings).run { parts in
            if output.json { Terminal.show(parts.readyLine) }
        }
    }
}
