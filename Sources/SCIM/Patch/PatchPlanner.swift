import JSON

/// Reads operations one after another into the steps of a ``PatchPlan``.
struct PatchPlanner {
    private(set) var steps: [PatchStep] = []
    private(set) var members: MembershipReader
    private(set) var containsPassword = false
    private(set) var ignored = IgnoredPaths()
    /// The required attributes that operations have set so far, and whether the last one has unassigned it.
    private var missing: [AttributePath: Bool] = [:]
    private let type: ResourceType
    private let profile: Profile
    private let values: PatchValueReader

    init(type: ResourceType, profile: Profile) {
        self.type = type
        self.profile = profile
        members = MembershipReader(of: type, profile)
        values = PatchValueReader(profile)
    }

    mutating func read(_ operation: PatchOperation) throws(SCIMError) {
        let value = operation.value
        var named = NamedAttributes()
        guard let text = operation.path else {
            return try readNames(in: value ?? .null, operation.kind, noting: &named)
        }
        let path = try PatchPath(parsing: text, type: type, profile)
        switch type.meaning(of: path.attribute, profile) {
        case nil: try ignore(path.attribute)
        case .core:
            guard operation.kind != .remove || value ?? .null != .null else {
                throw SCIMError(.mutability, "The core schema of a resource cannot be removed.")
            }
            try readNames(in: value ?? .null, operation.kind, isInCore: true, noting: &named)
        case .container(let schema):
            try readExtension(schema, operation.kind, value: value, isExplicit: true, noting: &named)
        case .attribute(let target):
            try readAttribute(target, filter: path.filter, operation.kind, value: value, isExplicit: true)
        }
    }

    /// Reads a cell as an operation that replaces what its column fills.
    mutating func read(_ column: ImportColumn, _ value: JSONValue) throws(SCIMError) {
        try readAttribute(
            column.target,
            selection: column.selection,
            .replace,
            value: value,
            isExplicit: true
        )
    }

    // MARK: - Several attributes

    /// An operation on a whole extension: like a path-less one inside its container.
    private mutating func readExtension(
        _ schema: Schema,
        _ kind: PatchOperation.Kind,
        value: JSONValue?,
        isExplicit: Bool,
        noting named: inout NamedAttributes
    ) throws(SCIMError) {
        guard let value, value != .null else {
            try named.insert(schema)
            if kind != .add { steps.append(.unassignExtension(schema, isExplicit: isExplicit)) }
            return
        }
        if value == .array([]) || profile.contains(.emptyTexts) && value == .string("") {
            // As a value to put there it is none; as one to remove, it names nothing.
            return kind == .remove
                ? () : try readExtension(schema, kind, value: .null, isExplicit: isExplicit, noting: &named)
        }
        try readNames(in: value, kind, of: schema, noting: &named)
    }

    /// Reads each name in a value as an operation of its own; readOnly and unknown ones are ignored.
    ///
    /// `container`: the extension in whose object they stand; `isInCore` if it is the core schema's, which no extension's
    /// attribute belongs to.
    mutating func readNames(
        in value: JSONValue,
        _ kind: PatchOperation.Kind,
        of container: Schema? = nil,
        isInCore: Bool = false,
        noting named: inout NamedAttributes
    ) throws(SCIMError) {
        let profile = isInCore ? profile.subtracting(.bareExtensionNames) : profile
        guard case .object(let object) = value else {
            throw SCIMError(.invalidValue, "Without an attribute in the path, the value is an object.")
        }
        var names: Set<String> = []
        for member in object.members {
            guard names.insert(member.name.lowercased()).inserted else {
                throw SCIMError(.invalidSyntax, "A value has the same member twice in different case.")
            }
            let schema = container == nil ? SchemaAliases.schema(member.name, of: type, profile) : nil
            let name = container.map { Self.name(member.name, in: $0) } ?? schema ?? member.name
            guard let path = try path(name) else { continue }
            switch type.meaning(of: path.attribute, profile) {
            case nil:
                // An extension tells of its own schema inside its object, too.
                if container != nil, member.name.equalsIgnoringASCIICase("schemas"),
                    profile.contains(.foreignSchemas)
                {
                    continue
                }
                try ignore(path.attribute)
            case .core: try readNames(in: member.value, kind, isInCore: true, noting: &named)
            case .container(let schema):
                try readExtension(schema, kind, value: member.value, isExplicit: false, noting: &named)
            case .attribute(let target):
                guard profile.contains(.pathsAsNames) || path.isName(member.name) else {
                    throw SCIMError(
                        .invalidPath,
                        "In a value, an attribute is named without sub-attribute, filter or URN."
                    )
                }
                try named.insert(target, path.filter, value: member.value)
                // What has no value cannot be named by it.
                if kind == .remove, member.value == .null { continue }
                try readAttribute(target, filter: path.filter, kind, value: member.value, isExplicit: false)
            }
        }
    }

    /// A name in an extension's object, with the extension's URN in front, which it may have already.
    private static func name(_ name: String, in schema: Schema) -> String {
        let prefix = "\(schema.id):"
        return name.utf8.count > prefix.utf8.count
            && prefix.equalsIgnoringASCIICase(
                String(decoding: name.utf8.prefix(prefix.utf8.count), as: UTF8.self)
            )
            ? name : prefix + name
    }

    /// A name as a path; nil if it is none and so no attribute either, where those are ignored.
    private func path(_ name: String) throws(SCIMError) -> PatchPath? {
        do throws(SCIMError) { return try PatchPath(parsing: name, type: type, profile) } catch {
            // A filter was meant: dropping it silently would lose what it was to change.
            if name.utf8.contains(UInt8(ascii: "[")) { throw error }
            guard profile.contains(.undefinedAttributes) else { throw .undefinedAttribute(name) }
            return nil
        }
    }

    // MARK: - One attribute

    /// `filter`: what selects among the values; `selection`: the same, if it has been bound already.
    private mutating func readAttribute(
        _ target: ResolvedAttribute,
        filter: Filter? = nil,
        selection: ElementSelection? = nil,
        _ kind: PatchOperation.Kind,
        value: JSONValue?,
        isExplicit: Bool
    ) throws(SCIMError) {
        if let value, target.subAttribute == nil {
            ignored.note(target.attribute.undefinedPaths(in: value, container: target.container))
        }
        if members.holds(target) {
            return try members.read(kind, filter: filter, subAttribute: target.subAttribute, value: value)
        }
        if target.attribute == CommonAttributes.schemas { return try readSchemas(kind, value) }
        if target.attribute.mutability == .readOnly || target.definition.mutability == .readOnly {
            guard isExplicit else { return }
            throw SCIMError(.mutability, "\(target.path) is readOnly.")
        }
        let bound = try filter.map { filter throws(SCIMError) in
            try ElementSelection(filter, of: target.attribute, profile)
        }
        let selection = selection ?? bound
        if target.attribute.mutability == .writeOnly || target.definition.mutability == .writeOnly {
            return try check(kind, target.definition, value)
        }
        steps.append(
            .attribute(
                AttributeChange(
                    target: target,
                    selection: selection,
                    action: try action(kind, on: target, value: value, isSelected: selection != nil)
                )
            )
        )
    }

    private mutating func action(
        _ kind: PatchOperation.Kind,
        on target: ResolvedAttribute,
        value: JSONValue?,
        isSelected: Bool
    ) throws(SCIMError) -> AttributeChange.Action {
        if kind == .remove {
            let named = try values.named(value, of: target, isSelected: isSelected)
            if named == nil, !isSelected, target.subAttribute == nil, target.attribute.required {
                throw SCIMError(.mutability, "\(target.path) is required and cannot be removed.")
            }
            return .remove(named)
        }
        let said = try values.value(value ?? .null, for: target, isSelected: isSelected)
        if target.attribute.required, target.subAttribute == nil, !isSelected,
            said.asks(forReplacing: kind == .replace)
        {
            missing[target.path] = said == .unassigned
        }
        return kind == .replace ? .replace(said) : .add(said)
    }

    /// A value that is not kept has the right type; one that is required cannot be taken away.
    private mutating func check(
        _ kind: PatchOperation.Kind,
        _ definition: AttributeDefinition,
        _ value: JSONValue?
    ) throws(SCIMError) {
        let decoded =
            kind == .remove
            ? nil : try AttributeValueDecoder.decode(value ?? .null, as: definition, profile)
        guard decoded != nil || !definition.required || kind == .add else {
            throw SCIMError(.mutability, "\(definition.name) is required and cannot be removed.")
        }
        containsPassword = containsPassword || decoded != nil
    }

    /// `schemas` follows from the attributes that are there (RFC 7644 §3.5.2.1), so that setting it changes nothing.
    private func readSchemas(_ kind: PatchOperation.Kind, _ value: JSONValue?) throws(SCIMError) {
        guard kind != .remove else {
            throw SCIMError(.mutability, "schemas is required and cannot be removed.")
        }
        guard
            case .array(let schemas)? = try AttributeValueDecoder.decode(
                value ?? .null,
                as: CommonAttributes.schemas,
                profile
            )
        else { throw SCIMError(.invalidValue, "The attribute schemas is required.") }
        guard !profile.contains(.foreignSchemas) else { return }
        for case .string(let urn) in schemas where SchemaAliases.schema(urn, of: type, profile) == nil {
            throw SCIMError(
                .invalidSyntax,
                "The attribute schemas names a schema that a \(type.name) does not have."
            )
        }
    }

    /// Refuses operations after which a required attribute is missing, whatever it was before.
    func requireAttributes() throws(SCIMError) {
        for (path, isMissing) in missing where isMissing {
            throw SCIMError(.invalidValue, "The attribute \(path) is required.")
        }
    }

    private mutating func ignore(_ path: AttributePath) throws(SCIMError) {
        guard profile.contains(.undefinedAttributes) else { throw .undefinedAttribute(path.description) }
        ignored.note(path)
    }
}
