import HTTP
import Reactor
import TLS

/// Where connections lead that are kept for many requests: an address of a host that has taken one, and TLS for it.
package struct ConnectionPlace: Sendable {
    package let url: RemoteURL
    let address: HostAddress
    /// Nil for plain HTTP.
    let tls: TLSClientContext?
}

extension HTTPSClient {
    /// Looks for an address of the URL's host that takes connections; blocks as ``exchange(_:)`` does.
    package func place(of url: RemoteURL) throws(ExchangeError) -> ConnectionPlace {
        try check(url)
        let timing = ExchangeTiming(host: url.host, within: configuration.exchangeTimeout)
        return ConnectionPlace(
            url: url,
            address: try connect(url, timing).address,
            tls: url.isSecure ? tls : nil
        )
    }
}
