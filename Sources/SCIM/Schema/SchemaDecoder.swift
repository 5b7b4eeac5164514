import JSON

// RFC 7643 §7: a schema as a document. Erratum 8415 adds `binary` to the types, errata 5606 and 8435 take `complex` from
// those of sub-attributes, erratum 6004 takes `uniqueness` from complex attributes.

/// Why a schema or resource type that an operator has written cannot be used.
package struct SchemaFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The member at fault, `attributes[2].subAttributes[0].type`; empty for the document as a whole.
    package let member: String
    /// What is wrong with it, as the end of a sentence.
    package let problem: String

    package init(_ member: String, _ problem: String) {
        self.member = member
        self.problem = problem
    }

    package var description: String { member.isEmpty ? problem : "\(member): \(problem)" }

    /// The same fault of a member of something that has a name or place of its own.
    package func inside(_ outer: String) -> SchemaFault {
        SchemaFault(member.isEmpty ? outer : "\(outer).\(member)", problem)
    }
}

/// Bounds of what can be registered for a tenant.
package enum SchemaLimits {
    /// Bytes of a schema's URN; with the longest names behind it a path fits into an audit record.
    package static let urnBytesMax = 120
    /// Bytes of the name of an attribute, a resource type or an endpoint.
    package static let nameBytesMax = 64
    /// Bytes of a description or of a schema's name.
    package static let descriptionBytesMax = 1_024
    package static let attributesMax = 256
    package static let subAttributesMax = 64
    /// Canonical values, or reference types, of one attribute.
    package static let listedValuesMax = 128
    /// Bytes of a canonical value or reference type.
    package static let listedValueBytesMax = 256
    package static let extensionsMax = 16
    /// Bytes of one schema's document as JSON.
    package static let documentBytesMax = 90_000
}

/// Reads schemas from the documents that describe them, strictly.
package enum SchemaDecoder {
    /// The documents in a file: one object, an array of them, or a list response (RFC 7644 §3.4.2).
    package static func documents(in file: JSONValue) throws(SchemaFault) -> [JSONObject] {
        let values: [JSONValue]
        switch file {
        case .array(let elements): values = elements
        case .object(let object):
            guard let resources = object["Resources"] else { return [object] }
            guard case .array(let elements) = resources else {
                throw SchemaFault("Resources", "must be an array")
            }
            values = elements
        default: throw SchemaFault("", "The file must hold a JSON object or an array of objects.")
        }
        var documents: [JSONObject] = []
        for (index, value) in values.enumerated() {
            guard case .object(let object) = value else {
                throw SchemaFault("[\(index)]", "must be an object")
            }
            documents.append(object)
        }
        guard !documents.isEmpty else { throw SchemaFault("", "The file holds nothing.") }
        return documents
    }

    /// Reads one schema.
    ///
    /// Members that RFC 7643 §7 does not define are refused, so that a misspelled one is not taken for a default.
    package static func schema(_ document: JSONObject) throws(SchemaFault) -> Schema {
        let reader = try DocumentReader(
            document,
            of: Schema.schema,
            members: ["id", "name", "description", "attributes"]
        )
        let id = try reader.text("id", bytesMax: SchemaLimits.urnBytesMax)
        guard let id else { throw SchemaFault("id", "is required: the schema's URN") }
        guard isURN(id) else {
            throw SchemaFault("id", "must be a URN of letters, digits, colons, dots, hyphens and underscores")
        }
        do throws(SchemaFault) {
            return Schema(
                id: id,
                name: try reader.text("name", bytesMax: SchemaLimits.descriptionBytesMax) ?? id,
                description: try reader.description(),
                attributes: try attributes(
                    reader,
                    "attributes",
                    max: SchemaLimits.attributesMax,
                    isSub: false
                )
            )
        } catch { throw error.inside(id) }
    }

    /// The definitions in `attributes` or `subAttributes`; at least one, with names that differ (RFC 7643 §2.1).
    private static func attributes(
        _ reader: DocumentReader,
        _ member: String,
        max: Int,
        isSub: Bool
    ) throws(SchemaFault) -> [AttributeDefinition] {
        let list = try reader.objects(member, max: max)
        guard !list.isEmpty else { throw SchemaFault(member, "must name at least one attribute") }
        var definitions: [AttributeDefinition] = []
        for (index, object) in list.enumerated() {
            do throws(SchemaFault) {
                let definition = try AttributeDocument(object, isSub: isSub).definition()
                guard !definitions.contains(where: { $0.name.equalsIgnoringASCIICase(definition.name) })
                else {
                    throw SchemaFault("name", "\(definition.name) is the name of two attributes")
                }
                definitions.append(definition)
            } catch { throw error.inside("\(member)[\(index)]") }
        }
        return definitions
    }

    /// The sub-attributes of a complex attribute.
    static func subAttributes(_ reader: DocumentReader) throws(SchemaFault) -> [AttributeDefinition] {
        try attributes(reader, "subAttributes", max: SchemaLimits.subAttributesMax, isSub: true)
    }

    /// `urn:NID:NSS` (RFC 8141 §2) without escapes, so that attribute paths and audit records can hold it.
    static func isURN(_ text: String) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "urn", (2...32).contains(parts[1].utf8.count),
            let last = parts[2].utf8.last, last.isASCIILetter || last.isASCIIDigit
        else { return false }
        return parts[1].utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
            && parts[2].utf8.allSatisfy {
                $0.isASCIILetter || $0.isASCIIDigit || ":.-_".utf8.contains($0)
            }
    }

    /// Whether a text can name an attribute: `ALPHA *(nameChar)`, and `$ref` (RFC 7643 §2.1, erratum 8924).
    static func isName(_ text: String) -> Bool {
        if text == "$ref" { return true }
        guard let first = text.utf8.first, first.isASCIILetter else { return false }
        return text.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "-_$".utf8.contains($0) }
    }
}

/// Reads the members of a document, each of them by the type that it must have.
struct DocumentReader {
    private let members: [(name: String, value: JSONValue)]

    /// Takes an object all of whose members are known.
    init(_ object: JSONObject, members known: [String]) throws(SchemaFault) {
        var members: [(name: String, value: JSONValue)] = []
        for member in object.members {
            guard let name = known.first(where: { $0.equalsIgnoringASCIICase(member.name) }) else {
                throw SchemaFault(member.name, "is no member that is known here")
            }
            guard !members.contains(where: { $0.name == name }) else {
                throw SchemaFault(member.name, "is there twice in different case")
            }
            if member.value != .null { members.append((name, member.value)) }
        }
        self.members = members
    }

    /// Takes a whole resource: its `schemas`, if it has them, must name the schema; `meta` is ignored.
    init(_ object: JSONObject, of schema: String, members known: [String]) throws(SchemaFault) {
        try self.init(object, members: known + ["schemas", "meta"])
        guard let schemas = self["schemas"] else { return }
        guard case .array(let urns) = schemas, urns.contains(.string(schema)) else {
            throw SchemaFault("schemas", "must name \(schema)")
        }
    }

    subscript(_ name: String) -> JSONValue? { members.first { $0.name == name }?.value }

    func text(_ name: String, bytesMax: Int) throws(SchemaFault) -> String? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value, !text.isEmpty else {
            throw SchemaFault(name, "must be a text")
        }
        guard text.utf8.count <= bytesMax else { throw SchemaFault(name, "is longer than \(bytesMax) bytes") }
        return text
    }

    /// The description; empty if there is none.
    func description() throws(SchemaFault) -> String {
        if self["description"] == .string("") { return "" }
        return try text("description", bytesMax: SchemaLimits.descriptionBytesMax) ?? ""
    }

    func flag(_ name: String) throws(SchemaFault) -> Bool? {
        guard let value = self[name] else { return nil }
        guard case .bool(let flag) = value else { throw SchemaFault(name, "must be true or false") }
        return flag
    }

    /// One of the words of an enumeration.
    func word<T: RawRepresentable & CaseIterable>(
        _ name: String,
        _: T.Type
    ) throws(SchemaFault) -> T? where T.RawValue == String {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value, let word = T(rawValue: text) else {
            let words = T.allCases.map(\.rawValue).joined(separator: ", ")
            throw SchemaFault(name, "must be one of \(words)")
        }
        return word
    }

    func texts(_ name: String) throws(SchemaFault) -> [String] {
        var texts: [String] = []
        for (index, value) in try list(name, max: SchemaLimits.listedValuesMax).enumerated() {
            guard case .string(let text) = value, !text.isEmpty else {
                throw SchemaFault("\(name)[\(index)]", "must be a text")
            }
            guard text.utf8.count <= SchemaLimits.listedValueBytesMax else {
                throw SchemaFault(
                    "\(name)[\(index)]",
                    "is longer than \(SchemaLimits.listedValueBytesMax) bytes"
                )
            }
            texts.append(text)
        }
        return texts
    }

    func objects(_ name: String, max: Int) throws(SchemaFault) -> [JSONObject] {
        var objects: [JSONObject] = []
        for (index, value) in try list(name, max: max).enumerated() {
            guard case .object(let object) = value else {
                throw SchemaFault("\(name)[\(index)]", "must be an object")
            }
            objects.append(object)
        }
        return objects
    }

    private func list(_ name: String, max: Int) throws(SchemaFault) -> [JSONValue] {
        guard let value = self[name] else { return [] }
        guard case .array(let list) = value else { throw SchemaFault(name, "must be an array") }
        guard list.count <= max else { throw SchemaFault(name, "has more than \(max) elements") }
        return list
    }
}
