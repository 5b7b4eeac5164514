import Reactor
import Testing

@testable import Server

@Suite("Ranges of addresses")
struct AddressRangeTests {
    @Test(
        "A range has the addresses that share its prefix, of its own family alone",
        arguments: [
            ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.0/24", "::ffff:192.0.2.1", true), ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false), ("192.0.2.7/32", "192.0.2.7", true),
            ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false),
            ("128.0.0.0/1", "127.255.255.255", false), ("128.0.0.0/1", "128.0.0.0", true),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
            ("2001:db8::7", "2001:db8::7", true), ("2001:db8::7", "2001:db8::8", false),
            ("2001:db8::4/126", "2001:db8::7", true), ("2001:db8::4/126", "2001:db8::8", false),
            ("::/0", "2001:db8::1", true), ("::/0", "192.0.2.1", false),
        ]
    )
    func contains(range: String, text: String, isInside: Bool) throws {
        let address = try #require(SocketAddress(host: text, port: 1))
        #expect(try AddressRange(range).contains(address) == isInside)
    }

    @Test(
        "What is no range is told in a sentence that names the fault",
        arguments: [
            ("", "no IPv4 or IPv6 address"), ("proxy", "no IPv4 or IPv6 address"),
            ("10.0.0/8", "no IPv4 or IPv6 address"), ("10.0.0.0/", "from 0 to 32"),
            ("10.0.0.0/33", "from 0 to 32"), ("10.0.0.0/+8", "from 0 to 32"),
            ("10.0.0.0/8/8", "from 0 to 32"), ("10.0.0.0/-1", "from 0 to 32"),
            ("2001:db8::/129", "from 0 to 128"), ("2001:db8::/99999999999999999999", "from 0 to 128"),
            ("10.1.2.3/8", "the range is 10.0.0.0/8"), ("2001:db8::1/32", "the range is 2001:db8::/32"),
            ("10.0.0.0/0", "the range is 0.0.0.0/0"), ("10.0.0.1\0/32", "no IPv4 or IPv6 address"),
        ]
    )
    func faults(text: String, part: String) {
        let error = #expect(throws: AddressRange.Fault.self) { try AddressRange(text) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test("A Unix socket is in no range, and a proxy only where that is said")
    func unixSocket() async throws {
        let path = "/tmp/server-range-\(getProcessID()).sock"
        let listener = try ListeningSocket.local(path: path, mode: 0o600)
        #expect(!(try AddressRange("::/0").contains(listener.localAddress)))
        #expect(!TrustedProxies([try AddressRange("::/0")]).contains(listener.localAddress))
        #expect(TrustedProxies([], includesLocal: true).contains(listener.localAddress))
    }
}
