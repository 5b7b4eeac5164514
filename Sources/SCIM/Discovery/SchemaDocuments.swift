import JSON

extension Schema {
    package static let schema = "urn:ietf:params:scim:schemas:core:2.0:Schema"

    /// The schema's own document (RFC 7643 §7), written from the values that the server decides by.
    ///
    /// `baseURL`: the Tenant URL without a slash at its end.
    package func json(baseURL: String) -> JSONValue {
        var document = json
        document["meta"] = Discovery.meta("Schema", "\(baseURL)/Schemas/\(id)")
        return .object(document)
    }

    /// The document without `meta`, as it can be registered.
    package var json: JSONObject {
        var document = JSONObject()
        document["schemas"] = .array([.string(Self.schema)])
        document["id"] = .string(id)
        document["name"] = .string(name)
        document["description"] = .string(description)
        document["attributes"] = .array(attributes.map(\.json))
        return document
    }
}

extension AttributeDefinition {
    fileprivate var json: JSONValue {
        var document = JSONObject()
        document["name"] = .string(name)
        document["type"] = .string(type.rawValue)
        document["multiValued"] = .bool(multiValued)
        document["description"] = .string(description)
        document["required"] = .bool(required)
        if !canonicalValues.isEmpty {
            document["canonicalValues"] = .array(canonicalValues.map(JSONValue.string))
        }
        document["caseExact"] = .bool(caseExact)
        document["mutability"] = .string(mutability.rawValue)
        document["returned"] = .string(returned.rawValue)
        // Erratum 6004: a complex attribute has no uniqueness.
        if type != .complex { document["uniqueness"] = .string(uniqueness.rawValue) }
        if !referenceTypes.isEmpty {
            document["referenceTypes"] = .array(referenceTypes.map(JSONValue.string))
        }
        if !subAttributes.isEmpty { document["subAttributes"] = .array(subAttributes.map(\.json)) }
        return .object(document)
    }
}

extension ResourceType {
    package static let schema = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"

    /// What the type's document says.
    package var document: ResourceTypeDocument {
        ResourceTypeDocument(
            name: name,
            endpoint: endpoint,
            description: description,
            schema: schema.id,
            extensions: extensions.map { .init(schema: $0.schema.id, required: $0.required) }
        )
    }

    /// The resource type's own document (RFC 7643 §6).
    ///
    /// `baseURL`: the Tenant URL without a slash at its end.
    package func json(baseURL: String) -> JSONValue {
        var document = self.document.json
        document["meta"] = Discovery.meta("ResourceType", "\(baseURL)/ResourceTypes/\(name)")
        return .object(document)
    }
}
