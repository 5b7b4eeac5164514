internal import HTTP
internal import JSON

/// The form that parameters take in URLs and bodies (RFC 6749 appendix B).
enum FormEncoding {
    /// Names and values, all but unreserved characters percent-encoded, so that every reader decodes the same.
    static func encode(_ parameters: [(String, String)]) -> String {
        parameters.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(
            separator: "&"
        )
    }

    /// A URL with parameters behind those that it has.
    static func url(_ url: String, _ parameters: [(String, String)]) -> String {
        "\(url)\(url.contains("?") ? "&" : "?")\(encode(parameters))"
    }

    /// The value of an Authorization field (RFC 6749 §2.3.1, RFC 7617 §2).
    static func basic(_ name: String, _ secret: String) -> String {
        let text = Base64URL.text(
            Array("\(PercentEncoding.encode(name)):\(PercentEncoding.encode(secret))".utf8)
        )
        // RFC 4648 §4 has two other letters, and padding.
        let letters = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        return "Basic " + String(letters) + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }
}
