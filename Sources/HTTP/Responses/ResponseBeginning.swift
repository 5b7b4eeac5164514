/// What a response begins with: its status line, the Date and the Content-Type.
///
/// Kept from one answer to the next, since nearly all answers of a second begin with the same bytes.
package struct ResponseBeginning: Sendable {
    private var status = Status(100, "")
    private var contentType: String?
    private var overTLS = false
    private var date: HTTPDate?
    private(set) var bytes: [UInt8] = []

    package init() {}

    /// Makes it the beginning of a response, if it is another one's.
    mutating func become(_ status: Status, contentType: String?, overTLS: Bool, date: HTTPDate) {
        guard
            status != self.status || contentType != self.contentType || overTLS != self.overTLS
                || date != self.date || status.reason != self.status.reason
        else { return }
        (self.status, self.contentType, self.overTLS, self.date) = (status, contentType, overTLS, date)
        bytes.removeAll(keepingCapacity: true)
        bytes += "HTTP/1.1 \(status.code) \(status.reason)".utf8
        // Tells the client to come by TLS alone from now on (RFC 6797 §7.1).
        if overTLS { bytes += "\r\nStrict-Transport-Security: max-age=31536000".utf8 }
        bytes += "\r\nDate: ".utf8
        bytes += date.bytes
        guard let contentType else { return }
        bytes += "\r\nContent-Type: ".utf8
        ResponseEncoder.append(value: contentType, to: &bytes)
    }
}
