import SCIM
import Testing

@Suite("Attribute paths")
struct PathTests {
    @Test(
        "Q-09, RFC 7644 §3.10: a path is a name, a sub-attribute, or either behind a URN",
        arguments: [
            ("userName", AttributePath(attribute: "userName")),
            ("name.familyName", AttributePath(attribute: "name", subAttribute: "familyName")),
            ("members.$ref", AttributePath(attribute: "members", subAttribute: "$ref")),
            ("foo$bar-2_x", AttributePath(attribute: "foo$bar-2_x")),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:name.familyName",
                AttributePath(
                    schema: "urn:ietf:params:scim:schemas:core:2.0:User",
                    attribute: "name",
                    subAttribute: "familyName"
                )
            ),
        ]
    )
    func grammar(text: String, path: AttributePath) throws {
        #expect(try AttributePath(parsing: text) == path)
        #expect(path.description == text)
    }

    @Test(
        "H-03: what does not follow the grammar is invalidPath",
        arguments: [
            "", ".", "a.", ".a", "a.b.c", "urn:x:y:a.b.c.d", "1a", "a b", "$", "a[b]", "a(", "é", "urn:x:",
            ":a", "urn:x y:a",
            String(repeating: "a", count: AttributePath.bytesMax + 1),
        ]
    )
    func malformed(text: String) {
        #expect { try AttributePath(parsing: text) } throws: { ($0 as? SCIMError)?.keyword == .invalidPath }
    }

    @Test("Q-09: a known URN ends where its schema says, though it has dots and colons")
    func knownSchemas() throws {
        let dotted = "urn:example:ext:1.0"
        let path = try AttributePath(
            parsing: "URN:example:EXT:1.0:badge.colour",
            schemas: ["urn:example:ext", dotted]
        )
        #expect(path.schema?.equalsIgnoringASCIICase(dotted) == true)
        #expect(path.attribute == "badge")
        #expect(try AttributePath(parsing: dotted, schemas: [dotted]).attribute == "")
        #expect(throws: SCIMError.self) { try AttributePath(parsing: "\(dotted):", schemas: [dotted]) }
    }

    @Test(
        "A-01, F-12: names resolve in any case, with and without their URN",
        arguments: [
            ("USERNAME", "userName"), ("Name.FAMILYname", "name.familyName"),
            ("meta.LastModified", "meta.lastModified"),
            ("ID", "id"), ("externalid", "externalId"), ("schemas", "schemas"),
            ("groups.value", "groups.value"),
            ("URN:ietf:params:scim:schemas:core:2.0:user:userName", "userName"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:id", "id"),
            ("\(enterprise):Department", "\(enterprise):department"),
            ("\(enterprise):manager.VALUE", "\(enterprise):manager.value"),
            ("department", "\(enterprise):department"),
        ]
    )
    func resolution(text: String, canonical: String) throws {
        let path = try AttributePath(parsing: text, schemas: user.schemaURIs)
        #expect(user.resolve(path)?.path.description == canonical)
    }

    @Test(
        "A dot where a URN's last colon belongs is taken for it where undefined attributes are ignored, else nothing is meant",
        arguments: [
            ("\(enterprise).department", "\(enterprise):department"),
            ("\(enterprise).MANAGER.value", "\(enterprise):manager.value"),
            ("urn:ietf:params:scim:schemas:core:2.0:User.userName", "userName"),
            ("urn:ietf:params:scim:schemas:core:2.0:user.name.familyName", "name.familyName"),
            ("urn:scim:schemas:extension:enterprise:2.0:User.department", "\(enterprise):department"),
            ("urn:scim:schemas:core:2.0:User.title", "title"),
        ]
    )
    func dottedURN(text: String, canonical: String) throws {
        // Filters are parsed without the type at hand.
        for schemas in [user.schemaURIs, []] {
            let path = try AttributePath(parsing: text, schemas: schemas)
            #expect(path.description == text)
            #expect(user.resolve(path, .default)?.path.description == canonical)
            #expect(user.resolve(path, Profile.default.subtracting(.undefinedAttributes)) == nil)
            #expect(user.resolve(path, .strict) == nil)
        }
    }

    @Test(
        "The last part of a known URN may have a dot itself",
        arguments: [
            ("urn:example:ext:2.0.badge", "urn:example:ext:2.0:badge"),
            ("URN:example:ext:2.0.badge.colour", "urn:example:ext:2.0:badge.colour"),
            ("urn:example:ext:2.0:badge.colour", "urn:example:ext:2.0:badge.colour"),
            ("urn:example:ext:2.0.badge.colour.x", nil), ("urn:example:ext:2.0.", nil),
            ("urn:example:ext:2.0..badge", nil),
        ] as [(String, String?)]
    )
    func dottedVersion(text: String, canonical: String?) throws {
        let colour = AttributeDefinition("colour", description: "")
        let badge = AttributeDefinition("badge", .complex, description: "", subAttributes: [colour])
        let schema = Schema(id: "urn:example:ext:2.0", name: "", description: "", attributes: [badge])
        let type = user.adding([.init(schema: schema, required: false)])
        guard let canonical else {
            #expect(throws: SCIMError.self) { try AttributePath(parsing: text, schemas: type.schemaURIs) }
            return
        }
        let path = try AttributePath(parsing: text, schemas: type.schemaURIs)
        #expect(type.resolve(path)?.path.description == canonical)
    }

    @Test(
        "F-11: what no schema of the type defines resolves to nothing",
        arguments: [
            "shoeSize", "name.shoeSize", "userName.value", "members", "urn:example:x:userName",
            "\(enterprise):userName", "urn:ietf:params:scim:schemas:core:2.0:User:department",
            "\(enterprise).userName", "\(enterprise).shoeSize", "\(enterprise).manager.shoeSize",
            "urn:example:x.userName", "urn:example:x.name.familyName",
        ]
    )
    func undefined(text: String) throws {
        #expect(user.resolve(try AttributePath(parsing: text, schemas: user.schemaURIs)) == nil)
    }

    @Test("H-03: a value path has a filter and perhaps a sub-attribute")
    func valuePaths() throws {
        let path = try PatchPath(
            parsing: #"Emails[type eq "a]b" and primary eq true].value"#,
            type: user,
            .default
        )
        #expect(path.attribute == AttributePath(attribute: "Emails", subAttribute: "value"))
        #expect(path.filter?.description == #"type eq "a]b" and primary eq true"#)
        #expect(path.description == #"Emails[type eq "a]b" and primary eq true].value"#)
    }

    @Test(
        "H-03: a value path of another shape is refused",
        arguments: [
            (#"emails[type eq "work""#, SCIMError.Keyword.invalidPath), (#"emails]"#, .invalidPath),
            (#"emails[type eq "work"]value"#, .invalidPath),
            (#"emails[type eq "work"].value.x"#, .invalidPath),
            (#"name.x[type eq "work"]"#, .invalidPath), (#"[type eq "work"]"#, .invalidPath),
            (#"emails[type eq "work"]."#, .invalidPath), (#"\#(enterprise)[department pr]"#, .invalidPath),
            (#"emails[]"#, .invalidFilter), (#"emails[type eq 'work']"#, .invalidFilter),
            (#"\#(enterprise).manager[value eq "x"]"#, .invalidPath),
            (#"emails[type[x eq 1]]"#, .invalidFilter), (#"userName eq "x""#, .invalidPath),
            (#"emails[type eq "a"].value[x eq "b"]"#, .invalidFilter),
        ]
    )
    func malformedValuePaths(text: String, keyword: SCIMError.Keyword) {
        #expect { try PatchPath(parsing: text, type: user, .default) } throws: {
            ($0 as? SCIMError)?.keyword == keyword
        }
    }
}
