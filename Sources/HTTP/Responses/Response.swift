/// An answer; framing fields (Content-Length, Connection, Date) are added by ``ResponseEncoder``.
package struct Response: Sendable {
    package var status: Status
    /// Fields in the order they are written; values need no escaping, see ``ResponseEncoder``.
    package var fields: [(FieldName, String)]
    /// Further fields as they are written, each behind the line before it (``ResponseEncoder/line(_:_:)``): none of the encoder's own.
    package var lines: [UInt8] = []
    /// The Content-Type field, written only when set.
    package var contentType: String?
    package var body: [UInt8]
    /// What follows the body, for a content that is sent while it is written; nil if the body is all.
    package var rest: (any ContentStream)?
    /// Whether the body is all of the content.
    var isWhole: Bool { rest == nil }
    /// Written as the last field where it is set.
    package var requestID: RequestID?
    /// What is told of the request to who counts requests; not part of the message.
    package var mark = AnswerMark()

    package init(
        _ status: Status,
        fields: [(FieldName, String)] = [],
        contentType: String? = nil,
        body: [UInt8] = []
    ) {
        self.status = status
        self.fields = fields
        self.contentType = contentType
        self.body = body
    }

    /// The fields, and those that are written already.
    package var allFields: [(FieldName, String)] {
        guard !lines.isEmpty else { return fields }
        return fields
            + lines.split(separator: ASCII.lineFeed).compactMap { line in
                guard let end = line.firstIndex(of: ASCII.colon) else { return nil }
                let value = String(decoding: line[end...].dropFirst(2), as: UTF8.self)
                let name = FieldName(String(decoding: line[..<end], as: UTF8.self))
                return (name, value.hasSuffix("\r") ? String(value.dropLast()) : value)
            }
    }

    /// The first value under this name, ``requestID`` among them; setting replaces every one, and nil removes them.
    package subscript(name: FieldName) -> String? {
        get { name == .requestID ? requestID?.text : allFields.first { $0.0 == name }?.1 }
        set {
            (fields, lines) = (allFields, [])
            fields.removeAll { $0.0 == name }
            if let newValue { fields.append((name, newValue)) }
        }
    }
}

/// Where a request led, for whom, and why it was refused, in numbers that the handler gives them.
package struct AnswerMark: Sendable, Hashable {
    /// Below ``routesMax``; 0 for none.
    package var route: UInt8
    /// Below ``reasonsMax``; 0 if it was not refused.
    package var reason: UInt8
    /// 0 for nobody.
    package var tenant: UInt32

    /// Routes and reasons that there may be.
    package static let routesMax = 32
    package static let reasonsMax = 64

    package init(route: UInt8 = 0, reason: UInt8 = 0, tenant: UInt32 = 0) {
        self.route = route
        self.reason = reason
        self.tenant = tenant
    }
}
