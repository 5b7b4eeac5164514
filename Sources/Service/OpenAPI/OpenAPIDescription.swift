import JSON
import SCIM

/// The HTTP interface of a tenant as an OpenAPI 3.1 description, from the routes and schemas that requests are answered by.
package struct OpenAPIDescription {
    let types: [ResourceType]
    let features: ServiceProviderFeatures
    /// The Tenant URL without a slash at its end; nil if the description is for any tenant.
    private let baseURL: String?

    package init(catalog: SchemaCatalog, features: ServiceProviderFeatures, baseURL: String?) {
        types = catalog.resourceTypes
        self.features = features
        self.baseURL = baseURL
    }

    package var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "SCIM 2.0",
                "version": "2.0",
                "summary":
                    "Users, groups and what else a tenant has, kept up to date by an identity provider.",
                "description": .string(Self.introduction),
            ],
            "servers": [server],
            "security": [["bearer": []]],
            "tags": .array(tags),
            "paths": .object(paths),
            "components": [
                "securitySchemes": [
                    "bearer": [
                        "type": "http", "scheme": "bearer",
                        "description": "The token of the tenant, made by an administrator (RFC 6750).",
                    ]
                ],
                "parameters": .object(parameters),
                "headers": .object(Self.headers),
                "responses": .object(Self.responses),
                "schemas": .object(schemas),
            ],
        ]
    }

    private static let introduction = """
        RFC 7643 and RFC 7644. Names of attributes, operators and URNs are compared in any case. Attributes that no \
        schema defines are ignored. A path answers other methods than its own with 405 and an Allow field, and an \
        endpoint of the protocol that is not offered with 501: /Me, since a token stands for a tenant and for no \
        person, is such a one. Every answer has a Request-Id field, by which the operator finds the request.
        """

    private var server: JSONValue {
        if let baseURL { return ["url": .string(baseURL)] }
        return [
            "url": "https://{host}/{tenant}/scim/v2",
            "variables": [
                "host": ["default": "scim.example.com", "description": "Where the server is reached."],
                "tenant": ["default": "acme", "description": "The tenant's name."],
            ],
        ]
    }

    private var tags: [JSONValue] {
        types.map { ["name": .string($0.name), "description": .string($0.description)] } + [
            [
                "name": "All types",
                "description": "Queries over resources of every type, and several changes at once.",
            ],
            ["name": "Discovery", "description": "What the server offers (RFC 7644 §4)."],
        ]
    }
}

extension JSONObject {
    /// The members of both; the other's come last.
    func adding(_ other: JSONObject) -> JSONObject { JSONObject(uniqueMembers: members + other.members) }
}
