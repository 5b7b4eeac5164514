import JSON
import SCIM
import Testing

@Suite("PATCH operations")
struct PatchApplierTests {
    private static let work = #"{"value":"w@x","type":"work","primary":true}"#
    private static let home = #"{"value":"h@x","type":"home"}"#
    private static let both = #"{"userName":"u","emails":[\#(work),\#(home)]}"#

    @Test(
        "H-09, RFC 7644 §3.5.2.1: add",
        arguments: [
            PatchCase(
                "a simple attribute",
                #"{"userName":"u"}"#,
                #"[{"op":"add","path":"title","value":"t"}]"#,
                #"{"userName":"u","title":"t"}"#
            ),
            PatchCase(
                "over an existing value replaces it",
                #"{"userName":"u","title":"a"}"#,
                #"[{"op":"add","path":"title","value":"b"}]"#,
                #"{"userName":"u","title":"b"}"#
            ),
            PatchCase(
                "a sub-attribute of an absent complex attribute",
                #"{"userName":"u"}"#,
                #"[{"op":"add","path":"name.givenName","value":"g"}]"#,
                #"{"userName":"u","name":{"givenName":"g"}}"#
            ),
            PatchCase(
                "a complex value is merged",
                #"{"userName":"u","name":{"givenName":"g","familyName":"f"}}"#,
                #"[{"op":"add","path":"name","value":{"familyName":"n","middleName":"m"}}]"#,
                #"{"userName":"u","name":{"givenName":"g","familyName":"n","middleName":"m"}}"#
            ),
            PatchCase(
                "values are appended, one or several",
                #"{"userName":"u","emails":[\#(work)]}"#,
                #"[{"op":"add","path":"emails","value":[\#(home)]},{"op":"add","path":"emails","value":{"value":"o@x"}}]"#,
                #"{"userName":"u","emails":[\#(work),\#(home),{"value":"o@x"}]}"#
            ),
            PatchCase(
                "a value that is there already changes nothing",
                both,
                #"[{"op":"add","path":"emails","value":[{"type":"home","value":"h@x"},{"value":"W@X","type":"WORK","primary":true}]}]"#,
                #"{"userName":"u","emails":[{"value":"W@X","type":"WORK","primary":true},\#(home)]}"#
            ),
            PatchCase(
                "a value with less about it than the one that is there changes nothing",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"h@x"}}]"#,
                both
            ),
            PatchCase(
                "the same value of another type is another value",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"h@x","type":"other"}}]"#,
                #"{"userName":"u","emails":[\#(work),\#(home),{"value":"h@x","type":"other"}]}"#
            ),
            PatchCase(
                "more about a value that is there is merged into it",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"h@x","type":"home","display":"d"}}]"#,
                #"{"userName":"u","emails":[\#(work),{"value":"h@x","type":"home","display":"d"}]}"#
            ),
            PatchCase(
                "to the elements a filter selects",
                both,
                #"[{"op":"add","path":"emails[type eq \"home\"]","value":{"display":"d"}}]"#,
                #"{"userName":"u","emails":[\#(work),{"value":"h@x","type":"home","display":"d"}]}"#
            ),
            PatchCase(
                "a path-less value merges, complex and multi-valued alike",
                #"{"userName":"u","name":{"givenName":"g"},"emails":[\#(work)]}"#,
                #"[{"op":"add","value":{"nickName":"n","name":{"familyName":"f"},"emails":[\#(home)]}}]"#,
                #"{"userName":"u","nickName":"n","name":{"givenName":"g","familyName":"f"},"emails":[\#(work),\#(home)]}"#
            ),
            PatchCase(
                "null and [] add nothing to several values",
                both,
                #"[{"op":"add","path":"emails","value":null},{"op":"add","path":"emails","value":[]}]"#,
                both
            ),
            PatchCase(
                "null for a single value unassigns it",
                #"{"userName":"u","title":"a"}"#,
                #"[{"op":"add","path":"title","value":null}]"#,
                #"{"userName":"u"}"#
            ),
        ]
    )
    func add(_ sample: PatchCase) throws { try sample.check() }

    @Test(
        "H-10, H-11, RFC 7644 §3.5.2.2: remove",
        arguments: [
            PatchCase(
                "a single value",
                #"{"userName":"u","title":"a"}"#,
                #"[{"op":"remove","path":"title"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "what is not there succeeds",
                #"{"userName":"u"}"#,
                #"[{"op":"remove","path":"title"},{"op":"remove","path":"emails[type eq \"x\"]"},{"op":"remove","path":"name.givenName"},{"op":"remove","path":"emails.value"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "all values without a filter",
                both,
                #"[{"op":"remove","path":"emails"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "the values a filter selects",
                both,
                #"[{"op":"remove","path":"emails[type eq \"WORK\"]"}]"#,
                #"{"userName":"u","emails":[\#(home)]}"#
            ),
            PatchCase(
                "the last value leaves no attribute",
                both,
                #"[{"op":"remove","path":"emails[type pr]"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "a sub-attribute",
                #"{"userName":"u","name":{"givenName":"g","familyName":"f"}}"#,
                #"[{"op":"remove","path":"name.givenName"}]"#,
                #"{"userName":"u","name":{"familyName":"f"}}"#
            ),
            PatchCase(
                "the last sub-attribute leaves no attribute",
                #"{"userName":"u","name":{"givenName":"g"}}"#,
                #"[{"op":"remove","path":"name.givenName"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "a sub-attribute of the values a filter selects",
                both,
                #"[{"op":"remove","path":"emails[primary eq true].type"}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","primary":true},\#(home)]}"#
            ),
            PatchCase(
                "a sub-attribute of every value",
                both,
                #"[{"op":"remove","path":"emails.type"}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","primary":true},{"value":"h@x"}]}"#
            ),
            PatchCase(
                "only the values a value names",
                both,
                #"[{"op":"remove","path":"emails","value":[{"value":"W@x"}]}]"#,
                #"{"userName":"u","emails":[\#(home)]}"#
            ),
            PatchCase(
                "values named by another sub-attribute",
                both,
                #"[{"op":"remove","path":"emails","value":{"type":"home"}}]"#,
                #"{"userName":"u","emails":[\#(work)]}"#
            ),
            PatchCase(
                "a named value of another type stays",
                both,
                #"[{"op":"remove","path":"emails","value":[{"value":"w@x","type":"home"}]}]"#,
                both
            ),
            PatchCase(
                "an empty array names nothing",
                both,
                #"[{"op":"remove","path":"emails","value":[]}]"#,
                both
            ),
            PatchCase(
                "an extension as a whole",
                #"{"userName":"u","\#(enterprise)":{"department":"d"}}"#,
                #"[{"op":"remove","path":"\#(enterprise)"}]"#,
                #"{"userName":"u"}"#
            ),
        ]
    )
    func remove(_ sample: PatchCase) throws { try sample.check() }

    @Test(
        "H-12, RFC 7644 §3.5.2.3: replace",
        arguments: [
            PatchCase(
                "what is absent is added",
                #"{"userName":"u"}"#,
                #"[{"op":"replace","path":"title","value":"t"}]"#,
                #"{"userName":"u","title":"t"}"#
            ),
            PatchCase(
                "all values without a filter",
                both,
                #"[{"op":"replace","path":"emails","value":[{"value":"n@x"}]}]"#,
                #"{"userName":"u","emails":[{"value":"n@x"}]}"#
            ),
            PatchCase(
                "a complex value keeps what is not named",
                #"{"userName":"u","name":{"givenName":"g","familyName":"f"}}"#,
                #"[{"op":"replace","path":"name","value":{"familyName":"n","givenName":null}}]"#,
                #"{"userName":"u","name":{"familyName":"n"}}"#
            ),
            PatchCase(
                "the values a filter selects, in their place, still selected by it",
                both,
                #"[{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"n@x"}}]"#,
                #"{"userName":"u","emails":[{"value":"n@x","type":"work"},\#(home)]}"#
            ),
            PatchCase(
                "a sub-attribute of the values a filter selects",
                both,
                #"[{"op":"replace","path":"emails[type eq \"work\"].value","value":"n@x"}]"#,
                #"{"userName":"u","emails":[{"value":"n@x","type":"work","primary":true},\#(home)]}"#
            ),
            PatchCase(
                "null, [] and an empty path-less array unassign",
                #"{"userName":"u","title":"t","emails":[\#(home)],"photos":[{"value":"p"}]}"#,
                #"[{"op":"replace","path":"title","value":null},{"op":"replace","path":"emails","value":[]},{"op":"replace","value":{"photos":null}}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "a sub-attribute of null",
                both,
                #"[{"op":"replace","path":"emails[type eq \"work\"].type","value":null}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","primary":true},\#(home)]}"#
            ),
            PatchCase(
                "the core schema as a path is the resource",
                #"{"userName":"u"}"#,
                #"[{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User","value":{"title":"t"}}]"#,
                #"{"userName":"u","title":"t"}"#
            ),
            PatchCase(
                "a new manager takes the old one's reference along",
                #"{"userName":"u","\#(enterprise)":{"manager":{"value":"1","$ref":"../Users/1"}}}"#,
                #"[{"op":"replace","path":"\#(enterprise):manager.value","value":"2"}]"#,
                #"{"userName":"u","\#(enterprise)":{"manager":{"value":"2"}}}"#
            ),
        ]
    )
    func replace(_ sample: PatchCase) throws { try sample.check() }

    @Test(
        "H-06, RFC 7644 §3.5.2: a value that becomes primary takes that from the others",
        arguments: [
            PatchCase(
                "by adding one",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"n@x","primary":true}}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","type":"work","primary":false},\#(home),{"value":"n@x","primary":true}]}"#
            ),
            PatchCase(
                "by setting the sub-attribute",
                both,
                #"[{"op":"replace","path":"emails[type eq \"home\"].primary","value":"true"}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","type":"work","primary":false},{"value":"h@x","type":"home","primary":true}]}"#
            ),
            PatchCase(
                "by adding it to one that is there",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"h@x","type":"home","primary":true}}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","type":"work","primary":false},{"value":"h@x","type":"home","primary":true}]}"#
            ),
            PatchCase(
                "but not by adding one that is not",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"n@x","primary":false}}]"#,
                #"{"userName":"u","emails":[\#(work),\#(home),{"value":"n@x","primary":false}]}"#
            ),
        ]
    )
    func primary(_ sample: PatchCase) throws { try sample.check() }

    @Test(
        "H-05, H-10, H-12, H-14: what is refused, and how",
        arguments: [
            PatchRefusal("readOnly", both, #"[{"op":"replace","path":"id","value":"x"}]"#, .mutability),
            PatchRefusal("readOnly meta", both, #"[{"op":"remove","path":"meta"}]"#, .mutability),
            PatchRefusal(
                "readOnly groups",
                both,
                #"[{"op":"add","path":"groups","value":[{"value":"g"}]}]"#,
                .mutability
            ),
            PatchRefusal(
                "readOnly sub-attribute",
                both,
                #"[{"op":"add","path":"groups[value eq \"g\"].display","value":"d"}]"#,
                .mutability
            ),
            PatchRefusal("required, removed", both, #"[{"op":"remove","path":"userName"}]"#, .mutability),
            PatchRefusal(
                "required, even if a later operation sets it",
                both,
                #"[{"op":"remove","path":"USERNAME"},{"op":"add","path":"userName","value":"v"}]"#,
                .mutability
            ),
            PatchRefusal(
                "required, unassigned",
                both,
                #"[{"op":"replace","path":"userName","value":null}]"#,
                .invalidValue
            ),
            PatchRefusal("schemas, removed", both, #"[{"op":"remove","path":"schemas"}]"#, .mutability),
            PatchRefusal(
                "the core schema, removed",
                both,
                #"[{"op":"remove","path":"urn:ietf:params:scim:schemas:core:2.0:User"}]"#,
                .mutability
            ),
            PatchRefusal(
                "replace under a filter without match",
                both,
                #"[{"op":"replace","path":"emails[type eq \"x\"]","value":{"value":"y"}}]"#,
                .noTarget
            ),
            PatchRefusal(
                "a filter that describes no element",
                both,
                #"[{"op":"replace","path":"emails[type ne \"x\" and value sw \"y\"].value","value":"y"}]"#,
                .noTarget
            ),
            PatchRefusal(
                "a filter with or",
                both,
                #"[{"op":"add","path":"emails[type eq \"x\" or type eq \"y\"].value","value":"y"}]"#,
                .noTarget
            ),
            PatchRefusal(
                "a filter on an undefined sub-attribute",
                both,
                #"[{"op":"add","path":"emails[shoe eq \"x\"].value","value":"y"}]"#,
                .noTarget
            ),
            PatchRefusal(
                "a value that contradicts the filter",
                both,
                #"[{"op":"add","path":"emails[type eq \"x\"]","value":{"type":"y"}}]"#,
                .noTarget
            ),
            PatchRefusal(
                "a filter on a single value that does not fit",
                #"{"userName":"u","name":{"givenName":"g"}}"#,
                #"[{"op":"replace","path":"name[givenName eq \"x\"].familyName","value":"y"}]"#,
                .noTarget
            ),
            PatchRefusal(
                "wrong type",
                both,
                #"[{"op":"replace","path":"active","value":"maybe"}]"#,
                .invalidValue
            ),
            PatchRefusal(
                "several values for one",
                both,
                #"[{"op":"replace","path":"title","value":["a","b"]}]"#,
                .invalidValue
            ),
            PatchRefusal(
                "two primaries at once",
                both,
                #"[{"op":"replace","path":"emails","value":[{"value":"a","primary":true},{"value":"b","primary":true}]}]"#,
                .invalidValue
            ),
            PatchRefusal(
                "several primaries through a filter",
                both,
                #"[{"op":"replace","path":"emails[value pr].primary","value":true}]"#,
                .invalidValue
            ),
            PatchRefusal(
                "a path that is none",
                both,
                #"[{"op":"replace","path":"a b","value":1}]"#,
                .invalidPath
            ),
            PatchRefusal(
                "a filter that is none",
                both,
                #"[{"op":"remove","path":"emails[type eq work]"}]"#,
                .invalidFilter
            ),
            PatchRefusal(
                "a filter that does not fit",
                both,
                #"[{"op":"remove","path":"emails[primary gt true]"}]"#,
                .invalidFilter
            ),
            PatchRefusal(
                "a filtered name in a path-less value that is none",
                both,
                #"[{"op":"add","value":{"emails[type eq ].value":"x"}}]"#,
                .invalidFilter
            ),
            PatchRefusal(
                "one name twice in different case",
                both,
                #"[{"op":"add","value":{"title":"a","Title":"b"}}]"#,
                .invalidSyntax
            ),
            PatchRefusal(
                "a value that is no object for a schema",
                both,
                #"[{"op":"add","path":"\#(enterprise)","value":"x"}]"#,
                .invalidValue
            ),
        ]
    )
    func refused(_ sample: PatchRefusal) { sample.check() }

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

    @Test("Unknown attributes in a path are refused where that is asked for, in a value they never are")
    func refusingUnknown() throws {
        #expect {
            try patch(Self.both, #"[{"op":"add","path":"shoeSize","value":1}]"#, unknownAttributes: .refuse)
        } throws: { ($0 as? SCIMError)?.keyword == .invalidPath }
        #expect(throws: Never.self) {
            try patch(Self.both, #"[{"op":"add","value":{"shoeSize":1}}]"#, unknownAttributes: .refuse)
        }
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
            try patch(#"{"userName":"u"}"#, #"[{"op":"add","path":"password","value":7}]"#)
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
