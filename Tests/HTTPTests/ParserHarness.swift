import HTTP
import Testing

/// What became of a stretch of bytes: the requests in it, and the rejection or the state it ended in.
struct Reading: Equatable, CustomStringConvertible {
    var requests: [String] = []
    var rejection: Rejection?
    var phase = RequestParser.Phase.idle

    var description: String { "\(requests) \(rejection.map { "\($0)" } ?? "\(phase)")" }
}

/// A test message and the name that a failure shows.
struct Message: CustomTestStringConvertible, Sendable {
    let name: String
    let bytes: [UInt8]
    var expected: [String] = []
    var status: Status?

    var testDescription: String { name }

    static func accepted(_ name: String, _ text: String, _ expected: String...) -> Message {
        Message(name: name, bytes: Array(text.utf8), expected: expected)
    }

    static func refused(_ name: String, _ text: String, _ status: Status = .badRequest) -> Message {
        Message(name: name, bytes: Array(text.utf8), status: status)
    }
}

/// Feeds pieces of these sizes, repeated, to a new parser.
func read(_ bytes: [UInt8], pieces: [Int], limits: Limits = Limits()) -> Reading {
    var parser = RequestParser(limits: limits, peer: Peer(address: "192.0.2.1", isSecure: true))
    var reading = Reading()
    var start = 0
    var turn = 0
    while start < bytes.count {
        let end = min(bytes.count, start + pieces[turn % pieces.count])
        parser.append(bytes[start..<end])
        (start, turn) = (end, turn + 1)
        while let request = step(&parser, &reading) { reading.requests.append(request) }
        if reading.rejection != nil { break }
    }
    reading.phase = parser.phase
    return reading
}

/// The next request as a line of text, or nil when there is none yet.
private func step(_ parser: inout RequestParser, _ reading: inout Reading) -> String? {
    while true {
        do throws(Rejection) {
            switch try parser.next() {
            case .needMore: return nil
            case .head, .continueExpected: continue
            case .request(let request): return summary(request)
            }
        } catch {
            reading.rejection = error
            return nil
        }
    }
}

/// Method, target, content and whether the connection closes, as one line.
func summary(_ request: Request) -> String {
    let content = request.body.isEmpty ? "" : " \(String(decoding: request.body, as: UTF8.self))"
    return
        "\(request.method.text) \(request.target.text)\(content)\(request.closesConnection ? " close" : "")"
}

/// Reads the bytes in one piece, byte by byte and in two uneven ways, and reports the ways that differ from the first.
func readEveryWay(_ bytes: [UInt8], limits: Limits = Limits()) -> (Reading, differing: [Reading]) {
    let whole = read(bytes, pieces: [max(bytes.count, 1)], limits: limits)
    let others = [[1], [3, 1, 7], [16, 5]].map { read(bytes, pieces: $0, limits: limits) }
    return (whole, others.filter { $0 != whole })
}

/// A GET with these extra field lines, each without its CR LF.
func get(_ lines: String..., target: String = "/Users") -> String {
    "GET \(target) HTTP/1.1\r\nHost: a.example\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
}

/// A chunked POST with this content, as it stands on the wire.
func chunked(_ content: String) -> String {
    "POST /Users HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n" + content
}

/// A POST with these field lines and content.
func post(_ lines: String..., content: String = "") -> String {
    "POST /Users HTTP/1.1\r\nHost: a.example\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n" + content
}
