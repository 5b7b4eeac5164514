import HTTP
import Reactor

@testable import Server

/// The first bytes of a connection that a proxy has made.
///
/// What becomes of them does not depend on how they arrive, and who is told of can be told of again.
enum ProxyTarget {
    /// How many ways to cut an input in two are tried one by one; of a longer one, as many at random.
    private static let cutsMax = 300

    static func check(_ bytes: [UInt8]) {
        let whole = ProxyHeader.read(bytes)
        hold(
            bytes.count < TrustedProxies.headerBytesMax || whole != .needMore,
            "a full buffer is enough"
        )
        var numbers = InputNumbers(bytes)
        for turn in 0..<min(bytes.count, cutsMax) {
            let count = bytes.count <= cutsMax ? turn : numbers.next(below: bytes.count)
            let part = ProxyHeader.read(Array(bytes[..<count]))
            switch whole {
            case .needMore: hold(part == .needMore, "what is not enough was not enough before")
            case .malformed: hold(part == .needMore || part == whole, "what is refused was no header before")
            case .header(let header):
                hold(part == (count < header.length ? .needMore : whole), "a header has one length")
            }
        }
        guard case .header(let header) = whole else { return }
        hold(header.length <= TrustedProxies.headerBytesMax, "a header is within its limit")
        hold(header.length <= bytes.count, "a header has come before it is taken")
        guard let source = header.source else { return }
        guard let host = source.host else { return hold(false, "who is told of has an address") }
        let family = host.contains(":") ? "TCP6" : "TCP4"
        guard
            case .header(let again) = ProxyHeader.read(
                Array("PROXY \(family) \(host) \(host) 1 2\r\n".utf8)
            )
        else { return hold(false, "an address can be told again") }
        hold(again.source?.number == source.number, "an address that is told again is the same")
    }
}

/// What a client puts into the fields that tell of a request's way has no say in what the proxies add.
enum ForwardedTarget {
    private static let ranges = ["10.0.0.0/8", "2001:db8:a::/48"].map { text in
        do { return try AddressRange(text) } catch { fatalError("The sample is a range: \(error)") }
    }

    static func check(_ bytes: [UInt8]) {
        // The parser of HTTP lets no line end into a field.
        let text = String(decoding: bytes.map { $0 < 0x20 && $0 != 0x09 ? 0x20 : $0 }, as: UTF8.self)
        check(text, .xForwardedFor, .xForwardedFor, ["198.51.100.7", "198.51.100.7:80, 10.0.0.1"])
        check(
            text,
            .forwarded,
            .forwarded,
            ["for=198.51.100.7", #"for="198.51.100.7:80";by=_a, for="[2001:db8:a::1]""#]
        )
    }

    private static func check(
        _ text: String,
        _ name: FieldName,
        _ source: TrustedProxies.Source,
        _ added: [String]
    ) {
        let proxies = TrustedProxies(ranges, source: source)
        let alone = ForwardedAddresses.client(of: Fields([(name, text)]), proxies)
        hold(alone == nil || alone?.host != nil, "who is told of has an address")
        for rest in added {
            for fields in [Fields([(name, "\(text), \(rest)")]), Fields([(name, text), (name, rest)])] {
                let client = ForwardedAddresses.client(of: fields, proxies)
                hold(client?.host == "198.51.100.7", "the proxies have the last word: \(client?.host ?? "-")")
            }
        }
        // A proxy that is trusted stands between, and what is behind it is looked at as before.
        let near = source == .forwarded ? "for=10.0.0.1" : "10.0.0.1"
        let through = ForwardedAddresses.client(of: Fields([(name, "\(text), \(near)")]), proxies)
        hold(
            through?.number == alone?.number || alone == nil && through?.host == "10.0.0.1"
                || text.utf8.count { $0 == UInt8(ascii: ",") } >= TrustedProxies.hopsMax - 1,
            "a proxy more makes no difference"
        )
    }
}
