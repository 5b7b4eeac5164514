/// Why a message never became a request.
///
/// The connection closes after the answer, since where the next message would begin is not known.
package enum Rejection: Error, Sendable, Hashable, CustomStringConvertible {
    /// The message breaks the grammar or can be read in two ways. The reason is a constant and quotes no input.
    case malformed(String)
    case requestLineTooLong
    case fieldsTooLarge
    /// The content is larger than the limit in bytes, which is carried for the answer.
    case bodyTooLarge(limit: Int)
    case unsupportedVersion
    /// A method longer than any that exists, or CONNECT.
    case methodNotImplemented
    case transferCodingNotImplemented
    case expectationFailed
    /// The client was too slow with its head or content.
    case timeout
    case tooManyConnections
    /// What has arrived of bodies takes all the room that there is.
    case tooManyBodies
    case shuttingDown

    /// The status of the answer.
    package var status: Status {
        switch self {
        case .malformed: .badRequest
        case .requestLineTooLong: .uriTooLong
        case .fieldsTooLarge: .headerFieldsTooLarge
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedVersion: .httpVersionNotSupported
        case .methodNotImplemented, .transferCodingNotImplemented: .notImplemented
        case .expectationFailed: .expectationFailed
        case .timeout: .requestTimeout
        case .tooManyConnections, .tooManyBodies, .shuttingDown: .serviceUnavailable
        }
    }

    /// One sentence for the client and the log, free of anything the client sent.
    package var detail: String {
        switch self {
        case .malformed(let reason): "The request is malformed: \(reason)."
        case .requestLineTooLong: "The request line is too long."
        case .fieldsTooLarge: "The header or trailer fields are too many or too large."
        case .bodyTooLarge(let limit): "The content is larger than \(limit) bytes."
        case .unsupportedVersion: "Only HTTP/1.1 and HTTP/1.0 are supported."
        case .methodNotImplemented: "The method is not implemented."
        case .transferCodingNotImplemented: "The only transfer coding supported is chunked."
        case .expectationFailed: "The only expectation supported is 100-continue."
        case .timeout: "The request did not arrive in time."
        case .tooManyConnections: "There are too many connections."
        case .tooManyBodies: "Too many requests are being received at a time."
        case .shuttingDown: "The server is shutting down."
        }
    }

    package var description: String { detail }

    /// After how many seconds the client may try again (RFC 9110 §10.2.3); nil if it is the message that is wrong.
    package var retrySeconds: Int? { status == .serviceUnavailable ? 1 : nil }

    /// The place of each case in a table by case, as ``words`` has them.
    package var place: Int {
        switch self {
        case .malformed: 0
        case .requestLineTooLong: 1
        case .fieldsTooLarge: 2
        case .bodyTooLarge: 3
        case .unsupportedVersion: 4
        case .methodNotImplemented: 5
        case .transferCodingNotImplemented: 6
        case .expectationFailed: 7
        case .timeout: 8
        case .tooManyConnections: 9
        case .tooManyBodies: 10
        case .shuttingDown: 11
        }
    }

    /// A word for each place.
    package static let words = [
        "malformed", "request-line-too-long", "fields-too-large", "body-too-large", "version", "method",
        "transfer-coding", "expectation", "timeout", "too-many-connections", "too-many-bodies", "stopping",
    ]
}
