import HTTP
import Testing

@Suite("Steps of the parser")
struct ParserStepTests {
    var parser = RequestParser(peer: Peer(address: "192.0.2.1", isSecure: true))

    mutating func feed(_ text: String) { parser.append(Array(text.utf8)[...]) }

    @Test("RFC 9110 §10.1.1: content is asked for once, when a client waits to be asked")
    mutating func expectation() throws {
        feed(post("Expect: 100-continue", "Content-Length: 2"))
        guard case .head = try parser.next() else { throw Unexpected() }
        guard case .continueExpected = try parser.next() else { throw Unexpected() }
        guard case .needMore = try parser.next() else { throw Unexpected() }
        feed("{}")
        guard case .request(let request) = try parser.next() else { throw Unexpected() }
        #expect(request.body == Array("{}".utf8))
    }

    @Test(
        "RFC 9110 §10.1.1: content that is there, or not there at all, is not asked for",
        arguments: [
            post("Expect: 100-continue", "Content-Length: 2", content: "{"),
            post("Content-Length: 2"),
            "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
        ]
    )
    mutating func noExpectation(text: String) throws {
        feed(text)
        guard case .head = try parser.next() else { throw Unexpected() }
        guard case .needMore = try parser.next() else { throw Unexpected() }
    }

    @Test(
        "A head whose content is not all there is shown once, without a body",
        arguments: [
            (post("Content-Length: 4", content: "{}"), "{}"),
            (chunked("2\r\n{}\r\n2\r\n"), "{}\r\n0\r\n\r\n"),
            (chunked(""), "4\r\n{}{}\r\n0\r\n\r\n"),
        ]
    )
    mutating func headFirst(begin: String, rest: String) throws {
        feed(begin)
        guard case .head(let head) = try parser.next() else { throw Unexpected() }
        #expect(head.method == .post)
        #expect(head.target.text == "/Users")
        #expect(head.fields.contains(.host))
        #expect(head.body.isEmpty)
        guard case .needMore = try parser.next() else { throw Unexpected() }
        feed(rest)
        guard case .request(let request) = try parser.next() else { throw Unexpected() }
        #expect(request.body == Array("{}{}".utf8))
    }

    @Test(
        "A request that is there as a whole is shown as one",
        arguments: [post("Content-Length: 2", content: "{}"), chunked("2\r\n{}\r\n0\r\n\r\n"), get()]
    )
    mutating func noHeadFirst(text: String) throws {
        feed(text)
        guard case .request = try parser.next() else { throw Unexpected() }
    }

    @Test("RFC 9112 §9.6: a message can be given up at its head, and nothing of it is kept or read on")
    mutating func abandoned() throws {
        feed(post("Expect: 100-continue", "Content-Length: 4", content: "{}"))
        guard case .head = try parser.next() else { throw Unexpected() }
        parser.abandon()
        feed("{}" + get())
        guard case .needMore = try parser.next() else { throw Unexpected() }
        #expect(parser.phase == .closed)
        #expect(parser.bodyBytesReceived == 0)
        #expect(parser.bufferedBytes == 0)
    }

    @Test("An expectation without content is answered at once")
    mutating func emptyExpectation() throws {
        feed(post("Expect: 100-continue", "Content-Length: 0"))
        guard case .request = try parser.next() else { throw Unexpected() }
    }

    @Test(
        "RFC 9110 §9, RFC 5789: each method is recognised, and only with its case",
        arguments: [
            ("GET", .get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("PATCH", .patch),
            ("DELETE", .delete),
            ("OPTIONS", .options), ("Put", .other("Put")), ("PATCHX", .other("PATCHX")),
            ("UNSUBSCRIBE", .other("UNSUBSCRIBE")),
        ] as [(String, Method)]
    )
    mutating func method(text: String, expected: Method) throws {
        feed("\(text) / HTTP/1.1\r\nHost: a\r\n\r\n")
        guard case .request(let request) = try parser.next() else { throw Unexpected() }
        #expect(request.method == expected)
        #expect(request.target.withQueryBytes { $0.count } == 0)
    }

    @Test("The phase tells which deadline runs")
    mutating func phases() throws {
        #expect(parser.phase == .idle)
        feed("P")
        _ = try parser.next()
        #expect(parser.phase == .head)
        feed("OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab")
        guard case .head = try parser.next() else { throw Unexpected() }
        #expect(parser.phase == .body)
        #expect(parser.bodyBytesReceived == 2)
        feed("cG")
        _ = try parser.next()
        #expect(parser.phase == .head)
        #expect(parser.bufferedBytes == 1)
        feed("ET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try parser.next()
        #expect(parser.phase == .idle)
        #expect(parser.bufferedBytes == 0)
    }

    @Test("RFC 9112 §9.6: a refusal is final and later bytes are dropped")
    mutating func refusalIsFinal() {
        feed("GET /\r\n")
        #expect(throws: Rejection.self) { try parser.next() }
        feed(get())
        #expect(throws: Rejection.self) { try parser.next() }
        #expect(parser.bufferedBytes == 0)
    }

    @Test("RFC 9112 §9.6: nothing is read after a request that closes")
    mutating func closed() throws {
        feed(get("Connection: close") + get())
        guard case .request(let request) = try parser.next() else { throw Unexpected() }
        #expect(request.closesConnection)
        guard case .needMore = try parser.next() else { throw Unexpected() }
        feed(get())
        guard case .needMore = try parser.next() else { throw Unexpected() }
        #expect(parser.phase == .closed)
    }

    @Test("A request keeps its fields, its peer and its host")
    mutating func request() throws {
        parser.append(Array(get("Accept: a", "X-Own: 1", "accept:  b ", "x-own: 2").utf8).span)
        guard case .request(let request) = try parser.next() else { throw Unexpected() }
        #expect(request.fields[.accept] == "a")
        #expect(request.fields.all(.accept) == ["a", "b"])
        #expect(request.fields.all(FieldName("X-OWN")) == ["1", "2"])
        #expect(request.fields[.userAgent] == nil)
        #expect(!request.fields.contains(.authorization))
        #expect(request.fields.withBytes(of: .accept) { $0.count } == 1)
        #expect(request.fields.withBytes(of: .cookie) { $0.count } == nil)
        #expect(request.fields.all.map(\.name) == ["Host", "Accept", "X-Own", "accept", "x-own"])
        #expect(request.peer == Peer(address: "192.0.2.1", isSecure: true))
        #expect(request.host == "a.example")
    }

    @Test("RFC 9112 §3.2.2: the host of HTTP/1.0 without Host is the target's")
    mutating func targetHost() throws {
        feed("GET http://b.example:8080/x HTTP/1.0\r\n\r\n")
        guard case .request(let request) = try parser.next() else { throw Unexpected() }
        #expect(request.host == "b.example:8080")
        #expect(request.target.segments == ["x"])
    }

    struct Unexpected: Error {}
}
