import HTTP
import Testing

@Suite("Refused messages")
struct RefusedMessageTests {
    static let requestLines: [Message] = [
        .refused("two spaces after the method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("two spaces before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("a tab after the method", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("a tab before the version", "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("a space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
        .refused("a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("an empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("HTTP/0.9", "GET /\r\n"),
        .refused("only a method", "GET\r\n\r\n"),
        .refused("a bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        .refused("a bare CR after the request line", "GET / HTTP/1.1\rHost: a\r\n\r\n"),
        .refused("two CRs", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"),
        .refused("RFC 9112 §2.2: a bare LF before the request line", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("two empty lines before the request line", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("a bare CR before the request line", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("a method that is no token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("a method that is no token at its first byte", "(GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("a TLS handshake", "\u{16}\u{3}\u{1}"),
        .refused(
            "RFC 9112 §3: a method that is too long",
            String(repeating: "A", count: 21) + " / HTTP/1.1\r\nHost: a\r\n\r\n",
            .notImplemented
        ),
        .refused("RFC 9112 §2.3: lower case", "GET / http/1.1\r\nHost: a\r\n\r\n"),
        .refused("a version without a minor number", "GET / HTTP/1\r\nHost: a\r\n\r\n"),
        .refused("a version of three numbers", "GET / HTTP/1.1.1\r\nHost: a\r\n\r\n"),
        .refused("a minor number of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
        .refused("another protocol", "GET / HTTQ/1.1\r\nHost: a\r\n\r\n"),
        .refused("a version that is no number", "GET / HTTP/1.x\r\nHost: a\r\n\r\n"),
        .refused("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", .httpVersionNotSupported),
        .refused("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", .httpVersionNotSupported),
        .refused("HTTP/0.9 by name", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", .httpVersionNotSupported),
        .refused("the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .httpVersionNotSupported),
    ]

    static let targets: [Message] = [
        ("a fragment", "/Users#x"), ("a fragment in the query", "/Users?a#x"), ("a NUL", "/\u{0}"),
        ("a control character", "/a\u{1}"), ("DEL", "/a\u{7F}"), ("a CR", "/a\rb"),
        ("non-ASCII in the path", "/caf\u{E9}"), ("non-ASCII in the query", "/?caf\u{E9}"),
        ("a backslash", "/a\\b"), ("an angle bracket", "/<a>"), ("a quote in the path", "/\"a\""),
        ("braces in the query", "/?{a}"), ("a lone percent", "/a%"), ("half an escape", "/a%2"),
        ("an escape that is not hexadecimal", "/a%2G"), ("the same in the query", "/?a=%ZZ"),
        ("half an escape in the query", "/?a=%4"), ("an escaped slash", "/a%2fb"),
        ("an escaped NUL", "/a%00"), ("an escaped CR LF", "/a%0D%0A"), ("an escaped DEL", "/a%7F"),
        ("an escaped NUL in the query", "/?a=%00"), ("no UTF-8", "/%FF"),
        ("no UTF-8 in the query", "/?a=%C3"),
        ("UTF-8 broken by a separator", "/?a=%C3&%A9"), ("overlong UTF-8", "/%C0%AF"),
        ("a surrogate", "/%ED%A0%80"), ("a dot segment", "/./Users"), ("a double dot segment", "/a/../Users"),
        ("dots at the end", "/a/.."), ("escaped dots", "/a/%2e%2E/b"), ("half-escaped dots", "/.%2e/b"),
        ("no slash", "Users"), ("another scheme", "ftp://a.example/"), ("asterisk-form of GET", "*"),
        ("more than an asterisk", "*/"), ("authority-form", "a.example:443"),
        ("another host than Host", "http://b.example/"), ("another port than Host", "http://a.example:8080/"),
        ("the default port of the other scheme", "https://a.example:80/"),
        ("user information", "http://u@a.example/"), ("user and password", "http://u:p@a.example/"),
        ("no authority", "http:///Users"), ("no authority at all", "http://"),
        ("one slash", "http:/a.example/"),
    ].map { .refused($0.0, get(target: $0.1)) }

    static let hosts: [Message] =
        [
            .refused("RFC 9110 §7.2: no Host", "GET / HTTP/1.1\r\n\r\n"),
            .refused("two Hosts", get("Host: b.example")),
            .refused("two equal Hosts", get("Host: a.example")),
            .refused("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
        ]
        + [
            "", " ", "a b", "a,b", "a, a", "u@a", "a/b", "a?b", "a#b", "a\\b", "a:", "a:b", "a:-1", "a:65536",
            "a:123456", "a:80:80", ":80", "http://a", ".a", "a..b", "[::1", "::1", "[::1]x", "[::1]:", "[]",
            "[:]",
            "[fe80::1%25en0]", "[1:2:3:4:5:6:7:8:9]", "[g::]", "caf\u{E9}", "a%41", "a;b", "a'b", "a\tb",
            String(repeating: "a", count: 300),
        ].map { .refused("Host: \($0)", "GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n") }

    static let fields: [Message] = [
        .refused("RFC 9112 §5.1: a space before the colon", get("X-A : 1")),
        .refused("a tab before the colon", get("X-A\t: 1")),
        .refused("RFC 9112 §5.2: obsolete folding", get("X-A: 1", " 2")),
        .refused("obsolete folding with a tab", get("X-A: 1", "\t2")),
        .refused("whitespace before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        .refused("a line of whitespace", get(" ")),
        .refused("no colon", get("X-A")),
        .refused("no name", get(": 1")),
        .refused("a space in a name", get("X A: 1")),
        .refused("a name that is no token", get("X(A): 1")),
        .refused("non-ASCII in a name", get("caf\u{E9}: 1")),
        .refused("a NUL in a name", get("X\u{0}: 1")),
        .refused("RFC 9110 §5.5: a NUL in a value", get("X-A: 1\u{0}2")),
        .refused("a bare CR in a value", get("X-A: 1\r2")),
        .refused("a bare LF in a value", get("X-A: 1\nX-B: 2")),
        .refused("a CR before CR LF", get("X-A: 1\r")),
        .refused("a vertical tab in a value", get("X-A: \u{B}1")),
        .refused("a DEL in a value", get("X-A: 1\u{7F}")),
        .refused("an escape in a value", get("X-A: \u{1B}[1m")),
        .refused("a bare LF at the end of the head", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        .refused("bare LFs throughout", "GET / HTTP/1.1\nHost: a\n\n"),
        .refused("two Authorizations", get("Authorization: Bearer a", "Authorization: Bearer b")),
        .refused("two Content-Types", post("Content-Type: a/b", "Content-Type: a/c")),
        .refused("RFC 9110 §10.1.1: another expectation", get("Expect: 200-ok"), .expectationFailed),
        .refused("two expectations", get("Expect: 100-continue, x"), .expectationFailed),
        .refused("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", .notImplemented),
        .refused("CONNECT with a path", "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", .notImplemented),
    ]

    static let lengths: [Message] =
        [
            .refused(
                "RFC 9112 §6.1: both lengths",
                post("Content-Length: 5", "Transfer-Encoding: chunked", content: "0\r\n\r\n")
            ),
            .refused(
                "both lengths, the other way round",
                post("Transfer-Encoding: chunked", "Content-Length: 5", content: "0\r\n\r\n")
            ),
            .refused(
                "RFC 9112 §6.3: two lengths",
                post("Content-Length: 5", "Content-Length: 6", content: "hello")
            ),
            .refused("two equal lengths", post("Content-Length: 5", "content-length: 5", content: "hello")),
            .refused(
                "a length and an empty one",
                post("Content-Length: 5", "Content-Length:", content: "hello")
            ),
            .refused(
                "RFC 9112 §6.1: chunked in HTTP/1.0",
                "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            .refused("two codings", post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")),
            .refused(
                "two different codings",
                post("Transfer-Encoding: identity", "Transfer-Encoding: chunked")
            ),
            .refused(
                "two codings in other cases",
                post("Transfer-Encoding: CHUNKED", "Transfer-Encoding: chunked")
            ),
            .refused(
                "both lengths, in another case and behind a tab",
                post("Content-Length:\t5", "Transfer-Encoding:\tChunked", content: "0\r\n\r\n")
            ),
            .refused("a coding we lack", post("Transfer-Encoding: gzip, chunked"), .notImplemented),
            .refused(
                "a coding we lack, in another case",
                post("Transfer-Encoding: GZip, Chunked"),
                .notImplemented
            ),
            .refused("a tab before a coding's colon", post("Transfer-Encoding\t: chunked")),
            .refused("a tab before a length's colon", post("Content-Length\t: 5", content: "hello")),
            .refused("a space before a coding's colon", post("Transfer-Encoding : chunked")),
            .refused("a folded coding", post("Transfer-Encoding:", " chunked")),
            .refused(
                "a length larger than any number",
                post("Content-Length: 99999999999999999999"),
                .contentTooLarge
            ),
            .refused(
                "a length that wraps to 5",
                post("Content-Length: 18446744073709551621"),
                .contentTooLarge
            ),
            .refused("a length over the limit", post("Content-Length: 1048577"), .contentTooLarge),
        ]
        + [
            "", "5, 5", "5,5", "5 5", "+5", "-5", "0x5", "5.0", "5;", "five", "5\u{B}", "\u{661}", "5\u{0}",
            "'5'", "1e1", "5\t5", "5 \t5", "\t", "5\u{A0}",
        ].map { .refused("Content-Length: \($0)", post("Content-Length: \($0)", content: "hello")) }
        + [
            "", "identity", "xchunked", "chunkedx", "xCHUNKED", "Chunked, CHUNKED", "chunked, chunked",
            "chunked, gzip",
            "gzip",
            "chunked,", ", chunked", "chunked;q=1", "\"chunked\"", "chunked chunked", "cow, chunked, chunked",
            "chunked\u{B}", "\u{B}chunked", "chunk\u{0}ed", "gzip,chunked", "ch\u{16B}nked",
            "chun\tked", "chunked\tchunked", "chunked,\tchunked", "Chunked;q=1", "\t", "\"CHUNKED\"",
            // U+212A, the Kelvin sign, is a k in another case.
            "chun\u{212A}ed", "\u{A0}chunked",
        ].map {
            .refused("Transfer-Encoding: \($0)", post("Transfer-Encoding: \($0)", content: "0\r\n\r\n"))
        }

    static let chunks: [Message] =
        [
            ("no size", "\r\nhello\r\n0\r\n\r\n"), ("a plus sign", "+5\r\nhello\r\n0\r\n\r\n"),
            ("a minus sign", "-5\r\nhello\r\n0\r\n\r\n"), ("a prefix", "0x5\r\nhello\r\n0\r\n\r\n"),
            ("a space before a size", " 5\r\nhello\r\n0\r\n\r\n"),
            ("a space after a size", "5 \r\nhello\r\n0\r\n\r\n"),
            ("a tab after a size", "5\t\r\nhello\r\n0\r\n\r\n"), ("an underscore", "1_0\r\n"),
            ("no hexadecimal", "5g\r\n"),
            ("a size of seventeen digits", "00000000000000005\r\nhello\r\n0\r\n\r\n"),
            ("a size that wraps", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
            ("a bare LF after a size", "5\nhello\r\n0\r\n\r\n"),
            ("a bare CR after a size", "5\rhello\r\n0\r\n\r\n"),
            ("two CRs after a size", "5\r\r\nhello\r\n0\r\n\r\n"),
            ("no CR LF after a chunk", "5\r\nhello0\r\n\r\n"),
            ("a bare LF after a chunk", "5\r\nhello\n0\r\n\r\n"),
            ("a bare CR after a chunk", "5\r\nhello\r0\r\n\r\n"),
            ("a chunk that is too long", "5\r\nhello!\r\n0\r\n\r\n"),
            ("a chunk that is too short", "5\r\nhell\r\n0\r\n\r\n"),
            ("a bare LF in an extension", "5;a\nb\r\nhello\r\n"),
            ("a bare CR in an extension", "5;a\rb\r\nhello\r\n"),
            ("a NUL in an extension", "5;\u{0}\r\nhello\r\n"),
            ("an empty extension", "5;\r\nhello\r\n"), ("a space before an extension", "5 ;a\r\nhello\r\n"),
            ("a space in an extension", "5;a b\r\nhello\r\n"),
            ("an extension without a value", "5;a=\r\nhello\r\n"),
            ("an extension that is not closed", "5;a=\"b\r\nhello\r\n"),
            ("a control character in a quoted extension", "5;a=\"\u{1}\"\r\nhello\r\n"),
            ("an escape at the end", "5;a=\"\\\r\nhello\r\n"),
            ("text after a quoted extension", "5;a=\"b\"c\r\nhello\r\n"),
            (
                "an extension longer than the limit",
                "5;" + String(repeating: "a", count: 5000) + "\r\nhello\r\n"
            ),
            ("an extension without an end", "5;" + String(repeating: "a", count: 5000)),
            ("a bare LF after the last chunk", "0\r\n\n"), ("a bare LF after the last size", "0\n\r\n"),
            ("a trailer that is no field", "0\r\nX-A\r\n\r\n"),
            ("a folded trailer", "0\r\nX-A: 1\r\n 2\r\n\r\n"),
            ("a length in the trailer", "0\r\nContent-Length: 5\r\n\r\n"),
            ("a coding in the trailer", "0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            ("a host in the trailer", "0\r\nHost: b\r\n\r\n"),
            ("a NUL in the trailer", "0\r\nX-A: \u{0}\r\n\r\n"),
        ].map { .refused("RFC 9112 §7.1: \($0.0)", chunked($0.1)) }
        + [
            .refused("a chunk over the limit", chunked("100001\r\n"), .contentTooLarge),
            .refused("the largest size", chunked("FFFFFFFFFFFFFFFF\r\n"), .contentTooLarge),
            .refused("a size beyond Int", chunked("8000000000000000\r\n"), .contentTooLarge),
            .refused("a second chunk over the limit", chunked("1\r\na\r\n100000\r\n"), .contentTooLarge),
        ]

    @Test(
        "RFC 9112 §11.2: every ambiguous message is refused, however its bytes are split",
        arguments: requestLines + targets + hosts + fields + lengths + chunks
    )
    func refused(message: Message) {
        let (whole, differing) = readEveryWay(message.bytes)
        #expect(whole.requests.isEmpty)
        #expect(whole.rejection?.status == message.status)
        #expect(whole.phase == .closed)
        #expect(differing.isEmpty)
    }

    @Test("RFC 9112 §9.3.2: a refused message ends a pipeline after the requests before it")
    func pipelined() {
        let (whole, differing) = readEveryWay(Array((get() + get("X-A : 1") + get()).utf8))
        #expect(whole.requests == ["GET /Users"])
        #expect(whole.rejection?.status == .badRequest)
        #expect(differing.isEmpty)
    }

    @Test(
        "A rejection's detail is a sentence without anything the client sent (R-01)",
        arguments: targets + fields
    )
    func detail(message: Message) throws {
        let detail = try #require(read(message.bytes, pieces: [4096]).rejection).detail
        #expect(detail.hasSuffix("."))
        #expect(detail.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }
}
