import JSON
import SCIM
import TestSupport
import Testing

@Suite("Reading a group's members")
struct ResourceMembersTests {
    @Test(
        "A-17: members come out as ids, in their order, and are no part of the resource",
        arguments: [
            (#""members":[{"value":"u1"},{"value":"u2"}]"#, ["u1", "u2"]),
            // Display, type and $ref are ours to tell.
            (
                #""members":[{"value":"u1","display":"B","type":"User","$ref":null},{"value":"u1"}]"#,
                ["u1", "u1"]
            ),
            (#""MEMBERS":[{"Value":"u1"}]"#, ["u1"]), (#""members":{"value":"u1"}"#, ["u1"]),
            (#""members":["u1","U1"]"#, ["u1", "U1"]), (#""members":"u1""#, ["u1"]),
            (#""members":[]"#, []), (#""members":null"#, []), ("", nil),
            (#""members":["\u00e9","e\u0301"]"#, ["\u{E9}", "e\u{301}"]),
            (#""members":[{"value":"u1","shoe":7},{"value":"u2"}]"#, ["u1", "u2"]),
            (#""members":[["u1"],[]]"#, nil), (#""members":[{"value":"u1","VALUE":"u2"}]"#, nil),
            (#""members":[{"value":"u1"}],"Members":[]"#, nil),
        ] as [(String, [String]?)]
    )
    func members(members: String, expected: [String]?) throws {
        let text = body(members, of: .group)
        guard expected != nil || members.isEmpty else {
            #expect(try refusal(text, as: .group) != nil)
            return
        }
        let decoded = try decode(text, as: .group)
        #expect(decoded.members == expected.map { MemberIDs($0) })
        #expect(decoded.resource.attributes.members.map(\.name) == ["displayName"])
    }

    @Test(
        "Members come to the same, or to the same refusal, whether a tree of them is built or not",
        arguments: [Profile.default, .strict, .okta, .entra],
        [
            #""members":[{"value":"u1","display":"B","type":"User","$ref":"x"},{"value":"u2"}]"#,
            #""members":[{"value":"u1","type":"Robot"}]"#, #""members":[{"value":"u1","type":5}]"#,
            #""members":[{"value":"u1","display":5}]"#, #""members":[{"value":"u1","display":null}]"#,
            #""members":[{"value":"u\u0031"},{"value":"\u00e9"}]"#, #""members":["u1",{"value":"u2"}]"#,
            #""members":[{"Value":"u1"}]"#, #""members":[{"value":"u1","shoe":5}]"#,
            #""members":[{"value":"u1","value ":"x"}]"#,
            #""members":[]"#, #""members":[[]]"#, #""members":[null]"#, #""members":[{}]"#,
            #""members":[""]"#,
            #""members":[{"value":null}]"#, #""members":[{"value":""}]"#, #""members":[5]"#,
            #""members":null"#,
            #""members":{"value":"u1"}"#, #""members":"u1""#, #""MEMBERS":[{"value":"u1"}]"#,
            #""members":[{"value":"u1"}],"MEMBERS":[]"#,
            #""members":[{"value":"\#(String(repeating: "x", count: 65_537))"}]"#,
            #""shoe":1"#, "",
        ]
    )
    func withoutTree(profile: Profile, members: String) throws {
        let text = body(members, of: .group)
        func outcome(_ decode: () throws(SCIMError) -> DecodedResource) -> Result<MemberIDs?, SCIMError> {
            do throws(SCIMError) {
                let decoded = try decode()
                #expect(decoded.resource.attributes.members.map(\.name) == ["displayName"])
                return .success(decoded.members)
            } catch { return .failure(error) }
        }
        let (document, tree) = (try JSONDocument(parsing: Array(text.utf8)), try json(text))
        let (one, other) = (
            outcome { () throws(SCIMError) in try ResourceDecoder.decode(document, as: .group, profile) },
            outcome { () throws(SCIMError) in try ResourceDecoder.decode(tree, as: .group, profile) }
        )
        #expect(one == other)
    }

    @Test(
        "C-05: a member without an id is refused, since it would be lost, and so is a value of another type",
        arguments: [
            #""members":[{"display":"B"}]"#, #""members":[{}]"#, #""members":[null]"#,
            #""members":[{"value":""}]"#,
            #""members":[{"value":null}]"#, #""members":[{"value":true}]"#, #""members":[true]"#,
            #""members":true"#,
            #""members":[["u1"]]"#, #""members":[{"value":"u1","type":true}]"#,
            #""members":[{"value":["u1"]}]"#,
        ]
    )
    func refused(members: String) throws {
        #expect(try refusal(body(members, of: .group), as: .group)?.keyword == .invalidValue)
    }

    @Test("A-17, H-15: a request can name as many members as its body holds")
    func noLimit() throws {
        let list = (0..<20_000).map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        let document = try JSONDocument(parsing: Array(body(#""members":[\#(list)]"#, of: .group).utf8))
        let members = try ResourceDecoder.decode(document, as: .group, .default).members
        #expect(members == MemberIDs((0..<20_000).map(String.init)))
    }

    @Test("Only where the resource type says so are members kept apart: elsewhere the name is like any other")
    func otherMembers() throws {
        let club = ResourceType(
            name: "Club",
            endpoint: "/Clubs",
            description: "",
            schema: Schema(
                id: "urn:example:Club",
                name: "Club",
                description: "",
                attributes: Schema.group.attributes
            ),
            extensions: []
        )
        let text = #"{"schemas":["urn:example:Club"],"displayName":"x","members":[{"value":"u1"}]}"#
        let decoded = try decode(text, as: club)
        #expect(decoded.members == nil)
        #expect(try decoded.resource.attributes["members"] == json(#"[{"value":"u1"}]"#))
        let request = #"[{"op":"add","path":"members","value":[{"value":"u2"}]}]"#
        #expect(try plan(request, type: club).members.isEmpty)
        #expect(
            try patch(text, request, type: club).resource.attributes["members"]
                == json(#"[{"value":"u1"},{"value":"u2"}]"#)
        )
    }

    @Test("A user has no members: the name is unknown there")
    func userMembers() throws {
        let decoded = try decode(body(#""members":[{"value":"u1"}]"#))
        #expect(decoded.members == nil)
        #expect(decoded.ignored.map(\.description) == ["members"])
    }
}
