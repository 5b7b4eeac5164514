import JSON
import SCIM

// RFC 7643 as JSON Schema: what is answered, and what is accepted. No type's name has a dot, so that no other component
// can have the name of one.

extension OpenAPIDescription {
    static func inputName(_ type: ResourceType) -> String { "\(type.name).Input" }
    static func listName(_ type: ResourceType) -> String { "\(type.name).List" }

    var schemas: JSONObject {
        var schemas = JSONObject()
        for type in types {
            schemas[type.name] = Self.resource(type)
            schemas[Self.inputName(type)] = Self.input(type)
            schemas[Self.listName(type)] = Self.list(of: Self.reference("schemas", type.name))
        }
        let any: [JSONValue] = types.map { Self.reference("schemas", $0.name) }
        schemas["Message.List"] = Self.list(of: ["anyOf": .array(any)])
        return schemas.adding(messages)
    }

    // MARK: - Resources

    /// Whether attributes are described as the server answers them, or as it accepts them.
    private enum Direction {
        case answer, request

        func shows(_ attribute: AttributeDefinition) -> Bool {
            self == .answer ? attribute.returned != .never : attribute.mutability != .readOnly
        }
    }

    private static func resource(_ type: ResourceType) -> JSONValue {
        var properties: JSONObject = ["schemas": uris, "id": ["type": "string", "readOnly": true]]
        properties["externalId"] = ["type": "string"]
        properties["meta"] = property(CommonAttributes.meta, .answer)
        add(type, to: &properties, .answer)
        return object(properties, required: ["schemas", "id"], type.description)
    }

    private static func input(_ type: ResourceType) -> JSONValue {
        var properties: JSONObject = ["schemas": schemasOf(type.schema.id)]
        properties["externalId"] = ["type": ["string", "null"]]
        add(type, to: &properties, .request)
        let required =
            ["schemas"] + type.schema.attributes.filter(\.required).map(\.name)
            + type.extensions.filter(\.required).map(\.schema.id)
        let example = ResourceExample(type, baseURL: "https://scim.example.com/acme/scim/v2").request
        return .object(
            object(properties, required: required, "A \(type.name) as a client writes it.").object.adding([
                "examples": [.object(example)]
            ])
        )
    }

    private static func add(_ type: ResourceType, to properties: inout JSONObject, _ direction: Direction) {
        for attribute in type.schema.attributes where direction.shows(attribute) {
            properties[attribute.name] = property(attribute, direction)
        }
        for part in type.extensions {
            var inner = JSONObject()
            for attribute in part.schema.attributes where direction.shows(attribute) {
                inner[attribute.name] = property(attribute, direction)
            }
            let required = part.schema.attributes.filter { $0.required && direction == .request }.map(\.name)
            properties[part.schema.id] = object(inner, required: required, part.schema.description)
        }
    }

    /// An attribute; its characteristics that JSON Schema does not know stand in `x-scim`.
    private static func property(_ attribute: AttributeDefinition, _ direction: Direction) -> JSONValue {
        var schema = value(attribute, direction)
        if attribute.multiValued { schema = ["type": "array", "items": .object(schema)] }
        // RFC 7643 §2.5: null unassigns.
        if direction == .request, !attribute.required, let type = schema["type"] {
            schema["type"] = [type, "null"]
        }
        schema["description"] = .string(attribute.description)
        if attribute.mutability == .readOnly { schema["readOnly"] = true }
        if attribute.mutability == .writeOnly { schema["writeOnly"] = true }
        var more: JSONObject = [
            "mutability": .string(attribute.mutability.rawValue),
            "returned": .string(attribute.returned.rawValue),
        ]
        if attribute.type != .complex {
            more["caseExact"] = .bool(attribute.caseExact)
            more["uniqueness"] = .string(attribute.uniqueness.rawValue)
        }
        if !attribute.canonicalValues.isEmpty {
            more["canonicalValues"] = .array(attribute.canonicalValues.map(JSONValue.string))
        }
        if !attribute.referenceTypes.isEmpty {
            more["referenceTypes"] = .array(attribute.referenceTypes.map(JSONValue.string))
        }
        schema["x-scim"] = .object(more)
        return .object(schema)
    }

    private static func value(_ attribute: AttributeDefinition, _ direction: Direction) -> JSONObject {
        switch attribute.type {
        case .string: return ["type": "string"]
        case .boolean: return ["type": "boolean"]
        case .decimal: return ["type": "number"]
        case .integer: return ["type": "integer"]
        case .dateTime: return ["type": "string", "format": "date-time"]
        case .binary: return ["type": "string", "contentEncoding": "base64"]
        // What a client names is kept as it is, whatever its form.
        case .reference where attribute.mutability != .readOnly: return ["type": "string"]
        case .reference: return ["type": "string", "format": "uri-reference"]
        case .complex:
            var properties = JSONObject()
            for sub in attribute.subAttributes where direction.shows(sub) {
                properties[sub.name] = property(sub, direction)
            }
            return ["type": "object", "properties": .object(properties)]
        }
    }

    // MARK: - Messages

    private static func list(of items: JSONValue) -> JSONValue {
        object(
            [
                "schemas": schemasOf(ListResponse.schema), "totalResults": ["type": "integer", "minimum": 0],
                "startIndex": ["type": "integer", "minimum": 1],
                "itemsPerPage": ["type": "integer", "minimum": 0],
                "nextCursor": ["type": "string"], "previousCursor": ["type": "string"],
                "Resources": ["type": "array", "items": items],
            ],
            required: ["schemas"],
            """
            The resources that match, or a page of them (RFC 7644 §3.4.2). A page by cursor has no startIndex, and no \
            totalResults where that is not known without looking further than the page (RFC 9865 §2).
            """
        )
    }

    private var messages: JSONObject {
        [
            "Message.Error": Self.object(
                [
                    "schemas": Self.schemasOf(ErrorMessage.schema),
                    "status": ["type": "string", "pattern": "^[345][0-9][0-9]$"],
                    "scimType": [
                        "type": "string",
                        "enum": .array(SCIMError.Keyword.allCases.map { .string($0.rawValue) }),
                    ],
                    "detail": ["type": "string"],
                ],
                required: ["schemas", "status", "detail"],
                "A refusal (RFC 7644 §3.12)."
            ),
            "Message.SearchRequest": searchRequest,
            "Message.PatchOp": Self.patchOp,
            "Message.BulkRequest": bulkRequest, "Message.BulkResponse": Self.bulkResponse,
            "Document.ServiceProviderConfig": Self.document(
                "What the server offers (RFC 7643 §5).",
                [
                    "schemas", "patch", "bulk", "filter", "changePassword", "sort", "etag",
                    "authenticationSchemes",
                ]
            ),
            "Document.Schema": Self.document(
                "A schema (RFC 7643 §7).",
                ["schemas", "id", "name", "attributes"]
            ),
            "Document.ResourceType": Self.document(
                "A resource type (RFC 7643 §6).",
                ["schemas", "id", "name", "endpoint", "schema"]
            ),
            "Document.Schema.List": Self.list(of: Self.reference("schemas", "Document.Schema")),
            "Document.ResourceType.List": Self.list(of: Self.reference("schemas", "Document.ResourceType")),
        ]
    }

    private var searchRequest: JSONValue {
        var properties: JSONObject = [
            "schemas": Self.schemasOf("urn:ietf:params:scim:api:messages:2.0:SearchRequest"),
            "filter": ["type": ["string", "null"], "minLength": 1],
            "startIndex": ["type": ["integer", "null"]], "count": ["type": ["integer", "null"]],
            "attributes": Self.names, "excludedAttributes": Self.names,
        ]
        if features.sort {
            properties["sortBy"] = ["type": ["string", "null"]]
            properties["sortOrder"] = ["type": "string", "enum": ["ascending", "descending"]]
        }
        if features.cursorTimeoutSeconds != nil { properties["cursor"] = ["type": ["string", "null"]] }
        return Self.object(properties, required: ["schemas"], "A query in a body (RFC 7644 §3.4.3).")
    }

    private static var patchOp: JSONValue {
        object(
            [
                "schemas": schemasOf(PatchRequest.schema),
                "Operations": [
                    "type": "array", "minItems": 1,
                    "maxItems": .number(JSONNumber(PatchLimits.operationsMax)),
                    "items": [
                        "oneOf": [
                            operation(["add", "replace"], needs: "value"),
                            operation(["remove"], needs: "path"),
                        ]
                    ],
                ],
            ],
            required: ["schemas", "Operations"],
            "Operations in their order, all or none (RFC 7644 §3.5.2)."
        )
    }

    /// An operation of one of the kinds, with the member that they cannot do without.
    private static func operation(_ kinds: [String], needs member: String) -> JSONValue {
        [
            "type": "object",
            "properties": [
                "op": ["type": "string", "enum": .array(kinds.map(JSONValue.string))],
                "path": ["type": "string", "examples": [#"emails[type eq "work"].value"#]],
                "value": ["description": "Any value."],
            ],
            "required": ["op", .string(member)],
        ]
    }

    private static func document(_ description: String, _ required: [String]) -> JSONValue {
        object(["schemas": uris, "meta": ["type": "object"]], required: required, description)
    }

    // MARK: - Parts

    private static let uris: JSONValue = [
        "type": "array", "minItems": 1, "items": ["type": "string", "format": "uri"],
        "description": "The schemas of the resource.",
    ]

    private static let names: JSONValue = ["type": ["array", "null"], "items": ["type": "string"]]

    static func schemasOf(_ urn: String) -> JSONValue {
        ["type": "array", "minItems": 1, "items": ["type": "string"], "contains": ["const": .string(urn)]]
    }

    static func object(
        _ properties: JSONObject,
        required: [String],
        _ description: String
    ) -> JSONValue {
        var schema: JSONObject = ["type": "object", "description": .string(description)]
        schema["properties"] = .object(properties)
        if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
        return .object(schema)
    }
}
