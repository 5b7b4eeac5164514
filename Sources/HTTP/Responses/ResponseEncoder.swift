/// Writes responses as HTTP/1.1 messages (RFC 9112 §4 to §6).
///
/// Owns the framing: Content-Length is written for every status but 204 and 304 (RFC 9110 §8.6), or Transfer-Encoding where
/// the content is sent while it is written, and a Date, Connection,
/// Content-Length or Transfer-Encoding among the response's own fields is left out. Control characters in values
/// become spaces (RFC 9110 §5.5), so that no value can end its line and begin a field or a response.
package enum ResponseEncoder {
    /// The interim response that asks for the content (RFC 9110 §10.1.1).
    package static let continueResponse = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Appends the message to `output`.
    ///
    /// - Parameters:
    ///   - response: a final response; interim ones have no content and are not written here.
    ///   - forHEAD: leaves the content out and keeps its length (RFC 9110 §9.3.2).
    ///   - chunked: whether a content with a rest comes in chunks; else the end of the connection is its own.
    ///   - close: announces that the connection ends after this response (RFC 9112 §9.6).
    ///   - overTLS: tells the client to come by TLS alone from now on (RFC 6797 §7.1); §7.2 forbids it without TLS.
    ///   - date: when the response was made.
    ///   - beginning: what the answer before began with; whoever writes many answers keeps it.
    ///   - output: the bytes to send, which grow by the message.
    /// - Precondition: the status is not 1xx.
    package static func encode(
        _ response: borrowing Response,
        forHEAD: Bool,
        chunked: Bool = true,
        close: Bool,
        overTLS: Bool = false,
        date: HTTPDate,
        beginning: inout ResponseBeginning,
        into output: inout [UInt8]
    ) {
        let status = response.status
        precondition(status.code >= 200, "interim responses are not messages with content")
        let hasContent = status.code != 204 && status.code != 304
        let isWhole = response.isWhole
        beginning.become(status, contentType: response.contentType, overTLS: overTLS, date: date)
        let count = hasContent && isWhole ? response.body.count : nil
        output.append(addingCapacity: beginning.bytes.count + ownRoom) { free in
            free.append(all: beginning.bytes.span)
            if let count {
                free.append("\r\nContent-Length: ")
                append(decimal: count, to: &free)
            } else if hasContent, chunked {
                free.append("\r\nTransfer-Encoding: chunked")
            }
        }
        for (name, value) in response.fields where !isOwned(name, contentType: response.contentType) {
            append(name, value, to: &output)
        }
        if !response.lines.isEmpty { output.append(contentsOf: response.lines) }
        let requestID = response.requestID
        output.append(addingCapacity: ownRoom) { free in
            if let requestID {
                free.append("\r\nrequest-id: ")
                requestID.append(to: &free)
            }
            if close { free.append("\r\nConnection: close") }
            free.append("\r\n\r\n")
        }
        if hasContent, !forHEAD, isWhole { output.append(contentsOf: response.body) }
    }

    /// The same for a single answer.
    package static func encode(
        _ response: borrowing Response,
        forHEAD: Bool,
        chunked: Bool = true,
        close: Bool,
        overTLS: Bool = false,
        date: HTTPDate,
        into output: inout [UInt8]
    ) {
        var beginning = ResponseBeginning()
        encode(
            response,
            forHEAD: forHEAD,
            chunked: chunked,
            close: close,
            overTLS: overTLS,
            date: date,
            beginning: &beginning,
            into: &output
        )
    }

    /// More than the fields of the encoder's own take in one place: a length of 19 digits, or the request's id and a close.
    private static var ownRoom: Int { 96 }

    private static func isOwned(_ name: FieldName, contentType: String?) -> Bool {
        switch name.kind {
        case .known(.connection), .known(.contentLength), .known(.date), .known(.transferEncoding): true
        case .known(.contentType): contentType != nil
        default: false
        }
    }

    /// A field as it is written behind the line before it.
    package static func line(_ name: FieldName, _ value: String) -> [UInt8] {
        var line: [UInt8] = []
        append(name, value, to: &line)
        return line
    }

    private static func append(_ name: FieldName, _ value: String, to output: inout [UInt8]) {
        let name = name.text
        output.append(addingCapacity: name.utf8.count + 4) { free in
            free.append(ASCII.carriageReturn)
            free.append(ASCII.lineFeed)
            free.append(all: name.utf8.span)
            free.append(ASCII.colon)
            free.append(ASCII.space)
        }
        append(value: value, to: &output)
    }

    static func append(value: String, to output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: value.utf8)
        var index = LineEnd.firstControl(in: output.span, from: start)
        while index < output.count {
            output[index] = ASCII.space
            index = LineEnd.firstControl(in: output.span, from: index + 1)
        }
    }

    private static func append(decimal value: Int, to free: inout OutputSpan<UInt8>) {
        if value >= 10 { append(decimal: value / 10, to: &free) }
        free.append(0x30 + UInt8(truncatingIfNeeded: value % 10))
    }
}
