import JSON
import TestSupport
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    @Test(
        "RFC 8259: texts that follow the grammar are accepted",
        arguments: [
            "null", "true", " false ", "0", "-0", "12.5e-3", "1E+2", "\"\"", "[]", "{}", "[ ]", "{ }",
            "[1, 2]",
            "\t{\"a\" : [ {} , [] ] }\r\n", #""\"\\\/\b\f\n\r\t\u00e9""#, #""\ud83d\ude00""#, "\"é😀\"",
            #"{"a":1,"A":2}"#, #"{"":0}"#, "123456789012345678901234567890.000", "\"\u{7F}\"",
        ]
    )
    func accepts(text: String) throws {
        _ = try JSONValue(parsing: Array(text.utf8))
    }

    @Test(
        "E-01, RFC 8259: texts that do not follow the grammar are refused",
        arguments: [
            ("", .unexpectedEnd), (" ", .unexpectedEnd), ("nul", .unexpectedEnd), ("nulL", .syntax),
            ("TRUE", .syntax),
            ("01", .syntax), ("+1", .syntax), (".5", .syntax), ("1.", .unexpectedEnd), ("1.e1", .syntax),
            ("1e", .unexpectedEnd), ("-", .unexpectedEnd), ("0x10", .syntax), ("NaN", .syntax),
            ("[1,]", .syntax),
            ("[,1]", .syntax), ("[1 2]", .syntax), ("[1", .unexpectedEnd), ("]", .syntax),
            ("{\"a\":1,}", .syntax),
            ("{a:1}", .syntax), ("{\"a\"}", .syntax), ("{\"a\":}", .syntax), ("{\"a\" 1}", .syntax),
            ("1 2", .syntax),
            ("{}}", .syntax), ("'a'", .syntax), ("\"a", .unexpectedEnd), ("\"\n\"", .syntax),
            ("\"\\x\"", .syntax),
            (#""\u12g4""#, .syntax), (#""\u12"#, .unexpectedEnd), (#""\ud800""#, .loneSurrogate),
            (#""\udc00""#, .loneSurrogate), (#""\ud800\u0041""#, .loneSurrogate), ("// a\n1", .syntax),
            ("\u{FEFF}", .unexpectedEnd), ("\u{FEFF} ", .unexpectedEnd), ("\u{FEFF}\u{FEFF}1", .syntax),
            (" \u{FEFF}1", .syntax), ("1\u{FEFF}", .syntax), ("[\u{FEFF}1]", .syntax),
            (#"{"a":1,"a":2}"#, .duplicateMember),
            (#"{"a":1,"\u0061":2}"#, .duplicateMember),
            (#"{"b":{"a":1,"a":1}}"#, .duplicateMember),
        ] as [(String, JSONError.Reason)]
    )
    func refuses(text: String, reason: JSONError.Reason) {
        #expect { try JSONValue(parsing: Array(text.utf8)) } throws: { ($0 as? JSONError)?.reason == reason }
    }

    @Test(
        "RFC 8259 §8.1: one byte order mark in front of a text is no part of it",
        arguments: ["1", " 1", "[1]", #"{"a":"b"}"#, "\"\u{FEFF}\"", "null"]
    )
    func byteOrderMark(text: String) throws {
        let marked = "\u{FEFF}\(text)"
        #expect(try JSONValue(parsing: Array(marked.utf8)) == JSONValue(parsing: Array(text.utf8)))
        #expect(try JSONDocument(parsing: Array(marked.utf8)).range(of: JSONDocument.root).lowerBound >= 3)
    }

    @Test(
        "RFC 3629: bytes that are not UTF-8 are refused",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]]
    )
    func refusesBadUTF8(bytes: [UInt8]) {
        #expect { try JSONValue(parsing: [0x22] + bytes + [0x22]) } throws: {
            ($0 as? JSONError)?.reason == .invalidUTF8
        }
    }

    @Test(
        "A number is an integer by its value, however it is written, if it fits 64 bits exactly",
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("0e5", 0), ("0.000e-9", 0), ("1.0", 1), ("1e2", 100),
            ("-2.50E1", -25), ("100e-2", 1), ("0.001e3", 1), ("9223372036854775807.0", .max),
            ("-9223372036854775808.00", .min), ("9.223372036854775807e18", .max),
            ("1e18", 1_000_000_000_000_000_000),
            ("9223372036854775808.0", nil), ("1e19", nil), ("1.5", nil), ("1e-1", nil), ("0.1", nil),
            ("1e400", nil), ("1e-400", nil), ("1e99999999999999999999", nil),
            ("10e-99999999999999999999", nil),
        ] as [(String, Int64?)]
    )
    func exactInteger(text: String, value: Int64?) throws {
        guard case .number(let number) = try JSONValue(parsing: Array(text.utf8)) else { return }
        #expect(number.exactInteger == value)
    }

    @Test("Names that differ in bytes are two members, however Unicode compares them")
    func canonicallyEquivalentNames() throws {
        let value = try JSONValue(parsing: Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8))
        guard case .object(let object) = value else { return #expect(Bool(false), "no object") }
        #expect(object.members.count == 2)
        #expect(object["e\u{301}"] == .number(JSONNumber(2)))
    }

    @Test("F-14: depth is limited before anything is built", arguments: ["[", "{\"a\":", "[{\"a\":"])
    func depth(opening: String) throws {
        let containers = opening.count { $0 == "[" || $0 == "{" }
        let closing = String(
            opening.reversed().compactMap { $0 == "[" ? "]" : $0 == "{" ? "}" : nil as Character? }
        )
        let times = 32 / containers
        let deepest =
            String(repeating: opening, count: times) + "0" + String(repeating: closing, count: times)
        _ = try JSONValue(parsing: Array(deepest.utf8))
        #expect { try JSONValue(parsing: Array("[\(deepest)]".utf8)) } throws: {
            ($0 as? JSONError)?.reason == .tooDeep
        }
        let endless = String(repeating: opening, count: 1_000_000)
        #expect(throws: JSONError(.tooDeep, at: times * opening.utf8.count)) {
            try JSONValue(parsing: Array(endless.utf8))
        }
    }

    @Test("F-14: containers beside each other are not deep")
    func breadth() throws {
        let wide = "[" + Array(repeating: "[{},[]]", count: 1_000).joined(separator: ",") + "]"
        _ = try JSONValue(parsing: Array(wide.utf8), limits: JSONLimits(bytesMax: 1 << 20, depthMax: 3))
        #expect(throws: JSONError(.tooDeep, at: 2)) {
            try JSONValue(parsing: Array(wide.utf8), limits: JSONLimits(bytesMax: 1 << 20, depthMax: 2))
        }
        #expect(throws: JSONError(.tooDeep, at: 0)) {
            try JSONValue(parsing: Array("[]".utf8), limits: JSONLimits(bytesMax: 9, depthMax: 0))
        }
    }

    @Test("A text may be as large as the limit and not a byte larger")
    func size() throws {
        let limits = JSONLimits(bytesMax: 3, depthMax: 9)
        _ = try JSONValue(parsing: Array("[1]".utf8), limits: limits)
        #expect(throws: JSONError(.tooLarge, at: 3)) {
            try JSONValue(parsing: Array("[1] ".utf8), limits: limits)
        }
    }

    @Test("What a string must not contain is found at every place of it", arguments: 0..<34)
    func everyPlace(place: Int) throws {
        func text(_ middle: [UInt8]) -> [UInt8] {
            [0x22] + Array(repeating: 0x61, count: place) + middle + Array(repeating: 0x7A, count: 11) + [
                0x22
            ]
        }
        for control in UInt8(0)..<0x20 {
            #expect(throws: JSONError(.syntax, at: 1 + place)) { try JSONValue(parsing: text([control])) }
        }
        #expect(throws: JSONError(.invalidUTF8, at: 1 + place)) { try JSONValue(parsing: text([0x80])) }
        #expect(throws: JSONError(.syntax, at: 2 + place)) { try JSONValue(parsing: text([0x5C, 0x20])) }
        #expect(throws: JSONError(.syntax, at: 2 + place)) { try JSONValue(parsing: text([0x22])) }
        for accepted in [
            "\u{7F}", "\u{80}", "é", "\u{7FF}", "\u{800}", "\u{FFFF}", "😀", "\u{10FFFF}", "!", "#", "[",
        ] {
            let expected = String(repeating: "a", count: place) + accepted + String(repeating: "z", count: 11)
            #expect(try JSONValue(parsing: text(Array(accepted.utf8))) == .string(expected))
        }
    }

    @Test(
        "Errors tell the byte that is wrong",
        arguments: [
            ("{\"a\":1,\"b\" 2}", JSONError(.syntax, at: 11)), ("[1,2", JSONError(.unexpectedEnd, at: 4)),
            ("[\"\u{E9}\",x]", JSONError(.syntax, at: 6)),
            (#"{"a":1,"a":2}"#, JSONError(.duplicateMember, at: 8)),
            (#"["\ud800x"]"#, JSONError(.loneSurrogate, at: 2)), ("[1]]", JSONError(.syntax, at: 3)),
            ("[1}", JSONError(.syntax, at: 2)), ("{\"a\":1]", JSONError(.syntax, at: 6)),
        ]
    )
    func offsets(text: String, error: JSONError) {
        #expect(throws: error) { try JSONDocument(parsing: Array(text.utf8)) }
    }

    @Test("Every prefix of a text is refused, none crashes")
    func prefixes() {
        let text = Array(#"{"a":[1.5e3,"\ud83d\ude00é",null,true],"b":{"c":false}}"#.utf8)
        for end in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<end])) }
        }
    }

    @Test("Random bytes are accepted or refused, and what is accepted survives writing and reading")
    func random() throws {
        var generator = SeededGenerator(seed: 42)
        let alphabet = Array(#"{}[]:,"\u00e9 aé1-.eE+truefalsn"#.utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<24, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            var written: [UInt8] = []
            value.write(to: &written)
            #expect(try JSONValue(parsing: written) == value)
        }
    }
}
