import ArgumentParser
import Server

/// Where a process listens for clients, and how their connections are protected.
struct ListenOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Where to listen: an IP address and a port, of which 0 asks for a free one; or unix: and the path of a Unix \
            socket, on which plain HTTP is spoken. (default: 127.0.0.1:8443, for the console 127.0.0.1:8444)
            """,
            valueName: "place"
        )
    )
    var listen: ListenPlace?

    @Option(help: ArgumentHelp("The certificate and its chain, PEM.", valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "How clients reach the server, for Tenant URLs, links and locations. (default: the listening address)",
            valueName: "url"
        )
    )
    var publicURL: PublicURL?

    @Flag(help: "Serve plain HTTP. On loopback only.")
    var http = false

    @Flag(help: "Serve plain HTTP on any address, behind a proxy that speaks TLS.")
    var insecureHTTP = false

    @OptionGroup var proxies: ProxyOptions

    func validate() throws {
        if (tlsCert == nil) != (tlsKey == nil) {
            throw ValidationError("--tls-cert and --tls-key belong together.")
        }
        if tlsCert != nil, http || insecureHTTP {
            throw ValidationError("--tls-cert does not go with --http or --insecure-http.")
        }
        let isUnixSocket = listen?.isUnixSocket ?? false
        if tlsCert != nil, isUnixSocket {
            throw ValidationError("--tls-cert does not go with a Unix socket, on which plain HTTP is spoken.")
        }
        if tlsCert == nil, !http, !insecureHTTP, !isUnixSocket {
            throw ValidationError(
                "TLS needs --tls-cert and --tls-key; --http serves plain HTTP on loopback."
            )
        }
        guard let listen else { return }
        if http, !insecureHTTP, !listen.isLocal {
            throw ValidationError(
                "--http is for loopback; behind a proxy that speaks TLS, use --insecure-http."
            )
        }
        if !listen.isReachable, publicURL == nil {
            throw ValidationError(
                "--listen \(listen.text) needs --public-url, since clients cannot use that address."
            )
        }
    }

    /// `defaultPort`: of the loopback address, where no place is given.
    func settings(defaultPort: UInt16, bodyBytesMax: Int = 1 << 20) -> PublicListener.Settings {
        var transport = PublicListener.Settings.Transport.plain
        if let tlsCert, let tlsKey { transport = .tls(certificatePath: tlsCert, keyPath: tlsKey) }
        return PublicListener.Settings(
            listen: listen ?? .address(ListenAddress(host: "127.0.0.1", port: defaultPort)),
            transport: transport,
            allowsInsecure: insecureHTTP,
            url: publicURL?.text,
            bodyBytesMax: bodyBytesMax,
            proxies: proxies.proxies
        )
    }
}
