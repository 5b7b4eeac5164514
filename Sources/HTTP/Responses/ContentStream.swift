/// The rest of a content that is sent while it is written, so that memory holds little of it at a time.
package protocol ContentStream: Sendable {
    /// The next part: asked for when the client has taken most of those before, one at a time, and never behind the last.
    func next() async -> ContentPart
}

/// What comes next of a content.
package enum ContentPart: Sendable {
    case more([UInt8])
    case last([UInt8])
    /// What was promised cannot be sent any more: the message ends before its end, which the client has to see.
    case broken
}

extension Response {
    /// The same with all of its content in memory; nil if that breaks off.
    package func whole() async -> Response? {
        guard let rest else { return self }
        var response = self
        response.rest = nil
        while true {
            switch await rest.next() {
            case .more(let bytes): response.body += bytes
            case .last(let bytes):
                response.body += bytes
                return response
            case .broken: return nil
            }
        }
    }
}
