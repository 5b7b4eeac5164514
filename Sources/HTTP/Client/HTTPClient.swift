/// What requests of ours go through: one request, one answer.
package protocol HTTPClient: Sendable {
    /// Sends a request and waits for the whole answer, whatever its status; a redirection is no answer.
    ///
    /// It blocks, for network and name service: never to be called on an event loop.
    func exchange(_ request: OutgoingRequest) throws(ExchangeError) -> ReceivedResponse
}

/// A request of ours to another server.
package struct OutgoingRequest: Sendable {
    package var method: Method
    package var url: RemoteURL
    /// Fields beside those that every request has, see ``encoded()``.
    package var fields: [(FieldName, String)]
    package var body: [UInt8]

    /// A request.
    ///
    /// - Precondition: values of fields have no control characters.
    package init(
        _ method: Method,
        _ url: RemoteURL,
        fields: [(FieldName, String)] = [],
        body: [UInt8] = []
    ) {
        precondition(
            fields.allSatisfy { $0.1.utf8.allSatisfy(isFieldValueByte) },
            "a field's value has no control characters"
        )
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
    }

    /// The request as it is sent (RFC 9112 §3): one on its connection, whose answer must not be compressed.
    package func encoded() -> [UInt8] {
        var bytes = Array("\(method.text) \(url.requestTarget) HTTP/1.1\r\nHost: \(url.authority)\r\n".utf8)
        bytes += "Connection: close\r\nAccept-Encoding: identity\r\nUser-Agent: pharos-scim\r\n".utf8
        for (name, value) in fields { bytes += "\(name.text): \(value)\r\n".utf8 }
        if !body.isEmpty || method == .post { bytes += "Content-Length: \(body.count)\r\n".utf8 }
        return bytes + "\r\n".utf8 + body
    }
}

/// The answer of another server: its status, fields and content.
package struct ReceivedResponse: Sendable {
    /// The reason phrase is left out: nothing may depend on it (RFC 9112 §4).
    package var status: Status
    package var fields: Fields
    /// The content, with any chunked coding removed; at most as many bytes as the client's limit.
    package var body: [UInt8]
    /// Whether no other request may be sent on its connection.
    package var closesConnection = false

    package init(_ status: Status, fields: Fields = Fields(), body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
