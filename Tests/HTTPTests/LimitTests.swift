import HTTP
import Testing

@Suite("Limits of the parser")
struct LimitTests {
    static let limits: Limits = {
        var limits = Limits()
        limits.requestLineBytesMax = 40
        limits.fieldLineBytesMax = 50
        limits.fieldsBytesMax = 120
        limits.fieldCountMax = 4
        limits.bodyBytesMax = 10
        limits.chunkExtensionBytesMax = 8
        limits.trailerBytesMax = 30
        return limits
    }()

    static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    /// Messages that just fit; `GET /… HTTP/1.1` has 14 bytes around its path, and `Host: a.example` 15.
    static let fitting: [Message] = [
        .accepted("a request line of 40 bytes", get(target: "/" + letters(26)), "GET /" + letters(26)),
        .accepted("a field line of 50 bytes", get("X: " + letters(47)), "GET /Users"),
        .accepted("fields of 120 bytes", get("X: " + letters(47), "Y: " + letters(44)), "GET /Users"),
        .accepted("four fields", get("A:", "B:", "C:"), "GET /Users"),
        .accepted(
            "ten bytes",
            post("Content-Length: 10", content: letters(10)),
            "POST /Users " + letters(10)
        ),
        .accepted(
            "ten bytes in chunks",
            chunked("9\r\naaaaaaaaa\r\n1\r\na\r\n0\r\n\r\n"),
            "POST /Users " + letters(10)
        ),
        .accepted("extensions of 8 bytes", chunked("1;aaa\r\na\r\n0;aaa\r\n\r\n"), "POST /Users a"),
        .accepted("trailers of 30 bytes", chunked("0\r\nX: \(letters(23))\r\n\r\n"), "POST /Users"),
        .accepted("four trailers", chunked("0\r\nA:\r\nB:\r\nC:\r\nD:\r\n\r\n"), "POST /Users"),
    ]

    static let exceeding: [Message] = [
        .refused("a request line of 41 bytes", get(target: "/" + letters(27)), .uriTooLong),
        .refused("a request line without an end", "GET /" + letters(100), .uriTooLong),
        .refused("a field line of 51 bytes", get("X: " + letters(48)), .headerFieldsTooLarge),
        .refused("fields of 121 bytes", get("X: " + letters(47), "Y: " + letters(45)), .headerFieldsTooLarge),
        .refused(
            "a field without an end",
            "GET / HTTP/1.1\r\nX: " + letters(100),
            .headerFieldsTooLarge
        ),
        .refused("five fields", get("A:", "B:", "C:", "D:"), .headerFieldsTooLarge),
        .refused("eleven bytes", post("Content-Length: 11"), .contentTooLarge),
        .refused(
            "eleven bytes with an expectation: no interim response",
            post("Expect: 100-continue", "Content-Length: 11"),
            .contentTooLarge
        ),
        .refused("eleven bytes in chunks", chunked("9\r\naaaaaaaaa\r\n2\r\n"), .contentTooLarge),
        .refused("extensions of 9 bytes", chunked("1;aaa\r\na\r\n0;aaaa\r\n\r\n")),
        .refused("trailers of 31 bytes", chunked("0\r\nX: \(letters(24))\r\n\r\n"), .headerFieldsTooLarge),
        .refused("a trailer without an end", chunked("0\r\nX: \(letters(60))"), .headerFieldsTooLarge),
        .refused("five trailers", chunked("0\r\nA:\r\nB:\r\nC:\r\nD:\r\nE:\r\n\r\n"), .headerFieldsTooLarge),
    ]

    @Test("A message at its limits is read", arguments: fitting)
    func fits(message: Message) {
        let (whole, differing) = readEveryWay(message.bytes, limits: Self.limits)
        #expect(whole.requests == message.expected)
        #expect(whole.rejection == nil)
        #expect(differing.isEmpty)
    }

    @Test(
        "R-02, RFC 9110 §15.5.14, RFC 6585 §5: one byte more is refused with its own status",
        arguments: exceeding
    )
    func exceeds(message: Message) {
        let (whole, differing) = readEveryWay(message.bytes, limits: Self.limits)
        #expect(whole.requests.isEmpty)
        #expect(whole.rejection?.status == message.status)
        #expect(differing.isEmpty)
    }

    @Test("A filter of 8 KiB, percent-encoded, fits the default limits (F-14)")
    func longFilter() {
        let target = "/Users?filter=" + String(repeating: "%20", count: 5000)
        #expect(read(Array(get(target: target).utf8), pieces: [4096]).requests == ["GET " + target])
    }

    @Test("A megabyte of content arrives whole, also in chunks of one byte")
    func largeContent() {
        let content = String(repeating: "x", count: 1024 * 1024)
        let sized = post("Content-Length: \(content.utf8.count)", content: content)
        #expect(read(Array(sized.utf8), pieces: [1500]).requests == ["POST /Users " + content])
        let tiny = chunked(String(repeating: "1\r\nx\r\n", count: 100_000) + "0\r\n\r\n")
        #expect(read(Array(tiny.utf8), pieces: [1500]).requests == ["POST /Users " + content.prefix(100_000)])
    }
}
