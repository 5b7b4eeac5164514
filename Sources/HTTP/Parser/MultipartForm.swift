/// A form as `multipart/form-data` (RFC 7578): fields with text, and files.
///
/// Read strictly, as a browser writes it: each part begins behind its boundary's line, and the last one ends the body.
package struct MultipartForm: Sendable {
    /// One field of the form.
    package struct Part: Sendable, Equatable {
        package let name: String
        /// The file's name as the browser tells it, which is no path to be used; nil for a field that is no file.
        package let fileName: String?
        package let content: [UInt8]
    }

    package let parts: [Part]

    /// Parts of one form.
    package static let partsMax = 64
    /// Bytes of the head of one part.
    package static let headBytesMax = 4_096
    /// Bytes of a boundary (RFC 2046 §5.1.1).
    package static let boundaryBytesMax = 70

    /// Reads a whole body by the request's `Content-Type` field; nil if it is no such form, or one beyond the limits.
    package init?(_ body: [UInt8], contentType: String) {
        guard let boundary = Self.boundary(contentType) else { return nil }
        let separator = Array("\r\n--\(boundary)".utf8)
        let first = separator.dropFirst(2)
        guard body.starts(with: first) else { return nil }
        var parts: [Part] = []
        var index = first.count
        while true {
            let line = body[index...].prefix(4)
            if line.starts(with: Self.end) {
                guard index + 2 == body.count || line.elementsEqual(Self.end + Self.lineBreak),
                    body.count <= index + 4
                else { return nil }
                self.parts = parts
                return
            }
            guard line.starts(with: Self.lineBreak), parts.count < Self.partsMax else { return nil }
            index += 2
            guard let head = Self.head(body[index...].prefix(Self.headBytesMax)),
                let next = Self.find(separator, in: body, from: index + head.count)
            else { return nil }
            parts.append(
                Part(
                    name: head.name,
                    fileName: head.fileName,
                    content: Array(body[index + head.count..<next])
                )
            )
            index = next + separator.count
        }
    }

    private static let end = Array("--".utf8)
    private static let lineBreak = Array("\r\n".utf8)

    /// The boundary that a field names; nil if it is of another type or has none.
    private static func boundary(_ contentType: String) -> String? {
        let pieces = contentType.split(separator: ";", maxSplits: 1).map { $0.drop { $0 == " " } }
        guard pieces.count == 2, pieces[0].lowercased() == "multipart/form-data" else { return nil }
        let parameter = pieces[1].split(separator: "=", maxSplits: 1)
        guard parameter.count == 2, parameter[0].lowercased() == "boundary" else { return nil }
        var value = parameter[1]
        if value.first == "\"", value.last == "\"", value.utf8.count > 2 {
            value = value.dropFirst().dropLast()
        }
        let isGood = value.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "'()+_,-./:=?".utf8.contains(byte)
            }
        }
        guard isGood, (1...boundaryBytesMax).contains(value.utf8.count) else { return nil }
        return String(value)
    }

    /// What the head of a part says, and how many bytes it has with the empty line behind it.
    private static func head(_ bytes: ArraySlice<UInt8>) -> (name: String, fileName: String?, count: Int)? {
        let all = Array(bytes)
        guard let end = find(Array("\r\n\r\n".utf8), in: all, from: 0),
            let text = String(validating: all[..<end], as: UTF8.self)
        else { return nil }
        let disposition = "content-disposition:"
        guard
            let line = text.split(separator: "\r\n").first(where: { $0.lowercased().hasPrefix(disposition) })
        else { return nil }
        var rest = line.dropFirst(disposition.count).drop { $0 == " " }
        guard rest.lowercased().hasPrefix("form-data;") else { return nil }
        rest = rest.dropFirst("form-data;".count)
        var values: [String: String] = [:]
        while true {
            rest = rest.drop { $0 == " " || $0 == ";" }
            guard !rest.isEmpty else { break }
            guard let opening = rest.firstRange(of: "=\""),
                let closing = rest[opening.upperBound...].firstIndex(of: "\"")
            else { return nil }
            let name = rest[..<opening.lowerBound].lowercased()
            guard values[name] == nil else { return nil }
            values[name] = unescaped(rest[opening.upperBound..<closing])
            rest = rest[rest.index(after: closing)...]
        }
        guard let name = values["name"] else { return nil }
        return (name, values["filename"], end + 4)
    }

    /// Browsers escape these three characters of a name, and no others.
    private static func unescaped(_ text: Substring) -> String {
        String(text).replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
    }

    /// Where a needle begins; nil if it is not there.
    private static func find(_ needle: [UInt8], in body: [UInt8], from start: Int) -> Int? {
        let last = body.count - needle.count
        var index = start
        // All needles begin with a carriage return, which a file seldom has but at the ends of its lines.
        while index <= last {
            if body[index] == needle[0] {
                var length = 1
                while length < needle.count, body[index + length] == needle[length] { length += 1 }
                if length == needle.count { return index }
            }
            index += 1
        }
        return nil
    }
}
