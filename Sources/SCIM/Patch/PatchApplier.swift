import JSON

/// What a PATCH request made of a resource.
package struct PatchOutcome: Sendable {
    /// The new resource, validated; equal to the old one if nothing changed (RFC 7644 §3.5.2.1).
    package let resource: Resource
    /// Whether a password, or what else is writeOnly, was sent; it is accepted and dropped, never kept.
    package let containsPassword: Bool
    /// The attributes that no schema of the type defines, as the request spelled them, without filters or
    /// values; at most ``ignoredMax`` of them.
    package let ignored: [AttributePath]

    /// How many ignored attributes are named.
    package static let ignoredMax = 32
}

/// Applies PATCH operations to a resource (RFC 7644 §3.5.2).
///
/// ```
/// operation ─► its path, or every member of a path-less value
///           ─► attribute of the type ─► AttributeEditor ─► attributes
/// ```
/// What is accepted beyond the RFC, for the clients that send it, is the ``Profile``'s to decide.
package struct PatchApplier: Sendable {
    private let profile: Profile

    package init(_ profile: Profile) { self.profile = profile }

    /// Applies the operations in order to a copy of `resource`; all of them or none.
    ///
    /// Pure: reads no clock and no store, so equal inputs give equal results. Only the result of the last
    /// operation has to be a valid resource.
    /// - Throws: `invalidPath`, `invalidFilter`, `noTarget` for a path that cannot be followed; `invalidSyntax` for
    ///   an undefined attribute that is not ignored; `mutability` for a readOnly, immutable or required target;
    ///   `invalidValue` for a value of the wrong type or an invalid result.
    package func apply(
        _ operations: [PatchOperation],
        to resource: Resource,
        type: ResourceType
    ) throws(SCIMError) -> PatchOutcome {
        var run = PatchRun(attributes: resource.attributes, type: type, profile: profile)
        for operation in operations { try run.apply(operation) }
        return PatchOutcome(
            resource: try Resource.validated(run.attributes, type: type),
            containsPassword: run.containsPassword,
            ignored: run.ignored
        )
    }
}

/// The state between the operations of one request.
private struct PatchRun {
    private(set) var attributes: JSONObject
    private(set) var containsPassword = false
    private(set) var ignored: [AttributePath] = []
    private let type: ResourceType
    private let profile: Profile

    init(attributes: JSONObject, type: ResourceType, profile: Profile) {
        self.attributes = attributes
        self.type = type
        self.profile = profile
    }

    mutating func apply(_ operation: PatchOperation) throws(SCIMError) {
        guard let text = operation.path else {
            guard operation.kind != .remove else {
                throw SCIMError(.noTarget, "A remove operation names its path.")
            }
            return try applyMembers(of: operation.value ?? .null, operation.kind, in: nil)
        }
        let path = try PatchPath(parsing: text, type: type, profile)
        switch type.meaning(of: path.attribute, profile) {
        case nil: try ignore(path.attribute)
        case .core:
            guard operation.kind != .remove else {
                throw SCIMError(.mutability, "The core schema of a resource cannot be removed.")
            }
            try applyMembers(of: operation.value ?? .null, operation.kind, in: nil)
        case .container(let schema): try apply(operation, to: schema, isExplicit: true)
        case .attribute(let target):
            try apply(operation.kind, target, path.filter, operation.value, isExplicit: true)
        }
    }

    /// An operation on a whole extension: like a path-less one inside its container.
    private mutating func apply(
        _ operation: PatchOperation,
        to container: Schema,
        isExplicit: Bool
    ) throws(SCIMError) {
        guard operation.kind == .remove || operation.value == .null else {
            return try applyMembers(of: operation.value ?? .null, operation.kind, in: container)
        }
        guard case .object(let object)? = attributes[container.id] else { return }
        guard !type.extensions.contains(where: { $0.schema === container && $0.required }) else {
            throw SCIMError(.mutability, "\(container.id) is required and cannot be removed.")
        }
        if let first = object.members.first(where: { container.attribute($0.name)?.mutability == .immutable })
        {
            throw SCIMError(.mutability, "\(container.id):\(first.name) is immutable and has a value.")
        }
        let kept = object.members.filter { container.attribute($0.name)?.mutability == .readOnly }
        if isExplicit, let first = kept.first {
            throw SCIMError(.mutability, "\(container.id):\(first.name) is readOnly.")
        }
        attributes[container.id] = kept.isEmpty ? nil : .object(JSONObject(uniqueMembers: kept))
    }

    // MARK: - Path-less values

    /// Applies each member of a value as an operation of its own; readOnly and unknown ones are ignored.
    private mutating func applyMembers(
        of value: JSONValue,
        _ kind: PatchOperation.Kind,
        in container: Schema?
    ) throws(SCIMError) {
        guard case .object(let object) = value else {
            throw SCIMError(.invalidValue, "Without an attribute in the path, the value is an object.")
        }
        var names: Set<String> = []
        for member in object.members {
            guard names.insert(member.name.lowercased()).inserted else {
                throw SCIMError(.invalidSyntax, "A value has the same member twice in different case.")
            }
            let schema = container == nil ? SchemaAliases.schema(member.name, of: type, profile) : nil
            let name = container.map { "\($0.id):\(member.name)" } ?? schema ?? member.name
            guard let path = try path(name) else { continue }
            switch type.meaning(of: path.attribute, profile) {
            case nil: try ignore(path.attribute)
            case .core: try applyMembers(of: member.value, kind, in: nil)
            case .container(let schema):
                try apply(PatchOperation(kind, value: member.value), to: schema, isExplicit: false)
            case .attribute(let target):
                guard profile.contains(.pathsAsNames) || path.isName(member.name) else {
                    throw SCIMError(
                        .invalidPath,
                        "In a value, an attribute is named without sub-attribute, filter or URN."
                    )
                }
                try apply(kind, target, path.filter, member.value, isExplicit: false)
            }
        }
    }

    /// A member's name as a path; nil if it is none and so no attribute either, where those are ignored.
    private func path(_ name: String) throws(SCIMError) -> PatchPath? {
        do throws(SCIMError) { return try PatchPath(parsing: name, type: type, profile) } catch {
            // A filter was meant: dropping it silently would lose what it was to change.
            if name.utf8.contains(UInt8(ascii: "[")) { throw error }
            guard profile.contains(.undefinedAttributes) else { throw .undefinedAttribute(name) }
            return nil
        }
    }

    // MARK: - One attribute

    private mutating func apply(
        _ kind: PatchOperation.Kind,
        _ target: ResolvedAttribute,
        _ filter: Filter?,
        _ value: JSONValue?,
        isExplicit: Bool
    ) throws(SCIMError) {
        // `schemas` follows from the attributes that are there (RFC 7644 §3.5.2.1).
        if target.attribute == CommonAttributes.schemas {
            guard kind == .remove else { return }
            throw SCIMError(.mutability, "schemas is required and cannot be removed.")
        }
        if target.attribute.mutability == .readOnly || target.definition.mutability == .readOnly {
            guard isExplicit else { return }
            throw SCIMError(.mutability, "\(target.path) is readOnly.")
        }
        if target.attribute.mutability == .writeOnly || target.definition.mutability == .writeOnly {
            return try check(kind, target.definition, value)
        }
        var holder = attributes
        if let container = target.container {
            holder = if case .object(let inner)? = attributes[container] { inner } else { JSONObject() }
        }
        let before = holder[target.attribute.name]
        var editor = AttributeEditor(target, value: before, profile)
        if kind == .remove {
            try editor.remove(filter, value)
        } else {
            try editor.set(value ?? .null, filter, isReplacing: kind == .replace)
            noteUndefined(in: value, of: target)
        }
        // What is set to what it was keeps its old spelling, and the resource its version (RFC 7644 §3.5.2.1).
        guard !before.isSame(as: editor.value) else { return }
        guard target.attribute.mutability != .immutable || before == nil else {
            throw SCIMError(.mutability, "\(target.path) is immutable and has a value.")
        }
        try ImmutableAttributes.check(before, editor.value, target.attribute)
        holder[target.attribute.name] = editor.value
        if let container = target.container {
            attributes[container] = holder.isEmpty ? nil : .object(holder)
        } else {
            attributes = holder
        }
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
        guard decoded != nil || !definition.required else {
            throw SCIMError(.mutability, "\(definition.name) is required and cannot be removed.")
        }
        containsPassword = containsPassword || decoded != nil
    }

    private mutating func ignore(_ path: AttributePath) throws(SCIMError) {
        guard profile.contains(.undefinedAttributes) else { throw .undefinedAttribute(path.description) }
        note(path)
    }

    /// Notes what an accepted value has beside the attribute's own sub-attributes.
    private mutating func noteUndefined(in value: JSONValue?, of target: ResolvedAttribute) {
        guard let value, target.subAttribute == nil else { return }
        for path in target.attribute.undefinedPaths(in: value, container: target.container) { note(path) }
    }

    private mutating func note(_ path: AttributePath) {
        if ignored.count < PatchOutcome.ignoredMax, !ignored.contains(path) { ignored.append(path) }
    }
}
