/// The head of a request, checked as a whole.
struct Head: Sendable {
    enum Content: Sendable, Hashable {
        case none
        /// More than zero bytes.
        case length(Int)
        case chunked
    }

    let method: Method
    let target: Target
    let fields: Fields
    let content: Content
    let closesConnection: Bool
    let isHTTP10: Bool
    let expectsContinue: Bool
    /// Whether the fields are those of the message before.
    let repeatsFields: Bool
}

/// Fields that a connection has sent before, and what they say about the message.
struct KnownFields: Sendable {
    /// Most bytes that are kept of a connection for this, and as many of a target.
    static let bytesMax = 1024

    let fields: Fields
    let framing: Framing
    /// The target that came with them; the next one often begins with the same bytes.
    let target: Target

    /// Whether the fields are all that is to be known of a message of HTTP/1.1: it has no content, and the connection goes on.
    var endMessage: Bool {
        framing.host != nil && !framing.isChunked && framing.contentLength ?? 0 == 0 && !framing.closes
            && !framing.expectsContinue && !framing.hasUnknownExpectation
    }

    /// Whether the bytes go on with the same field lines and the empty line behind them.
    func come(next bytes: Span<UInt8>) -> Bool {
        let known = fields.bytes.span
        guard bytes.count >= known.count else { return false }
        // Without a way out in between, so that many are compared at a time.
        var difference: UInt8 = 0
        for index in 0..<known.count { difference |= bytes[index] ^ known[index] }
        return difference == 0
    }
}

/// Reads one head line by line and remembers how far it looked, so that no byte is searched twice.
///
/// Field lines that are the same bytes as those of the connection's request before are not read again: what they say was
/// found out then, and depends on nothing else.
struct HeadParser: Sendable {
    // Offsets from the first byte of the message; those in the fields are from their first byte.
    private var lineStart = 0
    private var searched = 0
    private var fieldsStart = 0

    private var hasSkippedEmptyLine = false
    private var requestLine: RequestLine?
    /// Whether there is one, told without a copy of it.
    private var hasRequestLine = false
    private var framing = Framing()
    private var lines: [Fields.Line] = []
    private var reused: Fields?

    /// Room for the fields that most clients send.
    private static let usualFieldCount = 12

    /// Whether something of the message has been looked at.
    var hasBegun: Bool { searched > 0 }

    /// Bytes of the head, its final empty line included, once ``advance(over:from:known:limits:)`` returned true.
    var length: Int { lineStart }

    /// Goes on reading the message that begins at `start` in `buffer`, which has grown since the last call.
    ///
    /// `known`: the fields of the request before.
    /// - Returns: whether the head is complete.
    /// - Throws: the reason why the message is refused.
    mutating func advance(
        over buffer: [UInt8],
        from start: Int,
        known: KnownFields?,
        limits: Limits
    ) throws(Rejection) -> Bool {
        let bytes = buffer.span.extracting(start...)
        while true {
            // Only a request line can begin here: whoever speaks another protocol is told at the first byte.
            if !hasRequestLine, lineStart < bytes.count {
                let first = bytes[lineStart]
                guard ByteSet.token.contains(first) || first == ASCII.carriageReturn else {
                    throw .malformed("the request line does not begin with a method and a space")
                }
            }
            let line: Range<Int>
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
                line = lineStart..<end
                lineStart = end + 2
                searched = lineStart
            }
            let isRequestLine = !hasRequestLine
            if try take(line, bytes, limits) { return true }
            guard isRequestLine, hasRequestLine, let known,
                known.come(next: bytes.extracting(fieldsStart...))
            else { continue }
            reused = known.fields
            framing = known.framing
            lineStart += known.fields.bytes.count
            return true
        }
    }

    /// The head of the message that begins at `start` in `buffer`, ``length`` bytes of which were read; and its fields,
    /// unless they are too many to be kept.
    ///
    /// - Throws: the reason why the head as a whole is refused.
    consuming func head(
        of buffer: [UInt8],
        from start: Int,
        limits: Limits
    ) throws(Rejection) -> (head: Head, known: KnownFields?) {
        guard let requestLine else { throw .malformed("the head is incomplete") }
        let target = Array(buffer[start..<(start + fieldsStart)])
        // A copy, since the lines have room for more, which would be held for as long as the connection lasts.
        let fields =
            reused
            ?? Fields(
                bytes: Array(buffer[(start + fieldsStart)..<(start + length)]),
                lines: lines.map(\.self)
            )
        if let authority = requestLine.target.authority, let host = framing.host {
            let isSame = Authority.areSame(
                target.span.extracting(authority),
                fields.bytes.span.extracting(host),
                isHTTPS: requestLine.target.isHTTPS
            )
            guard isSame else { throw .malformed("the request target names another host than Host") }
        }
        guard framing.host != nil || requestLine.isHTTP10 else { throw .malformed("there is no Host field") }
        try framing.checkContent(isHTTP10: requestLine.isHTTP10, limits)
        // An HTTP/1.0 expectation is ignored (RFC 9110 §10.1.1).
        guard !framing.hasUnknownExpectation || requestLine.isHTTP10 else { throw .expectationFailed }
        let head = Head(
            method: requestLine.method,
            target: Target(bytes: target, parts: requestLine.target),
            fields: fields,
            content: framing.isChunked
                ? .chunked : framing.contentLength.map { $0 == 0 ? .none : .length($0) } ?? .none,
            closesConnection: framing.closes || requestLine.isHTTP10,
            isHTTP10: requestLine.isHTTP10,
            expectsContinue: framing.expectsContinue && !requestLine.isHTTP10,
            repeatsFields: reused != nil
        )
        let isKept = fields.bytes.count <= KnownFields.bytesMax && target.count <= KnownFields.bytesMax
        return (head, isKept ? KnownFields(fields: fields, framing: framing, target: head.target) : nil)
    }

    /// Takes one line without its CR LF; true when it is the empty line after the fields.
    private mutating func take(
        _ line: Range<Int>,
        _ bytes: Span<UInt8>,
        _ limits: Limits
    ) throws(Rejection) -> Bool {
        guard hasRequestLine else {
            if line.isEmpty {
                // RFC 9112 §2.2: one, after the content of an old client's POST.
                guard !hasSkippedEmptyLine else { throw .malformed("empty lines precede the request line") }
                hasSkippedEmptyLine = true
                return false
            }
            requestLine = try RequestLine(parsing: bytes, in: line, limits: limits)
            hasRequestLine = true
            fieldsStart = lineStart
            return false
        }
        if line.isEmpty { return true }
        guard lines.count < limits.fieldCountMax else { throw .fieldsTooLarge }
        let section = bytes.extracting(fieldsStart...)
        let place = (line.lowerBound - fieldsStart)..<(line.upperBound - fieldsStart)
        let field = try Fields.Line(parsing: section, in: place)
        try framing.note(field, section)
        if lines.isEmpty { lines.reserveCapacity(Self.usualFieldCount) }
        lines.append(field)
        return false
    }

    /// Refuses a line, or fields, that have become too long; the same whether or not the end of the line is there.
    private func checkLength(to end: Int, _ limits: Limits) throws(Rejection) {
        let lineBytes = end - lineStart
        guard hasRequestLine else {
            guard lineBytes <= limits.requestLineBytesMax + 2 else { throw .requestLineTooLong }
            return
        }
        guard lineBytes <= limits.fieldLineBytesMax + 2, end - fieldsStart <= limits.fieldsBytesMax else {
            throw .fieldsTooLarge
        }
    }
}
