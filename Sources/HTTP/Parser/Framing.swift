// RFC 9112 §6: where the content ends and whether the connection goes on. Whatever two readers could understand
// differently is refused (§6.3, §11.2), even where the RFC would let it pass:
// - a second Content-Length or Host, also an equal one, and a list in one of them;
// - a transfer coding beside `chunked`, and anything but digits in a length; white space inside either is refused with
//   that. What the RFC lets a reader understand in one way only is accepted: codings have no case (§7), and the optional
//   white space around a value may be tabs (RFC 9110 §5.6.3);
// - a second Authorization or Content-Type, of which only one could be checked.

/// What the fields say about the message itself, gathered field by field.
struct Framing: Sendable {
    private(set) var host: Range<Int>?
    /// Saturated at `Int.max`.
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    /// Whether a `close` option was sent (RFC 9112 §9.6).
    private(set) var closes = false
    private(set) var expectsContinue = false
    private(set) var hasUnknownExpectation = false
    private var hasAuthorization = false
    private var hasContentType = false

    /// Takes note of a field; most are none of the framing's business.
    mutating func note(_ line: Fields.Line, _ bytes: Span<UInt8>) throws(Rejection) {
        switch line.known {
        case .host:
            guard host == nil else { throw .malformed("there is more than one Host field") }
            guard Authority.isValid(bytes.extracting(line.value)) else {
                throw .malformed("the Host field is not a host and port")
            }
            host = line.value
        case .contentLength:
            guard contentLength == nil else {
                throw .malformed("there is more than one Content-Length field")
            }
            contentLength = try Self.length(bytes.extracting(line.value))
        case .transferEncoding:
            guard !isChunked else { throw .malformed("there is more than one Transfer-Encoding field") }
            try Self.requireChunked(bytes.extracting(line.value))
            isChunked = true
        case .connection:
            closes = closes || Self.hasElement("close", in: bytes.extracting(line.value))
        case .expect:
            let isContinue = equalIgnoringCase(bytes.extracting(line.value), "100-continue")
            expectsContinue = expectsContinue || isContinue
            hasUnknownExpectation = hasUnknownExpectation || !isContinue
        case .authorization:
            guard !hasAuthorization else { throw .malformed("there is more than one Authorization field") }
            hasAuthorization = true
        case .contentType:
            guard !hasContentType else { throw .malformed("there is more than one Content-Type field") }
            hasContentType = true
        default:
            break
        }
    }

    /// Refuses fields whose content has no certain end, or one beyond the limit; once all of them have been noted.
    func checkContent(isHTTP10: Bool, _ limits: Limits) throws(Rejection) {
        if isChunked {
            guard contentLength == nil else {
                throw .malformed("there are both Content-Length and Transfer-Encoding")
            }
            guard !isHTTP10 else { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
        }
        if let contentLength, contentLength > limits.bodyBytesMax {
            throw .bodyTooLarge(limit: limits.bodyBytesMax)
        }
    }

    /// Digits only (RFC 9110 §8.6); a number too large for any limit is `Int.max`.
    private static func length(_ value: Span<UInt8>) throws(Rejection) -> Int {
        guard value.count > 0 else { throw .malformed("the Content-Length field is not a number") }
        var length = 0
        for index in value.indices {
            guard (0x30...0x39).contains(value[index]) else {
                throw .malformed("the Content-Length field is not a number")
            }
            let (product, overflows) = length.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(Int(value[index] &- 0x30))
            length = overflows || carries ? .max : sum
        }
        return length
    }

    /// Accepts `chunked` and nothing else.
    ///
    /// Other codings before a final `chunked` are understood but not implemented (RFC 9112 §6.1); without it the end
    /// of the content is unknown (§6.3).
    private static func requireChunked(_ value: Span<UInt8>) throws(Rejection) {
        if equalIgnoringCase(value, "chunked") { return }
        let suffix = ", chunked".utf8.count
        if value.count > suffix,
            equalIgnoringCase(value.extracting((value.count - suffix)..<value.count), ", chunked"),
            !hasElement("chunked", in: value.extracting(0..<(value.count - suffix)))
        {
            throw .transferCodingNotImplemented
        }
        throw .malformed("the transfer coding is not chunked")
    }

    /// Whether a comma-separated list has this element, compared without case.
    private static func hasElement(_ element: String, in list: Span<UInt8>) -> Bool {
        var start = 0
        while start <= list.count {
            var end = start
            while end < list.count, list[end] != ASCII.comma { end += 1 }
            var (first, last) = (start, end)
            while first < last, list[first] == ASCII.space || list[first] == ASCII.tab { first += 1 }
            while last > first, list[last - 1] == ASCII.space || list[last - 1] == ASCII.tab { last -= 1 }
            if equalIgnoringCase(list.extracting(first..<last), element) { return true }
            start = end + 1
        }
        return false
    }
}
