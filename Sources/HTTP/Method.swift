/// A request method (RFC 9110 §9, RFC 5789); case-sensitive.
package enum Method: Sendable, Hashable {
    case get, head, post, put, patch, delete, options
    /// A valid token that is none of the above, as it was sent.
    case other(String)

    /// The method with this name; unknown names become ``other(_:)``.
    package init(_ text: String) {
        self =
            switch text {
            case "GET": .get
            case "HEAD": .head
            case "POST": .post
            case "PUT": .put
            case "PATCH": .patch
            case "DELETE": .delete
            case "OPTIONS": .options
            default: .other(text)
            }
    }

    /// The method as it stands in a request line.
    package var text: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other(let text): text
        }
    }
}
