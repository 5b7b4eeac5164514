import Reactor

/// The proxies that are believed when they tell for whom they ask, and how they tell it.
package struct TrustedProxies: Sendable, Hashable, CustomStringConvertible {
    /// Where the address of a client stands.
    ///
    /// One of them is read, and never another beside it: a proxy writes one of these and hands the others on as the client
    /// sent them.
    package enum Source: String, Sendable, CaseIterable {
        /// The `X-Forwarded-For` fields of each request.
        case xForwardedFor = "x-forwarded-for"
        /// The `Forwarded` fields of each request (RFC 7239).
        case forwarded
        /// The PROXY protocol's header, version 1 or 2, with which each connection begins.
        case proxyProtocol = "proxy-protocol"
    }

    /// Addresses that are looked at in the fields of a request, from the nearest proxy on.
    package static let hopsMax = 32
    /// Longest header of the PROXY protocol, with what it holds beside addresses.
    package static let headerBytesMax = 4096

    package var ranges: [AddressRange]
    /// Whether whoever connects over a Unix socket is such a proxy.
    package var includesLocal: Bool
    package var source: Source

    package init(_ ranges: [AddressRange], includesLocal: Bool = false, source: Source = .xForwardedFor) {
        self.ranges = ranges
        self.includesLocal = includesLocal
        self.source = source
    }

    /// As the options of the command line have them.
    package var description: String {
        let names = (includesLocal ? ["unix"] : []) + ranges.map(\.description)
        return "\(names.joined(separator: ",")) \(source.rawValue)"
    }

    /// Whether who has this address is believed.
    package func contains(_ address: SocketAddress) -> Bool {
        address.host == nil ? includesLocal : ranges.contains { $0.contains(address) }
    }
}
