import CLinux

/// Where a connection comes from or a listener is bound, in the forms that are needed: text, port, origin.
package struct SocketAddress: Sendable, Hashable {
    /// Numeric, without port; an IPv4 address mapped into IPv6 is given as IPv4.
    ///
    /// Nil for a Unix socket.
    package let host: String?
    package let port: UInt16
    /// The 128 bits of an IPv6 address, in which an IPv4 address is mapped; 0 for a Unix socket.
    package let number: UInt128
    /// Equal for connections that are counted together: one IPv4 address, or one IPv6 /64.
    package let origin: UInt64
    package let isLoopback: Bool

    /// Nil when the text is no numeric IPv4 or IPv6 address.
    package init?(host: String, port: UInt16) {
        var address = clinux_address()
        guard unsafe clinux_address_ip(host, port, &address) == 0 else { return nil }
        self.init(&address)
    }

    /// The address with these 128 bits, IPv4 mapped into IPv6 (RFC 4291 §2.5.5.2).
    package init(number: UInt128, port: UInt16) {
        var bytes = number.bigEndian
        var address = clinux_address()
        // The bytes are copied before the call returns.
        unsafe withUnsafeBytes(of: &bytes) { bytes in
            guard let base = unsafe bytes.bindMemory(to: UInt8.self).baseAddress else { return }
            unsafe clinux_address_bytes(base, port, &address)
        }
        self.init(&address)
    }

    init(_ address: inout clinux_address) {
        var number: UInt128 = 0
        var port: UInt16 = 0
        var origin: UInt64 = 0
        var isLoopback: Int32 = 0
        let host = unsafe withUnsafeTemporaryAllocation(
            of: CChar.self,
            capacity: Int(CLINUX_ADDRESS_TEXT_MAX)
        ) { text -> String? in
            guard let base = text.baseAddress else { return nil }
            // The number has room for the sixteen bytes, and outlives the call.
            let length = unsafe withUnsafeMutableBytes(of: &number) { bytes -> Int32 in
                guard let bytes = unsafe bytes.bindMemory(to: UInt8.self).baseAddress else { return 0 }
                return unsafe clinux_address_describe(
                    &address,
                    base,
                    bytes,
                    &origin,
                    &port,
                    &isLoopback
                )
            }
            return length > 0 ? unsafe String(cString: base) : nil
        }
        self.host = host
        self.port = port
        self.number = UInt128(bigEndian: number)
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
