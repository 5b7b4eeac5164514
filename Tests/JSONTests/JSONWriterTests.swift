import JSON
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
    private func write(_ value: JSONValue) -> String {
        var bytes: [UInt8] = []
        value.write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "RFC 8259 §7: what must be escaped is, and nothing else",
        arguments: [
            ("a\"b\\c", #""a\"b\\c""#), ("\u{08}\t\n\u{0C}\r", #""\b\t\n\f\r""#),
            ("\u{01}\u{1F}", #""\u0001\u001f""#),
            ("/é😀\u{7F}", "\"/é😀\u{7F}\""), ("", "\"\""), ("\"", #""\"""#),
        ]
    )
    func strings(value: String, text: String) {
        #expect(write(.string(value)) == text)
    }

    @Test(
        "The bound of a text's length holds, also where every byte is escaped",
        arguments: [
            JSONValue.null, .bool(false), .number(JSONNumber(-12)), .string(""), .string("\u{01}\u{02}"),
            .array([]), .array([.null, .array([.bool(true)])]), .object(JSONObject()),
            .object(
                JSONObject(uniqueMembers: [
                    .init(name: "\u{1F}", value: .string("\u{7}\"")),
                    .init(
                        name: "b",
                        value: .object(JSONObject(uniqueMembers: [.init(name: "", value: .null)]))
                    ),
                ])
            ),
        ]
    )
    func bound(value: JSONValue) {
        #expect(write(value).utf8.count <= value.textBytesBound)
    }

    @Test(
        "Integers are written in full",
        arguments: [
            (0, "0"), (-1, "-1"), (1_000_000, "1000000"), (99_999_999, "99999999"),
            (100_000_000, "100000000"), (1_020_304_050_607, "1020304050607"),
            (Int64.max, "9223372036854775807"),
            (Int64.min, "-9223372036854775808"),
        ]
    )
    func integers(value: Int64, text: String) {
        var bytes: [UInt8] = []
        JSONWriter.appendInteger(value, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test(
        "Numbers keep the text they came with, and members their order",
        arguments: [
            #"{"b":1.50,"a":[1e2,-0,true,false,null,{}],"c":"x"}"#, "123456789012345678901234567890",
        ]
    )
    func exact(text: String) throws {
        #expect(write(try JSONValue(parsing: Array(text.utf8))) == text)
    }

    @Test("Values are equal when their bytes are: composed and decomposed letters differ")
    func equality() {
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
        #expect(JSONValue.string("\u{E9}") == .string("\u{E9}"))
        #expect(JSONNumber(validated: "1.0") != JSONNumber(1))
        #expect(JSONNumber(validated: "1e3").int64 == nil)
        #expect(JSONNumber(validated: "-12").int64 == -12)
    }

    @Test("What must be escaped is found at every place of a string", arguments: 0..<20)
    func everyPlace(place: Int) throws {
        let before = String(repeating: "a", count: place)
        for scalar in (UInt32(0)...0x100).compactMap(Unicode.Scalar.init) {
            let value = JSONValue.string("\(before)\(scalar)\(scalar)zzzzzzzzz")
            #expect(try JSONValue(parsing: Array(write(value).utf8)) == value)
        }
    }

    @Test("An object's member is replaced in place, added at the end, and removed")
    func members() throws {
        var object = JSONObject()
        object["a"] = .bool(true)
        object["b"] = .null
        object["a"] = .number(JSONNumber(7))
        object["\u{E9}"] = .string("")
        object["e\u{301}"] = .array([])
        #expect(write(.object(object)) == "{\"a\":7,\"b\":null,\"\u{E9}\":\"\",\"e\u{301}\":[]}")
        object["b"] = nil
        object["c"] = nil
        #expect(object.members.map(\.name) == ["a", "\u{E9}", "e\u{301}"])
        #expect(object["a"] == .number(JSONNumber(7)))
        #expect(object["b"] == nil)
    }
}
