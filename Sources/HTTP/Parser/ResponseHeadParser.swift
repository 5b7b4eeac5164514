// RFC 9112 §4 and §6.3 for answers, with the same parts and the same refusals as for requests.

/// The head of an answer, checked as a whole.
struct ResponseHead: Sendable {
    enum Content: Sendable, Hashable {
        case none
        case length(Int)
        case chunked
        /// Up to the end of the connection (RFC 9112 §6.3, item 8).
        case untilEnd
    }

    let status: Status
    let fields: Fields
    let content: Content
    let closesConnection: Bool
}

/// Reads one head line by line and remembers how far it looked, so that no byte is searched twice.
struct ResponseHeadParser: Sendable {
    private var lineStart = 0
    private var searched = 0
    private var fieldsStart = 0
    private var statusLine: StatusLine?
    private var framing = Framing()
    private var lines: [Fields.Line] = []
    private var isCoded = false

    /// Bytes of the head, its final empty line included, once ``advance(over:from:limits:)`` returned true.
    var length: Int { lineStart }

    /// Goes on reading the message that begins at `start` in `buffer`, which has grown since the last call.
    ///
    /// - Returns: whether the head is complete.
    /// - Throws: the reason why the message is refused.
    mutating func advance(over buffer: [UInt8], from start: Int, limits: Limits) throws(Rejection) -> Bool {
        let bytes = buffer.span.extracting(start...)
        while true {
            switch LineEnd(in: bytes, from: searched) {
            case .missing(let searched):
                self.searched = searched
                try checkLength(to: bytes.count, limits)
                return false
            case .malformed(let index):
                try checkLength(to: index + 1, limits)
                throw LineEnd.refusal
            case .found(let end):
                try checkLength(to: end + 2, limits)
                let line = lineStart..<end
                lineStart = end + 2
                searched = lineStart
                if try take(line, bytes, limits) { return true }
            }
        }
    }

    /// The head that the bytes are, which are exactly the ``length`` bytes that were read.
    ///
    /// - Throws: the reason why the head as a whole is refused.
    consuming func head(bytes: [UInt8], limits: Limits) throws(Rejection) -> ResponseHead {
        guard let statusLine else { throw .malformed("the head is incomplete") }
        try framing.checkContent(isHTTP10: statusLine.isHTTP10, limits)
        guard !isCoded else { throw .transferCodingNotImplemented }
        let status = statusLine.status
        let content: ResponseHead.Content =
            if status.code < 200 || status == .noContent || status == .notModified {
                .none
            } else if framing.isChunked {
                .chunked
            } else {
                framing.contentLength.map { .length($0) } ?? .untilEnd
            }
        return ResponseHead(
            status: status,
            fields: Fields(bytes: bytes, lines: lines),
            content: content,
            closesConnection: framing.closes || statusLine.isHTTP10 || content == .untilEnd
        )
    }

    /// Takes one line without its CR LF; true when it is the empty line after the fields.
    private mutating func take(
        _ line: Range<Int>,
        _ bytes: Span<UInt8>,
        _ limits: Limits
    ) throws(Rejection) -> Bool {
        guard statusLine != nil else {
            statusLine = try StatusLine(parsing: bytes, in: line)
            fieldsStart = lineStart
            return false
        }
        if line.isEmpty { return true }
        guard lines.count < limits.fieldCountMax else { throw .fieldsTooLarge }
        let field = try Fields.Line(parsing: bytes, in: line)
        try framing.note(field, bytes)
        if field.known == .contentEncoding {
            isCoded = isCoded || !equalIgnoringCase(bytes.extracting(field.value), "identity")
        }
        lines.append(field)
        return false
    }

    /// Refuses a line, or fields, that have become too long; the same whether or not the end of the line is there.
    private func checkLength(to end: Int, _ limits: Limits) throws(Rejection) {
        let lineBytes = end - lineStart
        guard statusLine != nil else {
            guard lineBytes <= limits.statusLineBytesMax + 2 else { throw .fieldsTooLarge }
            return
        }
        guard lineBytes <= limits.fieldLineBytesMax + 2, end - fieldsStart <= limits.fieldsBytesMax else {
            throw .fieldsTooLarge
        }
    }
}
