import Server

/// A proxy that is believed when it tells for whom it asks.
enum TrustedProxy: Equatable, Sendable {
    case range(AddressRange)
    /// Whoever connects over a Unix socket.
    case local

    private static let localWord = "unix"

    /// An address, a range or `unix`.
    static func parse(_ text: String) -> Result<TrustedProxy, AddressRange.Fault> {
        if text == localWord { return .success(.local) }
        return Result { () throws(AddressRange.Fault) in .range(try AddressRange(text)) }
    }
}

extension TrustedProxies {
    /// Nil if nobody is believed.
    init?(_ proxies: [TrustedProxy], source: Source) {
        guard !proxies.isEmpty else { return nil }
        let ranges = proxies.compactMap { proxy in
            if case .range(let range) = proxy { range } else { nil }
        }
        self.init(ranges, includesLocal: proxies.contains(.local), source: source)
    }
}
