import JSON

/// What a client's representation of a resource comes to.
package struct DecodedResource: Sendable {
    package let resource: Resource
    /// The ids of a group's members; nil if the request does not mention members.
    package let members: MemberIDs?
    /// Whether a password, or what else is writeOnly, was sent; it is in no part of the result.
    package let containsPassword: Bool
    /// The attributes that no schema of the type defines, as the request spelled them and without values; at most
    /// ``IgnoredPaths/countMax`` of them.
    package let ignored: [AttributePath]
}

extension DecodedResource {
    /// Takes a resource that was made here.
    package init(_ resource: Resource) {
        self.init(resource: resource, members: nil, containsPassword: false, ignored: [])
    }
}

/// Reads the body of a create or replace request (RFC 7644 §3.3, §3.5.1).
///
/// readOnly attributes are ignored, since clients send back what they read; unknown attributes and schemas are left out or refused,
/// as the tenant's profile decides.
package enum ResourceDecoder {
    /// Decodes and validates a body.
    ///
    /// `members`: those of the body, if they have been read and it is without them; `ignored`: what was undefined in them.
    /// - Returns: nil if putting values where names such as `emails[type eq "work"].value` lead to costs more than the budget has.
    /// - Throws: `invalidSyntax` for another shape and for unknown names that the profile refuses, `invalidValue`
    ///   for a value of the wrong type, a missing required attribute or `schemas` that do not fit the type.
    package static func decode(
        _ body: JSONValue,
        as type: ResourceType,
        _ profile: Profile,
        members: MemberIDs? = nil,
        ignored: IgnoredPaths = IgnoredPaths(),
        _ budget: inout WorkBudget
    ) throws(SCIMError) -> DecodedResource? {
        guard case .object(let object) = body else {
            throw SCIMError(.invalidSyntax, "The body must be a JSON object.")
        }
        var run = ResourceDecoding(type: type, profile: profile, members: members, ignored: ignored)
        try run.decode(object, &budget)
        guard !budget.isSpent else { return nil }
        return DecodedResource(
            resource: try Resource.validated(run.attributes, type: type),
            members: run.members,
            containsPassword: run.containsPassword,
            ignored: run.ignored.paths
        )
    }
}

extension ResourceDecoder {
    /// Decodes and validates a body that takes no longer than ``PatchLimits/workMax``.
    ///
    /// - Throws: beside the above `tooMany` for one that does.
    package static func decode(
        _ body: JSONValue,
        as type: ResourceType,
        _ profile: Profile
    ) throws(SCIMError) -> DecodedResource {
        var budget = WorkBudget(PatchLimits.workMax)
        guard let decoded = try decode(body, as: type, profile, &budget) else { throw .tooMuchWork }
        return decoded
    }
}

/// The state while one body is read.
private struct ResourceDecoding {
    private(set) var attributes = JSONObject()
    private(set) var members: MemberIDs?
    private(set) var containsPassword = false
    private(set) var ignored: IgnoredPaths
    /// What goes by plain names, none of them twice; only paths can name it again.
    private var plain: [(target: ResolvedAttribute, value: JSONValue)] = []
    private var emptied: [Schema] = []
    /// Members under names that are paths.
    private var qualified: [JSONObject.Member] = []
    /// The writeOnly attributes that have a value in the body.
    private var written: Set<ObjectIdentifier> = []
    private let type: ResourceType
    private let profile: Profile

    /// `members`: those of the body, if they have been read apart.
    init(type: ResourceType, profile: Profile, members: MemberIDs?, ignored: IgnoredPaths) {
        self.ignored = ignored
        self.type = type
        self.profile = profile
        self.members = members
    }

    mutating func decode(_ body: JSONObject, _ budget: inout WorkBudget) throws(SCIMError) {
        if members != nil, let definition = type.membersAttribute {
            plain.append((ResolvedAttribute(attribute: definition), .null))
        }
        let matched = try AttributeNames.matched(body, type.topLevelAttributes, in: "The body")
        let declared = try declaredSchemas(matched.known.first { $0.0.name == "schemas" }?.1)
        for (definition, value) in matched.known
        where definition.mutability != .readOnly && definition.name != "schemas" {
            plain.append((ResolvedAttribute(attribute: definition), value))
            if definition === type.membersAttribute {
                members = try MemberDecoder(definition, profile).ids(of: value)
                ignored.note(definition.undefinedPaths(in: value, container: nil))
            } else {
                attributes[definition.name] = try decode(value, definition, in: nil)
            }
        }
        try requireWriteOnly(of: type.schema)
        var containers: Set<String> = []
        for member in matched.unknown {
            guard let schema = extensionSchema(member.name) else {
                try takeUnknown(member)
                continue
            }
            guard declared.contains(schema.id) || profile.contains(.foreignSchemas) else {
                throw SCIMError(
                    .invalidSyntax,
                    "The attribute schemas must name \(schema.id), which the body uses."
                )
            }
            guard containers.insert(schema.id).inserted else {
                throw SCIMError(.invalidSyntax, "The body has the attributes of \(schema.id) twice.")
            }
            try decodeExtension(schema, member.value)
        }
        try readQualified(&budget)
    }

    /// Keeps what goes by a path for later, and ignores the rest.
    private mutating func takeUnknown(_ member: JSONObject.Member) throws(SCIMError) {
        guard member.name.utf8.contains(where: { ".:[".utf8.contains($0) }) else {
            return try ignore(member.name)
        }
        if profile.contains(.pathsAsNames) { return qualified.append(member) }
        guard let path = try? PatchPath(parsing: member.name, type: type, profile),
            type.meaning(of: path.attribute, profile) != nil
        else { return try ignore(member.name) }
        // Ignoring it would lose the value of an attribute that is there.
        throw SCIMError(
            .invalidSyntax,
            "In a resource, an attribute is named without sub-attribute, filter or URN."
        )
    }

    /// Adds what goes by paths, `name.givenName` or `urn:…:User:title`, as a PATCH request would.
    private mutating func readQualified(_ budget: inout WorkBudget) throws(SCIMError) {
        guard !qualified.isEmpty else { return }
        var named = NamedAttributes()
        for schema in emptied { try named.insert(schema) }
        for (target, value) in plain { try named.insert(target, value: value) }
        var planner = PatchPlanner(type: type, profile: profile.subtracting(.bareExtensionNames))
        try planner.readNames(in: .object(JSONObject(uniqueMembers: qualified)), .add, noting: &named)
        for step in planner.steps { try step.apply(to: &attributes, type, &budget) }
        for case .add(let ids) in planner.members.changes { members = (members ?? MemberIDs()) + ids }
        containsPassword = containsPassword || planner.containsPassword
        ignored.note(planner.ignored.paths)
    }

    /// A value that is kept; nil for one that means "unassigned", and for one that was only to be checked.
    private mutating func decode(
        _ value: JSONValue,
        _ definition: AttributeDefinition,
        in container: Schema?
    ) throws(SCIMError) -> JSONValue? {
        let decoded = try AttributeValueDecoder.decode(value, as: definition, profile)
        ignored.note(definition.undefinedPaths(in: value, container: container?.id))
        guard definition.mutability == .writeOnly else { return decoded }
        if decoded != nil { written.insert(ObjectIdentifier(definition)) }
        containsPassword = containsPassword || decoded != nil
        return nil
    }

    /// What is not kept can be asked for only where it is sent.
    private func requireWriteOnly(of schema: Schema) throws(SCIMError) {
        for definition in schema.attributes where definition.mutability == .writeOnly && definition.required {
            guard written.contains(ObjectIdentifier(definition)) else {
                throw SCIMError(.invalidValue, "The attribute \(definition.name) is required.")
            }
        }
    }

    /// RFC 7643 §3: a non-empty list of URIs without duplicates; where ``Profile/absentSchemas`` allows it, none.
    ///
    /// One of them must be ours, the core schema's or an extension's; others are the client's own. Without
    /// ``Profile/foreignSchemas`` the core schema's is there and no other than ours.
    private func declaredSchemas(_ value: JSONValue?) throws(SCIMError) -> Set<String> {
        guard let value, value != .null, value != .array([]) else {
            guard profile.contains(.absentSchemas) else {
                throw SCIMError(.invalidValue, "The attribute schemas is required.")
            }
            return [type.schema.id]
        }
        guard case .array(let list) = value else {
            throw SCIMError(.invalidSyntax, "The attribute schemas must be a list of URIs.")
        }
        var seen: Set<String> = []
        var declared: Set<String> = []
        for element in list {
            guard case .string(let urn) = element else {
                throw SCIMError(.invalidSyntax, "The attribute schemas must be a list of URIs.")
            }
            guard seen.insert(urn.lowercased()).inserted else {
                throw SCIMError(.invalidValue, "The attribute schemas names a schema twice.")
            }
            if let id = SchemaAliases.schema(urn, of: type, profile) {
                declared.insert(id)
            } else if !profile.contains(.foreignSchemas) {
                throw SCIMError(
                    .invalidSyntax,
                    "The attribute schemas names a schema that a \(type.name) does not have."
                )
            }
        }
        guard !declared.isEmpty, declared.contains(type.schema.id) || profile.contains(.foreignSchemas) else {
            throw SCIMError(.invalidValue, "The attribute schemas must name \(type.schema.id).")
        }
        return declared
    }

    private func extensionSchema(_ name: String) -> Schema? {
        guard let urn = SchemaAliases.schema(name, of: type, profile) else { return nil }
        return type.extensions.first { $0.schema.id == urn }?.schema
    }

    private mutating func decodeExtension(_ schema: Schema, _ value: JSONValue) throws(SCIMError) {
        switch value {
        case .null: emptied.append(schema)
        case .array(let list) where list.isEmpty: emptied.append(schema)
        case .object(let object):
            let matched = try AttributeNames.matched(object, schema.attributes, in: schema.id)
            var container = JSONObject()
            for (definition, value) in matched.known where definition.mutability != .readOnly {
                plain.append((ResolvedAttribute(container: schema.id, attribute: definition), value))
                container[definition.name] = try decode(value, definition, in: schema)
            }
            try requireWriteOnly(of: schema)
            if !container.isEmpty { attributes[schema.id] = .object(container) }
            for member in matched.unknown {
                // An extension tells of its own schema inside its object, too.
                if member.name.equalsIgnoringASCIICase("schemas"), profile.contains(.foreignSchemas) {
                    continue
                }
                try takeUnknown(.init(name: "\(schema.id):\(member.name)", value: member.value))
            }
        default: throw SCIMError(.invalidSyntax, "The attributes of \(schema.id) must be an object.")
        }
    }

    /// Notes an attribute that has no effect, if its name is one; refuses it where the profile says so.
    private mutating func ignore(_ name: String) throws(SCIMError) {
        guard profile.contains(.undefinedAttributes) else { throw .undefinedAttribute(name) }
        if let path = try? AttributePath(parsing: name, schemas: type.schemaURIs) { ignored.note(path) }
    }
}
