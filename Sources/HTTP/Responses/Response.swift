/// An answer; framing fields (Content-Length, Connection, Date) are added by ``ResponseEncoder``.
package struct Response: Sendable {
    package var status: Status
    /// Fields in the order they are written; values need no escaping, see ``ResponseEncoder``.
    package var fields: [(FieldName, String)]
    /// The Content-Type field, written only when set.
    package var contentType: String?
    package var body: [UInt8]
    /// What follows the body, for a content that is sent while it is written; nil if the body is all.
    package var rest: (any ContentStream)?

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

    /// The first value under this name; setting replaces every one, and nil removes them.
    package subscript(name: FieldName) -> String? {
        get { fields.first { $0.0 == name }?.1 }
        set {
            fields.removeAll { $0.0 == name }
            if let newValue { fields.append((name, newValue)) }
        }
    }
}
