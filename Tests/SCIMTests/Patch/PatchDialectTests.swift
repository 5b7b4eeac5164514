import JSON
import SCIM
import Testing

/// What provisioning clients send that the RFC does not describe, or describes otherwise.
@Suite("PATCH dialects")
struct PatchDialectTests {
    private static let bare = #"{"userName":"u","active":true}"#

    @Test(
        "H-13: Okta",
        arguments: [
            PatchCase(
                "deactivates without a path",
                bare,
                #"[{"op":"replace","value":{"active":false}}]"#,
                #"{"userName":"u","active":false}"#
            ),
            PatchCase(
                "reactivates",
                #"{"userName":"u","active":false}"#,
                #"[{"op":"replace","value":{"active":true}}]"#,
                bare
            ),
            PatchCase(
                "addresses the primary value",
                bare,
                #"[{"op":"add","path":"phoneNumbers[primary eq true].value","value":"1"},{"op":"replace","path":"phoneNumbers[primary eq true].type","value":"work"}]"#,
                #"{"userName":"u","active":true,"phoneNumbers":[{"primary":true,"value":"1","type":"work"}]}"#
            ),
        ]
    )
    func okta(_ sample: PatchCase) throws { try sample.check() }

    @Test("H-13: Okta renames a group with its id in the value")
    func oktaGroup() throws {
        let outcome = try patch(
            #"{"displayName":"old"}"#,
            #"[{"op":"replace","value":{"id":"abc","displayName":"new"}}]"#,
            type: group
        )
        #expect(outcome.resource.attributes == (try jsonObject(#"{"displayName":"new"}"#)))
    }

    @Test(
        "H-12, H-13: Entra",
        arguments: [
            PatchCase(
                "disables with a text",
                bare,
                #"[{"op":"Replace","path":"active","value":"False"}]"#,
                #"{"userName":"u","active":false}"#
            ),
            PatchCase(
                "sends dotted and URN names in one value",
                bare,
                #"[{"op":"replace","value":{"name.givenName":"g","name.familyName":"f","\#(enterprise):department":"d","\#(enterprise):manager.value":"m","DisplayName":"n"}}]"#,
                #"{"userName":"u","active":true,"name":{"givenName":"g","familyName":"f"},"displayName":"n","\#(enterprise)":{"department":"d","manager":{"value":"m"}}}"#
            ),
            PatchCase(
                "sends a nested extension",
                bare,
                #"[{"op":"add","value":{"\#(enterprise)":{"department":"d","manager":"271"}}}]"#,
                #"{"userName":"u","active":true,"\#(enterprise)":{"department":"d","manager":{"value":"271"}}}"#
            ),
            PatchCase(
                "names a filter in a value",
                bare,
                #"[{"op":"add","value":{"emails[type eq \"work\"].value":"w"}}]"#,
                #"{"userName":"u","active":true,"emails":[{"type":"work","value":"w"}]}"#
            ),
            PatchCase(
                "adds under a filter that selects nothing",
                bare,
                #"[{"op":"Add","path":"emails[type eq \"work\"].value","value":"w"},{"op":"Add","path":"addresses[type eq \"work\"].formatted","value":"a"},{"op":"Add","path":"addresses[type eq \"work\"].country","value":"DE"}]"#,
                #"{"userName":"u","active":true,"emails":[{"type":"work","value":"w"}],"addresses":[{"type":"work","formatted":"a","country":"DE"}]}"#
            ),
            PatchCase(
                "replaces under a filter that selects nothing",
                bare,
                #"[{"op":"Replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"1"}]"#,
                #"{"userName":"u","active":true,"phoneNumbers":[{"type":"mobile","value":"1"}]}"#
            ),
            PatchCase(
                "clears under a filter that selects nothing",
                bare,
                #"[{"op":"Replace","path":"phoneNumbers[type eq \"mobile\"].value","value":null}]"#,
                bare
            ),
            PatchCase(
                "asks for the primary role with a text",
                bare,
                #"[{"op":"Add","path":"roles[primary eq \"True\"].value","value":"r"},{"op":"Replace","path":"roles[primary eq \"True\"].display","value":"d"}]"#,
                #"{"userName":"u","active":true,"roles":[{"primary":true,"value":"r","display":"d"}]}"#
            ),
            PatchCase(
                "says nothing about roles",
                #"{"userName":"u","roles":[{"value":"r"}]}"#,
                #"[{"op":"Replace","path":"roles","value":{}},{"op":"Add","path":"roles","value":{}}]"#,
                #"{"userName":"u","roles":[{"value":"r"}]}"#
            ),
            PatchCase(
                "gives a manager as a text",
                bare,
                #"[{"op":"Add","path":"\#(enterprise):manager","value":"271"}]"#,
                #"{"userName":"u","active":true,"\#(enterprise)":{"manager":{"value":"271"}}}"#
            ),
            PatchCase(
                "gives a manager in an array, without URN",
                bare,
                #"[{"op":"Add","path":"manager","value":[{"$ref":"r","value":"271"}]}]"#,
                #"{"userName":"u","active":true,"\#(enterprise)":{"manager":{"value":"271","$ref":"r"}}}"#
            ),
            PatchCase(
                "removes a manager with an empty text in an object",
                #"{"userName":"u","\#(enterprise)":{"manager":{"value":"1","$ref":"r"}}}"#,
                #"[{"op":"replace","path":"\#(enterprise):manager","value":{"value":""}}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "removes a manager with an empty text",
                #"{"userName":"u","\#(enterprise)":{"manager":{"value":"1"},"department":"d"}}"#,
                #"[{"op":"replace","path":"\#(enterprise):manager","value":""}]"#,
                #"{"userName":"u","\#(enterprise)":{"department":"d"}}"#
            ),
            PatchCase(
                "removes a manager by path",
                #"{"userName":"u","\#(enterprise)":{"manager":{"value":"1"}}}"#,
                #"[{"op":"Remove","path":"\#(enterprise):manager"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "wraps a single value in an array",
                bare,
                #"[{"op":"Add","path":"title","value":["t"]}]"#,
                #"{"userName":"u","active":true,"title":"t"}"#
            ),
        ]
    )
    func entra(_ sample: PatchCase) throws { try sample.check() }

    @Test(
        "Other clients",
        arguments: [
            PatchCase(
                "SailPoint disables with a path-less add",
                bare,
                #"[{"op":"add","value":{"active":false}}]"#,
                #"{"userName":"u","active":false}"#
            ),
            PatchCase(
                "the core URN as a member",
                bare,
                #"[{"op":"replace","value":{"urn:ietf:params:scim:schemas:core:2.0:User":{"title":"t"}}}]"#,
                #"{"userName":"u","active":true,"title":"t"}"#
            ),
            PatchCase(
                "SCIM 1.1's URN as a member",
                bare,
                #"[{"op":"replace","value":{"urn:scim:schemas:extension:enterprise:1.0":{"department":"d"}}}]"#,
                #"{"userName":"u","active":true,"\#(enterprise)":{"department":"d"}}"#
            ),
            PatchCase(
                "an empty path is none",
                bare,
                #"[{"op":"replace","path":"","value":{"active":"false"}}]"#,
                #"{"userName":"u","active":false}"#
            ),
        ]
    )
    func others(_ sample: PatchCase) throws { try sample.check() }
}
