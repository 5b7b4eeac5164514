import JSON
import SCIM
import Testing

@Suite("Sort keys")
struct SortOrderTests {
    private static let every = ResourceType(
        name: "Thing",
        endpoint: "/Things",
        description: "",
        schema: Schema(
            id: "urn:example:Thing",
            name: "Thing",
            description: "",
            attributes: [
                AttributeDefinition("text", description: ""),
                AttributeDefinition("exact", description: "", caseExact: true),
                AttributeDefinition("integer", .integer, description: ""),
                AttributeDefinition("decimal", .decimal, description: ""),
                AttributeDefinition("flag", .boolean, description: ""),
                AttributeDefinition("time", .dateTime, description: ""),
                AttributeDefinition("names", multiValued: true, description: ""),
                AttributeDefinition("secret", description: "", returned: .never),
                AttributeDefinition(
                    "parts",
                    .complex,
                    multiValued: true,
                    description: "",
                    subAttributes: [
                        AttributeDefinition("value", .integer, description: ""),
                        AttributeDefinition("primary", .boolean, description: ""),
                        AttributeDefinition("hidden", description: "", mutability: .writeOnly),
                    ]
                ),
            ]
        ),
        extensions: []
    )

    private static func key(_ attribute: String, _ text: String) throws -> SortKey {
        guard case .object(let object) = try json(text) else { throw SCIMError(.invalidSyntax, text) }
        return try BoundSortOrder(SortOrder(attribute: attribute), type: every).key(of: object)
    }

    @Test(
        "S-01, S-02: values ascend by their type: texts in any case by code point, times by instant, numbers by size",
        arguments: [
            ("text", #"["A","b","C","ca","ﬀx","ＦＧ","ß\u0061","Z","é","É́","日","😀"]"#),
            ("text", #"["straße","STRASSEN","Straßf"]"#),
            ("exact", #"["A","B","a","b","é"]"#),
            (
                "integer",
                "[-9223372036854775808,-10,-9,-1,0,1,9,10,100,9007199254740992,9007199254740993,9223372036854775807]"
            ),
            ("decimal", "[-1e400,-10.5,-10,-0.001,0,1e-9,0.5,9,10.25,1e3,1e400]"),
            ("flag", "[false,true]"),
            (
                "time",
                #"["1969-12-31T23:59:59Z","2026-01-01T00:30:00+01:00","2026-01-01T00:00:00Z","2026-01-01T00:00:00.5Z"]"#
            ),
        ]
    )
    func ascending(attribute: String, values: String) throws {
        guard case .array(let elements) = try json(values) else { return }
        let keys = try elements.map { value in
            var bytes: [UInt8] = []
            value.write(to: &bytes)
            return try Self.key(attribute, #"{"\#(attribute)":\#(String(decoding: bytes, as: UTF8.self))}"#)
        }
        #expect(keys.count > 1)
        for (index, key) in keys.enumerated() {
            #expect(key < .missing)
            if index > 0 { #expect(keys[index - 1] < key, "\(elements[index - 1]) \(elements[index])") }
        }
    }

    @Test("S-01: where case does not matter, texts that differ in it alone have one key; -0 is 0")
    func alike() throws {
        #expect(try Self.key("text", #"{"text":"STRASSE"}"#) == Self.key("text", #"{"text":"straße"}"#))
        #expect(try Self.key("text", #"{"text":"É"}"#) == Self.key("text", #"{"text":"e\u0301"}"#))
        #expect(try Self.key("exact", #"{"exact":"A"}"#) != Self.key("exact", #"{"exact":"a"}"#))
        #expect(try Self.key("decimal", #"{"decimal":-0.0}"#) == Self.key("decimal", #"{"decimal":0}"#))
        #expect(
            try Self.key("time", #"{"time":"2026-01-01T01:00:00+01:00"}"#)
                == Self.key("time", #"{"time":"2026-01-01T00:00:00Z"}"#)
        )
        #expect(
            try Self.key("time", #"{"time":"2026-01-01T00:00:00"}"#)
                == Self.key("time", #"{"time":"2026-01-01T00:00:00Z"}"#)
        )
    }

    @Test("S-02: a multi-valued attribute counts by its primary value, else by its first one")
    func multiValued() throws {
        let three = try Self.key("integer", #"{"integer":3}"#)
        for parts in [
            #"[{"value":3}]"#, #"[{"value":3},{"value":1}]"#, #"[{"value":1},{"value":3,"primary":true}]"#,
            #"[{"value":3,"primary":false},{"value":1,"primary":false}]"#,
        ] {
            #expect(try Self.key("parts", #"{"parts":\#(parts)}"#) == three, "\(parts)")
            #expect(try Self.key("Parts.Value", #"{"parts":\#(parts)}"#) == three, "\(parts)")
        }
        #expect(try Self.key("names", #"{"names":["b","a"]}"#) == Self.key("text", #"{"text":"B"}"#))
    }

    @Test(
        "S-02: no value is the last key: not there, null, empty, without the sub-attribute, or undefined",
        arguments: [
            ("text", "{}"), ("text", #"{"text":null}"#), ("text", #"{"text":""}"#),
            ("names", #"{"names":[]}"#),
            ("parts.value", #"{"parts":[{"primary":true},{"value":1}]}"#), ("parts", #"{"parts":[]}"#),
            ("integer", #"{"integer":"1"}"#), ("time", #"{"time":"yesterday"}"#),
            ("nothing", #"{"nothing":1}"#),
            ("text.sub", #"{"text":"a"}"#), ("urn:example:Other:text", #"{"text":"a"}"#),
        ]
    )
    func missing(attribute: String, resource: String) throws {
        #expect(try Self.key(attribute, resource) == .missing)
    }

    @Test("S-01: a text counts with its first 128 bytes, so that a key stays small")
    func bounded() throws {
        let long = String(repeating: "x", count: 5_000)
        let key = try Self.key("text", #"{"text":"\#(long)a"}"#)
        #expect(key.bytes.count == SortKey.bytesMax)
        #expect(try key == Self.key("text", #"{"text":"\#(long)b"}"#))
        #expect(try Self.key("text", #"{"text":"\#(long.prefix(127))a"}"#) < key)
    }

    @Test(
        "S-01: what gives no order is refused as invalidValue: complex, never returned, no path",
        arguments: [
            "meta", "urn:example:Thing", "secret", "parts.hidden", "text text", "", ".text", "parts.value.x",
            String(repeating: "x", count: 600),
        ]
    )
    func refused(attribute: String) {
        let error = #expect(throws: SCIMError.self) {
            try BoundSortOrder(SortOrder(attribute: attribute), type: Self.every)
        }
        #expect(error?.keyword == .invalidValue)
    }
}
