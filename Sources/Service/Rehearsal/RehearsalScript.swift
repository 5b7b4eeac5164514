import HTTP
import JSON
import SCIM

/// The requests that an identity provider makes with its default mappings, from the test of the address to the end of a user.
struct RehearsalScript: Sendable {
    /// As the command names it.
    let client: String
    let title: String
    let fields: [(FieldName, String)]
    let steps: [RehearsalStep]

    static let all = [okta, entra]

    /// The SCIM 2.0 Test App of Okta.
    static let okta = RehearsalScript(
        client: "okta",
        title: "Okta",
        fields: [
            (.userAgent, "Okta SCIM Client 1.0.0"), (FieldName("Accept"), "application/scim+json"),
            (.contentType, "application/scim+json; charset=utf-8"),
        ],
        steps: [
            RehearsalStep(
                "Test Connector Configuration",
                .get,
                "/Users?startIndex=1&count=2",
                nil,
                .found(0)
            ),
            RehearsalStep(
                "Look for a user before creating it",
                .get,
                "/Users?filter=userName%20eq%20%22ann.lee%40example.com%22&startIndex=1&count=100",
                nil,
                .found(0)
            ),
            RehearsalStep("Create Users", .post, "/Users", oktaUser(title: nil), .created(as: "user")),
            RehearsalStep(
                "Find the user again",
                .get,
                "/Users?filter=userName%20eq%20%22ann.lee%40example.com%22&startIndex=1&count=100",
                nil,
                .found(1)
            ),
            RehearsalStep(
                "Read the user",
                .get,
                "/Users/{user}",
                nil,
                .shows("userName", .string("ann.lee@example.com"))
            ),
            RehearsalStep(
                "Update User Attributes",
                .put,
                "/Users/{user}",
                oktaUser(title: "Team Lead"),
                .shows("title", .string("Team Lead"))
            ),
            RehearsalStep("Create the same user again", .post, "/Users", oktaUser(title: nil), .status(409)),
            RehearsalStep(
                "Look for groups",
                .get,
                "/Groups?startIndex=1&count=100",
                nil,
                .found(0)
            ),
            RehearsalStep(
                "Push a group",
                .post,
                "/Groups",
                #"{"schemas":["\#(Schema.group.id)"],"displayName":"Printer users","members":[]}"#,
                .created(as: "group")
            ),
            RehearsalStep(
                "Push the group’s name",
                .patch,
                "/Groups/{group}",
                patch(#"{"op":"replace","value":{"id":"{group}","displayName":"Printer users"}}"#),
                .success
            ),
            RehearsalStep(
                "Push the membership",
                .patch,
                "/Groups/{group}",
                patch(
                    #"{"op":"add","path":"members","value":[{"value":"{user}","display":"ann.lee@example.com"}]}"#
                ),
                .success
            ),
            RehearsalStep("Read the group", .get, "/Groups/{group}", nil, .showsMembers(1)),
            RehearsalStep(
                "Remove the membership",
                .patch,
                "/Groups/{group}",
                patch(#"{"op":"remove","path":"members[value eq \"{user}\"]"}"#),
                .success
            ),
            RehearsalStep("Read the group", .get, "/Groups/{group}", nil, .showsMembers(0)),
            RehearsalStep(
                "Deactivate Users",
                .patch,
                "/Users/{user}",
                patch(#"{"op":"replace","value":{"active":false}}"#),
                .success
            ),
            RehearsalStep("Read the user", .get, "/Users/{user}", nil, .shows("active", .bool(false))),
            RehearsalStep(
                "Activate the user again",
                .patch,
                "/Users/{user}",
                patch(#"{"op":"replace","value":{"active":true}}"#),
                .success
            ),
            RehearsalStep("Delete the pushed group", .delete, "/Groups/{group}", nil, .status(204)),
        ]
    )

    /// The provisioning service of Microsoft Entra ID.
    static let entra = RehearsalScript(
        client: "entra",
        title: "Microsoft Entra ID",
        fields: [(.contentType, "application/scim+json; charset=utf-8")],
        steps: [
            RehearsalStep(
                "Test Connection",
                .get,
                "/Users?filter=userName+eq+%223f2504e0-4f89-11d3-9a0c-0305e82c3301%22",
                nil,
                .found(0)
            ),
            RehearsalStep(
                "Match by externalId",
                .get,
                "/Users?filter=externalId+eq+%220a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef%22",
                nil,
                .found(0)
            ),
            RehearsalStep("Create a user", .post, "/Users", entraUser, .created(as: "user")),
            RehearsalStep(
                "Match the user",
                .get,
                "/Users?filter=userName+eq+%22joy%40example.com%22",
                nil,
                .found(1)
            ),
            RehearsalStep(
                "Update attributes",
                .patch,
                "/Users/{user}",
                patch(
                    #"{"op":"Replace","path":"displayName","value":"Joy Y."},"#
                        + #"{"op":"Replace","path":"emails[type eq \"work\"].value","value":"joy.y@example.com"},"#
                        + #"{"op":"Add","path":"\#(enterprise):department","value":"Marketing"}"#
                ),
                .success
            ),
            RehearsalStep(
                "Read the user",
                .get,
                "/Users/{user}",
                nil,
                .shows("displayName", .string("Joy Y."))
            ),
            RehearsalStep(
                "Match a group",
                .get,
                "/Groups?excludedAttributes=members&filter=displayName+eq+%22Printer+users%22",
                nil,
                .found(0)
            ),
            RehearsalStep(
                "Create a group",
                .post,
                "/Groups",
                #"{"schemas":["\#(Schema.group.id)","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"#
                    + #""externalId":"8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159","displayName":"Printer users","meta":{"resourceType":"Group"}}"#,
                .created(as: "group")
            ),
            RehearsalStep(
                "Add a member",
                .patch,
                "/Groups/{group}",
                patch(#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"{user}"}]}"#),
                .success
            ),
            RehearsalStep(
                "Check the membership",
                .get,
                "/Groups?filter=id+eq+%22{group}%22+and+members+eq+%22{user}%22&attributes=id",
                nil,
                .found(1)
            ),
            RehearsalStep(
                "Remove the member",
                .patch,
                "/Groups/{group}",
                patch(#"{"op":"Remove","path":"members","value":[{"$ref":null,"value":"{user}"}]}"#),
                .success
            ),
            RehearsalStep("Read the group", .get, "/Groups/{group}", nil, .showsMembers(0)),
            RehearsalStep(
                "Disable the user",
                .patch,
                "/Users/{user}",
                patch(#"{"op":"Replace","path":"active","value":"False"}"#),
                .success
            ),
            RehearsalStep("Read the user", .get, "/Users/{user}", nil, .shows("active", .bool(false))),
            RehearsalStep("Delete the user", .delete, "/Users/{user}", nil, .status(204)),
            RehearsalStep("Look for the deleted user", .get, "/Users/{user}", nil, .status(404)),
            RehearsalStep("Delete the group", .delete, "/Groups/{group}", nil, .status(204)),
        ]
    )

    private static let enterprise = Schema.enterpriseUser.id

    private static func patch(_ operations: String) -> String {
        #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(operations)]}"#
    }

    private static func oktaUser(title: String?) -> String {
        #"{"schemas":["\#(Schema.user.id)"],"userName":"ann.lee@example.com","name":{"givenName":"Ann","familyName":"Lee"},"#
            + #""emails":[{"primary":true,"value":"ann.lee@example.com","type":"work"}],"displayName":"Ann Lee","#
            + (title.map { #""title":"\#($0)","# } ?? "")
            + #""locale":"en-US","externalId":"00u1a2b3c4d5","groups":[],"password":"1mz050nq","active":true}"#
    }

    private static let entraUser =
        #"{"schemas":["\#(Schema.user.id)","\#(enterprise)"],"externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef","#
        + #""userName":"joy@example.com","active":true,"displayName":"Joy Young","#
        + #""emails":[{"primary":true,"type":"work","value":"joy@example.com"}],"meta":{"resourceType":"User"},"#
        + #""name":{"formatted":"Joy Young","familyName":"Young","givenName":"Joy"},"roles":[],"#
        + #""\#(enterprise)":{"department":"Sales","employeeNumber":"7"}}"#
}
