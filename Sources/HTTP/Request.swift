/// A complete request: head and content.
package struct Request: Sendable {
    package var method: Method
    package var target: Target
    package var fields: Fields
    /// The content, with any chunked coding removed; at most ``Limits/bodyBytesMax`` bytes.
    package var body: [UInt8]
    /// The client, as far as it is known.
    package var peer: Peer
    /// Of the connection on which it has come; nil for a request that has come on none.
    package let memo: ConnectionMemo?
    /// Whether the connection ends after the answer: the client asked for it, or speaks HTTP/1.0.
    package var closesConnection: Bool
    /// Whether the client understands an answer in chunks: not if it speaks HTTP/1.0 (RFC 9112 §6.1).
    package var takesChunks: Bool
    /// Whether its fields are the same bytes as those of the connection's request before.
    package var repeatsFields: Bool

    package init(
        method: Method,
        target: Target,
        fields: Fields = Fields(),
        body: [UInt8] = [],
        peer: Peer,
        memo: ConnectionMemo? = nil,
        closesConnection: Bool = false,
        takesChunks: Bool = true,
        repeatsFields: Bool = false
    ) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.peer = peer
        self.memo = memo
        self.closesConnection = closesConnection
        self.takesChunks = takesChunks
        self.repeatsFields = repeatsFields
    }

    /// Host and port as the client named them: the Host field, or the target's authority in HTTP/1.0 without one.
    ///
    /// Checked against the grammar, but chosen by the client: never a proof of anything.
    package var host: String? { fields[.host] ?? target.authority }
}
