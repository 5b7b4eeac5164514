import ArgumentParser
import Server

/// Who may tell for whom it asks, and how.
struct ProxyOptions: ParsableArguments {
    /// One value of `--trusted-proxy`.
    enum Proxy: Equatable {
        case range(AddressRange)
        /// Whoever connects over a Unix socket.
        case local
    }

    private static let local = "unix"

    @Option(
        help: ArgumentHelp(
            """
            A proxy that is believed when it tells for whom it asks: an address, a range such as 192.0.2.0/24, or unix \
            for whoever connects over a Unix socket. May be given several times.
            """,
            valueName: "cidr"
        ),
        transform: ProxyOptions.proxy
    )
    var trustedProxy: [Proxy] = []

    @Option(
        help: ArgumentHelp(
            """
            How these proxies tell it: by the field x-forwarded-for or forwarded of each request, or by the header of \
            the proxy-protocol on each connection, without which nobody is served.
            """,
            valueName: "source"
        )
    )
    var clientFrom: TrustedProxies.Source?

    func validate() throws {
        if clientFrom != nil, trustedProxy.isEmpty {
            throw ValidationError("--client-from needs --trusted-proxy.")
        }
    }

    /// Nil if nobody is believed.
    var proxies: TrustedProxies? {
        guard !trustedProxy.isEmpty else { return nil }
        let ranges = trustedProxy.compactMap { proxy in
            if case .range(let range) = proxy { range } else { nil }
        }
        return TrustedProxies(
            ranges,
            includesLocal: trustedProxy.contains(.local),
            source: clientFrom ?? .xForwardedFor
        )
    }

    private static func proxy(_ text: String) throws -> Proxy {
        if text == local { return .local }
        do throws(AddressRange.Fault) {
            return .range(try AddressRange(text))
        } catch {
            throw ValidationError(error.description)
        }
    }
}

extension TrustedProxies.Source: ExpressibleByArgument {}
