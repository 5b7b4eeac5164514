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
    ///   - output: the bytes to send, which grow by the message.
    /// - Precondition: the status is not 1xx.
    package static func encode(
        _ response: borrowing Response,
        forHEAD: Bool,
        chunked: Bool = true,
        close: Bool,
        overTLS: Bool = false,
        date: HTTPDate,
        into output: inout [UInt8]
    ) {
        let status = response.status
        precondition(status.code >= 200, "interim responses are not messages with content")
        let hasContent = status.code != 204 && status.code != 304
        let isWhole = response.isWhole
        append(status, overTLS: overTLS, to: &output)
        output.append(contentsOf: date.bytes)
        if let contentType = response.contentType {
            output.append(contentsOf: contentTypeName)
            append(value: contentType, to: &output)
        }
        if hasContent, isWhole {
            output.append(contentsOf: contentLengthName)
            append(decimal: response.body.count, to: &output)
        } else if hasContent, chunked {
            output.append(contentsOf: chunkedField)
        }
        for (name, value) in response.fields where !isOwned(name, contentType: response.contentType) {
            output.append(contentsOf: lineEnd)
            output.append(contentsOf: name.text.utf8)
            output.append(ASCII.colon)
            output.append(ASCII.space)
            append(value: value, to: &output)
        }
        output.append(contentsOf: close ? closingEnd : headEnd)
        if hasContent, !forHEAD, isWhole { output.append(contentsOf: response.body) }
    }

    // Each constant begins with the end of the line before it, so that every part is one append.
    private static let lineEnd = Array("\r\n".utf8)
    private static let contentTypeName = Array("\r\nContent-Type: ".utf8)
    private static let contentLengthName = Array("\r\nContent-Length: ".utf8)
    private static let chunkedField = Array("\r\nTransfer-Encoding: chunked".utf8)
    private static let closingEnd = Array("\r\nConnection: close\r\n\r\n".utf8)
    private static let headEnd = Array("\r\n\r\n".utf8)

    /// What stands before the date, by code, from 100 on; empty where no constant of ``Status`` has the code.
    private static let beginnings = beginnings(overTLS: false)
    private static let securedBeginnings = beginnings(overTLS: true)

    private static func beginnings(overTLS: Bool) -> [[UInt8]] {
        var beginnings = [[UInt8]](repeating: [], count: 500)
        for status in Status.allKnown {
            beginnings[Int(status.code) - 100] = beginning(status, overTLS: overTLS)
        }
        return beginnings
    }

    private static func beginning(_ status: Status, overTLS: Bool) -> [UInt8] {
        let security = overTLS ? "Strict-Transport-Security: max-age=31536000\r\n" : ""
        return Array("HTTP/1.1 \(status.code) \(status.reason)\r\n\(security)Date: ".utf8)
    }

    private static func append(_ status: Status, overTLS: Bool, to output: inout [UInt8]) {
        let known = (overTLS ? securedBeginnings : beginnings)[Int(status.code) - 100]
        output.append(contentsOf: known.isEmpty ? beginning(status, overTLS: overTLS) : known)
    }

    private static func isOwned(_ name: FieldName, contentType: String?) -> Bool {
        switch name.kind {
        case .known(.connection), .known(.contentLength), .known(.date), .known(.transferEncoding): true
        case .known(.contentType): contentType != nil
        default: false
        }
    }

    private static func append(value: String, to output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: value.utf8)
        var index = LineEnd.firstControl(in: output.span, from: start)
        while index < output.count {
            output[index] = ASCII.space
            index = LineEnd.firstControl(in: output.span, from: index + 1)
        }
    }

    private static func append(decimal value: Int, to output: inout [UInt8]) {
        if value >= 10 { append(decimal: value / 10, to: &output) }
        output.append(0x30 + UInt8(value % 10))
    }
}
