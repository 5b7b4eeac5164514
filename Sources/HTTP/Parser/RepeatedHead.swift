/// The head of a request without content whose fields are the same bytes as those of the connection's request before.
///
/// Nearly every request of a client is such a one, and is there as a whole: its request line is read, its fields are compared, and
/// nothing is kept for a next look. What it is not certain of, or would refuse, it leaves to ``HeadParser``, which decides alike.
struct RepeatedHead {
    let requestLine: RequestLine
    /// Bytes of the request line and its end, in which the parts of its target lie.
    let lineLength: Int
    /// Bytes of the whole head.
    let length: Int

    /// Nil unless `bytes`, from the first of a message on, begin with such a head as a whole.
    init?(_ bytes: Span<UInt8>, like known: borrowing KnownFields, limits: Limits) {
        guard known.endMessage, case .found(let end) = LineEnd(in: bytes, from: 0),
            end <= limits.requestLineBytesMax, known.come(next: bytes.extracting((end + 2)...))
        else { return nil }
        do throws(Rejection) {
            requestLine = try RequestLine(parsing: bytes, in: 0..<end, like: known.target, limits: limits)
        } catch { return nil }
        // The authority of a target is compared with the Host field.
        guard !requestLine.isHTTP10, requestLine.target.authority == nil else { return nil }
        lineLength = end + 2
        length = end + 2 + known.fields.bytes.count
    }
}
