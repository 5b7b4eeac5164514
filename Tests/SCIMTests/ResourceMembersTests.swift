import JSON
import SCIM
import Testing

@Suite("Reading a group's members")
struct ResourceMembersTests {
    @Test(
        "A-17: members come out as ids, each once, and are no part of the resource",
        arguments: [
            (#""members":[{"value":"u1"},{"value":"u2"}]"#, ["u1", "u2"]),
            // Display, type and $ref are ours to tell; one member sent with and without them is one.
            (#""members":[{"value":"u1","display":"B","type":"User","$ref":null},{"value":"u1"}]"#, ["u1"]),
            (#""MEMBERS":[{"Value":"u1"}]"#, ["u1"]), (#""members":{"value":"u1"}"#, ["u1"]),
            (#""members":["u1","u1","U1"]"#, ["u1", "U1"]), (#""members":"u1""#, ["u1"]),
            (#""members":[]"#, []), (#""members":null"#, []), ("", nil),
            // Ids are compared by their bytes.
            (#""members":["\u00e9","e\u0301"]"#, ["\u{E9}", "e\u{301}"]),
        ] as [(String, [String]?)]
    )
    func members(members: String, expected: [String]?) throws {
        let decoded = try decode(body(members, of: .group), as: .group)
        #expect(
            decoded.members.map { $0.map { Array($0.utf8) } } == expected.map { $0.map { Array($0.utf8) } }
        )
        #expect(decoded.resource.attributes.members.map(\.name) == ["displayName"])
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

    @Test("A-17: a request can name as many members as the limit says, and not one more")
    func limit() throws {
        func list(_ count: Int) -> String {
            #""members":[\#((0..<count).map { #"{"value":"\#($0)"}"# }.joined(separator: ","))]"#
        }
        let most = body(list(ResourceLimits.membersMax), of: .group)
        #expect(try decode(most, as: .group).members?.count == ResourceLimits.membersMax)
        let more = body(list(ResourceLimits.membersMax + 1), of: .group)
        #expect(try refusal(more, as: .group)?.keyword == .invalidValue)
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
