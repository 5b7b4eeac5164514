import HTTP
import Testing

@Suite("Accepted messages")
struct AcceptedMessageTests {
    static let okta = """
        GET /acme/scim/v2/Users?filter=userName%20eq%20%22alice%40example.com%22&startIndex=1&count=100 HTTP/1.1\r
        Host: scim.example.com\r
        Authorization: Bearer abcdefg\r
        Accept: application/scim+json\r
        Accept-Charset: utf-8\r
        Accept-Encoding: gzip,deflate\r
        User-Agent: Okta SCIM Client 1.0.0\r
        \r

        """

    static let messages: [Message] = [
        .accepted("a provisioning client's filter", okta, "GET " + okta.split(separator: " ")[1]),
        .accepted("no Accept and no User-Agent (E-02)", get(), "GET /Users"),
        .accepted("an empty User-Agent", get("User-Agent:"), "GET /Users"),
        .accepted(
            "whitespace around a value is optional",
            get("X-A:1", "X-B: \t 2 \t", "X-C:"),
            "GET /Users"
        ),
        .accepted("obs-text in a value", get("X-A: caf\u{E9}"), "GET /Users"),
        .accepted("a double slash", get(target: "//Users"), "GET //Users"),
        .accepted("a trailing slash", get(target: "/Users/"), "GET /Users/"),
        .accepted("a stray ? and & (OneLogin)", get(target: "/Users?a=%22x%22&"), "GET /Users?a=%22x%22&"),
        .accepted("a stray ?", get(target: "/Users/1?"), "GET /Users/1?"),
        .accepted(
            "unescaped quotes and brackets in a filter (E-06)",
            get(target: "/Users?filter=emails[type+eq+\"work\"]+pr"),
            "GET /Users?filter=emails[type+eq+\"work\"]+pr"
        ),
        .accepted("an escape of UTF-8", get(target: "/Users/caf%C3%A9"), "GET /Users/caf%C3%A9"),
        .accepted("three dots are a name", get(target: "/..."), "GET /..."),
        .accepted(
            "RFC 9112 §2.2: one empty line before the request line",
            "\r\n" + get(),
            "GET /Users"
        ),
        .accepted("RFC 9112 §2.3: HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", "GET / close"),
        .accepted(
            "HTTP/1.0 closes although keep-alive is asked for",
            "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
            "GET / close"
        ),
        .accepted("HTTP/1.0 ignores expectations", "GET / HTTP/1.0\r\nExpect: x\r\n\r\n", "GET / close"),
        .accepted("RFC 9112 §9.6: close", get("Connection: close"), "GET /Users close"),
        .accepted("close in a list, in any case", get("Connection: foo , CLOSE"), "GET /Users close"),
        .accepted("keep-alive", get("Connection: keep-alive, x-closed"), "GET /Users"),
        .accepted(
            "RFC 9110 §7.8: Upgrade is ignored",
            get("Connection: Upgrade", "Upgrade: h2c"),
            "GET /Users"
        ),
        .accepted(
            "RFC 9112 §3.2.2: absolute-form of the same host",
            get(target: "https://A.example/Users?a=1"),
            "GET https://A.example/Users?a=1"
        ),
        .accepted(
            "absolute-form with the default port",
            get(target: "http://a.example:80/x"),
            "GET http://a.example:80/x"
        ),
        .accepted("absolute-form without a path", get(target: "HTTP://a.example"), "GET HTTP://a.example"),
        .accepted(
            "absolute-form without a path, with a query",
            get(target: "http://a.example?x=1"),
            "GET http://a.example?x=1"
        ),
        .accepted(
            "RFC 9112 §3.2.4: OPTIONS *",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "OPTIONS *"
        ),
        .accepted("an unknown method", "PURGE / HTTP/1.1\r\nHost: a\r\n\r\n", "PURGE /"),
        .accepted("methods have case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", "get /"),
        .accepted("a method of eight letters", "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n", "PROPFIND /"),
        .accepted("a host with a port", "GET / HTTP/1.1\r\nHost: a.b-c.example:65535\r\n\r\n", "GET /"),
        .accepted("an IPv4 host", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8443\r\n\r\n", "GET /"),
        .accepted("an IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n", "GET /"),
        .accepted("a root dot", "GET / HTTP/1.1\r\nHost: a.example.\r\n\r\n", "GET /"),
        .accepted("field names have no case", "GET / HTTP/1.1\r\nhOST: a\r\n\r\n", "GET /"),
        .accepted(
            "RFC 9110 §8.6: a length",
            post("Content-Length: 5", content: "hello"),
            "POST /Users hello"
        ),
        .accepted(
            "a length with zeros in front",
            post("Content-Length: 005", content: "hello"),
            "POST /Users hello"
        ),
        .accepted("a length of zero", post("Content-Length: 0"), "POST /Users"),
        .accepted("no length is no content", post(), "POST /Users"),
        .accepted("a GET with content", get("Content-Length: 2") + "{}", "GET /Users {}"),
        .accepted(
            "RFC 9112 §7.1: chunks",
            chunked("5\r\nhello\r\n1\r\n,\r\n0\r\n\r\n"),
            "POST /Users hello,"
        ),
        .accepted(
            "RFC 9112 §7: a transfer coding has no case",
            post("Transfer-Encoding: CHUNKED", content: "1\r\na\r\n0\r\n\r\n")
                + post("transfer-encoding: Chunked", content: "1\r\nb\r\n0\r\n\r\n"),
            "POST /Users a",
            "POST /Users b"
        ),
        .accepted(
            "RFC 9110 §5.6.3: tabs around a coding",
            post("Transfer-Encoding:\tchunked \t", content: "1\r\na\r\n0\r\n\r\n"),
            "POST /Users a"
        ),
        .accepted(
            "tabs around a length",
            post("Content-Length:\t 5\t", content: "hello"),
            "POST /Users hello"
        ),
        .accepted("a last chunk of several zeros", chunked("1\r\na\r\n000\r\n\r\n"), "POST /Users a"),
        .accepted(
            "sizes in hexadecimal of either case",
            chunked("a\r\n0123456789\r\n0B\r\n0123456789A\r\n0\r\n\r\n"),
            "POST /Users 01234567890123456789A"
        ),
        .accepted("no chunks", chunked("0\r\n\r\n"), "POST /Users"),
        .accepted(
            "RFC 9112 §7.1.1: extensions are discarded",
            chunked("1;a;b=c;d=\"e \\\" ;f\"\r\nx\r\n0;last\r\n\r\n"),
            "POST /Users x"
        ),
        .accepted(
            "RFC 9112 §7.1.2: trailers are discarded",
            chunked("1\r\nx\r\n0\r\nX-Digest: 1\r\nX-Other:\r\n\r\n"),
            "POST /Users x"
        ),
        .accepted(
            "CR LF and chunk syntax inside a chunk are content",
            chunked("7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n"),
            "POST /Users 0\r\n\r\n\r\n"
        ),
        .accepted(
            "RFC 9110 §10.1.1: an expectation",
            post("Expect: 100-Continue", "Content-Length: 2", content: "{}"),
            "POST /Users {}"
        ),
        .accepted(
            "RFC 9112 §9.3.2: pipelined requests, with every kind of content",
            get() + post("Content-Length: 3", content: "abc") + chunked("2\r\nde\r\n0\r\n\r\n")
                + get(target: "/x")
                + "\r\n" + get(target: "/y"),
            "GET /Users",
            "POST /Users abc",
            "POST /Users de",
            "GET /x",
            "GET /y"
        ),
        .accepted(
            "nothing is read after the last request",
            get("Connection: close") + "\u{0}garbage",
            "GET /Users close"
        ),
    ]

    @Test("RFC 9112: every form that clients need is read, however its bytes are split", arguments: messages)
    func accepted(message: Message) {
        let (whole, differing) = readEveryWay(message.bytes)
        #expect(whole.requests == message.expected)
        #expect(whole.rejection == nil)
        #expect(whole.phase == (message.expected.last?.hasSuffix("close") == true ? .closed : .idle))
        #expect(differing.isEmpty)
    }

    @Test("RFC 9112 §2.1: a message is incomplete until its last byte", arguments: messages)
    func incomplete(message: Message) {
        let reading = read(Array(message.bytes.dropLast()), pieces: [message.bytes.count])
        if message.expected.last?.hasSuffix("close") != true {
            #expect(reading.requests == message.expected.dropLast())
            #expect(reading.rejection == nil)
        }
    }
}
