import JSON
import SCIM
import Testing

@Suite("Schemas and resource types as documents")
struct SchemaDecoderTests {
    private static func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue(parsing: Array(text.utf8)) else { throw NoObject() }
        return object
    }

    private struct NoObject: Error {}

    private static func schema(_ attributes: String, id: String = "urn:example:Thing") throws -> Schema {
        try SchemaDecoder.schema(object(#"{"id":"\#(id)","attributes":[\#(attributes)]}"#))
    }

    /// What is said about a document that is refused; empty if it is not.
    private static func fault(_ body: () throws -> Void) throws -> String {
        do { try body() } catch let fault as SchemaFault { return fault.description }
        return ""
    }

    @Test("D-06: every schema that the server brings along can be read from its own document, unchanged")
    func coreSchemas() throws {
        for schema in SchemaCatalog.core.schemas {
            #expect(try SchemaDecoder.schema(schema.json) == schema)
        }
        for type in SchemaCatalog.core.resourceTypes {
            #expect(try ResourceTypeDocument(type.document.json) == type.document)
        }
    }

    @Test("A-02: what an attribute's document leaves out has the RFC's default")
    func defaults() throws {
        let attribute = try #require(try Self.schema(#"{"name":"a"}"#).attributes.first)
        #expect(attribute == AttributeDefinition("a", description: ""))
        #expect(attribute.mutability == .readWrite)
        #expect(attribute.returned == .default)
        #expect(!attribute.required && !attribute.caseExact && !attribute.multiValued)
    }

    @Test("A-03, A-19: references and binaries are caseExact, and writeOnly attributes are never returned")
    func implied() throws {
        let attributes = try Self.schema(
            #"{"name":"a","type":"binary"},{"name":"b","type":"reference","caseExact":false},"#
                + #"{"name":"c","mutability":"writeOnly"},{"name":"d","type":"dateTime","caseExact":true}"#
        ).attributes
        #expect(attributes.map(\.caseExact) == [true, true, false, false])
        #expect(attributes[2].returned == .never)
    }

    @Test(
        "A-01, A-04: an attribute that does not follow RFC 7643 is refused, and the member at fault is named",
        arguments: [
            (#"{}"#, "name: is required"), (#"{"name":"1a"}"#, "name: must be"),
            (#"{"name":"a b"}"#, "name: must be"),
            (#"{"name":"$a"}"#, "name: must be"), (#"{"name":7}"#, "name: must be a text"),
            (#"{"name":"externalId"}"#, "name: externalId is an attribute of every resource"),
            (#"{"name":"a","type":"text"}"#, "type: must be one of string"),
            (#"{"name":"a","multiValued":"true"}"#, "multiValued: must be true or false"),
            (#"{"name":"a","mutability":"readonly"}"#, "mutability: must be one of readOnly"),
            (#"{"name":"a","returned":"no"}"#, "returned: must be one of"),
            (#"{"name":"a","uniqueness":"yes"}"#, "uniqueness: must be one of"),
            (#"{"name":"a","mutability":"writeOnly","returned":"default"}"#, "returned: must be never"),
            (#"{"name":"a","colour":"red"}"#, "colour: is no member"),
            (#"{"name":"a","Name":"b"}"#, "Name: is there twice"),
            (#"{"name":"a","canonicalValues":"x"}"#, "canonicalValues: must be an array"),
            (#"{"name":"a","type":"integer","canonicalValues":["1"]}"#, "canonicalValues: is only for"),
            (#"{"name":"a","referenceTypes":["User"]}"#, "referenceTypes: is only for"),
            (#"{"name":"a","type":"boolean","uniqueness":"server"}"#, "uniqueness: must be none"),
            (#"{"name":"a","multiValued":true,"uniqueness":"server"}"#, "uniqueness: must be none"),
            (#"{"name":"a","type":"complex"}"#, "subAttributes: must name at least one"),
            (#"{"name":"a","subAttributes":[{"name":"b"}]}"#, "subAttributes: is only for"),
            (
                #"{"name":"a","type":"complex","uniqueness":"server","subAttributes":[{"name":"b"}]}"#,
                "uniqueness: must be none"
            ),
            (
                #"{"name":"a","type":"complex","subAttributes":[{"name":"b"},{"name":"c","type":"complex"}]}"#,
                "subAttributes[1].type: complex is not for a sub-attribute"
            ),
            (
                #"{"name":"a","type":"complex","subAttributes":[{"name":"b"},{"name":"B"}]}"#,
                "subAttributes[1].name: B is the name of two attributes"
            ),
        ]
    )
    func refusedAttributes(attribute: String, fault: String) throws {
        let said = try Self.fault { _ = try Self.schema(#"{"name":"first"},\#(attribute)"#) }
        #expect(said.hasPrefix("urn:example:Thing.attributes[1].\(fault)"), "\(said)")
    }

    @Test("A-01: two attributes of a schema have names that differ not only in case, $ref is a name")
    func names() throws {
        let said = try Self.fault { _ = try Self.schema(#"{"name":"ab"},{"name":"AB"}"#) }
        #expect(said == "urn:example:Thing.attributes[1].name: AB is the name of two attributes")
        #expect(try Self.schema(#"{"name":"$ref"},{"name":"a-b_c$1"}"#).attributes.count == 2)
    }

    @Test(
        "A schema's id is a URN that paths and records can hold",
        arguments: [
            ("urn:example:Thing", true), ("URN:x-y:a.b_c-1:2.0:User", true), ("urn:x:a", false),
            ("urn:example:", false), ("urn:example:a:", false), ("http://example.com/Thing", false),
            ("urn:example:a b", false), ("urn:example:a[b]", false), ("urn:exa_mple:a", false),
            ("Thing", false),
        ]
    )
    func urns(id: String, isURN: Bool) throws {
        let said = try Self.fault { _ = try Self.schema(#"{"name":"a"}"#, id: id) }
        #expect(said.isEmpty == isURN)
        if !isURN { #expect(said.hasPrefix("id: must be a URN")) }
    }

    @Test("Sizes and counts have limits that are named where they are passed")
    func limits() throws {
        let long = String(repeating: "a", count: SchemaLimits.nameBytesMax + 1)
        #expect(try Self.fault { _ = try Self.schema(#"{"name":"\#(long)"}"#) }.contains("64 bytes"))
        let many = (0...SchemaLimits.attributesMax).map { #"{"name":"a\#($0)"}"# }.joined(separator: ",")
        #expect(try Self.fault { _ = try Self.schema(many) }.contains("more than 256 elements"))
        let subs = (0...SchemaLimits.subAttributesMax).map { #"{"name":"a\#($0)"}"# }.joined(separator: ",")
        let complex = #"{"name":"a","type":"complex","subAttributes":[\#(subs)]}"#
        #expect(try Self.fault { _ = try Self.schema(complex) }.contains("more than 64 elements"))
        let urn = "urn:example:" + String(repeating: "a", count: SchemaLimits.urnBytesMax)
        #expect(
            try Self.fault { _ = try Self.schema(#"{"name":"a"}"#, id: urn) }
                == "id: is longer than 120 bytes"
        )
    }

    @Test("A file holds one document, an array of them or a list response")
    func files() throws {
        for (text, count) in [
            (#"{"id":"a"}"#, 1), (#"[{"id":"a"},{"id":"b"}]"#, 2), (#"{"Resources":[{"id":"a"}]}"#, 1),
        ] {
            #expect(try SchemaDecoder.documents(in: JSONValue(parsing: Array(text.utf8))).count == count)
        }
        for (text, fault) in [
            ("[]", "The file holds nothing."), (#"[{},7]"#, "[1]: must be an object"),
            (#"{"Resources":{}}"#, "Resources: must be an array"), ("7", "The file must hold"),
        ] {
            let said = try Self.fault {
                _ = try SchemaDecoder.documents(in: JSONValue(parsing: Array(text.utf8)))
            }
            #expect(said.hasPrefix(fault), "\(text)")
        }
    }

    @Test(
        "RFC 7643 §6: a resource type is refused with the member at fault",
        arguments: [
            (#"{"endpoint":"/As","schema":"urn:example:A"}"#, "name: is required"),
            (#"{"name":"a b","endpoint":"/As","schema":"urn:example:A"}"#, "name: must be"),
            (#"{"name":"A","schema":"urn:example:A"}"#, "A.endpoint: is required"),
            (#"{"name":"A","endpoint":"As","schema":"urn:example:A"}"#, "A.endpoint: must be"),
            (#"{"name":"A","endpoint":"/A/s","schema":"urn:example:A"}"#, "A.endpoint: must be"),
            (#"{"name":"A","endpoint":"/As"}"#, "A.schema: is required"),
            (#"{"name":"A","id":"B","endpoint":"/As","schema":"urn:example:A"}"#, "A.id: must be the name"),
            (
                #"{"schemas":["urn:x"],"name":"A","endpoint":"/As","schema":"urn:example:A"}"#,
                "schemas: must name"
            ),
            (
                #"{"name":"A","endpoint":"/As","schema":"urn:example:A","extensions":[]}"#,
                "extensions: is no member"
            ),
            (
                #"{"name":"A","endpoint":"/As","schema":"urn:example:A","schemaExtensions":[{"required":true}]}"#,
                "A.schemaExtensions[0].schema: is required"
            ),
            (
                #"{"name":"A","endpoint":"/As","schema":"urn:a:A","schemaExtensions":[{"schema":"x"},{"schema":"X"}]}"#,
                "A.schemaExtensions[1].schema: X is named twice"
            ),
        ]
    )
    func refusedTypes(document: String, fault: String) throws {
        let said = try Self.fault { _ = try ResourceTypeDocument(try Self.object(document)) }
        #expect(said.hasPrefix(fault), "\(said)")
    }

    @Test(
        "What resources of a schema rely on cannot change while there are some; the rest can",
        arguments: [
            (#"{"name":"a"}"#, "attributes: c is in use"),
            (#"{"name":"a","required":true},\#(c)"#, "attributes.a.required"),
            (#"{"name":"a","type":"integer"},\#(c)"#, "attributes.a.type"),
            (#"{"name":"a","multiValued":true},\#(c)"#, "attributes.a.multiValued"),
            (#"{"name":"a","caseExact":true},\#(c)"#, "attributes.a.caseExact"),
            (#"{"name":"a","uniqueness":"server"},\#(c)"#, "attributes.a.uniqueness"),
            (#"{"name":"a","mutability":"writeOnly"},\#(c)"#, "attributes.a.mutability"),
            (#"{"name":"a"},\#(c),{"name":"d","required":true}"#, "attributes.d.required"),
            (
                #"{"name":"a"},{"name":"c","type":"complex","subAttributes":[{"name":"y"}]}"#,
                "attributes.c.subAttributes: x is in use"
            ),
            (#"{"name":"a","returned":"request","mutability":"immutable","description":"new"},\#(c)"#, ""),
            (#"{"name":"z","uniqueness":"server"},\#(c),{"name":"a","canonicalValues":["k"]}"#, ""),
        ]
    )
    func changes(attributes: String, fault: String) throws {
        let old = try Self.schema(#"{"name":"a"},\#(Self.c)"#)
        let found = try Self.schema(attributes).fault(replacing: old)
        #expect((found == nil) == fault.isEmpty)
        if let found { #expect(found.description.hasPrefix(fault), "\(found)") }
    }

    @Test("A URN keeps its spelling while resources use the schema")
    func spelling() throws {
        let old = try Self.schema(#"{"name":"a"}"#)
        let new = try Self.schema(#"{"name":"a"},{"name":"b"}"#, id: "urn:example:THING")
        #expect(new.fault(replacing: old)?.member == "id")
    }

    private static let c = #"{"name":"c","type":"complex","subAttributes":[{"name":"x"}]}"#
}
