// RFC 3986 §3.2.2, §3.2.3 and RFC 9110 §7.2: host and port. Stricter than the grammar: no user information, no
// percent-encoding, no sub-delimiters, no empty host, label or port; IPv6 addresses have no zone.

/// Checks on the host and port of a Host field or an absolute-form target.
enum Authority {
    /// Longest DNS name, with room for the port.
    private static let bytesMax = 262

    /// Whether the bytes are a host with an optional port.
    static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > 0, bytes.count <= bytesMax else { return false }
        var index = 0
        if bytes[0] == UInt8(ascii: "[") {
            guard let end = endOfIPv6Address(bytes) else { return false }
            index = end
        } else {
            var labelBytes = 0
            while index < bytes.count, bytes[index] != ASCII.colon {
                guard ByteSet.host.contains(bytes[index]) else { return false }
                if bytes[index] == ASCII.dot {
                    guard labelBytes > 0 else { return false }
                    labelBytes = 0
                } else {
                    labelBytes += 1
                }
                index += 1
            }
            guard index > 0 else { return false }
        }
        return index == bytes.count || isPort(bytes, after: index)
    }

    /// Whether two valid authorities name the same host and port; the default port may be left out.
    static func areSame(_ left: Span<UInt8>, _ right: Span<UInt8>, isHTTPS: Bool) -> Bool {
        equalIgnoringCase(
            left.extracting(first: lengthWithoutDefaultPort(left, isHTTPS: isHTTPS)),
            right.extracting(first: lengthWithoutDefaultPort(right, isHTTPS: isHTTPS))
        )
    }

    private static func endOfIPv6Address(_ bytes: Span<UInt8>) -> Int? {
        var index = 1
        var colons = 0
        while index < bytes.count, bytes[index] != UInt8(ascii: "]") {
            if bytes[index] == ASCII.colon {
                colons += 1
            } else if hexValue(bytes[index]) == nil, bytes[index] != ASCII.dot {
                return nil
            }
            index += 1
        }
        return index < bytes.count && (2...7).contains(colons) ? index + 1 : nil
    }

    /// Whether a colon and one to five digits, at most 65535, follow up to the end.
    private static func isPort(_ bytes: Span<UInt8>, after start: Int) -> Bool {
        guard bytes[start] == ASCII.colon, (2...6).contains(bytes.count - start) else { return false }
        var port = 0
        for index in (start + 1)..<bytes.count {
            guard (0x30...0x39).contains(bytes[index]) else { return false }
            port = port * 10 + Int(bytes[index] &- 0x30)
        }
        return port <= 65535
    }

    private static func lengthWithoutDefaultPort(_ bytes: Span<UInt8>, isHTTPS: Bool) -> Int {
        let port = isHTTPS ? ":443" : ":80"
        let length = bytes.count - port.utf8.count
        guard length > 0, equalIgnoringCase(bytes.extracting(length..<bytes.count), port) else {
            return bytes.count
        }
        return length
    }
}
