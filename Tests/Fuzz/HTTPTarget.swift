import HTTP

/// The bytes of a connection, which may be several messages.
///
/// However they arrive, the same requests come of them, and each says what its bytes say, once more and in one way only.
enum HTTPTarget {
    static func check(_ bytes: [UInt8]) {
        for limits in [Limits(), .tight] { _ = Reading.same(bytes, limits) }
        let requests = Reading(bytes, pieceSizes: [bytes.count + 1], Limits()).requests
        if let first = requests.first { checkLines(bytes, first) }
        for request in requests {
            checkParts(request)
            // HTTP/1.0, and a request that ends the connection, are not written here.
            if !request.closesConnection { checkRetold(request) }
        }
    }

    /// The head of the first message has a line for each field, and no byte that another reader could take for a line's end.
    private static func checkLines(_ bytes: [UInt8], _ request: Request) {
        var text = bytes[...]
        if text.starts(with: "\r\n".utf8) { text = text.dropFirst(2) }
        var lineCount = 0
        while let end = text.firstIndex(where: { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
            hold(text[end...].starts(with: "\r\n".utf8), "a line of a head ends with CR LF")
            if end == text.startIndex { break }
            lineCount += 1
            text = text[(end + 2)...]
        }
        hold(lineCount == 1 + request.fields.count, "a line of a head is a field")
    }

    private static func checkParts(_ request: Request) {
        let fields = request.fields
        let hosts = fields.all(.host).count
        hold(hosts == 1 || hosts == 0 && request.closesConnection, "HTTP/1.1 has one Host")
        for (name, value) in fields.all {
            hold(!name.isEmpty, "a field has a name")
            hold(!value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }, "a value has no controls")
        }
        let lengths = fields.all(.contentLength)
        let isChunked = fields.contains(.transferEncoding)
        hold(lengths.isEmpty || !isChunked, "a message has one length")
        for length in lengths {
            hold(length.utf8.allSatisfy { (0x30...0x39).contains($0) }, "Content-Length has digits only")
            hold(Int(length) == request.body.count, "the content is as long as Content-Length says")
        }
        hold(!lengths.isEmpty || isChunked || request.body.isEmpty, "content has a length")
        for segment in request.target.segments {
            hold(segment != "." && segment != ".." && !segment.contains("/"), "a path has no dot segment")
        }
        _ = request.target.queryItems
    }

    /// The request as a careful client would have sent it is the same request.
    private static func checkRetold(_ request: Request) {
        var text = "\(request.method.text) \(request.target.text) HTTP/1.1\r\n".utf8.map { $0 }
        for (name, value) in request.fields.all where name.lowercased() != "transfer-encoding" {
            text += "\(name): ".utf8
            text += value.utf8
            text += "\r\n".utf8
        }
        if request.fields.contains(.transferEncoding) {
            text += "Content-Length: \(request.body.count)\r\n".utf8
        }
        // Blanks behind a colon may bring what is full over a limit.
        var limits = Limits()
        limits.fieldsBytesMax *= 2
        limits.fieldLineBytesMax *= 2
        let again = Reading(text + Array("\r\n".utf8) + request.body, pieceSizes: [text.count], limits)
        hold(again.rejection == nil && again.requests.count == 1, "a request can be told again: \(again)")
        let other = again.requests[0]
        hold(
            other.method.text == request.method.text && other.target.text == request.target.text
                && other.body == request.body && other.host == request.host && !other.closesConnection,
            "a request that is told again is the same"
        )
    }
}

/// The content of a message in the chunked coding, and what comes behind it.
enum ChunkedTarget {
    private static let head = Array(
        "POST /Users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8
    )

    static func check(_ bytes: [UInt8]) {
        for limits in [Limits(), .tight] {
            let reading = Reading.same(head + bytes, limits)
            guard let request = reading.requests.first else { continue }
            hold(request.body == decoded(bytes), "content is what its chunks hold")
            var numbers = InputNumbers(bytes)
            let again = Reading(head + encoded(request.body, &numbers), pieceSizes: [13], limits)
            hold(again.requests.map(\.body) == [request.body], "content does not depend on the chunks")
            hold(again.rejection == nil, "what is encoded here is accepted")
        }
    }

    /// A plain reading of bytes that are known to be accepted.
    private static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes[...]
        var content: [UInt8] = []
        while true {
            let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || isHexLetter($0) }
            hold(!digits.isEmpty, "a chunk has a size")
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0
            guard size > 0, let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return content }
            hold(rest[end - 1] == UInt8(ascii: "\r"), "a chunk's size ends with CR LF")
            hold(!rest[digits.endIndex..<(end - 1)].contains(UInt8(ascii: "\r")), "a size is on one line")
            rest = rest[(end + 1)...]
            content += rest.prefix(size)
            hold(rest.dropFirst(size).starts(with: "\r\n".utf8), "a chunk ends with CR LF")
            rest = rest.dropFirst(size + 2)
        }
    }

    private static func isHexLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte | 0x20
    }

    private static func encoded(_ content: [UInt8], _ numbers: inout InputNumbers) -> [UInt8] {
        var rest = content[...]
        var bytes: [UInt8] = []
        while !rest.isEmpty {
            let chunk = rest.prefix(1 + numbers.next(below: rest.count))
            rest = rest.dropFirst(chunk.count)
            bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }
}

/// What became of the bytes of a connection.
private struct Reading: CustomStringConvertible {
    private(set) var requests: [Request] = []
    private(set) var rejection: Rejection?
    private var phase = RequestParser.Phase.idle

    /// Feeds pieces of these sizes, repeated, to a new parser.
    init(_ bytes: [UInt8], pieceSizes: [Int], _ limits: Limits) {
        var parser = RequestParser(limits: limits, peer: Peer(address: "192.0.2.1", isSecure: true))
        var start = 0
        var turn = 0
        while start < bytes.count {
            let end = min(bytes.count, start + pieceSizes[turn % pieceSizes.count])
            parser.append(bytes[start..<end])
            (start, turn) = (end, turn + 1)
            while let request = next(&parser) {
                hold(request.body.count <= limits.bodyBytesMax, "content is within its limit")
                hold(request.fields.count <= limits.fieldCountMax, "fields are within their limit")
                hold(requests.last?.closesConnection != true, "nothing follows the last request")
                hold(!request.closesConnection || parser.phase == .closed, "the last request is the last")
                requests.append(request)
            }
            hold(rejection == nil || parser.phase == .closed, "a refusal ends the connection")
            hold(parser.phase != .closed || parser.bufferedBytes == 0, "what is closed keeps nothing")
        }
        phase = parser.phase
    }

    private mutating func next(_ parser: inout RequestParser) -> Request? {
        while true {
            do throws(Rejection) {
                let step = try parser.next()
                hold(rejection == nil, "nothing comes after a refusal")
                switch step {
                case .needMore: return nil
                // Whether a head is shown before its content, and that is asked for, depends on what has come.
                case .head, .continueExpected: continue
                case .request(let request): return request
                }
            } catch {
                hold(rejection == nil || rejection == error, "a refusal stays the same")
                rejection = error
                return nil
            }
        }
    }

    /// What becomes of the bytes in every way in which they can arrive.
    static func same(_ bytes: [UInt8], _ limits: Limits) -> Reading {
        var numbers = InputNumbers(bytes)
        let readings = numbers.pieceSizes(bytes.count).map { Reading(bytes, pieceSizes: $0, limits) }
        for other in readings.dropFirst() {
            hold(
                other.isSame(as: readings[0]),
                "the outcome does not depend on the split: \(readings[0]), \(other)"
            )
        }
        return readings[0]
    }

    private func isSame(as other: Reading) -> Bool {
        rejection == other.rejection && phase == other.phase && requests.count == other.requests.count
            && zip(requests, other.requests).allSatisfy { request, other in
                request.method == other.method && request.target.text == other.target.text
                    && request.body == other.body && request.closesConnection == other.closesConnection
                    && request.fields.count == other.fields.count
                    && zip(request.fields.all, other.fields.all).allSatisfy { $0 == $1 }
            }
    }

    var description: String {
        let texts = requests.map { request in
            let fields = request.fields.all.map { "\($0.name): \($0.value)" }
            return "\(request.method.text) \(request.target.text) \(fields) \(request.body) "
                + "\(request.closesConnection)"
        }
        return "\(texts) \(rejection.map { "\($0)" } ?? "\(phase)")"
    }
}

extension Limits {
    /// Limits that short inputs reach.
    fileprivate static var tight: Limits {
        var limits = Limits()
        limits.requestLineBytesMax = 64
        limits.fieldLineBytesMax = 64
        limits.fieldsBytesMax = 192
        limits.fieldCountMax = 6
        limits.bodyBytesMax = 96
        limits.chunkExtensionBytesMax = 16
        limits.trailerBytesMax = 48
        return limits
    }
}
