/// The IP address at the other end of a connection.
package struct AuditAddress: Sendable, Hashable {
    /// The address as text, without a zone.
    package let text: String
    /// Sixteen bytes; an IPv4 address is mapped (RFC 4291 §2.5.5.2).
    let bytes: [UInt8]
    let isIPv4: Bool

    /// Reads an IPv4 or IPv6 address, with or without a zone; nil for any other text.
    package init?(_ text: String) {
        let address = text[..<(text.utf8.firstIndex(of: UInt8(ascii: "%")) ?? text.endIndex)]
        if let four = AuditAddress.ipv4(address) {
            self.init(ipv4: four)
        } else if let bytes = AuditAddress.ipv6(address) {
            if bytes.starts(with: AuditAddress.mappedPrefix) {
                self.init(ipv4: Array(bytes.suffix(4)))
            } else {
                self.init(text: address.lowercased(), bytes: bytes, isIPv4: false)
            }
        } else {
            return nil
        }
    }

    private init(ipv4 four: [UInt8]) {
        self.init(
            text: four.map { String($0) }.joined(separator: "."),
            bytes: AuditAddress.mappedPrefix + four,
            isIPv4: true
        )
    }

    private init(text: String, bytes: [UInt8], isIPv4: Bool) {
        self.text = text
        self.bytes = bytes
        self.isIPv4 = isIPv4
    }

    private static let mappedPrefix: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    /// The network that counts as one neighbour: /24 of an IPv4, /48 of an IPv6 address.
    package var network: [UInt8] { isIPv4 ? Array(bytes[12..<15]) : Array(bytes[0..<6]) }

    private static func ipv4(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4)
        var digits = 0
        var number = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "."), digits > 0, bytes.count < 3 {
                bytes.append(UInt8(number))
                (digits, number) = (0, 0)
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), digits < 3 else { return nil }
            digits += 1
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
            guard number <= 255 else { return nil }
        }
        guard bytes.count == 3, digits > 0 else { return nil }
        bytes.append(UInt8(number))
        return bytes
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
                bytes += four
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
