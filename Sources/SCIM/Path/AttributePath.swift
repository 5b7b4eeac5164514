/// The name of an attribute or sub-attribute as a client writes it: `attrPath` (RFC 7644 §3.4.2.2 figure 1,
/// §3.10).
///
/// `userName`, `name.familyName`, `members.$ref`,
/// `urn:ietf:params:scim:schemas:core:2.0:User:name.familyName`. Names keep the client's spelling here;
/// ``ResourceType/resolve(_:)`` finds what they mean, in any case.
package struct AttributePath: Sendable, Hashable, CustomStringConvertible {
    /// The longest path accepted, in bytes of UTF-8.
    package static let bytesMax = 512

    /// The schema URI in front of the attribute, without the colon that ends it.
    package let schema: String?
    /// The attribute's name; empty if the path names a whole schema.
    package let attribute: String
    package let subAttribute: String?

    /// Takes names that already follow the grammar.
    package init(schema: String? = nil, attribute: String, subAttribute: String? = nil) {
        self.schema = schema
        self.attribute = attribute
        self.subAttribute = subAttribute
    }

    /// Reads a path.
    ///
    /// Schema URIs contain dots and colons. The longest of the known `schemas` in front decides where the
    /// attribute starts; without one it is the last colon, so an unknown URI is read as if its last part were
    /// an attribute.
    /// - Parameters:
    ///   - text: the path, at most ``bytesMax`` bytes.
    ///   - schemas: URIs to recognise, in any case.
    /// - Throws: `invalidPath` if the text does not follow the grammar or is longer than ``bytesMax``.
    package init(parsing text: String, schemas: [String] = []) throws(SCIMError) {
        guard text.utf8.count <= Self.bytesMax else {
            throw SCIMError(.invalidPath, "An attribute path is longer than \(Self.bytesMax) bytes.")
        }
        // A name alone; no schema is meant, since every URI has a colon.
        if Self.isName(Substring(text).utf8) {
            self.init(attribute: text)
            return
        }
        var schema: String?
        var names = Substring(text)
        if let known = Self.longestPrefix(of: text, in: schemas) {
            schema = String(Substring(text.utf8.prefix(known)))
            names = Substring(text.utf8.dropFirst(known + 1))
            if names.isEmpty, text.utf8.count == known {
                self.init(schema: schema, attribute: "")
                return
            }
        } else if let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) {
            schema = String(text[..<colon])
            names = text[text.utf8.index(after: colon)...]
        }
        let parts = names.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy(Self.isName), schema.map(Self.isURI) ?? true else {
            throw SCIMError(.invalidPath, "A path is not an attribute name, optionally with a sub-attribute.")
        }
        self.init(
            schema: schema,
            attribute: String(Substring(parts[0])),
            subAttribute: parts.count == 2 ? String(Substring(parts[1])) : nil
        )
    }

    package var description: String {
        let names = subAttribute.map { "\(attribute).\($0)" } ?? attribute
        guard let schema else { return names }
        return names.isEmpty ? schema : "\(schema):\(names)"
    }

    /// The bytes of the longest schema that is the whole text or stands in front of a colon.
    private static func longestPrefix(of text: String, in schemas: [String]) -> Int? {
        var longest: Int?
        for schema in schemas {
            let count = schema.utf8.count
            guard count > longest ?? 0, text.utf8.count >= count else { continue }
            let isWhole = text.utf8.count == count
            guard isWhole || text.utf8.dropFirst(count).first == UInt8(ascii: ":"),
                schema.equalsIgnoringASCIICase(String(Substring(text.utf8.prefix(count))))
            else { continue }
            longest = count
        }
        return longest
    }

    /// `ALPHA *(nameChar)`; `$` is let through for `$ref` (erratum 8924) and inside (RFC 7643 §2.1).
    private static func isName(_ name: Substring.UTF8View) -> Bool {
        guard let first = name.first, first.isASCIILetter || first == UInt8(ascii: "$"),
            name.count > 1 || first.isASCIILetter
        else { return false }
        return name.dropFirst().allSatisfy { byte in
            byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "$")
        }
    }

    /// The characters of RFC 3986 that can stand in a schema's URI; brackets and parentheses belong to
    /// filters.
    private static func isURI(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetter else { return false }
        return text.utf8.allSatisfy { byte in
            byte.isASCIILetter || byte.isASCIIDigit || uriMarks.contains(byte)
        }
    }

    private static let uriMarks = Set(":.-_/~%+@#?=!*',;&$".utf8)
}

extension UInt8 {
    var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
