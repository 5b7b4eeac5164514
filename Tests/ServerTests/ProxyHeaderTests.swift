import Reactor
import Testing

@testable import Server

@Suite("The PROXY protocol's header")
struct ProxyHeaderTests {
    static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]

    /// A header of version 2; `length` lies about what follows if it is given.
    static func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? rest.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + rest
    }

    private static let ipv4: [UInt8] = [198, 51, 100, 7, 203, 0, 113, 9, 0xC8, 0x7C, 0x20, 0xFB]
    private static let ipv6: [UInt8] =
        [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [7]
        + [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [9] + [0xC8, 0x7C, 0x20, 0xFB]

    private static let good: [(bytes: [UInt8], source: String?)] = [
        (Array("PROXY TCP4 198.51.100.7 203.0.113.9 51324 8443\r\n".utf8), "198.51.100.7"),
        (Array("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n".utf8), "255.255.255.255"),
        (Array("PROXY TCP6 2001:db8::7 2001:db8::9 0 8443\r\n".utf8), "2001:db8::7"),
        (Array("PROXY TCP6 ::ffff:198.51.100.7 2001:db8::9 1 8443\r\n".utf8), "198.51.100.7"),
        (Array("PROXY UNKNOWN\r\n".utf8), nil),
        (Array("PROXY UNKNOWN 198.51.100.7 what else there is\r\n".utf8), nil),
        (Array("PROXY UNKNOWN \(String(repeating: "x", count: 91))\r\n".utf8), nil),
        (binary(0x21, 0x11, ipv4), "198.51.100.7"),
        (binary(0x21, 0x11, ipv4 + [3, 0, 4, 0xAA, 0xBB, 0xCC, 0xDD]), "198.51.100.7"),
        (binary(0x21, 0x21, ipv6), "2001:db8::7"),
        (binary(0x21, 0x21, ipv6 + [UInt8](repeating: 4, count: 4096 - 16 - 36)), "2001:db8::7"),
        (binary(0x21, 0x31, [UInt8](repeating: 0, count: 216)), nil),
        (binary(0x21, 0x00, []), nil), (binary(0x21, 0x00, [1, 2, 3]), nil),
        (binary(0x20, 0x00, []), nil), (binary(0x20, 0x11, ipv4), nil), (binary(0x20, 0xFF, [1]), nil),
    ]

    @Test(
        "Both versions are read, split at every byte, and leave alone what follows",
        arguments: good.indices
    )
    func splits(index: Int) throws {
        let (bytes, source) = Self.good[index]
        for count in 0..<bytes.count { #expect(ProxyHeader.read(Array(bytes[..<count])) == .needMore) }
        for rest in [[], Array("GET / HTTP/1.1\r\n".utf8), Self.signature, [0x16, 0x03, 0x01]] {
            guard case .header(let header) = ProxyHeader.read(bytes + rest) else {
                Issue.record("no header: \(bytes)")
                continue
            }
            #expect(header.length == bytes.count)
            #expect(header.source?.host == source)
        }
    }

    @Test(
        "Version 1: a line that is not exactly as it is defined is refused",
        arguments: [
            "GET / HTTP/1.1\r\n", "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY\r\n", "PROXY \r\n",
            "PROXY TCP4\r\n", "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
            "PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
            "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.256 1 2\r\n",
            "PROXY TCP4 ::1 ::2 1 2\r\n", "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4  2\r\n", "PROXY TCP4 1.2.3.4\0 1.2.3.4 1 2\r\n",
            "PROXY TCP4 1.2.3.4\t1.2.3.4 1 2\r\n", "PROXY unknown\r\n", "PROXY UNKNOWNX\r\n",
            "PROXY UNKNOWN \(String(repeating: "x", count: 92))\r\n", String(repeating: "PROXY ", count: 18),
            " PROXY UNKNOWN\r\n", "\r\nPROXY UNKNOWN\r\n",
        ]
    )
    func malformedText(text: String) {
        #expect(ProxyHeader.read(Array(text.utf8)) == .malformed)
    }

    @Test("Version 2: what is not defined, too short or too long is refused")
    func malformedBinary() {
        let inputs: [[UInt8]] = [
            Self.binary(0x22, 0x11, Self.ipv4), Self.binary(0x11, 0x11, Self.ipv4),
            Self.binary(0x31, 0x11, Self.ipv4), Self.binary(0x00, 0x11, Self.ipv4),
            Self.binary(0x21, 0x12, Self.ipv4), Self.binary(0x21, 0x22, Self.ipv6),
            Self.binary(0x21, 0x01, Self.ipv4), Self.binary(0x21, 0x41, Self.ipv4),
            Self.binary(0x21, 0x11, Array(Self.ipv4.dropLast())),
            Self.binary(0x21, 0x21, Array(Self.ipv6.dropLast())),
            Self.binary(0x21, 0x31, [UInt8](repeating: 0, count: 215)),
            Self.binary(0x21, 0x11, Self.ipv4, length: 4081), Self.binary(0x20, 0x00, [], length: 65_535),
            Array(Self.signature.dropLast()) + [0x0B],
        ]
        for input in inputs { #expect(ProxyHeader.read(input) == .malformed, "\(input.prefix(20))") }
    }
}
