import HTTP
import JSON
import SCIM

/// A refusal as the description tells of it (RFC 7644 §3.12).
struct OpenAPIRefusal {
    let name: String
    let status: Status
    let description: String
    /// A field that the answer has besides.
    var field: FieldName?

    static let all: [OpenAPIRefusal] = [
        .init(name: "NotModified", status: .notModified, description: "The client has the current version."),
        .init(
            name: "BadRequest",
            status: .badRequest,
            description: "The request cannot be understood or carried out; scimType tells why."
        ),
        .init(
            name: "Unauthorized",
            status: .unauthorized,
            description: "The request needs a valid bearer token of this tenant.",
            field: .wwwAuthenticate
        ),
        .init(
            name: "Forbidden",
            status: .forbidden,
            description: """
                SCIM is not enabled for the tenant, a discovery endpoint was filtered, or the filter of a URL names a \
                personal attribute (scimType sensitive).
                """
        ),
        .init(name: "NotFound", status: .notFound, description: "There is no such resource in this tenant."),
        .init(
            name: "MethodNotAllowed",
            status: .methodNotAllowed,
            description: "The path answers other methods, which Allow names.",
            field: .allow
        ),
        .init(
            name: "Conflict",
            status: .conflict,
            description:
                "Another resource of the tenant has a value that has to be unique (scimType uniqueness)."
        ),
        .init(
            name: "PreconditionFailed",
            status: .preconditionFailed,
            description: "The resource has another version than the one that If-Match names."
        ),
        .init(
            name: "ContentTooLarge",
            status: .contentTooLarge,
            description:
                "The body is too large, or a bulk request has too many operations; detail tells the limit."
        ),
        .init(name: "URITooLong", status: .uriTooLong, description: "The request line is too long."),
        .init(
            name: "UnsupportedMediaType",
            status: .unsupportedMediaType,
            description: """
                The body is neither application/scim+json nor application/json, or it is compressed; Accept-Encoding \
                tells the latter.
                """,
            field: .acceptEncoding
        ),
        .init(
            name: "TooManyRequests",
            status: .tooManyRequests,
            description:
                "The tenant sends too many requests; Retry-After tells in how many seconds to try again.",
            field: .retryAfter
        ),
        .init(
            name: "HeaderFieldsTooLarge",
            status: .headerFieldsTooLarge,
            description: "The fields are too large."
        ),
        .init(
            name: "InternalServerError",
            status: .internalServerError,
            description: "The server failed; its operator finds the cause by the request's id."
        ),
        .init(
            name: "ServiceUnavailable",
            status: .serviceUnavailable,
            description: "The server is busy and nothing was changed.",
            field: .retryAfter
        ),
        .init(
            name: "InsufficientStorage",
            status: .insufficientStorage,
            description: "The server has no room left."
        ),
    ]

    var json: JSONValue {
        var fields: JSONObject = ["Request-Id": OpenAPIDescription.reference("headers", "Request-Id")]
        if let field { fields[field.text] = ["schema": ["type": "string"]] }
        var answer: JSONObject = ["description": .string(description), "headers": .object(fields)]
        if status != .notModified {
            answer["content"] = [
                "application/scim+json": ["schema": OpenAPIDescription.reference("schemas", "Message.Error")]
            ]
        }
        return .object(answer)
    }
}

extension OpenAPIDescription {
    static let responses = JSONObject(
        uniqueMembers: OpenAPIRefusal.all.map { .init(name: $0.name, value: $0.json) }
    )
}
