import JSON

/// What a client's representation of a resource comes to.
package struct DecodedResource: Sendable {
    package let resource: Resource
    /// The ids of a group's members, each once; nil if the request does not mention members.
    package let members: [String]?
    /// Whether a password was sent; it is in no part of the result.
    package let containsPassword: Bool
}

/// Reads the body of a create or replace request (RFC 7644 §3.3, §3.5.1).
///
/// readOnly attributes are ignored, unknown attributes and schemas left out: clients send back what they read, and attributes of
/// their own.
package enum ResourceDecoder {
    /// Decodes and validates a body.
    ///
    /// - Throws: `invalidSyntax` for another shape, `invalidValue` for a value of the wrong type, a missing required attribute or
    ///   `schemas` that do not fit the type.
    package static func decode(
        _ body: JSONValue,
        as type: ResourceType
    ) throws(SCIMError) -> DecodedResource {
        guard case .object(let object) = body else {
            throw SCIMError(.invalidSyntax, "The body must be a JSON object.")
        }
        let definitions = CommonAttributes.definitions + type.schema.attributes
        let matched = try AttributeNames.matched(object, definitions, in: "The body")
        try checkSchemas(matched.known.first { $0.0.name == "schemas" }?.1, type)
        var attributes = JSONObject()
        var members: [String]?
        var containsPassword = false
        for (definition, value) in matched.known
        where definition.mutability != .readOnly && definition.name != "schemas" {
            if definition.mutability == .writeOnly {
                containsPassword = containsPassword || value != .null
            } else if definition.name == "members", definition.subAttribute("value") != nil {
                members = try memberIDs(value, definition)
            } else {
                attributes[definition.name] = try AttributeValueDecoder.decode(value, as: definition)
            }
        }
        for member in matched.unknown { try decodeExtension(member, type, into: &attributes) }
        return DecodedResource(
            resource: try Resource.validated(attributes, type: type),
            members: members,
            containsPassword: containsPassword
        )
    }

    /// RFC 7643 §3: a non-empty list of URIs without duplicates.
    ///
    /// One of them must be ours; others are the client's own.
    private static func checkSchemas(_ value: JSONValue?, _ type: ResourceType) throws(SCIMError) {
        guard let value else { throw SCIMError(.invalidValue, "The attribute schemas is required.") }
        guard case .array(let list) = value else {
            throw SCIMError(.invalidSyntax, "The attribute schemas must be a list of URIs.")
        }
        var seen: Set<String> = []
        var isOurs = false
        for element in list {
            guard case .string(let urn) = element else {
                throw SCIMError(.invalidSyntax, "The attribute schemas must be a list of URIs.")
            }
            guard seen.insert(urn.lowercased()).inserted else {
                throw SCIMError(.invalidValue, "The attribute schemas names a schema twice.")
            }
            isOurs = isOurs || SchemaAliases.schema(urn, of: type) != nil
        }
        guard isOurs else {
            throw SCIMError(.invalidValue, "The attribute schemas must name \(type.schema.id).")
        }
    }

    private static func decodeExtension(
        _ member: JSONObject.Member,
        _ type: ResourceType,
        into attributes: inout JSONObject
    ) throws(SCIMError) {
        guard let urn = SchemaAliases.schema(member.name, of: type), urn != type.schema.id,
            let schema = type.extensions.first(where: { $0.schema.id == urn })?.schema
        else { return }
        if case .null = member.value { return }
        guard case .object(let object) = member.value else {
            throw SCIMError(.invalidSyntax, "The attributes of \(urn) must be an object.")
        }
        guard attributes[urn] == nil else {
            throw SCIMError(.invalidSyntax, "The body has the attributes of \(urn) twice.")
        }
        var container = JSONObject()
        for (definition, value) in try AttributeNames.matched(object, schema.attributes, in: urn).known
        where definition.mutability == .readWrite || definition.mutability == .immutable {
            container[definition.name] = try AttributeValueDecoder.decode(value, as: definition)
        }
        if !container.isEmpty { attributes[urn] = .object(container) }
    }

    /// The ids among a group's members.
    ///
    /// Display, type and reference are ours to tell.
    private static func memberIDs(
        _ value: JSONValue,
        _ definition: AttributeDefinition
    ) throws(SCIMError) -> [String] {
        guard case .array(let elements)? = try AttributeValueDecoder.decode(value, as: definition) else {
            return []
        }
        guard elements.count <= ResourceLimits.membersMax else {
            throw SCIMError(.invalidValue, "A request can name at most \(ResourceLimits.membersMax) members.")
        }
        var ids: [String] = []
        var seen: Set<String> = []
        for element in elements {
            guard case .object(let object) = element, case .string(let id)? = object["value"] else {
                throw SCIMError(.invalidValue, "Each of the members needs a value, the member's id.")
            }
            if seen.insert(id).inserted { ids.append(id) }
        }
        return ids
    }
}
