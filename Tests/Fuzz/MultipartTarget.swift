import HTTP

/// The body of a form as browsers send it, behind the boundary `b`.
///
/// What is read has its bounds and no boundary in a content, and written again as a browser writes it reads the same.
enum MultipartTarget {
    private static let type = "multipart/form-data; boundary=b"

    static func check(_ bytes: [UInt8]) {
        for body in [bytes, Array("--b\r\n".utf8) + bytes + Array("\r\n--b--\r\n".utf8)] {
            guard let form = MultipartForm(body, contentType: type) else { continue }
            hold(form.parts.count <= MultipartForm.partsMax, "the parts are within their limit")
            for part in form.parts {
                hold(!contains(part.content, Array("\r\n--b".utf8)), "a content ends at the boundary")
            }
            guard let again = MultipartForm(written(form), contentType: type) else {
                fatalError("what was read can be written and read again")
            }
            hold(again.parts == form.parts, "what is written reads the same")
        }
        // The field that names the boundary comes from outside too.
        let type = String(decoding: bytes.prefix(200), as: UTF8.self)
        _ = MultipartForm(bytes, contentType: type)
        _ = MultipartForm(bytes, contentType: "multipart/form-data; boundary=\(type)")
    }

    private static func written(_ form: MultipartForm) -> [UInt8] {
        var body: [UInt8] = []
        for part in form.parts {
            body += Array("--b\r\nContent-Disposition: form-data; name=\"".utf8) + escaped(part.name)
            if let name = part.fileName { body += Array("\"; filename=\"".utf8) + escaped(name) }
            body += Array("\"\r\n\r\n".utf8) + part.content + Array("\r\n".utf8)
        }
        return body + Array("--b--\r\n".utf8)
    }

    private static func escaped(_ name: String) -> [UInt8] {
        name.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "\""): Array("%22".utf8)
            case UInt8(ascii: "\r"): Array("%0D".utf8)
            case UInt8(ascii: "\n"): Array("%0A".utf8)
            default: [byte]
            }
        }
    }

    private static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        guard bytes.count >= needle.count else { return false }
        return (0...bytes.count - needle.count).contains { bytes[$0...].starts(with: needle) }
    }
}
