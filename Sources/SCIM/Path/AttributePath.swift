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
    /// The sub-attribute's name; two names only behind a URI with a dot where a colon belongs.
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
    /// an attribute. So is a URI with a dot where that colon belongs, `urn:…:2.0:User.manager.value`;
    /// ``ResourceType/meaning(of:_:)`` decides whether it is meant.
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
        guard let end = Self.endOfAttribute(in: names, schemas), schema.map(Self.isURI) ?? true,
            let others = Self.names(behind: names[end...]), others.count <= (schema == nil ? 1 : 2)
        else {
            throw SCIMError(.invalidPath, "A path is not an attribute name, optionally with a sub-attribute.")
        }
        self.init(
            schema: schema,
            attribute: String(names[..<end]),
            subAttribute: others.isEmpty ? nil : others.joined(separator: ".")
        )
    }

    package var description: String {
        let names = subAttribute.map { "\(attribute).\($0)" } ?? attribute
        guard let schema else { return names }
        return names.isEmpty ? schema : "\(schema):\(names)"
    }

    /// Where the first of the names at the end of a path ends; nil if it is no name.
    private static func endOfAttribute(in names: Substring, _ schemas: [String]) -> String.Index? {
        // The last part of a known URI may be a version, which has a dot itself.
        if let uri = longestPrefix(of: names.base, in: schemas, before: UInt8(ascii: ".")) {
            let end = names.base.utf8.index(names.base.startIndex, offsetBy: uri)
            if names.startIndex < end { return end }
        }
        let end = names.utf8.firstIndex(of: UInt8(ascii: ".")) ?? names.endIndex
        return isName(names[..<end].utf8) ? end : nil
    }

    /// The names in a text of which each follows a dot; nil if one of them is no name.
    private static func names(behind text: Substring) -> [Substring]? {
        let names = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .dropFirst()
        return names.allSatisfy(isName) ? names.map(Substring.init) : nil
    }

    /// The bytes of the longest schema that is the whole text or stands in front of the separator.
    private static func longestPrefix(
        of text: String,
        in schemas: [String],
        before separator: UInt8 = UInt8(ascii: ":")
    ) -> Int? {
        var longest: Int?
        for schema in schemas {
            let count = schema.utf8.count
            guard count > longest ?? 0, text.utf8.count >= count else { continue }
            let isWhole = text.utf8.count == count
            guard isWhole || text.utf8.dropFirst(count).first == separator,
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
