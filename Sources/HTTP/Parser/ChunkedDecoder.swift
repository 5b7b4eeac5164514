// RFC 9112 §7.1: chunked coding. Chunk sizes are hexadecimal digits directly followed by CR LF or by extensions
// without whitespace; extensions and trailers are checked and discarded.

/// Removes the chunked coding from one message's content and remembers how far it looked.
struct ChunkedDecoder: Sendable {
    private enum State: Sendable {
        case size
        /// Bytes of the chunk that have not come yet.
        case data(Int)
        /// The CR LF after a chunk.
        case dataEnd
        case trailers
    }

    /// Sixteen digits are as many as a 64-bit size has.
    private static let sizeDigitsMax = 16

    private static var lineTooLong: Rejection { .malformed("a chunk line is too long") }
    private static var noLineEnd: Rejection { .malformed("a chunk is not followed by CR LF") }

    private var state = State.size
    /// Bytes of the current line that need not be looked at again.
    private var searched = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0

    /// Decodes what is in `buffer` from `start` on.
    ///
    /// - Parameters:
    ///   - buffer: the connection's bytes.
    ///   - start: the first byte not used yet; moves on as bytes are used.
    ///   - body: where the content is appended.
    ///   - limits: bounds on content, extensions and trailers.
    /// - Returns: whether the content is complete, trailers included.
    /// - Throws: the reason why the message is refused.
    mutating func advance(
        over buffer: [UInt8],
        from start: inout Int,
        into body: inout [UInt8],
        limits: Limits
    ) throws(Rejection) -> Bool {
        while true {
            switch state {
            case .size:
                let lineMax = Self.sizeDigitsMax + limits.chunkExtensionBytesMax - extensionBytes
                guard let line = try line(in: buffer, from: start, bytesMax: lineMax, Self.lineTooLong)
                else { return false }
                start = line.upperBound + 2
                let size = try size(buffer.span, in: line, limits)
                guard size <= UInt64(limits.bodyBytesMax - body.count) else {
                    throw .bodyTooLarge(limit: limits.bodyBytesMax)
                }
                state = size == 0 ? .trailers : .data(Int(size))
            case .data(let missing):
                let count = min(missing, buffer.count - start)
                guard count > 0 else { return false }
                body.append(contentsOf: buffer[start..<(start + count)])
                start += count
                state = count == missing ? .dataEnd : .data(missing - count)
            case .dataEnd:
                guard start < buffer.count else { return false }
                guard buffer[start] == ASCII.carriageReturn else { throw Self.noLineEnd }
                guard start + 1 < buffer.count else { return false }
                guard buffer[start + 1] == ASCII.lineFeed else { throw Self.noLineEnd }
                start += 2
                state = .size
            case .trailers:
                let lineMax = limits.trailerBytesMax - trailerBytes - 2
                guard let line = try line(in: buffer, from: start, bytesMax: lineMax, .fieldsTooLarge)
                else { return false }
                start = line.upperBound + 2
                if line.isEmpty { return true }
                try takeTrailer(buffer.span, in: line, limits)
            }
        }
    }

    /// The line that begins at `start`, without its CR LF; nil when it is not complete.
    private mutating func line(
        in buffer: [UInt8],
        from start: Int,
        bytesMax: Int,
        _ tooLong: Rejection
    ) throws(Rejection) -> Range<Int>? {
        func check(to end: Int) throws(Rejection) {
            guard end - start <= bytesMax + 2 else { throw tooLong }
        }
        switch LineEnd(in: buffer.span, from: start + searched) {
        case .missing(let index):
            searched = index - start
            try check(to: buffer.count)
            return nil
        case .malformed(let index):
            try check(to: index + 1)
            throw LineEnd.refusal
        case .found(let end):
            searched = 0
            try check(to: end + 2)
            return start..<end
        }
    }

    private mutating func size(
        _ bytes: Span<UInt8>,
        in line: Range<Int>,
        _ limits: Limits
    ) throws(Rejection) -> UInt64 {
        var size: UInt64 = 0
        var index = line.lowerBound
        while index < line.upperBound, let digit = hexValue(bytes[index]) {
            guard index - line.lowerBound < Self.sizeDigitsMax else {
                throw .malformed("a chunk size is too long")
            }
            size = size << 4 | UInt64(digit)
            index += 1
        }
        guard index > line.lowerBound else { throw .malformed("a chunk size is not hexadecimal") }
        extensionBytes += line.upperBound - index
        guard extensionBytes <= limits.chunkExtensionBytesMax else { throw Self.lineTooLong }
        guard Self.areExtensions(bytes, in: index..<line.upperBound) else {
            throw .malformed("a chunk size is followed by something other than extensions")
        }
        return size
    }

    private mutating func takeTrailer(
        _ bytes: Span<UInt8>,
        in line: Range<Int>,
        _ limits: Limits
    ) throws(Rejection) {
        trailerBytes += line.count + 2
        trailerCount += 1
        guard trailerCount <= limits.fieldCountMax else { throw .fieldsTooLarge }
        let field = try Fields.Line(parsing: bytes, in: line)
        switch field.known {
        case .contentLength, .transferEncoding, .host:
            throw .malformed("a trailer field is about framing or routing")
        default: break
        }
    }

    /// Whether the bytes are extensions (RFC 9112 §7.1.1): `;name`, `;name=token` or `;name="quoted"`, repeated.
    private static func areExtensions(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
        var index = range.lowerBound
        let end = range.upperBound
        while index < end {
            guard bytes[index] == ASCII.semicolon else { return false }
            index += 1
            guard skipToken(bytes, &index, end) else { return false }
            guard index < end, bytes[index] == ASCII.equals else { continue }
            index += 1
            if index < end, bytes[index] == ASCII.quote {
                guard skipQuotedString(bytes, &index, end) else { return false }
            } else {
                guard skipToken(bytes, &index, end) else { return false }
            }
        }
        return true
    }

    private static func skipToken(_ bytes: Span<UInt8>, _ index: inout Int, _ end: Int) -> Bool {
        let start = index
        while index < end, ByteSet.token.contains(bytes[index]) { index += 1 }
        return index > start
    }

    /// Skips a quoted-string (RFC 9110 §5.6.4), whose opening quote is at `index`.
    private static func skipQuotedString(_ bytes: Span<UInt8>, _ index: inout Int, _ end: Int) -> Bool {
        index += 1
        while index < end, bytes[index] != ASCII.quote {
            if bytes[index] == ASCII.backslash { index += 1 }
            guard index < end, isFieldValueByte(bytes[index]) else { return false }
            index += 1
        }
        guard index < end else { return false }
        index += 1
        return true
    }
}
