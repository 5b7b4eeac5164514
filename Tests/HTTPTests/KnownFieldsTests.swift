import Testing

@testable import HTTP

@Suite("Requests of one connection with the same fields")
struct KnownFieldsTests {
    private static let fields = "Host: a.example:80\r\nAuthorization: Bearer x\r\nAccept: */*\r\n\r\n"

    /// What becomes of messages on one connection: a line for each.
    private static func outcomes(of messages: [String], pieces: Int = .max) -> [String] {
        var parser = RequestParser(peer: Peer(address: nil, isSecure: true))
        var outcomes: [String] = []
        var bytes = Array(messages.joined().utf8)[...]
        while !bytes.isEmpty {
            let piece = bytes.prefix(pieces)
            bytes = bytes.dropFirst(piece.count)
            parser.append(piece)
            do throws(Rejection) {
                while true {
                    switch try parser.next() {
                    case .request(let request):
                        let fields = request.fields.all.map { "\($0.name)=\($0.value)" }.joined(
                            separator: "|"
                        )
                        outcomes.append(
                            "\(request.method.text) \(request.target.text) \(request.host ?? "") \(fields) "
                                + "\(request.body.count) \(request.closesConnection)"
                        )
                        continue
                    case .head, .continueExpected: continue
                    case .needMore: break
                    }
                    break
                }
            } catch {
                outcomes.append("\(error.status.code) \(error.detail)")
                break
            }
        }
        return outcomes
    }

    @Test(
        "A request is what it would be on a connection of its own",
        arguments: [
            "GET /b?x=1 HTTP/1.1\r\n\(fields)", "GET http://a.example:80/b HTTP/1.1\r\n\(fields)",
            "GET http://other.example/b HTTP/1.1\r\n\(fields)", "GET /b HTTP/1.0\r\n\(fields)",
            "\r\nGET /b HTTP/1.1\r\n\(fields)", "GET /b HTTP/1.1\r\n\(fields.dropLast(2))X: 1\r\n\r\n",
            "GET /b HTTP/1.1\r\n\(fields.dropLast(2))Host: b\r\n\r\n",
            "GET /b HTTP/1.1\r\n\(fields.replacing("Bearer x", with: "Bearer y"))",
            "GET /b HTTP/1.1\r\n\(fields.replacing("*/*", with: "*/*\n"))", "GET /b\r\n\(fields)",
            "GET /b HTTP/1.1\r\nhost: a.example:80\r\n\r\n",
        ],
        ["GET", "POST"]
    )
    func asAlone(second: String, method: String) {
        let first = "GET /a HTTP/1.1\r\n\(Self.fields)"
        let second = second.replacing("GET", with: method)
        for pieces in [Int.max, 1, 7] {
            let alone = Self.outcomes(of: [second])
            let both = Self.outcomes(of: [first, second, first], pieces: pieces)
            #expect(Array(both.dropFirst().prefix(1)) == alone)
            #expect(both.count == (both.last?.hasPrefix("4") == true || second.contains("HTTP/1.0") ? 2 : 3))
        }
    }

    private static let targets = [
        "/Users?filter=userName%20eq%20%22a%22", "/Users?filter=userName%20eq%20%22b%22&count=1",
        "/Users?filter=userName%20eq%20%2", "/Users?filter=userName%20eq%20%",
        "/Users?filter=userName%20eq%20",
        "/Users?filter=%00", "/Users?filter=%01", "/Users?x=%C3%A4", "/Users?x=%C3%A", "/Users?x=%C3",
        "/Users?", "/Users", "/", "/Users/", "/Users/a", "/Users/..", "/Users/.", "/Users/...", "/Users/..a",
        "/Users/%2e%2e", "/Users/%2e%2E?a=b", "/Users/a%2Fb", "/Users/a%2", "/Users/a%41", "/Users/a%",
        "/Users/%C3%A4",
        "/Users/%C3%A5", "/Users/%C3", "/Users/a b", "/Users?a#b", "/Users?a b", "*",
        "http://a.example:80/Users",
        "http://b.example/Users", "/Users?filter=a?b", "//Users?filter=a", "/?", "/?a", "/a?b=%20",
    ]

    @Test(
        "What a target begins with as the one before is read as it would be on a connection of its own",
        arguments: targets
    )
    func sharedBeginning(first: String) {
        func message(_ method: String, _ target: String) -> String {
            "\(method) \(target) HTTP/1.1\r\n\(Self.fields)"
        }
        for method in ["GET", "OPTIONS"] {
            let before = Self.outcomes(of: [message(method, first)])
            let isRefused = before.first?.hasPrefix("4") == true
            // What lies where depends on the length of the method.
            for (other, second) in ["GET", "PUT", "PATCH", "OPTIONS"].flatMap({ other in
                Self.targets.map { (other, $0) }
            }) {
                let both = Self.outcomes(of: [message(method, first), message(other, second)])
                let alone = Self.outcomes(of: [message(other, second)])
                #expect(both == before + (isRefused ? [] : alone), "\(other) \(second)")
            }
        }
    }

    @Test("A length and a close are those of the same fields again")
    func framing() {
        let post = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        #expect(Self.outcomes(of: [post, post]).allSatisfy { $0.hasSuffix(" 3 false") })
        let close = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        #expect(Self.outcomes(of: [close, close]).count == 1)
    }

    @Test("Equal fields are one copy for all requests of a connection, and large ones are not kept")
    func copies() throws {
        var parser = RequestParser(peer: Peer(address: nil, isSecure: true))
        func fields(_ text: String) throws -> Fields {
            parser.append(Array("GET / HTTP/1.1\r\n\(text)".utf8)[...])
            guard case .request(let request) = try parser.next() else {
                throw Rejection.malformed("no request")
            }
            return request.fields
        }
        let first = try fields(Self.fields)
        #expect(try fields(Self.fields).isSame(as: first))
        let large = "Host: a\r\nX: \(String(repeating: "x", count: KnownFields.bytesMax))\r\n\r\n"
        let other = try fields(large)
        #expect(try !fields(large).isSame(as: other) && !fields(Self.fields).isSame(as: first))
    }
}
