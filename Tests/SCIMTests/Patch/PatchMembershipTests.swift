import JSON
import SCIM
import TestSupport
import Testing

@Suite("PATCH of members")
struct PatchMembershipTests {
    private func changes(_ request: String) throws -> [String] {
        try plan(request, type: group).members.map { change in
            switch change {
            case .add(let ids): "+" + ids.texts.joined(separator: ",")
            case .remove(let ids): "-" + ids.texts.joined(separator: ",")
            case .removeAll: "-*"
            case .replaceAll(let ids): "=" + ids.texts.joined(separator: ",")
            case .exchange(let leaving, let ids):
                "-\(leaving.texts.joined(separator: ","))+\(ids.texts.joined(separator: ","))"
            case .removeMatching: "-?"
            }
        }
    }

    @Test(
        "H-09 to H-13: operations on members become ordered changes by id",
        arguments: [
            (
                #"[{"op":"add","path":"members","value":[{"value":"a","display":"A"},{"value":"b","$ref":null,"type":"User"}]}]"#,
                ["+a,b"]
            ),
            (
                #"[{"op":"Add","path":"MEMBERS","value":"a"},{"op":"add","path":"members","value":["b","c"]}]"#,
                ["+a", "+b,c"]
            ),
            (#"[{"op":"add","path":"members","value":{"Value":"a"}}]"#, ["+a"]),
            (
                #"[{"op":"add","path":"members","value":[{"value":"a"},{"value":"a","display":"x"}]}]"#,
                ["+a,a"]
            ),
            (
                #"[{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:Group:members","value":[{"value":"a"}]}]"#,
                ["+a"]
            ),
            (#"[{"op":"add","path":"members","value":[]},{"op":"add","path":"members","value":null}]"#, []),
            (#"[{"op":"add","path":"members.value","value":"a"}]"#, ["+a"]),
            (#"[{"op":"remove","path":"members"}]"#, ["-*"]),
            (#"[{"op":"remove","path":"members","value":null}]"#, ["-*"]),
            (#"[{"op":"remove","path":"members","value":[]}]"#, []),
            (#"[{"op":"Remove","path":"members","value":[{"value":"a"},{"value":"b"}]}]"#, ["-a,b"]),
            (#"[{"op":"remove","path":"members[value eq \"a\"]"}]"#, ["-a"]),
            (#"[{"op":"remove","path":"members[value eq \"a\" or VALUE eq \"b\"]"}]"#, ["-a,b"]),
            (#"[{"op":"remove","path":"members[value eq \"a\" and type eq \"User\"]"}]"#, ["-?"]),
            (#"[{"op":"remove","path":"members[type eq \"Group\"]"}]"#, ["-?"]),
            (#"[{"op":"replace","path":"members","value":[{"value":"a"}]}]"#, ["=a"]),
            (#"[{"op":"replace","path":"members","value":[]}]"#, ["-*"]),
            (#"[{"op":"replace","path":"members","value":null}]"#, ["-*"]),
            (#"[{"op":"replace","value":{"members":[{"value":"a"}]}}]"#, ["=a"]),
            (#"[{"op":"add","value":{"members":[{"value":"a"}]}}]"#, ["+a"]),
            (
                #"[{"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:Group":{"members":[{"value":"a"}]}}}]"#,
                ["+a"]
            ),
            (
                #"[{"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:Group:members":[{"value":"a"}]}}]"#,
                ["+a"]
            ),
            (#"[{"op":"add","path":"members[value eq \"a\"]","value":{"display":"A"}}]"#, ["+a"]),
            (#"[{"op":"replace","path":"members[value eq \"a\"]","value":{"value":"b"}}]"#, ["-a+b"]),
            (
                #"[{"op":"replace","path":"members[value eq \"a\" or value eq \"b\"]","value":[{"value":"b"},{"value":"c"}]}]"#,
                ["-a+b,c"]
            ),
            (#"[{"op":"add","path":"members[value eq \"a\"].value","value":"a"}]"#, ["+a"]),
            // Without quotes, as the profile allows it.
            (#"[{"op":"remove","path":"members[value eq a or value eq 7b]"}]"#, ["-a,7b"]),
            // A member's display is that of the user or group it stands for.
            (#"[{"op":"replace","path":"members[value eq \"a\"].display","value":"A"}]"#, []),
            (#"[{"op":"remove","path":"members.display"}]"#, []),
            (
                #"[{"op":"remove","path":"members[value eq \"a\"]"},{"op":"add","path":"members","value":[{"value":"b"}]},{"op":"remove","path":"members"}]"#,
                ["-a", "+b", "-*"]
            ),
        ]
    )
    func split(request: String, expected: [String]) throws {
        #expect(try changes(request) == expected)
    }

    @Test(
        "A-17, H-05, H-14: what is no membership change is refused",
        arguments: [
            (#"[{"op":"add","path":"members","value":[{"display":"A"}]}]"#, SCIMError.Keyword.invalidValue),
            (#"[{"op":"add","path":"members","value":[{"value":""}]}]"#, .invalidValue),
            (#"[{"op":"add","path":"members","value":[{"value":true}]}]"#, .invalidValue),
            (#"[{"op":"add","path":"members","value":[null]}]"#, .invalidValue),
            (#"[{"op":"add","path":"members","value":true}]"#, .invalidValue),
            (#"[{"op":"remove","path":"members","value":[{}]}]"#, .invalidValue),
            (#"[{"op":"add","path":"members","value":[{"value":"a","VALUE":"b"}]}]"#, .invalidSyntax),
            (#"[{"op":"replace","path":"members.value","value":"a"}]"#, .mutability),
            (#"[{"op":"remove","path":"members.value"}]"#, .mutability),
            (#"[{"op":"replace","path":"members[value eq \"a\"].value","value":"b"}]"#, .mutability),
            (#"[{"op":"remove","path":"members[value eq \"a\"].value"}]"#, .mutability),
            (#"[{"op":"add","path":"members[type eq \"User\"]","value":{"value":"a"}}]"#, .noTarget),
            (#"[{"op":"remove","path":"members[value eq 'a']"}]"#, .invalidFilter),
            (#"[{"op":"remove","path":"members[value gt 5]"}]"#, .invalidFilter),
            (#"[{"op":"remove","path":"members[value eq \"a\""}]"#, .invalidPath),
        ]
    )
    func refused(request: String, keyword: SCIMError.Keyword) {
        #expect { try changes(request) } throws: { ($0 as? SCIMError)?.keyword == keyword }
    }

    @Test("The other operations of the request stay as they are, in their order")
    func others() throws {
        let request =
            #"""
            [{"op":"replace","path":"displayName","value":"n"},{"op":"add","path":"members","value":"a"},
             {"op":"replace","value":{"id":"x","displayName":"m","Members":[{"value":"b"}]}},
             {"op":"add","path":"members.shoe","value":1},{"op":"replace","value":{"externalId":"e"}}]
            """#
        #expect(try plan(request, type: group).members.count == 2)
        let outcome = try patch(#"{"displayName":"g"}"#, request, type: group)
        #expect(outcome.resource.attributes == (try jsonObject(#"{"displayName":"m","externalId":"e"}"#)))
        #expect(outcome.ignored.map(\.description) == ["members.shoe"])
    }

    @Test("A type without members has no membership changes")
    func users() throws {
        let plan = try plan(#"[{"op":"add","path":"members","value":"a"}]"#)
        #expect(plan.members.isEmpty)
        #expect(plan.ignored.map(\.description) == ["members"])
    }

    @Test("A general filter is bound to the elements of members")
    func generalFilter() throws {
        let plan = try plan(
            #"[{"op":"remove","path":"members[type eq \"user\" and display sw \"A\"]"}]"#,
            type: group
        )
        guard case .removeMatching(let filter)? = plan.members.first else {
            Issue.record("no filter")
            return
        }
        #expect(filter.matches(try jsonObject(#"{"value":"1","type":"User","display":"anna"}"#)))
        #expect(!filter.matches(try jsonObject(#"{"value":"1","type":"Group","display":"anna"}"#)))
    }

    @Test("H-15: 256 members pass in one operation and in 256; as many as a body holds pass")
    func limits() throws {
        func list(_ count: Int) -> String {
            (0..<count).map { #"{"value":"m\#($0)"}"# }.joined(separator: ",")
        }
        #expect(try changes(#"[{"op":"add","path":"members","value":[\#(list(256))]}]"#).count == 1)
        let single = (0..<256).map { #"{"op":"remove","path":"members[value eq \"m\#($0)\"]"}"# }
        #expect(try changes("[\(single.joined(separator: ","))]").count == 256)
        let many = #"{"op":"add","path":"members","value":[\#(list(12_000))]}"#
        #expect(try changes("[\(many),\(many)]").count == 2)
    }
}
