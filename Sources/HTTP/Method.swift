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

    /// The place of each method in a table by method; every unknown one has the last.
    package var place: Int {
        switch self {
        case .get: 0
        case .head: 1
        case .post: 2
        case .put: 3
        case .patch: 4
        case .delete: 5
        case .options: 6
        case .other: 7
        }
    }

    /// How many places there are.
    package static let placesMax = 8

    /// The name of each place, in a closed list that no client adds to.
    package static let names = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"]
}
