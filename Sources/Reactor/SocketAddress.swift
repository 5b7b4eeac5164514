import CLinux

/// Where a connection comes from or a listener is bound, in the forms that are needed: text, port, origin.
package struct SocketAddress: Sendable, Hashable {
    /// Numeric, without port; an IPv4 address mapped into IPv6 is given as IPv4.
    ///
    /// Nil for a Unix socket.
    package let host: String?
    package let port: UInt16
    /// Equal for connections that are counted together: one IPv4 address, or one IPv6 /64.
    package let origin: UInt64
    package let isLoopback: Bool

    /// Nil when the text is no numeric IPv4 or IPv6 address.
    package init?(host: String, port: UInt16) {
        var address = clinux_address()
        guard unsafe clinux_address_ip(host, port, &address) == 0 else { return nil }
        self.init(&address)
    }

    init(_ address: inout clinux_address) {
        var port: UInt16 = 0
        var origin: UInt64 = 0
        var isLoopback: Int32 = 0
        let host = unsafe withUnsafeTemporaryAllocation(
            of: CChar.self,
            capacity: Int(CLINUX_ADDRESS_TEXT_MAX)
        ) { text -> String? in
            guard let base = text.baseAddress else { return nil }
            let length = unsafe clinux_address_describe(&address, base, &origin, &port, &isLoopback)
            return length > 0 ? unsafe String(cString: base) : nil
        }
        self.host = host
        self.port = port
        self.origin = origin
        self.isLoopback = isLoopback != 0
    }

    /// The address a socket is bound to.
    static func local(of descriptor: Int32) throws(SystemError) -> SocketAddress {
        var address = clinux_address()
        guard unsafe clinux_local_address(descriptor, &address) == 0 else { throw SystemError("getsockname") }
        return SocketAddress(&address)
    }
}
