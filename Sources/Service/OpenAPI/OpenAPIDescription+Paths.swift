import HTTP
import JSON
import SCIM

// RFC 7644 §3.2, table 2: endpoints and their methods.

extension OpenAPIDescription {
    var paths: JSONObject {
        var paths = JSONObject()
        for type in types {
            paths[type.endpoint] = collection(type)
            paths["\(type.endpoint)/{id}"] = resource(type)
            paths["\(type.endpoint)/.search"] = ["post": search("Search \(type.name) resources", type)]
        }
        paths["/"] = ["get": rootQuery]
        paths["/.search"] = ["post": search("Search resources of all types", nil)]
        paths["/Bulk"] = ["post": bulk]
        paths["/ServiceProviderConfig"] = ["get": serviceProviderConfig]
        for (path, name, what) in [
            ("/Schemas", "Schema", "the schema's URN"), ("/ResourceTypes", "ResourceType", "the type's name"),
        ] {
            paths[path] = ["get": discovery("List the documents", "Document.\(name).List")]
            var one = discovery("Read one of the documents", "Document.\(name)").object
            one["parameters"] = [
                [
                    "name": "id", "in": "path", "required": true,
                    "description": "In any document: \(what).",
                    "schema": ["type": "string", "pattern": "^[A-Za-z0-9:._-]+$"],
                ]
            ]
            one["responses"] = .object((one["responses"]?.object ?? [:]).adding(Self.refusals(["NotFound"])))
            paths["\(path)/{id}"] = ["get": .object(one)]
        }
        return paths
    }

    // MARK: - Resources of a type

    private func collection(_ type: ResourceType) -> JSONValue {
        [
            "get": .object(
                operation(
                    "List \(type.name) resources",
                    tag: type.name,
                    id: "list\(type.name)",
                    parameters: listParameters,
                    answers: ok(Self.listName(type), "The resources that match.", headers: [])
                )
            ),
            "post": .object(
                operation(
                    "Create a \(type.name)",
                    tag: type.name,
                    id: "create\(type.name)",
                    parameters: projection,
                    answers: ["201": .object(created(type))],
                    refusals: ["Conflict"] + Self.ofBodies,
                    body: Self.inputName(type)
                )
            ),
        ]
    }

    private func resource(_ type: ResourceType) -> JSONValue {
        let changed = ok(type.name, "The resource as it now is.", headers: ["ETag", "Content-Location"])
        let conditions = projection + ["IfMatch", "IfNoneMatch"]
        let hasMembers = type.membersAttribute != nil
        return [
            "parameters": [Self.reference("parameters", "id")],
            "get": .object(
                operation(
                    "Read a \(type.name)",
                    tag: type.name,
                    id: "read\(type.name)",
                    parameters: projection + (hasMembers ? ["membersCursor", "membersCount"] : []) + [
                        "IfNoneMatch"
                    ],
                    answers: ok(
                        type.name,
                        "The resource.",
                        headers: ["ETag", "Content-Location"] + (hasMembers ? ["Members-Next-Cursor"] : [])
                    )
                    .adding(Self.refusals(["NotModified"])),
                    refusals: ["NotFound"]
                )
            ),
            "put": .object(
                operation(
                    "Replace a \(type.name)",
                    tag: type.name,
                    id: "replace\(type.name)",
                    parameters: conditions,
                    answers: changed,
                    refusals: Self.ofChanges + Self.ofBodies,
                    body: Self.inputName(type)
                )
            ),
            "patch": .object(
                operation(
                    "Change parts of a \(type.name)",
                    tag: type.name,
                    id: "patch\(type.name)",
                    parameters: conditions,
                    answers: changed.adding([
                        "204": Self.noContent("The change is made; too much to answer it whole.")
                    ]
                    ),
                    refusals: Self.ofChanges + Self.ofBodies,
                    body: "Message.PatchOp"
                )
            ),
            "delete": .object(
                operation(
                    "Delete a \(type.name)",
                    tag: type.name,
                    id: "delete\(type.name)",
                    parameters: ["IfMatch", "IfNoneMatch"],
                    answers: ["204": Self.noContent("The resource is gone.")],
                    refusals: Self.ofChanges
                )
            ),
        ]
    }

    // MARK: - All types

    private var rootQuery: JSONValue {
        .object(
            operation(
                "List resources of all types",
                tag: "All types",
                id: "list",
                parameters: listParameters,
                answers: ok("Message.List", "The resources that match.", headers: [])
            )
        )
    }

    private func search(_ summary: String, _ type: ResourceType?) -> JSONValue {
        .object(
            operation(
                summary,
                tag: type?.name ?? "All types",
                id: "search\(type?.name ?? "")",
                answers: ok(
                    type.map(Self.listName) ?? "Message.List",
                    "The resources that match.",
                    headers: []
                ),
                refusals: Self.ofBodies,
                body: "Message.SearchRequest"
            )
        )
    }

    private var bulk: JSONValue {
        .object(
            operation(
                "Change several resources",
                tag: "All types",
                id: "bulk",
                parameters: ["PreferTransaction"],
                answers: ok(
                    "Message.BulkResponse",
                    "What became of each operation.",
                    headers: ["Preference-Applied"]
                ),
                refusals: Self.ofBodies,
                body: "Message.BulkRequest"
            )
        )
    }

    // MARK: - Discovery

    private var serviceProviderConfig: JSONValue {
        var config = discovery("Read what the server offers", "Document.ServiceProviderConfig").object
        config["security"] = [["bearer": []], [:]]
        return .object(config)
    }

    private func discovery(_ summary: String, _ schema: String) -> JSONValue {
        .object(
            operation(
                summary,
                tag: "Discovery",
                id: "read\(schema)",
                answers: ok(schema, "The document.", headers: [])
            )
        )
    }

    // MARK: - Parts of an operation

    private var projection: [String] { ["attributes", "excludedAttributes"] }

    private var listParameters: [String] {
        ["filter"] + (features.sort ? ["sortBy", "sortOrder"] : []) + ["startIndex", "count"]
            + (features.cursorTimeoutSeconds != nil ? ["cursor"] : []) + projection
    }

    /// Refusals that an operation with a body can answer, those of a change, and those of anything.
    private static let ofBodies = ["ContentTooLarge", "UnsupportedMediaType", "InsufficientStorage"]
    private static let ofChanges = ["NotFound", "Conflict", "PreconditionFailed"]
    private static let ofAll = [
        "BadRequest", "Unauthorized", "Forbidden", "MethodNotAllowed", "URITooLong", "TooManyRequests",
        "HeaderFieldsTooLarge", "InternalServerError", "ServiceUnavailable",
    ]

    private func operation(
        _ summary: String,
        tag: String,
        id: String,
        parameters: [String] = [],
        answers: JSONObject,
        refusals: [String] = [],
        body: String? = nil
    ) -> JSONObject {
        var operation: JSONObject = ["summary": .string(summary), "operationId": .string(id)]
        operation["tags"] = [.string(tag)]
        if !parameters.isEmpty {
            operation["parameters"] = .array(parameters.map { Self.reference("parameters", $0) })
        }
        if let body {
            let content: JSONValue = ["schema": Self.reference("schemas", body)]
            operation["requestBody"] = [
                "required": true,
                "content": ["application/scim+json": content, "application/json": content],
            ]
        }
        let known = Set(answers.members.map(\.name))
        let others = Self.refusals(refusals + Self.ofAll).members.filter { !known.contains($0.name) }
        operation["responses"] = .object(answers.adding(JSONObject(uniqueMembers: others)))
        return operation
    }

    private func ok(_ schema: String, _ description: String, headers: [String]) -> JSONObject {
        ["200": .object(Self.response(schema, description, headers: headers))]
    }

    private static func response(
        _ schema: String,
        _ description: String,
        headers: [String]
    ) -> JSONObject {
        var response: JSONObject = ["description": .string(description)]
        response["headers"] = .object(
            JSONObject(
                uniqueMembers: (headers + ["Request-Id"]).map {
                    .init(name: $0, value: reference("headers", $0))
                }
            )
        )
        response["content"] = ["application/scim+json": ["schema": reference("schemas", schema)]]
        return response
    }

    /// The answer to a creation, and what can be done with the new resource.
    private func created(_ type: ResourceType) -> JSONObject {
        var response = Self.response(type.name, "The new resource.", headers: ["ETag", "Location"])
        response["links"] = .object(
            JSONObject(
                uniqueMembers: ["read", "replace", "patch", "delete"].map { verb in
                    .init(
                        name: verb,
                        value: [
                            "operationId": .string("\(verb)\(type.name)"),
                            "parameters": ["id": "$response.body#/id"],
                        ]
                    )
                }
            )
        )
        return response
    }

    private static func noContent(_ description: String) -> JSONValue {
        [
            "description": .string(description),
            "headers": ["Request-Id": reference("headers", "Request-Id")],
        ]
    }

    static func refusals(_ names: [String]) -> JSONObject {
        JSONObject(
            uniqueMembers: names.compactMap { name in
                OpenAPIRefusal.all.first { $0.name == name }.map {
                    .init(name: "\($0.status.code)", value: reference("responses", $0.name))
                }
            }
        )
    }

    static func reference(_ kind: String, _ name: String) -> JSONValue {
        ["$ref": .string("#/components/\(kind)/\(name)")]
    }
}

extension JSONValue {
    /// The members of an object; none of anything else.
    var object: JSONObject { if case .object(let object) = self { object } else { [:] } }
}
