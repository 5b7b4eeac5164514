import JSON
import SCIM
import Testing

@Suite("Reading resources")
struct ResourceDecoderTests {
    @Test(
        "A-01, A-06, C-02: what is kept of what clients send",
        arguments: [
            ("", "{}"),
            // Names in any case are kept in the schema's spelling.
            (
                #""NICKNAME":"Babs","Name":{"FAMILYNAME":"Jensen"},"EMAILS":[{"Value":"a@b.c","TYPE":"work"}]"#,
                #"{"nickName":"Babs","name":{"familyName":"Jensen"},"emails":[{"value":"a@b.c","type":"work"}]}"#
            ),
            // Unassigned: null, [], {}, and the empty text that stands for a cleared field.
            (#""nickName":null,"emails":null,"name":null,"active":null,"externalId":null"#, "{}"),
            (#""emails":[],"name":{},"roles":[null,{},"",[]],"title":[]"#, "{}"),
            (
                #""nickName":"","name":{"givenName":"","familyName":"J"},"externalId":"""#,
                #"{"name":{"familyName":"J"}}"#
            ),
            (#""name":"","emails":"","profileUrl":"","x509Certificates":[{"value":""}]"#, "{}"),
            // White space is a text.
            (#""nickName":" ""#, #"{"nickName":" "}"#),
            // Values stay as they were sent.
            (
                #""phoneNumbers":[{"value":"+1 (555) 0100 "}],"addresses":[{"country":"Germany"}],"locale":"xx""#,
                #"{"phoneNumbers":[{"value":"+1 (555) 0100 "}],"addresses":[{"country":"Germany"}],"locale":"xx"}"#
            ),
            (
                #""emails":[{"value":"a","type":"anything"}]"#,
                #"{"emails":[{"value":"a","type":"anything"}]}"#
            ),
            // Booleans as text, in any case.
            (
                #""active":"False","emails":[{"value":"a","primary":"True"}],"roles":[{"value":"r","primary":"true"}]"#,
                #"{"active":false,"emails":[{"value":"a","primary":true}],"roles":[{"value":"r","primary":true}]}"#
            ),
            // A bare text for a value, one value for several.
            (
                #""emails":["a@b"],"roles":"admin""#,
                #"{"emails":[{"value":"a@b"}],"roles":[{"value":"admin"}]}"#
            ),
            (#""emails":{"value":"a@b"}"#, #"{"emails":[{"value":"a@b"}]}"#),
            // Equal values are one, whatever the order of their members.
            (
                #""emails":[{"value":"a","type":"work"},{"type":"work","value":"a"},{"value":"a"},"a"]"#,
                #"{"emails":[{"value":"a","type":"work"},{"value":"a"}]}"#
            ),
            // Unknown sub-attributes.
            (
                #""name":{"familyName":"J","clan":"x"},"emails":[{"clan":"x"}]"#,
                #"{"name":{"familyName":"J"}}"#
            ),
            // What is readOnly.
            (
                #""id":"x","meta":{"created":5},"groups":[{"value":"g"}],"ID2":1"#, "{}"
            ),
        ]
    )
    func kept(members: String, expected: String) throws {
        #expect(sorted(try SCIMTests.kept(members)) == sorted(try jsonObject(expected)))
    }

    @Test(
        "A-11, A-18: the enterprise extension in its container, and a manager in all the forms it is sent in",
        arguments: [
            (#""\#(enterprise)":{"department":"Sales"}"#, #"{"department":"Sales"}"#),
            (#""\#(enterprise.uppercased())":{"DEPARTMENT":"Sales"}"#, #"{"department":"Sales"}"#),
            (#""urn:scim:schemas:extension:enterprise:1.0":{"costCenter":"4"}"#, #"{"costCenter":"4"}"#),
            (#""urn:scim:schemas:extension:enterprise:2.0":{"division":"D"}"#, #"{"division":"D"}"#),
            (#""\#(enterprise)":{"manager":"271"}"#, #"{"manager":{"value":"271"}}"#),
            (
                #""\#(enterprise)":{"manager":{"value":"boss@example.com"}}"#,
                #"{"manager":{"value":"boss@example.com"}}"#
            ),
            (
                #""\#(enterprise)":{"manager":[{"$ref":"../Users/1","value":"1","displayName":"X"}]}"#,
                #"{"manager":{"value":"1","$ref":"../Users/1"}}"#
            ),
            (#""\#(enterprise)":{"manager":{"displayName":"X"}}"#, nil),
            (#""\#(enterprise)":{"manager":{"value":""}}"#, nil), (#""\#(enterprise)":{"manager":""}"#, nil),
            (#""\#(enterprise)":{"manager":{"managerId":"5"}}"#, nil),
            (#""\#(enterprise)":{"manager":null,"department":""}"#, nil),
            (#""\#(enterprise)":null"#, nil), (#""\#(enterprise)":{}"#, nil), (#""\#(enterprise)":[]"#, nil),
        ] as [(String, String?)]
    )
    func enterpriseExtension(members: String, expected: String?) throws {
        let resource = try decode(body(members)).resource
        let container = try expected.map(json)
        #expect(resource.attributes[enterprise].map(sorted) == container.map(sorted))
        // A-07: `schemas` follows from what is there, not from what was sent.
        #expect(resource.schemas == [Schema.user.id] + (expected == nil ? [] : [enterprise]))
    }

    @Test(
        "A-07: schemas name the type or one of its extensions, beside others of the client's own",
        arguments: [
            (#"["\#(Schema.user.id)"]"#, ResourceType.user), (#"["\#(Schema.user.id.uppercased())"]"#, .user),
            (#"["\#(enterprise)","\#(Schema.user.id)"]"#, .user), (#"["\#(enterprise)"]"#, .user),
            (#"["\#(Schema.user.id)","teleport"]"#, .user), (#"["urn:scim:schemas:core:1.0"]"#, .user),
            (#"["urn:scim:schemas:core:2.0","urn:scim:schemas:extension:enterprise:2.0"]"#, .user),
            (
                #"["\#(Schema.group.id)","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"]"#,
                .group
            ),
        ]
    )
    func schemas(list: String, type: ResourceType) throws {
        let text = #"{"schemas":\#(list),"userName":"a","displayName":"b"}"#
        #expect(try refusal(text, as: type) == nil)
        #expect(try decode(text, as: type).resource.schemas == [type.schema.id])
        #expect(try decode(text, as: type).resource.attributes["schemas"] == nil)
    }

    @Test(
        "A-07, C-05: schemas that are doubled, of no list or another type's are refused",
        arguments: [
            (#""schemas":["teleport"],"#, .invalidValue),
            (#""schemas":["\#(Schema.group.id)"],"#, .invalidValue),
            (#""schemas":["\#(Schema.user.id)","\#(Schema.user.id)"],"#, .invalidValue),
            (#""schemas":["\#(Schema.user.id)","\#(Schema.user.id.uppercased())"],"#, .invalidValue),
            (#""schemas":"\#(Schema.user.id)","#, .invalidSyntax), (#""schemas":[1],"#, .invalidSyntax),
            (#""schemas":{},"#, .invalidSyntax),
            (#""schemas":["\#(Schema.user.id)"],"Schemas":["\#(Schema.user.id)"],"#, .invalidSyntax),
        ] as [(String, SCIMError.Keyword)]
    )
    func badSchemas(member: String, keyword: SCIMError.Keyword) throws {
        #expect(try refusal(#"{\#(member)"userName":"a"}"#)?.keyword == keyword)
    }

    @Test(
        "C-05, H-14: a value of another type is invalidValue, and the detail names the attribute, not the value",
        arguments: [
            (#""nickName":[4711]"#, "nickName"), (#""nickName":true"#, "nickName"),
            (#""nickName":["4711"]"#, "nickName"),
            (#""nickName":{"value":"4711"}"#, "nickName"), (#""externalId":{"a":4711}"#, "externalId"),
            (#""active":"4711""#, "active"), (#""active":"""#, "active"), (#""active":4711"#, "active"),
            (#""active":{}"#, "active"), (#""name":"4711""#, "name"),
            (#""name":[{},{"familyName":"4711"}]"#, "name"),
            (#""name":{"familyName":[4711]}"#, "name.familyName"), (#""emails":[true]"#, "emails.value"),
            (#""emails":[{"value":{"a":4711}}]"#, "emails.value"), (#""emails":[["4711"]]"#, "emails.value"),
            (#""emails":[{"primary":"4711"}]"#, "emails.primary"), (#""addresses":["4711"]"#, "addresses"),
            (#""profileUrl":false"#, "profileUrl"),
            (#""x509Certificates":["4711!"]"#, "x509Certificates.value"),
            (#""password":[4711]"#, "password"), (#""\#(enterprise)":{"manager":true}"#, "manager.value"),
            (#""x509Certificates":[4711]"#, "x509Certificates.value"),
            (#""\#(enterprise)":{"department":[4711]}"#, "department"),
        ]
    )
    func wrongType(members: String, attribute: String) throws {
        let error = try #require(try refusal(body(members)))
        #expect(error.keyword == .invalidValue)
        #expect(error.detail.contains(" \(attribute) "), "\(error.detail)")
        #expect(!error.detail.contains("4711"), "\(error.detail)")
    }

    @Test(
        "C-05, A-01: a body of another shape, or an attribute twice in different cases, is invalidSyntax",
        arguments: [
            "[]", "null", #""x""#, "5", body(#""USERNAME":"x""#),
            body(#""name":{"givenName":"a","GivenName":"b"}"#),
            body(#""emails":[{"value":"a","VALUE":"a"}]"#), body(#""id":"a","ID":"a""#),
            body(#""\#(enterprise)":{"department":"a","Department":"a"}"#), body(#""\#(enterprise)":"x""#),
            body(#""\#(enterprise)":{},"urn:scim:schemas:extension:enterprise:2.0":{}"#),
            body(#""\#(enterprise)":{},"\#(enterprise.uppercased())":{"department":"a"}"#),
        ]
    )
    func syntax(text: String) throws {
        #expect(try refusal(text)?.keyword == .invalidSyntax)
    }

    @Test(
        "A-03: each data type, from the definition alone",
        arguments: [
            (#""pages":12"#, true), (#""pages":-3"#, true), (#""pages":1.5"#, false),
            (#""pages":1e-2"#, false), (#""pages":1e19"#, false), (#""pages":true"#, false),
            (#""pages":"12""#, false), (#""pages":9223372036854775807"#, true),
            (#""pages":9223372036854775808"#, false), (#""price":1.50"#, true), (#""price":1e2"#, true),
            (#""price":"1.5""#, false), (#""installed":"2026-11-24T01:02:03Z""#, true),
            (#""installed":"2026-11-24T01:02:03.5+02:00""#, true), (#""installed":"2026-11-24""#, false),
            (#""installed":"2026-11-24T01:02:03""#, true), (#""installed":"yesterday""#, false),
            (#""installed":"2026-13-24T01:02:03Z""#, false),
            (#""installed":1700000000"#, false), (#""installed":"""#, true), (#""colour":"TRUE""#, true),
            (#""colour":"1""#, false), (#""page":"../Manuals/1""#, true), (#""page":true"#, false),
            (#""key":"TUlJ""#, true), (#""key":"TQ==""#, true), (#""key":"TQ""#, true),
            (#""key":"-_8""#, true),
            (#""key":"TQ=""#, false), (#""key":"T""#, false), (#""key":"TQ===""#, false),
            (#""key":"T=Q=""#, false),
            (#""key":"TU lJ""#, false), (#""key":"""#, true), (#""key":5"#, false),
            (#""labels":["a","b",""]"#, true), (#""labels":"a""#, true), (#""labels":[true]"#, false),
            (#""labels":[["a"]]"#, false), (#""labels":{"value":"a"}"#, false),
            (#""trays":[{"name":"1","sizes":["A4","A3"]}]"#, true),
            (#""trays":[{"name":"1","sizes":[true]}]"#, false),
            (#""trays":["1"]"#, false), (#""trays":[{"sizes":["A4"]}]"#, false),
            (#""trays":[{"name":" "}]"#, false),
        ]
    )
    func dataTypes(members: String, isValid: Bool) throws {
        #expect(try refusal(printerBody(members), as: printer)?.keyword == (isValid ? nil : .invalidValue))
    }

    @Test(
        "A-03: what a profile with looseNumbers makes of numbers, and that another refuses them",
        arguments: [
            ("pages", "1.0", "1"), ("pages", "1e2", "100"), ("pages", "-20E-1", "-2"), ("pages", "0.0", "0"),
            ("page", "7", #""7""#), ("model", "0.50", #""0.50""#), ("model", "1e2", #""1e2""#),
            ("labels", "[1,-2]", #"["1","-2"]"#), ("trays", #"[{"name":4}]"#, #"[{"name":"4"}]"#),
            ("trays", #"[{"name":"4","count":2.0}]"#, #"[{"name":"4","count":2}]"#),
        ]
    )
    func looseNumbers(name: String, sent: String, kept: String) throws {
        let text = printerBody(#""\#(name)":\#(sent)"#)
        for profile in [Profile.default, .okta, .entra] {
            #expect(try decode(text, as: printer, profile).resource.attributes[name] == json(kept))
        }
        #expect { try decode(text, as: printer, Profile.default.subtracting(.looseNumbers)) } throws: {
            ($0 as? SCIMError)?.keyword == .invalidValue
        }
    }

    @Test("A-22: numbers and dateTimes stay in the text they came in")
    func exactText() throws {
        let members = #""price":1.50,"installed":"2026-11-24T01:02:03.5+02:00","labels":["b","a","b"]"#
        let attributes = try decode(printerBody(members), as: printer).resource.attributes
        #expect(attributes["price"] == .number(JSONNumber(validated: "1.50")))
        #expect(attributes["installed"] == .string("2026-11-24T01:02:03.5+02:00"))
        #expect(attributes["labels"] == .array([.string("b"), .string("a")]))
    }

    @Test(
        "A-13: a password is accepted and never kept",
        arguments: [
            (#""password":"t1meMa$heen""#, true), (#""PASSWORD":"x""#, true), (#""password":null"#, false),
            (#""password":"""#, false), ("", false),
        ]
    )
    func password(members: String, isThere: Bool) throws {
        let decoded = try decode(body(members))
        #expect(decoded.containsPassword == isThere)
        #expect(decoded.resource.attributes.members.map(\.name) == ["userName"])
    }

    @Test("A-13, A-19: what is writeOnly is told by the schema, also in an extension")
    func writeOnly() throws {
        let decoded = try decode(printerBody(#""pin":"1""#), as: printer)
        #expect(decoded.containsPassword)
        #expect(decoded.resource.attributes["pin"] == nil)
        let text =
            #"{"schemas":["urn:example:Printer"],"serial":"1","urn:example:Place":{"room":"4","alarm":"x"}}"#
        let place = try decode(text, as: printer)
        #expect(place.containsPassword)
        #expect(
            sorted(place.resource.attributes)
                == sorted(try jsonObject(#"{"serial":"1","urn:example:Place":{"room":"4"}}"#))
        )
    }

    @Test("Attributes and schemas that nobody defines have no effect and are named, up to a limit")
    func ignored() throws {
        let members =
            #""shoeSize":9,"urn:example:Pets":{"cat":"x"},"\#(enterprise)":{"badge":1},"no name":1,"$ref":"x""#
        let decoded = try decode(body(members))
        #expect(
            Set(decoded.ignored.map(\.description)) == [
                "shoeSize", "urn:example:Pets", "$ref", "\(enterprise):badge",
            ]
        )
        #expect(decoded.resource.attributes.members.map(\.name) == ["userName"])
        let many = (0..<100).map { #""x\#($0)":\#($0)"# }.joined(separator: ",")
        #expect(try decode(body(many)).ignored.count == IgnoredPaths.countMax)
        #expect(try decode(body(#""id":"x","groups":[],"meta":{}"#)).ignored.isEmpty)
    }

    @Test("Undefined members of complex values have no effect and are named, each path once")
    func ignoredSubAttributes() throws {
        let members =
            #""name":{"givenName":"b","shoe":1},"emails":[{"value":"a","Shoe":1},{"value":"b","Shoe":2,"a b":3}],"\#(enterprise)":{"manager":{"value":"1","a.b":1,"shoe":2}}"#
        let decoded = try decode(body(members))
        #expect(
            Set(decoded.ignored.map(\.description))
                == ["name.shoe", "emails.Shoe", "\(enterprise):manager.shoe"]
        )
        #expect(decoded.ignored.count == 3)
        #expect(decoded.resource.attributes["name"] == (try json(#"{"givenName":"b"}"#)))
    }

    @Test("U-04: what Okta read and sends back with a change is accepted as it is")
    func roundTrip() throws {
        let text = #"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","\#(enterprise)"],"id":"01",
             "externalId":"00u1","meta":{"resourceType":"User","created":"2026-11-24T01:02:03Z","location":"x","version":"W/\"1\""},
             "userName":"b@example.com","name":{"familyName":"J","givenName":"","middleName":null},"displayName":"",
             "locale":"en-US","groups":[],"active":true,"password":"x","emails":[{"primary":true,"value":"b@example.com","type":"work"}],
             "phoneNumbers":[{"primary":true,"value":"","type":"work"}],"\#(enterprise)":{"manager":{"displayName":"M"},"division":""}}
            """#
        let attributes = try decode(text).resource.attributes
        #expect(
            sorted(attributes)
                == sorted(
                    try jsonObject(
                        #"""
                        {"externalId":"00u1","userName":"b@example.com","name":{"familyName":"J"},"locale":"en-US","active":true,
                         "emails":[{"primary":true,"value":"b@example.com","type":"work"}],"phoneNumbers":[{"primary":true,"type":"work"}]}
                        """#
                    )
                )
        )
    }
}
