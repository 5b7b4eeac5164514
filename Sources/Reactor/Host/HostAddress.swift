import CLinux
import Glibc

/// An address of a host, as the name service gave it.
package struct HostAddress: Sendable {
    /// How many addresses of a host are asked for at most.
    package static let addressesMax = 8

    let address: clinux_address

    /// What the name service said, in the system's words.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// The stream addresses of a DNS name or numeric address, best first (RFC 6724); at least one.
    ///
    /// Blocks for as long as the name service lets it, 10 s for each of its servers if nothing else is configured
    /// (resolv.conf(5)): never called on a loop.
    package static func addresses(of host: String, port: UInt16) throws(Failure) -> [HostAddress] {
        var addresses = [clinux_address](repeating: clinux_address(), count: addressesMax)
        var count: Int32 = 0
        // The array has as many places as are offered, and lives through the call.
        let error = unsafe clinux_resolve(host, port, &addresses, Int32(addressesMax), &count)
        guard error == 0 else {
            if error == EAI_SYSTEM { throw Failure(description: SystemError("getaddrinfo").description) }
            throw Failure(description: unsafe String(cString: gai_strerror(error)))
        }
        return addresses.prefix(Int(count)).map { HostAddress(address: $0) }
    }

    /// Whether it is an address of this machine alone.
    package var isLoopback: Bool {
        var address = address
        return SocketAddress(&address).isLoopback
    }
}
