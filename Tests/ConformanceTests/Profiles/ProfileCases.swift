import HTTP
import SCIM
import TestSupport
import Testing

/// One decision of a profile as a client meets it: a request that takes effect with it, and does not without.
struct ProfileCase: Sendable, CustomTestStringConvertible {
    /// The decision's name in ``Profile/decisions``.
    let decision: String
    let method: HTTP.Method
    /// `{user}` and `{group}` stand for ids: of a user, and of a group whose only member the user is.
    let path: String
    var body: String?
    var ifNoneMatch = false
    /// The status with the decision.
    let status: Int
    /// The scimTypes of the refusals without it; more than one where another decision settles which.
    var refusals: [SCIMError.Keyword] = []
    /// A filter that finds the resource of the path, once the request has taken effect.
    var effect: String?

    var testDescription: String { "\(decision): \(body ?? path)" }

    /// Whether the request may be answered alike without the decision, and then has no effect.
    var mayBeIgnored: Bool { effect != nil }

    private static let enterprise = Schema.enterpriseUser.id

    private static func patch(
        _ decision: String,
        _ path: String,
        _ operation: String,
        status: Int = 200,
        refusals: [SCIMError.Keyword],
        effect: String? = nil
    ) -> ProfileCase {
        ProfileCase(
            decision: decision,
            method: .patch,
            path: path,
            body: #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(operation)]}"#,
            status: status,
            refusals: refusals,
            effect: effect
        )
    }

    private static func create(
        _ decision: String,
        _ members: String,
        schemas: String = #""\#(Schema.user.id)""#,
        refusals: [SCIMError.Keyword]
    ) -> ProfileCase {
        ProfileCase(
            decision: decision,
            method: .post,
            path: "/Users",
            body: #"{"schemas":[\#(schemas)],"userName":"new"\#(members)}"#,
            status: 201,
            refusals: refusals
        )
    }

    private static func find(_ decision: String, _ filter: String) -> ProfileCase {
        ProfileCase(
            decision: decision,
            method: .get,
            path: "/Users?filter=\(filter)",
            status: 200,
            refusals: [.invalidFilter]
        )
    }

    static let all: [ProfileCase] = messages + names + values + members + queries

    private static let messages: [ProfileCase] = [
        patch(
            "pathlessPatch",
            "/Users/{user}",
            #"{"op":"replace","value":{"active":false}}"#,
            refusals: [.invalidSyntax]
        ),
        patch(
            "pathlessPatch",
            "/Users/{user}",
            #"{"op":"add","path":"","value":{"title":"t"}}"#,
            refusals: [.invalidSyntax]
        ),
        patch(
            "capitalisedOperations",
            "/Users/{user}",
            #"{"op":"Replace","path":"title","value":"t"}"#,
            refusals: [.invalidSyntax]
        ),
        patch(
            "pathsAsNames",
            "/Users/{user}",
            #"{"op":"add","path":"\#(enterprise)","value":{"manager.value":"m"}}"#,
            refusals: [.invalidPath]
        ),
        patch(
            "removalByValue",
            "/Groups/{group}?attributes=members",
            #"{"op":"remove","path":"members","value":[{"value":"nobody"}]}"#,
            refusals: [.invalidSyntax]
        ),
        patch(
            "creationByFilter",
            "/Users/{user}",
            #"{"op":"replace","path":"emails[type eq \"home\"].value","value":"h"}"#,
            refusals: [.noTarget]
        ),
        patch(
            "creationByFilter",
            "/Users/{user}",
            #"{"op":"add","path":"emails[type eq \"home\"]","value":{"value":"h"}}"#,
            refusals: [.noTarget]
        ),
        patch(
            "creationByFilter",
            "/Groups/{group}?attributes=members",
            #"{"op":"add","path":"members[value eq \"{user}\"]","value":{"value":"{user}"}}"#,
            refusals: [.noTarget]
        ),
        patch(
            "memberDetails",
            "/Groups/{group}?attributes=members",
            #"{"op":"replace","path":"members[value eq \"{user}\"].display","value":"d"}"#,
            refusals: [.mutability]
        ),
    ]

    private static let names: [ProfileCase] = [
        create("undefinedAttributes", #","shoeSize":9"#, refusals: [.invalidSyntax]),
        create("undefinedAttributes", #","name":{"shoe":"s"}"#, refusals: [.invalidSyntax]),
        patch(
            "undefinedAttributes",
            "/Users/{user}",
            #"{"op":"add","path":"shoeSize","value":9}"#,
            refusals: [.invalidSyntax]
        ),
        create(
            "foreignSchemas",
            "",
            schemas: #""\#(Schema.user.id)","urn:example:shoes""#,
            refusals: [.invalidSyntax]
        ),
        create("foreignSchemas", #","\#(enterprise)":{"department":"d"}"#, refusals: [.invalidSyntax]),
        create(
            "schemaAliases",
            "",
            schemas: #""urn:scim:schemas:core:1.0""#,
            refusals: [.invalidSyntax, .invalidValue]
        ),
        patch(
            "schemaAliases",
            "/Users/{user}",
            #"{"op":"add","path":"urn:scim:schemas:extension:enterprise:1.0:department","value":"d"}"#,
            refusals: [.invalidSyntax],
            effect: "\(enterprise):department eq %22d%22"
        ),
        ProfileCase(
            decision: "absentSchemas",
            method: .patch,
            path: "/Users/{user}",
            body: #"{"Operations":[{"op":"replace","path":"title","value":"t"}]}"#,
            status: 200,
            refusals: [.invalidSyntax]
        ),
        ProfileCase(
            decision: "absentSchemas",
            method: .post,
            path: "/Users",
            body: #"{"userName":"new"}"#,
            status: 201,
            refusals: [.invalidValue]
        ),
        ProfileCase(
            decision: "absentSchemas",
            method: .post,
            path: "/Users/.search",
            body: #"{"filter":"userName pr"}"#,
            status: 200,
            refusals: [.invalidSyntax]
        ),
        create("pathsAsNames", #","\#(Schema.user.id):title":"t""#, refusals: [.invalidSyntax]),
        create("pathsAsNames", #","name.givenName":"g""#, refusals: [.invalidSyntax]),
        patch(
            "bareExtensionNames",
            "/Users/{user}",
            #"{"op":"add","path":"department","value":"d"}"#,
            refusals: [.invalidSyntax],
            effect: "\(enterprise):department eq %22d%22"
        ),
    ]

    private static let values: [ProfileCase] = [
        patch(
            "stringBooleans",
            "/Users/{user}",
            #"{"op":"replace","path":"active","value":"False"}"#,
            refusals: [.invalidValue]
        ),
        patch(
            "stringBooleans",
            "/Users/{user}",
            #"{"op":"replace","path":"emails[primary eq \"True\"].value","value":"p"}"#,
            refusals: [.invalidFilter]
        ),
        create("stringBooleans", #","active":"true""#, refusals: [.invalidValue]),
        patch(
            "scalarForComplex",
            "/Users/{user}",
            #"{"op":"add","path":"\#(enterprise):manager","value":"271"}"#,
            refusals: [.invalidValue]
        ),
        patch(
            "scalarForComplex",
            "/Groups/{group}?attributes=members",
            #"{"op":"add","path":"members","value":["{user}"]}"#,
            refusals: [.invalidValue]
        ),
        create("scalarForComplex", #","emails":["new@example.com"]"#, refusals: [.invalidValue]),
        patch(
            "emptyTexts",
            "/Users/{user}",
            #"{"op":"replace","path":"emails","value":""}"#,
            refusals: [.invalidValue]
        ),
        create("emptyTexts", #","name":"""#, refusals: [.invalidValue]),
        patch(
            "arrayForSingle",
            "/Users/{user}",
            #"{"op":"add","path":"title","value":["t"]}"#,
            refusals: [.invalidValue]
        ),
        create("arrayForSingle", #","name":[{"givenName":"g"}]"#, refusals: [.invalidValue]),
        create("looseNumbers", #","title":1234"#, refusals: [.invalidValue]),
        create("looseNumbers", #","phoneNumbers":[{"value":441234}]"#, refusals: [.invalidValue]),
        patch(
            "looseNumbers",
            "/Users/{user}",
            #"{"op":"add","path":"\#(enterprise):costCenter","value":7}"#,
            refusals: [.invalidValue]
        ),
        create(
            "otherValues",
            #","emails":[{"value":"new@example.com","type":"office"}]"#,
            refusals: [.invalidValue]
        ),
        create("singleForArray", #","emails":{"value":"new@example.com"}"#, refusals: [.invalidValue]),
    ]

    private static let members: [ProfileCase] = [
        patch(
            "unknownMembers",
            "/Groups/{group}?attributes=members",
            #"{"op":"add","path":"members","value":[{"value":"0190a000-0000-7000-8000-000000000000"}]}"#,
            refusals: [.invalidValue]
        )
    ]

    private static let queries: [ProfileCase] = [
        ProfileCase(
            decision: "emptyOperations",
            method: .patch,
            path: "/Users/{user}",
            body: #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[]}"#,
            status: 200,
            refusals: [.invalidSyntax]
        ),
        patch(
            "groupInPatchAnswer",
            "/Groups/{group}",
            #"{"op":"replace","path":"displayName","value":"Renamed"}"#,
            refusals: []
        ),
        find("undefinedAttributesInFilters", "shoeSize eq %229%22"),
        find("undefinedAttributesInFilters", "name eq %22x%22"),
        find("undefinedAttributesInFilters", "emails[shoe pr]"),
        find("stringBooleansInFilters", "active eq %22True%22"),
        find("looseFilters", "active eq True"),
        find("looseFilters", "userName eq ann@example.com"),
        find("looseFilters", "externalId eq 00u1abc"),
        find("looseFilters", "emails[type eq work]"),
        find("looseFilters", "externalId eq 1234"),
        patch(
            "looseFilters",
            "/Users/{user}",
            #"{"op":"replace","path":"emails[type eq work].value","value":"w"}"#,
            refusals: [.invalidFilter]
        ),
        find("looseFilters", "emails[type eq %22work%22].value eq %22x%22"),
        ProfileCase(
            decision: "conditionalRequests",
            method: .get,
            path: "/Users/{user}",
            ifNoneMatch: true,
            status: 304,
            refusals: [.invalidSyntax]
        ),
    ]
}
