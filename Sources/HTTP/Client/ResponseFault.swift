/// Why bytes are no answer that may be used; quotes nothing of them.
package enum ResponseFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The message breaks the grammar or can be read in two ways. The reason is a constant.
    case malformed(String)
    /// Status line, fields or trailers are larger than the limits.
    case headTooLarge
    /// The content is larger than this many bytes.
    case bodyTooLarge(limit: Int)
    /// The content is compressed or otherwise coded, which was not asked for.
    case coded
    /// It is followed by bytes that belong to no answer.
    case followed

    package var description: String {
        switch self {
        case .malformed(let reason): "it is no proper HTTP/1.1: \(reason)"
        case .headTooLarge: "its head is too large"
        case .bodyTooLarge(let limit): "its content is larger than \(limit) bytes"
        case .coded: "its content is compressed, which was not asked for"
        case .followed: "more follows it than was asked for"
        }
    }

    /// What the parts of the parser that requests and answers share refuse.
    init(_ rejection: Rejection) {
        switch rejection {
        case .malformed(let reason): self = .malformed(reason)
        case .requestLineTooLong, .fieldsTooLarge: self = .headTooLarge
        case .bodyTooLarge(let limit): self = .bodyTooLarge(limit: limit)
        case .transferCodingNotImplemented: self = .coded
        // The shared parts refuse for none of these reasons.
        case .unsupportedVersion, .methodNotImplemented, .expectationFailed, .timeout, .tooManyConnections,
            .tooManyBodies, .shuttingDown:
            self = .malformed("it is none")
        }
    }
}
