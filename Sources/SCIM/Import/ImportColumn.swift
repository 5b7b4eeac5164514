import JSON

/// A column of an imported table: the attribute whose values its cells are.
///
/// A column's name is a path as in a PATCH request (RFC 7644 §3.5.2), `name.givenName` or
/// `emails[type eq "work"].value`, or one of ``shortNames``. Case, spaces, hyphens and underscores of short names and
/// of attributes do not matter.
package struct ImportColumn: Sendable {
    /// The name as the table's head has it.
    package let name: String
    /// What the column fills, in canonical spelling.
    package let path: String
    let target: ResolvedAttribute
    /// What selects among the attribute's values, read once for all cells.
    let selection: ElementSelection?
    private let isList: Bool

    /// Separates the values in a cell of a multi-valued attribute.
    package static let valueSeparator: Character = "|"

    /// Names for paths that tables often have, without case, spaces, hyphens and underscores.
    package static let shortNames = [
        "firstname": "name.givenName", "givenname": "name.givenName",
        "lastname": "name.familyName", "surname": "name.familyName", "familyname": "name.familyName",
        "middlename": "name.middleName",
        "email": #"emails[type eq "work"].value"#, "mail": #"emails[type eq "work"].value"#,
        "phone": #"phoneNumbers[type eq "work"].value"#, "mobile": #"phoneNumbers[type eq "mobile"].value"#,
        "manager": "manager.value",
    ]

    /// Finds what a column of a table of `type` stands for.
    ///
    /// - Throws: `invalidPath` if the name means no attribute that a cell can hold, `mutability` for one that is not to be
    ///   imported: readOnly ones, `schemas`, and passwords, which have no place in a file.
    package init(_ name: String, type: ResourceType) throws(SCIMError) {
        let squeezed = Self.squeezed(name)
        let text = Self.shortNames[squeezed] ?? (name.contains(where: \.isWhitespace) ? squeezed : name)
        let read = try? PatchPath(parsing: name.contains("[") ? name : text, type: type, .default)
        guard let path = read, let target = type.resolve(path.attribute) else {
            throw SCIMError(.invalidPath, "This is no attribute of a \(type.name).")
        }
        let definition = target.definition
        guard target.attribute.mutability != .readOnly, definition.mutability != .readOnly,
            definition.mutability != .writeOnly, target.attribute != CommonAttributes.schemas
        else { throw SCIMError(.mutability, "\(target.path) cannot be imported.") }
        isList = target.attribute.multiValued && path.filter == nil
        let isSelected = try path.filter.map { filter throws(SCIMError) in
            try ElementTemplate.object(describedBy: filter, target.attribute, .default) != nil
        }
        guard isList ? target.subAttribute == nil && Self.isPlain(definition) : definition.type != .complex,
            isSelected ?? true, path.filter == nil || target.subAttribute != nil
        else {
            throw SCIMError(
                .invalidPath,
                "A cell holds no \(target.path): name a sub-attribute, \(Self.example(of: target))."
            )
        }
        self.name = name
        self.path = path.filter == nil ? target.path.description : path.description
        self.target = target
        selection = try path.filter.map { filter throws(SCIMError) in
            try ElementSelection(filter, of: target.attribute, .default)
        }
    }

    /// The value that a cell puts in place of the attribute's; nil for an empty one, which leaves that as it is.
    ///
    /// - Throws: `invalidValue` if the text is no value of the attribute.
    package func value(of cell: String) throws(SCIMError) -> JSONValue? {
        guard !cell.isEmpty else { return nil }
        let definition = target.definition
        guard isList else {
            let value = Self.value(cell, definition)
            // Decoded here once, so that a refusal can name its column.
            _ = try AttributeValueDecoder.decode(value, as: definition, .default)
            return value
        }
        let single = definition.subAttribute("value") ?? definition.single
        let values = cell.split(separator: Self.valueSeparator).map { Self.value(Self.trimmed($0), single) }
        _ = try AttributeValueDecoder.decode(.array(values), as: definition, .default)
        return .array(values)
    }

    /// Whether one text can stand for an element.
    private static func isPlain(_ definition: AttributeDefinition) -> Bool {
        definition.type != .complex || definition.subAttribute("value") != nil
    }

    private static func example(of target: ResolvedAttribute) -> String {
        let base = target.path.attribute
        guard target.attribute.multiValued else {
            return "as in \(base).\(target.attribute.subAttributes.first?.name ?? "value")"
        }
        return #"as in \#(base)[type eq "work"].value"#
    }

    /// A cell's text as a value of the attribute's type; the decoder judges whether it is one.
    private static func value(_ text: String, _ definition: AttributeDefinition) -> JSONValue {
        guard definition.type == .integer || definition.type == .decimal,
            let number = try? JSONValue(parsing: Array(text.utf8)), case .number = number
        else { return .string(text) }
        return number
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// A name without case, spaces, hyphens and underscores.
    package static func squeezed(_ name: String) -> String {
        name.lowercased().filter { !$0.isWhitespace && $0 != "_" && $0 != "-" }
    }
}
