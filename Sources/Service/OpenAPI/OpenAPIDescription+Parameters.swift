import JSON
import SCIM

extension OpenAPIDescription {
    var parameters: JSONObject {
        let page = features.maxPageSize
        var parameters: JSONObject = [
            "id": [
                "name": "id", "in": "path", "required": true, "description": "The resource's id.",
                "schema": ["type": "string", "pattern": "^[0-9a-f-]{36}$"],
                "example": "01a1ee56-5e08-762d-929b-73f66169bd52",
            ],
            "filter": Self.query(
                "filter",
                "Which resources to list (RFC 7644 §3.4.2.2): at most \(FilterLimits.bytesMax) bytes.",
                schema: ["type": "string", "minLength": 1],
                example: #"userName eq "bjensen@example.com""#
            ),
            "startIndex": Self.query(
                "startIndex",
                "The first match to list, from 1; less counts as 1. Beside a cursor it does not count.",
                schema: ["type": "integer"],
                example: 1
            ),
            "count": Self.query(
                "count",
                "How many to list: \(features.defaultPageSize) if it is not there, never more than \(page).",
                schema: ["type": "integer"],
                example: 100
            ),
            "attributes": Self.query(
                "attributes",
                "The attributes to answer, in a list with commas; not together with excludedAttributes.",
                schema: ["type": "string"],
                example: "userName,emails.value"
            ),
            "excludedAttributes": Self.query(
                "excludedAttributes",
                "The attributes to leave out, in a list with commas.",
                schema: ["type": "string"]
            ),
            "membersCursor": Self.query(
                "membersCursor",
                """
                An extension of this server: shows a page of the members, from the one on that Members-Next-Cursor of the page before \
                names; empty for the first page.
                """,
                schema: ["type": "string", "pattern": "^([0-9a-f-]{36})?$"],
                example: ""
            ),
            "membersCount": Self.query(
                "membersCount",
                """
                How many members such a page shows: \(MembersCursor.usualCount) if it is not there, never more than \
                \(MembersCursor.countMax).
                """,
                schema: ["type": "integer", "minimum": 1],
                example: 1_000
            ),
            "IfMatch": Self.field("If-Match", "Change the resource only if it has one of these versions."),
            "IfNoneMatch": Self.field("If-None-Match", "Only if the resource has none of these versions."),
            "PreferTransaction": Self.field(
                "Prefer",
                "transaction=all: all operations in one commit, or none (RFC 7240).",
                example: "transaction=all"
            ),
        ]
        if features.sort {
            parameters["sortBy"] = Self.query(
                "sortBy",
                "The attribute to sort by.",
                schema: ["type": "string"],
                example: "userName"
            )
            parameters["sortOrder"] = Self.query(
                "sortOrder",
                "The direction; ascending if it is not there or empty.",
                schema: ["type": "string", "enum": ["ascending", "descending", ""]],
                example: "ascending"
            )
        }
        if features.cursorTimeoutSeconds != nil {
            parameters["cursor"] = Self.query(
                "cursor",
                """
                The page to list, as nextCursor or previousCursor of the page beside it names it; empty for the first \
                (RFC 9865). All other parameters stay the same.
                """,
                schema: ["type": "string"],
                example: ""
            )
        }
        return parameters
    }

    private static func query(
        _ name: String,
        _ description: String,
        schema: JSONValue,
        example: JSONValue? = nil
    ) -> JSONValue {
        var parameter: JSONObject = ["name": .string(name), "in": "query"]
        parameter["description"] = .string(description)
        parameter["schema"] = schema
        parameter["example"] = example
        return .object(parameter)
    }

    private static func field(
        _ name: String,
        _ description: String,
        example: String = #"W/"17""#
    ) -> JSONValue {
        [
            "name": .string(name), "in": "header", "description": .string(description),
            "schema": ["type": "string"], "example": .string(example),
        ]
    }

    static let headers: JSONObject = [
        "ETag": header("The resource's version, as in meta.version; weak."),
        "Location": header("The resource's URI."),
        "Content-Location": header("The resource's URI."),
        "Members-Next-Cursor": header(
            "The membersCursor of the next page of members; missing on the last one.",
            isRequired: false
        ),
        "Request-Id": header("Names the request in the operator's records."),
        "Preference-Applied": header("transaction=all if that was asked for.", isRequired: false),
    ]

    private static func header(_ description: String, isRequired: Bool = true) -> JSONValue {
        ["description": .string(description), "required": .bool(isRequired), "schema": ["type": "string"]]
    }
}
