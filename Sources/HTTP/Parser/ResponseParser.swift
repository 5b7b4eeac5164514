/// Turns the bytes of a connection on which one request was sent into its answer.
///
/// ```
/// append(bytes) ─► next() ─► nil: more is needed
///                        └─► the answer; nothing may follow it before the next request
/// restart()     ─► the answer to the next request on the connection
/// finish()      ─► the answer whose content only the end of the connection ends
/// ```
package struct ResponseParser: Sendable {
    /// How many interim answers may precede the answer (RFC 9110 §15.2).
    package static let interimMax = 8

    private enum State: Sendable {
        case head(ResponseHeadParser)
        case length(ResponseHead, missing: Int)
        case chunked(ResponseHead, ChunkedDecoder)
        case untilEnd(ResponseHead)
        case complete
    }

    private let limits: Limits
    private var buffer: [UInt8] = []
    private var state = State.head(ResponseHeadParser())
    private var interimCount = 0
    private var body: [UInt8] = []

    /// A parser for the answer to any request but HEAD and CONNECT.
    ///
    /// - Parameter limits: those on requests hold for answers too; ``Limits/statusLineBytesMax`` is for them alone.
    package init(limits: Limits) { self.limits = limits }

    /// Begins with the answer to the next request, which is sent after this.
    ///
    /// - Precondition: the last answer is complete.
    package mutating func restart() {
        guard case .complete = state else { preconditionFailure("an answer is read to its end") }
        state = .head(ResponseHeadParser())
        interimCount = 0
        body.removeAll(keepingCapacity: false)
    }

    /// Whether no byte has come yet.
    package var isUntouched: Bool {
        guard case .head = state else { return false }
        return buffer.isEmpty && interimCount == 0
    }

    /// Takes bytes from the connection.
    package mutating func append(_ bytes: ArraySlice<UInt8>) { buffer += bytes }

    /// The answer, once it is complete; nil if more bytes are needed.
    ///
    /// - Throws: the reason why there will be none; the parser is not to be used then.
    package mutating func next() throws(ResponseFault) -> ReceivedResponse? {
        let complete: ResponseHead?
        do throws(Rejection) { complete = try advance() } catch { throw ResponseFault(error) }
        guard let head = complete else { return nil }
        state = .complete
        guard buffer.isEmpty else { throw .followed }
        return answer(head)
    }

    /// The answer that the end of the connection completes; nil if it is not complete by that.
    package mutating func finish() -> ReceivedResponse? {
        guard case .untilEnd(let head) = state else { return nil }
        state = .complete
        return answer(head)
    }

    private func answer(_ head: ResponseHead) -> ReceivedResponse {
        var response = ReceivedResponse(head.status, fields: head.fields, body: body)
        response.closesConnection = head.closesConnection
        return response
    }

    /// Goes as far as the bytes allow; the head once its content is complete.
    private mutating func advance() throws(Rejection) -> ResponseHead? {
        while true {
            switch state {
            case .head(var parser):
                guard try parser.advance(over: buffer, from: 0, limits: limits) else {
                    state = .head(parser)
                    return nil
                }
                let bytes = Array(buffer[..<parser.length])
                let head = try parser.head(bytes: bytes, limits: limits)
                buffer.removeFirst(bytes.count)
                try begin(head)
            case .length(let head, let missing):
                let count = min(missing, buffer.count)
                body += buffer[..<count]
                buffer.removeFirst(count)
                state = .length(head, missing: missing - count)
                return count == missing ? head : nil
            case .chunked(let head, var decoder):
                var position = 0
                let isComplete = try decoder.advance(
                    over: buffer,
                    from: &position,
                    into: &body,
                    limits: limits
                )
                buffer.removeFirst(position)
                state = .chunked(head, decoder)
                return isComplete ? head : nil
            case .untilEnd:
                guard buffer.count <= limits.bodyBytesMax - body.count else {
                    throw .bodyTooLarge(limit: limits.bodyBytesMax)
                }
                body += buffer
                buffer.removeAll(keepingCapacity: true)
                return nil
            case .complete: return nil
            }
        }
    }

    private mutating func begin(_ head: ResponseHead) throws(Rejection) {
        guard head.status.code >= 200 else {
            // No upgrade was asked for (RFC 9110 §15.2.2).
            guard head.status.code != 101 else { throw .malformed("the protocol is switched unasked") }
            interimCount += 1
            guard interimCount <= Self.interimMax else { throw .malformed("interim answers do not end") }
            state = .head(ResponseHeadParser())
            return
        }
        switch head.content {
        case .none: state = .length(head, missing: 0)
        case .length(let length): state = .length(head, missing: length)
        case .chunked: state = .chunked(head, ChunkedDecoder())
        case .untilEnd: state = .untilEnd(head)
        }
    }
}
