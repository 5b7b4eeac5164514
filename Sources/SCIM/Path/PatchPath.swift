// RFC 7644 §3.5.2, figure 7: PATH = attrPath / valuePath [subAttr].

/// The target of a PATCH operation as a client writes it.
///
/// `name.familyName`, `emails[type eq "work"]`, `emails[type eq "work"].value`, `urn:…:enterprise:2.0:User`.
package struct PatchPath: Sendable, Equatable, CustomStringConvertible {
    /// The attribute; with a filter, its sub-attribute is the one after the bracket.
    package let attribute: AttributePath
    /// Selects among the values of the attribute.
    package let filter: Filter?

    /// Reads a path; the schemas of `type` decide where a URN ends.
    ///
    /// - Throws: `invalidPath` if the text does not follow the grammar, `invalidFilter` for what is in the
    ///   brackets.
    package init(parsing text: String, type: ResourceType, _ profile: Profile) throws(SCIMError) {
        let bytes = text.utf8
        guard let open = bytes.firstIndex(of: UInt8(ascii: "[")) else {
            self.init(attribute: try AttributePath(parsing: text, schemas: type.schemaURIs), filter: nil)
            return
        }
        guard let close = bytes.lastIndex(of: UInt8(ascii: "]")), open < close else {
            throw SCIMError(.invalidPath, "A path has a bracket that is not closed.")
        }
        let base = try AttributePath(parsing: String(text[..<open]), schemas: type.schemaURIs)
        let rest = text[bytes.index(after: close)...]
        guard !base.attribute.isEmpty, base.subAttribute == nil,
            rest.isEmpty || rest.utf8.first == UInt8(ascii: ".")
        else { throw SCIMError(.invalidPath, "In a path, only a sub-attribute follows the brackets.") }
        var sub: String?
        if !rest.isEmpty {
            let name = try AttributePath(parsing: String(rest.dropFirst()))
            guard name.schema == nil, name.subAttribute == nil else {
                throw SCIMError(.invalidPath, "In a path, only a sub-attribute follows the brackets.")
            }
            sub = name.attribute
        }
        self.init(
            attribute: AttributePath(schema: base.schema, attribute: base.attribute, subAttribute: sub),
            filter: try FilterParser.parseInner(Array(text[bytes.index(after: open)..<close].utf8), profile)
        )
    }

    private init(attribute: AttributePath, filter: Filter?) {
        self.attribute = attribute
        self.filter = filter
    }

    /// Whether the path is a bare attribute name, the given one.
    func isName(_ name: String) -> Bool { filter == nil && attribute.attribute == name }

    package var description: String {
        guard let filter else { return attribute.description }
        let base = AttributePath(schema: attribute.schema, attribute: attribute.attribute)
        return "\(base)[\(filter)]" + (attribute.subAttribute.map { ".\($0)" } ?? "")
    }
}
