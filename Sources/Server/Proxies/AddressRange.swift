import Reactor

/// The addresses that share a prefix, as CIDR notation names them: `192.0.2.0/24`, `2001:db8::/32`, `192.0.2.7`.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no range of addresses.
    package enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        case noAddress(String)
        case noPrefix(String, most: Int)
        /// The address has bits behind the prefix; the range that was probably meant.
        case bitsBehindPrefix(String, meant: String)

        package var description: String {
            switch self {
            case .noAddress(let text):
                "\(text) is no IPv4 or IPv6 address."
            case .noPrefix(let text, let most):
                "The length of the prefix behind the slash is a number from 0 to \(most), not \(text)."
            case .bitsBehindPrefix(let text, let meant):
                "\(text) has bits behind its prefix; the range is \(meant)."
            }
        }
    }

    private static let bitCount = 128
    private static let bitCountOfIPv4 = 32

    /// The first address, in which IPv4 is mapped into IPv6.
    private let first: UInt128
    private let mask: UInt128
    /// As it was written.
    package let description: String

    /// Reads an address, or the first one of a range and the length of its prefix.
    package init(_ text: String) throws(Fault) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let host = String(parts[0])
        guard let address = SocketAddress(numeric: host), let plain = address.host else {
            throw .noAddress(host)
        }
        let most = host.contains(":") ? Self.bitCount : Self.bitCountOfIPv4
        var length = most
        if parts.count == 2 {
            let digits = parts[1]
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(digits), number <= most
            else { throw .noPrefix(String(digits), most: most) }
            length = number
        }
        mask = UInt128.max << UInt128(most - length)
        guard address.number & ~mask == 0 else {
            let start = SocketAddress(number: address.number & mask, port: 0).host ?? plain
            throw .bitsBehindPrefix(text, meant: "\(start)/\(length)")
        }
        first = address.number
        description = text
    }

    /// Whether the address is one of these; the IPv4 addresses are in no range of IPv6 addresses, not even in `::/0`.
    package func contains(_ address: SocketAddress) -> Bool {
        address.host != nil && address.number & mask == first
            && Self.isIPv4(address.number) == Self.isIPv4(first)
    }

    private static func isIPv4(_ number: UInt128) -> Bool { number >> UInt128(bitCountOfIPv4) == 0xFFFF }
}

extension SocketAddress {
    /// An address without port from a text that somebody else wrote; nil if it is none.
    package init?(numeric text: String) {
        // A text goes to C up to its first zero byte: nothing but what is part of an address gets there.
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20) || byte == 0x2E
                || byte == 0x3A
        }
        guard isPlain else { return nil }
        self.init(host: text, port: 0)
    }
}
