internal import Storage

/// The IP address at the other end of a connection.
package struct AuditAddress: Sendable, Hashable {
    /// The address as text, without a zone.
    package let text: String
    /// The network that counts as one neighbour: /24 of an IPv4, /48 of an IPv6 address.
    package let network: AuditNetwork

    /// Reads an IPv4 or IPv6 address, with or without a zone; nil for any other text.
    package init?(_ text: String) {
        let address = text[..<(text.utf8.firstIndex(of: UInt8(ascii: "%")) ?? text.endIndex)]
        if let four = AuditAddress.ipv4(address) {
            self.init(ipv4: four)
        } else if let bytes = AuditAddress.ipv6(address) {
            if bytes.starts(with: AuditAddress.mappedPrefix) {
                self.init(ipv4: bytes.span.bigEndian32(at: 12))
            } else {
                self.init(text: address.lowercased(), network: .ipv6(bytes.span.bigEndian64(at: 0) >> 16))
            }
        } else {
            return nil
        }
    }

    private init(ipv4 number: UInt32) {
        var text = String(number >> 24)
        for shift in [16, 8, 0] {
            text += "."
            text += String(number >> UInt32(shift) & 0xFF)
        }
        self.init(text: text, network: .ipv4(number >> 8))
    }

    private init(text: String, network: AuditNetwork) {
        self.text = text
        self.network = network
    }

    /// What an IPv4 address that is written as an IPv6 address begins with (RFC 4291 §2.5.5.2).
    private static let mappedPrefix: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    private static func ipv4(_ text: Substring) -> UInt32? {
        var address: UInt32 = 0
        var dots = 0
        var digits = 0
        var number: UInt32 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "."), digits > 0, dots < 3 {
                address = address << 8 | number
                dots += 1
                (digits, number) = (0, 0)
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), digits < 3 else { return nil }
            digits += 1
            number = number * 10 + UInt32(byte - UInt8(ascii: "0"))
            guard number <= 255 else { return nil }
        }
        return dots == 3 && digits > 0 ? address << 8 | number : nil
    }

    private static func ipv6(_ text: Substring) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        guard let gap = text.firstRange(of: "::") else {
            return groups(text).flatMap { $0.count == 16 ? $0 : nil }
        }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The bytes of groups between colons, of which the last may be an IPv4 address.
    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let four = ipv4(part) {
                bytes.appendBigEndian(four)
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }),
                let group = UInt16(part, radix: 16)
            else { return nil }
            bytes.append(UInt8(group >> 8))
            bytes.append(UInt8(group & 0xFF))
        }
        return bytes
    }
}

/// The network of an address.
package enum AuditNetwork: Sendable, Hashable {
    /// The first 24 bits.
    case ipv4(UInt32)
    /// The first 48 bits.
    case ipv6(UInt64)
}
