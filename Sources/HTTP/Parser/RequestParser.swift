/// Turns the bytes of one connection into requests (RFC 9112), without doing any I/O.
///
/// ```
///   append(bytes)                      next()
///        │            head complete, content follows          content complete
///        ▼           ┌───────────────────────────┐           ┌──────────────────► .request
///     buffer ──► [head] ──► [content: length | chunked] ─────┘      (back to [head], or [closed])
///                    │             └── not all of it there ──► .head, once
///                    └── anything doubtful ──► throws, and [failed] for ever
/// ```
///
/// Each byte is looked at a fixed number of times however the bytes are split, and the outcome does not depend on
/// the split. Bytes after a request stay in the buffer until the next call (pipelining, RFC 9112 §9.3.2), so the
/// caller bounds them by not reading while a request is being answered.
package struct RequestParser: Sendable {
    /// What the connection should do now.
    package enum Step: Sendable {
        /// Read more bytes; nothing can be done before.
        case needMore
        /// The head of a request whose content is not all there yet; its body is empty.
        ///
        /// Call ``next()`` again to receive the content, or ``abandon()`` to do without it.
        case head(Request)
        /// Send ``ResponseEncoder/continueResponse`` and call ``next()`` again.
        case continueExpected
        case request(Request)
    }

    /// What the parser is waiting for, so that the connection knows which deadline runs.
    package enum Phase: Sendable, Hashable {
        /// Between messages: no byte of the next one has come.
        case idle
        case head
        case body
        /// The last request of the connection was returned or a message was refused; further bytes are dropped.
        case closed
    }

    /// What the content of the current message still lacks.
    private enum Content: Sendable {
        /// No head is complete.
        case none
        case length(missing: Int)
        case chunked(ChunkedDecoder)
    }

    /// Capacity that a connection keeps between messages; larger buffers are given back.
    private static let retainedBytesMax = 4096
    /// What is reserved on a client's word alone, before the content is there.
    private static let reservedBytesMax = 16 * 1024

    private let limits: Limits
    private let peer: Peer
    private let memo = ConnectionMemo()
    /// On whose account the last request is served, as its handler has noted; 0 before that.
    package var account: UInt32 { memo.account }
    private var buffer: [UInt8] = []
    /// The first byte not used yet.
    private var start = 0
    private var headParser = HeadParser()
    /// The fields of the last head; most clients send the same with each request.
    private var known: KnownFields?
    private var head: Head?
    private var content = Content.none
    /// Whether the client has to be asked for the content.
    private var isWaitedFor = false
    private var body: [UInt8] = []
    private var rejection: Rejection?

    package init(limits: Limits = Limits(), peer: Peer) {
        self.limits = limits
        self.peer = peer
    }

    package private(set) var phase = Phase.idle

    /// Content bytes of the current message received so far, for a minimum rate.
    package var bodyBytesReceived: Int { body.count }

    /// Bytes that were appended and not yet used: an incomplete line or head, or pipelined messages.
    package var bufferedBytes: Int { buffer.count - start }

    /// Takes bytes from the connection; after the last message they are dropped.
    package mutating func append(_ bytes: Span<UInt8>) {
        guard prepareToAppend(bytes.count) else { return }
        bytes.withUnsafeBufferPointer { buffer.append(contentsOf: $0) }
    }

    /// Takes bytes from the connection; after the last message they are dropped.
    package mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard prepareToAppend(bytes.count) else { return }
        buffer.append(contentsOf: bytes)
    }

    /// Goes as far as the bytes allow.
    ///
    /// - Throws: the reason why the connection must be answered once more and closed; the same at each further call.
    package mutating func next() throws(Rejection) -> Step {
        if let rejection { throw rejection }
        do throws(Rejection) {
            return try advance()
        } catch {
            rejection = error
            close()
            throw error
        }
    }

    private mutating func advance() throws(Rejection) -> Step {
        if phase == .closed { return .needMore }
        if head == nil {
            if let request = takeRepeatedRequest() { return .request(request) }
            guard let newHead = try takeHead() else { return .needMore }
            guard newHead.content != .none else { return finish(newHead) }
            head = newHead
            startContent(newHead.content)
            // Content that already came makes the interim response superfluous (RFC 9110 §10.1.1).
            isWaitedFor = newHead.expectsContinue && start == buffer.count
            // A request that is there as a whole keeps no memory, so that nobody is asked whether it may.
            if try takeContent() { return finish(newHead) }
            return .head(request(newHead, body: []))
        }
        if isWaitedFor {
            isWaitedFor = false
            if start == buffer.count { return .continueExpected }
        }
        guard let head, try takeContent() else { return .needMore }
        return finish(head)
    }

    /// A request without content that comes with the same fields as the one before, if the whole of it is there.
    private mutating func takeRepeatedRequest() -> Request? {
        guard start < buffer.count, !headParser.hasBegun, let known, let head = repeatedHead(known) else {
            return nil
        }
        let target = Target(
            bytes: Array(buffer[start..<(start + head.lineLength)]),
            parts: head.requestLine.target
        )
        use(head.length)
        phase = bufferedBytes > 0 ? .head : .idle
        return Request(
            method: head.requestLine.method,
            target: target,
            fields: known.fields,
            peer: peer,
            memo: memo,
            repeatsFields: true
        )
    }

    private func repeatedHead(_ known: KnownFields) -> RepeatedHead? {
        RepeatedHead(buffer.span.extracting(start...), like: known, limits: limits)
    }

    private mutating func takeHead() throws(Rejection) -> Head? {
        guard start < buffer.count else { return nil }
        phase = .head
        guard try headParser.advance(over: buffer, from: start, known: known, limits: limits) else {
            return nil
        }
        let length = headParser.length
        let (head, known) = try headParser.head(of: buffer, from: start, limits: limits)
        self.known = known
        use(length)
        headParser = HeadParser()
        return head
    }

    private mutating func startContent(_ kind: Head.Content) {
        phase = .body
        switch kind {
        case .none:
            content = .none
        case .length(let length):
            content = .length(missing: length)
            body.reserveCapacity(min(length, max(bufferedBytes, Self.reservedBytesMax)))
        case .chunked:
            content = .chunked(ChunkedDecoder())
        }
    }

    /// Moves content from the buffer to the body; true when it is complete.
    private mutating func takeContent() throws(Rejection) -> Bool {
        switch content {
        case .none:
            return true
        case .length(let missing):
            let count = min(missing, bufferedBytes)
            growBody(by: count, missing)
            body.append(contentsOf: buffer[start..<(start + count)])
            use(count)
            content = .length(missing: missing - count)
            return count == missing
        case .chunked(var decoder):
            var position = start
            let isComplete = try decoder.advance(over: buffer, from: &position, into: &body, limits: limits)
            use(position - start)
            content = .chunked(decoder)
            return isComplete
        }
    }

    /// Makes room as an array does, and never more than the content needs.
    private mutating func growBody(by count: Int, _ missing: Int) {
        guard body.capacity < body.count + count else { return }
        body.reserveCapacity(min(body.count + missing, max(body.count + count, 2 * body.capacity)))
    }

    private func request(_ head: Head, body: [UInt8]) -> Request {
        Request(
            method: head.method,
            target: head.target,
            fields: head.fields,
            body: body,
            peer: peer,
            memo: memo,
            closesConnection: head.closesConnection,
            takesChunks: !head.isHTTP10,
            repeatsFields: head.repeatsFields
        )
    }

    private mutating func finish(_ head: Head) -> Step {
        let request = request(head, body: body)
        body = []
        content = .none
        self.head = nil
        if head.closesConnection {
            close()
        } else {
            phase = bufferedBytes > 0 ? .head : .idle
        }
        return .request(request)
    }

    /// Drops the message that is under way, and every byte that still comes.
    package mutating func abandon() { close() }

    private mutating func close() {
        phase = .closed
        buffer = []
        start = 0
        body = []
        head = nil
        content = .none
        known = nil
    }

    /// Gives back what is kept for the next request; only between requests.
    package mutating func rest() {
        guard phase == .idle else { return }
        buffer = []
        known = nil
        memo.value = nil
    }

    private mutating func use(_ count: Int) {
        start += count
        guard start == buffer.count else { return }
        start = 0
        if buffer.capacity > Self.retainedBytesMax {
            buffer = []
        } else {
            buffer.removeAll(keepingCapacity: true)
        }
    }

    /// Makes room; false when the bytes are not wanted.
    ///
    /// Used bytes are removed when they are at least as many as the rest, so that each byte is moved at most once
    /// for each byte used.
    private mutating func prepareToAppend(_ count: Int) -> Bool {
        guard phase != .closed, count > 0 else { return false }
        if start >= bufferedBytes, start > 0 {
            buffer.removeSubrange(0..<start)
            start = 0
        }
        return true
    }
}
