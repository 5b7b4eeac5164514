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
            place of --listen (FileDescriptorName=https) and --admin-socket (FileDescriptorName=admin).

            Example:
              pharos-scim serve --data /var/lib/pharos-scim --listen 0.0.0.0:8443 \\
                --tls-cert /etc/pharos-scim/cert.pem --tls-key /etc/pharos-scim/key.pem \\
                --public-url https://scim.example.com
            """
    )

    @OptionGroup var data: DataOptions

    @Option(
        help: ArgumentHelp(
            """
            Where to listen: an IP address and a port, of which 0 asks for a free one; or unix: and the path of a Unix \
            socket, on which plain HTTP is spoken.
            """,
            valueName: "place"
        )
    )
    var listen = ListenPlace.address(ListenAddress(host: "127.0.0.1", port: 8443))

    @Option(help: ArgumentHelp("The certificate and its chain, PEM.", valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "How clients reach the server, for Tenant URLs and locations. (default: the listening address)",
            valueName: "url"
        )
    )
    var publicURL: PublicURL?

    @Flag(help: "Serve plain HTTP. On loopback only.")
    var http = false

    @Flag(help: "Serve plain HTTP on any address, behind a proxy that speaks TLS.")
    var insecureHTTP = false

    @Option(help: "Where audit records go: journal, stdout or stderr.")
    var auditOutput = AuditOutput.journal

    @Option(
        help: ArgumentHelp(
            "The journal namespace in which records are looked for. (default: the unit's LogNamespace=)",
            valueName: "name"
        )
    )
    var journalNamespace: String?

    @Option(
        help: ArgumentHelp("Event loops, one thread each. (default: one for each processor)", valueName: "n")
    )
    var loops: Int?

    @Option(help: ArgumentHelp("The largest request body.", valueName: "bytes"))
    var maxBodyBytes = 1 << 20

    @OptionGroup var proxies: ProxyOptions

    @OptionGroup var rates: RateOptions

    @OptionGroup var output: OutputOptions

    private static let bodyBytes = 1_024...(64 << 20)
    private static let loopCounts = 1...256

    func validate() throws {
        if (tlsCert == nil) != (tlsKey == nil) {
            throw ValidationError("--tls-cert and --tls-key belong together.")
        }
        if tlsCert != nil, http || insecureHTTP {
            throw ValidationError("--tls-cert does not go with --http or --insecure-http.")
        }
        if tlsCert != nil, listen.isUnixSocket {
            throw ValidationError("--tls-cert does not go with a Unix socket, on which plain HTTP is spoken.")
        }
        if tlsCert == nil, !http, !insecureHTTP, !listen.isUnixSocket {
            throw ValidationError(
                "TLS needs --tls-cert and --tls-key; --http serves plain HTTP on loopback."
            )
        }
        if http, !insecureHTTP, !listen.isLocal {
            throw ValidationError(
                "--http is for loopback; behind a proxy that speaks TLS, use --insecure-http."
            )
        }
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
        if !listen.isReachable, publicURL == nil {
            throw ValidationError(
                "--listen \(listen.text) needs --public-url, since clients cannot use that address."
            )
        }
    }

    func run() async throws {
        var transport = ServerSettings.Transport.plain
        if let tlsCert, let tlsKey { transport = .tls(certificatePath: tlsCert, keyPath: tlsKey) }
        let settings = ServerSettings(
            folder: data.folder,
            listen: listen,
            transport: transport,
            allowsInsecure: insecureHTTP,
            publicURL: publicURL?.text,
            auditOutput: auditOutput,
            journalNamespace: journalNamespace,
            loopCount: loops ?? Host.processorCount,
            bodyBytesMax: maxBodyBytes,
            proxies: proxies.proxies,
            rates: rates.limits,
            takesInheritedSockets: true
        )
        let output = output
        try await ServerProcess(settings).run { parts in
            if output.json { Terminal.show(parts.readyLine) }
        }
    }
}
