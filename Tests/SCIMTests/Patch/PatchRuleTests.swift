import JSON
import SCIM
import Testing

@Suite("PATCH rules")
struct PatchRuleTests {
    private static let work = #"{"value":"w@x","type":"work","primary":true}"#
    private static let home = #"{"value":"h@x","type":"home"}"#
    private static let both = #"{"userName":"u","emails":[\#(work),\#(home)]}"#

    @Test("H-05: an immutable attribute is set once, and again only to the same value")
    func immutable() throws {
        let type = ResourceType(
            name: "Thing",
            endpoint: "/Things",
            description: "",
            schema: Schema(
                id: "urn:example:thing",
                name: "Thing",
                description: "",
                attributes: [
                    AttributeDefinition("serial", description: "", mutability: .immutable),
                    AttributeDefinition(
                        "parts",
                        .complex,
                        multiValued: true,
                        description: "",
                        subAttributes: [
                            AttributeDefinition("value", description: "", mutability: .immutable),
                            AttributeDefinition("label", description: ""),
                        ]
                    ),
                ]
            ),
            extensions: []
        )
        func serial(_ before: String, _ request: String) throws -> JSONValue? {
            try patch(before, request, type: type).resource.attributes["serial"]
        }
        let set = #"[{"op":"add","path":"serial","value":"1"}]"#
        #expect(try serial("{}", set) == .string("1"))
        #expect(try serial(#"{"serial":"1"}"#, set) == .string("1"))
        #expect { try serial(#"{"serial":"2"}"#, set) } throws: { ($0 as? SCIMError)?.keyword == .mutability }
        #expect(throws: SCIMError.self) {
            try serial(#"{"serial":"2"}"#, #"[{"op":"remove","path":"serial"}]"#)
        }
        let part = #"{"parts":[{"value":"p"}]}"#
        #expect(throws: SCIMError.self) {
            try patch(
                part,
                #"[{"op":"replace","path":"parts[value eq \"p\"].value","value":"q"}]"#,
                type: type
            )
        }
        #expect(throws: SCIMError.self) {
            try patch(part, #"[{"op":"remove","path":"parts[value eq \"p\"].value"}]"#, type: type)
        }
        let labelled = try patch(
            part,
            #"[{"op":"add","path":"parts[value eq \"p\"].label","value":"l"}]"#,
            type: type
        )
        #expect(
            sorted(labelled.resource.attributes)
                == sorted(try jsonObject(#"{"parts":[{"value":"p","label":"l"}]}"#))
        )
    }

    @Test("H-09, H-11: a multi-valued sub-attribute gains and loses single values")
    func multiValuedSubAttribute() throws {
        let type = ResourceType(
            name: "Thing",
            endpoint: "/Things",
            description: "",
            schema: Schema(
                id: "urn:example:thing",
                name: "Thing",
                description: "",
                attributes: [
                    AttributeDefinition(
                        "box",
                        .complex,
                        description: "",
                        subAttributes: [AttributeDefinition("tags", multiValued: true, description: "")]
                    )
                ]
            ),
            extensions: []
        )
        func tags(_ request: String) throws -> JSONValue? {
            let outcome = try patch(#"{"box":{"tags":["a","b"]}}"#, request, type: type)
            guard case .object(let box)? = outcome.resource.attributes["box"] else { return nil }
            return box["tags"]
        }
        #expect(try tags(#"[{"op":"add","path":"box.tags","value":["B","c"]}]"#) == json(#"["a","b","c"]"#))
        #expect(try tags(#"[{"op":"add","path":"box","value":{"tags":"c"}}]"#) == json(#"["a","b","c"]"#))
        #expect(try tags(#"[{"op":"replace","path":"box.tags","value":["c"]}]"#) == json(#"["c"]"#))
        #expect(try tags(#"[{"op":"remove","path":"box.tags","value":["A"]}]"#) == json(#"["b"]"#))
        #expect(try tags(#"[{"op":"remove","path":"box.tags"}]"#) == nil)
    }

    @Test("H-05, A-10: path-less values may carry readOnly and unknown attributes, which are ignored")
    func ignored() throws {
        let outcome = try patch(
            Self.both,
            #"""
            [{"op":"replace","value":{"id":"x","meta":{"created":"y"},"groups":[],"schemas":["urn:x"],"title":"t",
              "shoeSize":9,"urn:example:x":{"a":1},"name.shoe":"z","bad name":1}},
             {"op":"add","path":"shoeSize","value":10},{"op":"remove","path":"urn:example:x:hat"}]
            """#
        )
        #expect(outcome.resource.attributes["title"] == .string("t"))
        #expect(outcome.resource.attributes["id"] == nil)
        #expect(
            outcome.ignored.map(\.description) == [
                "shoeSize", "urn:example:x", "name.shoe", "urn:example:x:hat",
            ]
        )
    }

    @Test(
        "H-13: undefined members of complex values are ignored and named, whichever way the value is given",
        arguments: [
            (#"{"op":"add","path":"name","value":{"givenName":"b","shoe":1}}"#, "name.shoe"),
            (
                #"{"op":"replace","value":{"emails":[{"value":"a","shoe":1},{"value":"b","shoe":1}]}}"#,
                "emails.shoe"
            ),
            (
                #"{"op":"add","path":"emails[type eq \"work\"]","value":{"value":"a","shoe":1}}"#,
                "emails.shoe"
            ),
            (
                #"{"op":"add","path":"\#(enterprise)","value":{"manager":{"value":"1","shoe":1}}}"#,
                "\(enterprise):manager.shoe"
            ),
        ]
    )
    func ignoredMembers(operation: String, path: String) throws {
        let outcome = try patch(Self.both, "[\(operation)]")
        #expect(outcome.ignored.map(\.description) == [path])
        #expect(outcome.resource.attributes != (try jsonObject(Self.both)))
    }

    @Test(
        "Undefined attributes are refused where the profile does not ignore them, wherever they stand",
        arguments: [
            #"[{"op":"add","path":"shoeSize","value":1}]"#, #"[{"op":"remove","path":"name.shoe"}]"#,
            #"[{"op":"add","path":"name","value":{"shoe":1}}]"#,
            #"[{"op":"add","path":"emails","value":[{"value":"a","shoe":1}]}]"#,
            #"[{"op":"add","path":"\#(enterprise)","value":{"shoe":1}}]"#,
            #"[{"op":"add","path":"\#(enterprise)","value":{"bad name":1}}]"#,
        ]
    )
    func refusingUndefined(request: String) throws {
        #expect { try patch(Self.both, request, .strict) } throws: {
            ($0 as? SCIMError)?.keyword == .invalidSyntax
        }
        #expect(throws: Never.self) { try patch(Self.both, request) }
    }

    @Test("A-13: a password is accepted, noticed and dropped")
    func password() throws {
        for request in [
            #"[{"op":"replace","value":{"password":"s3cret"}}]"#,
            #"[{"op":"Replace","path":"password","value":"s3cret"}]"#,
        ] {
            let outcome = try patch(#"{"userName":"u"}"#, request)
            #expect(outcome.containsPassword)
            #expect(outcome.resource.attributes == (try jsonObject(#"{"userName":"u"}"#)))
        }
        #expect(try !patch(#"{"userName":"u"}"#, #"[{"op":"remove","path":"password"}]"#).containsPassword)
        #expect(throws: SCIMError.self) {
            try patch(#"{"userName":"u"}"#, #"[{"op":"add","path":"password","value":true}]"#)
        }
    }

    @Test("H-04: operations see the effect of those before them, and only the last result has to be valid")
    func sequence() throws {
        try PatchCase(
            "",
            #"{"userName":"u"}"#,
            #"""
            [{"op":"add","path":"emails","value":{"value":"a","type":"work"}},
             {"op":"replace","path":"emails[type eq \"work\"].value","value":"b"},
             {"op":"replace","path":"userName","value":null},{"op":"add","path":"userName","value":"v"}]
            """#,
            #"{"userName":"v","emails":[{"value":"b","type":"work"}]}"#
        ).check()
    }

    @Test(
        "RFC 7644 §3.5.2.1: what is set to what it was leaves the resource equal, whatever the order of members"
    )
    func unchanged() throws {
        let before = #"{"userName":"u","name":{"givenName":"g","familyName":"f"},"emails":[\#(Self.work)]}"#
        let outcome = try patch(
            before,
            #"""
            [{"op":"replace","path":"emails","value":[{"primary":true,"type":"work","value":"w@x"}]},
             {"op":"add","value":{"name":{"familyName":"f"},"emails":[{"primary":true,"value":"w@x","type":"work"}]}},
             {"op":"remove","path":"title"},{"op":"remove","path":"photos[value eq \"x\"]"}]
            """#
        )
        #expect(outcome.resource == Resource(stored: try jsonObject(before), type: user))
    }

    @Test("An attribute holds no more values than its limit, at any moment of the request")
    func elementLimit() throws {
        let values = (0..<ResourceLimits.elementsMax).map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        let fill = #"{"op":"add","path":"emails","value":[\#(values)]}"#
        #expect(throws: Never.self) { try patch(#"{"userName":"u"}"#, "[\(fill)]") }
        #expect(throws: SCIMError.self) {
            try patch(
                #"{"userName":"u"}"#,
                #"[\#(fill),{"op":"add","path":"emails","value":{"value":"x"}},{"op":"remove","path":"emails"}]"#
            )
        }
    }

    @Test("F-14, H-15: the most operations on a large attribute take no long time")
    func effort() throws {
        let emails = (0..<300).map { #"{"value":"user\#($0)@example.com","type":"t\#($0)"}"# }.joined(
            separator: ","
        )
        let add = (0..<200).map { #"{"op":"add","path":"emails","value":{"value":"new\#($0)@example.com"}}"# }
        let change = (0..<200).map {
            #"{"op":"replace","path":"emails[type eq \"t\#($0)\"].display","value":"d"}"#
        }
        let start = ContinuousClock.now
        _ = try patch(
            #"{"userName":"u","emails":[\#(emails)]}"#,
            "[\((add + change).joined(separator: ","))]"
        )
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}
