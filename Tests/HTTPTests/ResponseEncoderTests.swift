import HTTP
import Testing

@Suite("Response encoder")
struct ResponseEncoderTests {
    static let date = HTTPDate(secondsSince1970: 784_111_777)

    func encode(_ response: Response, forHEAD: Bool = false, close: Bool = false) -> String {
        var bytes: [UInt8] = []
        ResponseEncoder.encode(response, forHEAD: forHEAD, close: close, date: Self.date, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("RFC 9112 §4: status line, fields and content (E-02)")
    func message() {
        let response = Response(
            .created,
            fields: [(.eTag, "W/\"1\""), (FieldName("X-Own"), "caf\u{E9}")],
            contentType: "application/scim+json",
            body: Array("{}".utf8)
        )
        #expect(
            encode(response) == """
                HTTP/1.1 201 Created\r
                Date: Sun, 06 Nov 1994 08:49:37 GMT\r
                Content-Type: application/scim+json\r
                Content-Length: 2\r
                ETag: W/"1"\r
                x-own: caf\u{E9}\r
                \r
                {}
                """
        )
    }

    private struct Rest: ContentStream {
        func next() async -> ContentPart { .last([]) }
    }

    @Test(
        "RFC 9112 §6.1, §7.1: a content that is sent while it is written has chunks, or no framing for HTTP/1.0"
    )
    func chunks() {
        var response = Response(.ok, body: Array("begin".utf8))
        response.rest = Rest()
        let text = encode(response)
        #expect(text.hasSuffix("\r\nTransfer-Encoding: chunked\r\n\r\n") && !text.contains("Content-Length"))
        var bytes: [UInt8] = []
        ResponseEncoder.encode(
            response,
            forHEAD: false,
            chunked: false,
            close: true,
            date: Self.date,
            into: &bytes
        )
        #expect(!String(decoding: bytes, as: UTF8.self).contains("Transfer-Encoding"))
        let chunk = ChunkEncoder.chunk([UInt8](repeating: UInt8(ascii: "x"), count: 26), isLast: true)
        #expect(
            String(decoding: chunk, as: UTF8.self)
                == "1a\r\n\(String(repeating: "x", count: 26))\r\n0\r\n\r\n"
        )
        #expect(ChunkEncoder.chunk([], isLast: false) == [])
        #expect(ChunkEncoder.chunk([], isLast: true) == Array("0\r\n\r\n".utf8))
    }

    @Test("RFC 9110 §9.3.2: an answer to HEAD keeps the length and has no content")
    func head() {
        let text = encode(Response(.ok, body: Array("{}".utf8)), forHEAD: true)
        #expect(text.contains("\r\nContent-Length: 2\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test("RFC 9110 §8.6: Content-Length is always there, except for 204 and 304")
    func length() {
        #expect(encode(Response(.ok)).contains("\r\nContent-Length: 0\r\n"))
        #expect(
            encode(Response(.ok, body: Array(repeating: 1, count: 1_234_567))).contains(
                "Content-Length: 1234567\r\n"
            )
        )
        for status in [Status.noContent, .notModified] {
            let text = encode(Response(status, fields: [(.eTag, "\"1\"")], body: [65]))
            #expect(!text.contains("Content-Length"))
            #expect(text.hasSuffix("ETag: \"1\"\r\n\r\n"))
        }
    }

    @Test("RFC 9112 §9.6: close is announced when asked for")
    func close() {
        #expect(encode(Response(.ok), close: true).contains("\r\nConnection: close\r\n\r\n"))
        #expect(!encode(Response(.ok)).contains("Connection"))
    }

    @Test("RFC 9110 §5.5: no value can end its line (R-01)")
    func injection() {
        let response = Response(
            .ok,
            fields: [(.location, "a\r\nSet-Cookie: b\r\n\r\nc\u{0}\u{7F}")],
            contentType: "a/b\nX: 1"
        )
        let lines = encode(response).split(separator: "\r\n")
        #expect(lines.contains("Location: a  Set-Cookie: b    c  "))
        #expect(lines.contains("Content-Type: a/b X: 1"))
        #expect(!encode(response).utf8.contains(0))
    }

    @Test("RFC 9112 §6: a response cannot set its own framing")
    func owned() {
        let response = Response(
            .ok,
            fields: [
                (.contentLength, "9"), (.transferEncoding, "chunked"), (.connection, "x"), (.date, "y"),
                (FieldName("content-length"), "8"), (.contentType, "b/c"),
            ],
            contentType: "a/b"
        )
        let text = encode(response)
        #expect(text.split(separator: "\r\n").count == 4)
        #expect(text.contains("Content-Type: a/b\r\nContent-Length: 0\r\n\r\n"))
        #expect(encode(Response(.ok, fields: [(.contentType, "b/c")])).contains("\r\nContent-Type: b/c\r\n"))
    }

    @Test("What the answer before began with is never taken for what another one begins with")
    func beginnings() {
        var beginning = ResponseBeginning()
        let responses = [
            Response(.ok, contentType: "a/b"), Response(.ok, contentType: "a/c"), Response(.ok),
            Response(.created),
            Response(Status(200, "Own")), Response(.noContent), Response(.ok, contentType: "a/b\r\nX: 1"),
        ]
        for first in responses {
            for second in responses {
                for (overTLS, seconds) in [(false, 1), (true, 1), (true, 2)] as [(Bool, Int64)] {
                    let date = HTTPDate(secondsSince1970: seconds)
                    for response in [first, second] {
                        var (kept, alone): ([UInt8], [UInt8]) = ([], [])
                        ResponseEncoder.encode(
                            response,
                            forHEAD: false,
                            close: false,
                            overTLS: overTLS,
                            date: date,
                            beginning: &beginning,
                            into: &kept
                        )
                        ResponseEncoder.encode(
                            response,
                            forHEAD: false,
                            close: false,
                            overTLS: overTLS,
                            date: date,
                            into: &alone
                        )
                        #expect(kept == alone)
                    }
                }
            }
        }
    }

    @Test("Fields that are written already stand behind the others, and are found and replaced as they are")
    func lines() {
        var response = Response(.ok, fields: [(.vary, "a")])
        response.lines =
            ResponseEncoder.line(.eTag, "W/\"1\"")
            + ResponseEncoder.line(.contentLocation, "http://a/\r\nX: 1")
        #expect(
            encode(response).hasSuffix(
                "\r\nVary: a\r\nETag: W/\"1\"\r\nContent-Location: http://a/  X: 1\r\n\r\n"
            )
        )
        #expect(
            response[.eTag] == "W/\"1\"" && response[.contentLocation] == "http://a/  X: 1"
                && response[.vary] == "a"
        )
        let before = encode(response)
        response[.eTag] = "W/\"2\""
        #expect(response[.eTag] == "W/\"2\"" && encode(response).count == before.count)
        response[.contentLocation] = nil
        #expect(response.allFields.map(\.1) == ["a", "W/\"2\""])
    }

    @Test("The id of a request is the last field, in 32 digits", arguments: [false, true])
    func requestID(closes: Bool) {
        var response = Response(.ok, fields: [(.eTag, "W/\"1\"")])
        #expect(response[.requestID] == nil && !encode(response).contains("request-id"))
        response.requestID = RequestID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
        let digits = "0123456789abcdeffedcba9876543210"
        #expect(response[.requestID] == digits)
        let end = closes ? "\r\nConnection: close" : ""
        #expect(
            encode(response, close: closes).hasSuffix("ETag: W/\"1\"\r\nrequest-id: \(digits)\(end)\r\n\r\n")
        )
    }

    @Test("RFC 9112 §4: every known status and an unknown one have their line", arguments: Status.allKnown)
    func statusLine(status: Status) {
        #expect(encode(Response(status)).hasPrefix("HTTP/1.1 \(status.code) \(status.reason)\r\n"))
        #expect(encode(Response(Status(599, "Own"))).hasPrefix("HTTP/1.1 599 Own\r\n"))
    }

    @Test("RFC 9110 §15.2.1: the interim response has neither fields nor content")
    func interim() {
        #expect(
            String(decoding: ResponseEncoder.continueResponse, as: UTF8.self)
                == "HTTP/1.1 100 Continue\r\n\r\n"
        )
    }

    @Test(
        "RFC 9110 §5.6.7: IMF-fixdate",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (1_795_482_123, "Tue, 24 Nov 2026 01:02:03 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (-62_167_219_200, "Sat, 01 Jan 0000 00:00:00 GMT"),
        ] as [(Int64, String)]
    )
    func date(seconds: Int64, expected: String) {
        #expect(HTTPDate(secondsSince1970: seconds).text == expected)
        #expect(HTTPDate(secondsSince1970: seconds).bytes.count == 29)
    }
}
