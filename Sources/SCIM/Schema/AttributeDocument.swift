import JSON

/// One attribute as a schema's document describes it (RFC 7643 §7), with the defaults of §2.2.
struct AttributeDocument {
    private let reader: DocumentReader
    private let isSub: Bool

    private static let members = [
        "name", "type", "subAttributes", "multiValued", "description", "required", "canonicalValues",
        "caseExact", "mutability", "returned", "uniqueness", "referenceTypes",
    ]

    init(_ object: JSONObject, isSub: Bool) throws(SchemaFault) {
        reader = try DocumentReader(object, members: Self.members)
        self.isSub = isSub
    }

    func definition() throws(SchemaFault) -> AttributeDefinition {
        let name = try name()
        let type = try reader.word("type", AttributeDefinition.DataType.self) ?? .string
        if isSub, type == .complex { throw SchemaFault("type", "complex is not for a sub-attribute") }
        let multiValued = try reader.flag("multiValued") ?? false
        let mutability = try reader.word("mutability", AttributeDefinition.Mutability.self) ?? .readWrite
        return AttributeDefinition(
            name,
            type,
            multiValued: multiValued,
            description: try reader.description(),
            required: try reader.flag("required") ?? false,
            caseExact: try caseExact(type),
            mutability: mutability,
            returned: try returned(mutability),
            uniqueness: try uniqueness(type, multiValued),
            canonicalValues: try values("canonicalValues", only: .string, type),
            referenceTypes: try values("referenceTypes", only: .reference, type),
            subAttributes: try subAttributes(type)
        )
    }

    private func name() throws(SchemaFault) -> String {
        guard let name = try reader.text("name", bytesMax: SchemaLimits.nameBytesMax) else {
            throw SchemaFault("name", "is required")
        }
        guard SchemaDecoder.isName(name) else {
            throw SchemaFault("name", "must be a letter, then letters, digits, hyphens or underscores")
        }
        guard
            isSub || !CommonAttributes.definitions.contains(where: { $0.name.equalsIgnoringASCIICase(name) })
        else { throw SchemaFault("name", "\(name) is an attribute of every resource already") }
        return name
    }

    /// Case matters for strings alone to choose; references and binaries are caseExact (RFC 7643 §2.3.6, §2.3.7).
    private func caseExact(_ type: AttributeDefinition.DataType) throws(SchemaFault) -> Bool {
        let asked = try reader.flag("caseExact") ?? false
        return switch type {
        case .string: asked
        case .reference, .binary: true
        case .boolean, .decimal, .integer, .dateTime, .complex: false
        }
    }

    private func returned(
        _ mutability: AttributeDefinition.Mutability
    ) throws(SchemaFault) -> AttributeDefinition.Returned {
        let returned = try reader.word("returned", AttributeDefinition.Returned.self)
        guard mutability == .writeOnly else { return returned ?? .default }
        guard returned ?? .never == .never else {
            throw SchemaFault("returned", "must be never for an attribute that is writeOnly")
        }
        return .never
    }

    /// Only what the server keeps unique may be called so: single values that can be compared.
    private func uniqueness(
        _ type: AttributeDefinition.DataType,
        _ multiValued: Bool
    ) throws(SchemaFault) -> AttributeDefinition.Uniqueness {
        let uniqueness = try reader.word("uniqueness", AttributeDefinition.Uniqueness.self) ?? .none
        guard uniqueness != .none else { return .none }
        switch type {
        case .string, .reference, .integer, .decimal: break
        case .boolean, .dateTime, .binary, .complex:
            throw SchemaFault("uniqueness", "must be none for the type \(type.rawValue)")
        }
        guard !multiValued else {
            throw SchemaFault("uniqueness", "must be none for a multi-valued attribute")
        }
        return uniqueness
    }

    private func values(
        _ member: String,
        only wanted: AttributeDefinition.DataType,
        _ type: AttributeDefinition.DataType
    ) throws(SchemaFault) -> [String] {
        let values = try reader.texts(member)
        guard values.isEmpty || type == wanted else {
            throw SchemaFault(member, "is only for the type \(wanted.rawValue)")
        }
        return values
    }

    private func subAttributes(
        _ type: AttributeDefinition.DataType
    ) throws(SchemaFault) -> [AttributeDefinition] {
        guard type == .complex else {
            guard reader["subAttributes"] == nil else {
                throw SchemaFault("subAttributes", "is only for the type complex")
            }
            return []
        }
        return try SchemaDecoder.subAttributes(reader)
    }
}
