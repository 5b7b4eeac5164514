import JSON
import SCIM

// RFC 7644 §3.7 as JSON Schema.

extension OpenAPIDescription {
    var bulkRequest: JSONValue {
        let operations: JSONObject = [
            "type": "array", "minItems": 1,
            "maxItems": .number(JSONNumber(features.bulk.operationsMax)),
            "items": [
                "oneOf": [
                    Self.operation(
                        [.post],
                        needs: ["bulkId", "data"],
                        "Creates what path is the endpoint of."
                    ),
                    Self.operation([.put, .patch], needs: ["data"], "Changes the resource that path names."),
                    Self.operation([.delete], needs: [], "Deletes the resource that path names."),
                ]
            ],
        ]
        return .object(
            Self.object(
                [
                    "schemas": Self.schemasOf(BulkRequest.schema),
                    "failOnErrors": [
                        "type": "integer", "minimum": 1,
                        "description": "After so many failures the rest is not carried out.",
                    ],
                    "Operations": .object(operations),
                ],
                required: ["schemas", "Operations"],
                "Several changes, at most \(features.bulk.payloadBytesMax) bytes (RFC 7644 §3.7)."
            ).object.adding(["examples": [Self.bulkExample]])
        )
    }

    /// An operation with one of the methods, and the members that they cannot do without.
    private static func operation(
        _ methods: [BulkMethod],
        needs members: [String],
        _ description: String
    ) -> JSONValue {
        object(
            [
                "method": ["type": "string", "enum": .array(methods.map { .string($0.rawValue) })],
                "path": ["type": "string", "minLength": 1, "examples": ["/Users", "/Users/bulkId:a"]],
                "bulkId": [
                    "type": "string", "minLength": 1,
                    "description":
                        "Names the operation. bulkId: and this name stand for the new resource's id elsewhere in the request.",
                ],
                "version": [
                    "type": "string",
                    "description": "The version that the resource must have; not of a POST.",
                ],
                "data": ["type": "object", "description": "What the body of a single request would be."],
            ],
            required: ["method", "path"] + members,
            description
        )
    }

    /// A user, and a group that holds it.
    private static let bulkExample: JSONValue = [
        "schemas": [.string(BulkRequest.schema)],
        "failOnErrors": 1,
        "Operations": [
            [
                "method": "POST", "path": "/Users", "bulkId": "ann",
                "data": ["schemas": [.string(Schema.user.id)], "userName": "ann@example.com"],
            ],
            [
                "method": "POST", "path": "/Groups", "bulkId": "sales",
                "data": [
                    "schemas": [.string(Schema.group.id)], "displayName": "Sales",
                    "members": [["value": "bulkId:ann"]],
                ],
            ],
        ],
    ]

    static let bulkResponse: JSONValue = object(
        [
            "schemas": schemasOf(BulkResponse.schema),
            "Operations": [
                "type": "array",
                "items": object(
                    [
                        "method": [
                            "type": "string",
                            "enum": .array(BulkMethod.allCases.map { .string($0.rawValue) }),
                        ],
                        "bulkId": ["type": "string"],
                        "version": ["type": "string"],
                        "location": ["type": "string", "format": "uri"],
                        "status": ["type": "string", "pattern": "^[245][0-9][0-9]$"],
                        "response": reference("schemas", "Message.Error"),
                    ],
                    required: ["status"],
                    "An operation that was carried out or refused; what a refused one has in response is why."
                ),
            ],
        ],
        required: ["schemas", "Operations"],
        "What became of the operations (RFC 7644 §3.7.3); those behind the last failure of failOnErrors are not in it."
    )
}
