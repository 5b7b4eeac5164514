internal import JSON

/// The form that parameters take in URLs and bodies (RFC 6749 appendix B).
enum FormEncoding {
    private static let hexadecimal = Array("0123456789ABCDEF".utf8)

    /// Names and values, all but unreserved characters percent-encoded, so that every reader decodes the same.
    static func encode(_ parameters: [(String, String)]) -> String {
        parameters.map { "\(escape($0.0))=\(escape($0.1))" }.joined(separator: "&")
    }

    /// A URL with parameters behind those that it has.
    static func url(_ url: String, _ parameters: [(String, String)]) -> String {
        "\(url)\(url.contains("?") ? "&" : "?")\(encode(parameters))"
    }

    /// The value of an Authorization field (RFC 6749 §2.3.1, RFC 7617 §2).
    static func basic(_ name: String, _ secret: String) -> String {
        let text = Base64URL.text(Array("\(escape(name)):\(escape(secret))".utf8))
        // RFC 4648 §4 has two other letters, and padding.
        let letters = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        return "Basic " + String(letters) + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }

    private static func escape(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            default:
                result += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
