import HTTP
import Reactor
import Testing

@testable import Server

@Suite("Who stands behind a proxy, by the fields of a request")
struct ForwardedAddressesTests {
    private static func client(_ lines: [String], _ source: TrustedProxies.Source) throws -> String? {
        let proxies = TrustedProxies(
            [try AddressRange("10.0.0.0/8"), try AddressRange("2001:db8:a::/48")],
            source: source
        )
        // The other field is never looked at.
        let (name, other): (FieldName, FieldName) =
            source == .forwarded ? (.forwarded, .xForwardedFor) : (.xForwardedFor, .forwarded)
        let bait = source == .forwarded ? "203.0.113.66" : "for=203.0.113.66"
        let fields = Fields([(other, bait)] + lines.map { (name, $0) } + [(other, bait)])
        return ForwardedAddresses.client(of: fields, proxies)?.host
    }

    @Test(
        "X-Forwarded-For: the nearest address from the right that is no trusted proxy's",
        arguments: [
            (["198.51.100.7"], "198.51.100.7"),
            (["6.6.6.6, 198.51.100.7"], "198.51.100.7"),
            (["6.6.6.6, 198.51.100.7, 10.0.0.2, 10.9.9.9"], "198.51.100.7"),
            (["6.6.6.6", "198.51.100.7"], "198.51.100.7"),
            (["6.6.6.6, 198.51.100.7", "10.0.0.2"], "198.51.100.7"),
            (["198.51.100.7 ,\t10.0.0.2 "], "198.51.100.7"),
            (["198.51.100.7,,10.0.0.2,"], "198.51.100.7"),
            (["198.51.100.7:4711"], "198.51.100.7"),
            (["2001:db8::7"], "2001:db8::7"), (["[2001:db8::7]"], "2001:db8::7"),
            (["[2001:DB8::7]:4711, 2001:db8:a::1"], "2001:db8::7"),
            (["::ffff:198.51.100.7"], "198.51.100.7"),
            // All are proxies: the farthest is whoever has asked.
            (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // The way gets lost behind a proxy that is told of.
            (["198.51.100.7, unknown, 10.0.0.2"], "10.0.0.2"),
            (["198.51.100.7, 10.0.0.256, 10.0.0.2"], "10.0.0.2"),
            (["198.51.100.7, _hidden, 10.0.0.2"], "10.0.0.2"),
            // What the client has written has no say in how the rest is read.
            (["\", 198.51.100.7"], "198.51.100.7"), (["\\, 198.51.100.7"], "198.51.100.7"),
            (["for=\"x, 198.51.100.7"], "198.51.100.7"),
        ]
    )
    func xForwardedFor(lines: [String], expected: String) throws {
        #expect(try Self.client(lines, .xForwardedFor) == expected)
    }

    @Test(
        "RFC 7239 §4: the same with Forwarded",
        arguments: [
            (["for=198.51.100.7"], "198.51.100.7"),
            (["For=\"198.51.100.7:4711\";proto=https;by=203.0.113.1"], "198.51.100.7"),
            (["proto=https ; FOR=198.51.100.7"], "198.51.100.7"),
            (["for=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17"),
            (["for=\"[2001:db8:cafe::17]:_port\""], "2001:db8:cafe::17"),
            (["for=6.6.6.6, for=198.51.100.7, for=10.0.0.2"], "198.51.100.7"),
            (["for=6.6.6.6", "for=198.51.100.7;host=\"a, b; for=6.6.6.6\""], "198.51.100.7"),
            (["for=198.51.100.7, for=unknown, for=10.0.0.2"], "10.0.0.2"),
            (["for=198.51.100.7, for=_gazonk, for=10.0.0.2"], "10.0.0.2"),
            (["for=198.51.100.7, proto=http, for=10.0.0.2"], "10.0.0.2"),
            (["for=198.51.100.7, for=6.6.6.6;for=6.6.6.6, for=10.0.0.2"], "10.0.0.2"),
            // Quotation marks and backslashes of the client's.
            (["for=\"6.6.6.6, for=198.51.100.7"], "198.51.100.7"),
            (["for=\"6.6.6.6, for=\"[2001:db8::7]\""], "2001:db8::7"),
            (["for=\"6.6.6.6\\\", for=\"198.51.100.7\""], "198.51.100.7"),
            (["for=\"6.6.6.6", "for=198.51.100.7"], "198.51.100.7"),
        ]
    )
    func forwarded(lines: [String], expected: String) throws {
        #expect(try Self.client(lines, .forwarded) == expected)
    }

    @Test(
        "Where what the proxy tells cannot be understood, it stays with the proxy",
        arguments: [
            "unknown", "_a", "198.51.100", "198.51.100.7:", "198.51.100.7:x y", "[198.51.100.7]",
            "[2001:db8::7",
            "2001:db8::7]", "[2001:db8::7]4711", "198.51.100.7 198.51.100.8", "fe80::1%eth0",
            "198.51.100.7\\",
            "\"198.51.100.7\"", "198.51.100.7;",
        ]
    )
    func notUnderstood(text: String) throws {
        #expect(try Self.client([text], .xForwardedFor) == nil)
        #expect(try Self.client(["6.6.6.6, " + text], .xForwardedFor) == nil)
        guard !text.contains("\""), !text.contains(";") else { return }
        #expect(try Self.client(["for=6.6.6.6, for=" + text], .forwarded) == nil)
        #expect(try Self.client(["for=6.6.6.6, for=\"" + text + "\""], .forwarded) == nil)
    }

    @Test("Where nothing is told, it stays with the proxy", arguments: TrustedProxies.Source.allCases)
    func nothing(source: TrustedProxies.Source) throws {
        for lines in [[], [""], [","], [" , ,"], ["", ""]] {
            #expect(try Self.client(lines, source) == nil)
        }
    }

    @Test("No more than 32 addresses are looked at, and the last of them is what is known")
    func bound() throws {
        let proxies = (1...40).map { "10.0.0.\($0)" }.joined(separator: ", ")
        #expect(try Self.client(["198.51.100.7, " + proxies], .xForwardedFor) == "10.0.0.9")
    }
}
