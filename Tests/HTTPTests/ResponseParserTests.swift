import HTTP
import Testing

@Suite("Answers of other servers")
struct ResponseParserTests {
    /// Feeds pieces of a size to a new parser, and then the end of the connection.
    private func read(
        _ text: String,
        piece: Int = .max,
        limits: Limits = Limits()
    ) -> Result<String, ResponseFault>? {
        var parser = ResponseParser(limits: limits)
        var rest = Array(text.utf8)[...]
        do throws(ResponseFault) {
            while !rest.isEmpty {
                parser.append(rest.prefix(piece))
                rest = rest.dropFirst(piece)
                if let response = try parser.next() {
                    return rest.isEmpty ? .success(summary(response)) : .failure(.followed)
                }
            }
        } catch { return .failure(error) }
        return parser.finish().map { .success("\(summary($0)) to the end") }
    }

    private func summary(_ response: ReceivedResponse) -> String {
        "\(response.status.code) \(response.fields[.contentType] ?? "-") \(String(decoding: response.body, as: UTF8.self))"
    }

    @Test(
        "RFC 9112 §4, §6.3: an answer is read the same however its bytes arrive",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200 - hi"),
            ("HTTP/1.1 200 OK\r\ncontent-type: a/b\r\nContent-Length: 0\r\n\r\n", "200 a/b "),
            ("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 - "),
            ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 - "),
            ("HTTP/1.0 404 Not Found\r\nContent-Length: 1\r\n\r\nx", "404 - x"),
            ("HTTP/1.1 200 Ça va\r\nContent-Length: 0\r\n\r\n", "200 - "),
            ("HTTP/1.1 204 No Content\r\n\r\n", "204 - "),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "304 - "),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nA: b\r\n\r\n",
                "200 - abc"
            ),
            (
                "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 201 OK\r\nContent-Length: 1\r\n\r\nx",
                "201 - x"
            ),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nup to here", "200 - up to here to the end"),
            ("HTTP/1.0 200 OK\r\n\r\n", "200 -  to the end"),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 1\r\n\r\nx", "200 - x"),
        ]
    )
    func accepted(text: String, expected: String) {
        for piece in [Int.max, 1, 2, 3, 7] {
            #expect(read(text, piece: piece) == .success(expected), "pieces of \(piece)")
        }
    }

    @Test(
        "What two readers could understand differently is refused, however its bytes arrive",
        arguments: [
            "HTTP/2 200 OK\r\n\r\n", "HTTP/1.2 200 OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n",
            "ICY 200 OK\r\n\r\n",
            "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "\r\n\r\n",
            "HTTP/1.1 200 O\u{1}K\r\n\r\n", "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\n a: b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab0\r\n\r\n",
            "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n",
            String(repeating: "HTTP/1.1 100 C\r\n\r\n", count: 9),
        ]
    )
    func malformed(text: String) {
        let whole = read(text)
        guard case .failure(.malformed) = whole else {
            Issue.record("\(String(describing: whole))")
            return
        }
        for piece in [1, 2, 3, 7] { #expect(read(text, piece: piece) == whole) }
    }

    @Test("Compressed content is refused, as none was asked for; so is another transfer coding")
    func coded() {
        for field in [
            "Content-Encoding: gzip", "Content-Encoding: br, identity", "Transfer-Encoding: gzip, chunked",
        ] {
            #expect(read("HTTP/1.1 200 OK\r\n\(field)\r\n\r\n") == .failure(.coded), "\(field)")
        }
    }

    @Test("What is not complete is no answer: a cut head, a short content, an open chunk")
    func incomplete() {
        for text in [
            "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "HTTP/1.1 100 C\r\n\r\n",
        ] {
            #expect(read(text) == nil, "\(text)")
        }
    }

    @Test("Bytes behind an answer are refused")
    func followed() {
        #expect(read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy") == .failure(.followed))
        #expect(read("HTTP/1.1 204 OK\r\n\r\nx") == .failure(.followed))
    }

    @Test("Head and content have limits, which hold before the rest has come")
    func limits() {
        var limits = Limits()
        limits.statusLineBytesMax = 20
        limits.fieldsBytesMax = 64
        limits.fieldCountMax = 2
        limits.bodyBytesMax = 4
        func read(_ text: String) -> Result<String, ResponseFault>? { self.read(text, limits: limits) }
        #expect(read("HTTP/1.1 200 " + String(repeating: "x", count: 8)) == nil)
        #expect(read("HTTP/1.1 200 " + String(repeating: "x", count: 10)) == .failure(.headTooLarge))
        let head = "HTTP/1.1 200 OK\r\n"
        #expect(read(head + "A: \(String(repeating: "x", count: 70))") == .failure(.headTooLarge))
        #expect(read(head + "A: b\r\nC: d\r\nE: f\r\n") == .failure(.headTooLarge))
        let tooLarge = Result<String, ResponseFault>.failure(.bodyTooLarge(limit: 4))
        #expect(read(head + "Content-Length: 4\r\n\r\nabcd") == .success("200 - abcd"))
        #expect(read(head + "Content-Length: 5\r\n\r\n") == tooLarge)
        #expect(read(head + "Content-Length: 99999999999999999999\r\n\r\n") == tooLarge)
        #expect(read(head + "Transfer-Encoding: chunked\r\n\r\n5\r\n") == tooLarge)
        #expect(read(head + "\r\nabcd") == .success("200 - abcd to the end"))
        #expect(read(head + "\r\nabcde") == tooLarge)
    }

    @Test("A request has what every request needs, and its own fields")
    func encoding() throws {
        let url = try #require(RemoteURL("https://id.example:8443/token?a=b"))
        let request = OutgoingRequest(.post, url, fields: [(.accept, "x/y")], body: Array("c=d".utf8))
        let expected =
            "POST /token?a=b HTTP/1.1\r\nHost: id.example:8443\r\nConnection: close\r\n"
            + "Accept-Encoding: identity\r\nUser-Agent: pharos-scim\r\nAccept: x/y\r\nContent-Length: 3\r\n\r\nc=d"
        #expect(String(decoding: request.encoded(), as: UTF8.self) == expected)
        var parser = RequestParser(peer: Peer(address: nil, isSecure: true))
        parser.append(request.encoded()[...])
        guard case .request(let read) = try parser.next() else {
            Issue.record("our own parser takes it")
            return
        }
        #expect(read.body == request.body)
    }
}

@Suite("URLs of other servers")
struct RemoteURLTests {
    @Test(
        "Host, port and what is asked for",
        arguments: [
            ("https://id.example", "id.example", 443, "/"),
            ("https://id.example/a/b?c=d&e", "id.example", 443, "/a/b?c=d&e"),
            ("https://id.example?x", "id.example", 443, "/?x"),
            ("http://127.0.0.1:8080/", "127.0.0.1", 8080, "/"), ("https://[::1]:9/x", "::1", 9, "/x"),
            ("https://[2001:db8::1]", "2001:db8::1", 443, "/"),
        ] as [(String, String, UInt16, String)]
    )
    func parts(text: String, host: String, port: UInt16, target: String) throws {
        let url = try #require(RemoteURL(text))
        #expect(url.text == text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.requestTarget == target)
        #expect(url.isSecure == text.hasPrefix("https:"))
    }

    @Test(
        "What has user information, a fragment, another scheme or a character that is none is no URL",
        arguments: [
            "", "/", "*", "id.example", "ftp://id.example/", "https:///x", "https://a@id.example/",
            "https://id.example/#x", "https://id.example/a b", "https://id.example/é",
            "https://id.example:0/",
            "https://id.example:99999/", "https://id.example:/", "https://id.example/\r\nX: y",
            "https://[::1",
            "https://id.example/../x", "https://a,b/",
        ]
    )
    func refused(text: String) {
        #expect(RemoteURL(text) == nil)
        #expect(RemoteURL("https://id.example/" + String(repeating: "a", count: RemoteURL.bytesMax)) == nil)
    }

    @Test("Loopback is this machine by number or as localhost, and no name that looks like it")
    func loopback() throws {
        for (host, isLoopback) in [
            ("localhost", true), ("127.0.0.1", true), ("127.255.0.9", true), ("[::1]", true),
            ("127.0.0.1.example", false),
            ("localhost.example", false), ("128.0.0.1", false), ("127.1", false), ("127.0.0.256", false),
            ("[::2]", false),
        ] {
            #expect(try #require(RemoteURL("http://\(host)/")).isLoopback == isLoopback, "\(host)")
        }
    }

    @Test("RFC 9112 §9.3: answers follow each other on a connection, until one says that it is the last")
    func severalAnswers() throws {
        var parser = ResponseParser(limits: Limits())
        for (text, body, closes) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", false),
            ("HTTP/1.1 204 No Content\r\n\r\n", "", false),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
                "a", false
            ),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nb", "b", true),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "", true),
        ] {
            parser.append(Array(text.utf8)[...])
            let answer = try #require(try parser.next())
            #expect(String(decoding: answer.body, as: UTF8.self) == body)
            #expect(answer.closesConnection == closes)
            #expect(try parser.next() == nil)
            parser.restart()
            #expect(parser.isUntouched)
        }
    }
}
