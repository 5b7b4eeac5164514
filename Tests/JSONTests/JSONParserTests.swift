import Foundation
import JSON
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
            ("\u{FEFF}1", .syntax), (#"{"a":1,"a":2}"#, .duplicateMember),
            (#"{"a":1,"\u0061":2}"#, .duplicateMember),
            (#"{"b":{"a":1,"a":1}}"#, .duplicateMember),
        ] as [(String, JSONError.Reason)]
    )
    func refuses(text: String, reason: JSONError.Reason) {
        #expect { try JSONValue(parsing: Array(text.utf8)) } throws: { ($0 as? JSONError)?.reason == reason }
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

    @Test("Names that differ in bytes are two members, however Unicode compares them")
    func canonicallyEquivalentNames() throws {
        let value = try JSONValue(parsing: Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8))
        guard case .object(let object) = value else { return #expect(Bool(false), "no object") }
        #expect(object.members.count == 2)
        #expect(object["e\u{301}"] == .number(JSONNumber(2)))
    }

    @Test("Duplicates are found in large objects as in small ones", arguments: [2, 16, 17, 5_000])
    func duplicatesInObjects(count: Int) throws {
        let members = (0..<count).map { "\"m\($0)\":\($0)" }
        _ = try JSONValue(parsing: Array("{\(members.joined(separator: ","))}".utf8))
        let repeated = members + ["\"m0\":0"]
        #expect { try JSONValue(parsing: Array("{\(repeated.joined(separator: ","))}".utf8)) } throws: {
            ($0 as? JSONError)?.reason == .duplicateMember
        }
    }

    @Test("F-14: depth and size are limited before anything is built")
    func limits() throws {
        let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        _ = try JSONValue(parsing: Array(deep.utf8))
        for opening in ["[", "{\"a\":"] {
            let deeper = String(repeating: opening, count: 1_000_000)
            #expect { try JSONValue(parsing: Array(deeper.utf8)) } throws: {
                ($0 as? JSONError)?.reason == .tooDeep
            }
        }
        #expect {
            try JSONValue(parsing: Array("[1]".utf8), limits: JSONLimits(bytesMax: 2, depthMax: 9))
        } throws: {
            $0 as? JSONError == JSONError(.tooLarge, at: 2)
        }
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

    @Test("The document finds members without building the tree")
    func navigation() throws {
        let document = try JSONDocument(parsing: Array(#"{"a":[1,{"b":"x"}],"\u0063":"y\n"}"#.utf8))
        let list = try #require(document.member("a", of: JSONDocument.root))
        #expect(document.kind(of: list) == .array)
        let elements = Array(document.children(of: list))
        #expect(elements.map(document.kind(of:)) == [.number, .object])
        #expect(document.member("b", of: elements[1]).map(document.string(at:)) == "x")
        #expect(document.member("c", of: JSONDocument.root).map(document.string(at:)) == "y\n")
        #expect(document.member("d", of: JSONDocument.root) == nil)
        #expect(document.children(of: JSONDocument.root).map(document.string(at:)) == ["a", "c"])
    }

    /// Reads a file `{"vectors": [{"name", "expect": "accept", "reject" or "either", "b64" or "repeat": [text, count] and "tail"}]}`
    /// outside the project.
    @Test(
        "An external suite agrees with the parser",
        .enabled(
            if: ProcessInfo.processInfo.environment["JSON_TEST_SUITE"] != nil,
            "JSON_TEST_SUITE names no file"
        )
    )
    func externalSuite() throws {
        struct Suite: Decodable { let vectors: [Vector] }
        struct Vector: Decodable {
            let name: String, expect: String, b64: String?, `repeat`: [RepeatedPart]?, tail: String?
        }
        /// A text and how often it is repeated.
        enum RepeatedPart: Decodable {
            case text(String), count(Int)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let count = try? container.decode(Int.self) {
                    self = .count(count)
                } else {
                    self = .text(try container.decode(String.self))
                }
            }
        }
        func bytes(_ vector: Vector) throws -> [UInt8] {
            if let encoded = vector.b64 { return [UInt8](try #require(Data(base64Encoded: encoded))) }
            guard case .text(let text)? = vector.repeat?.first, case .count(let count)? = vector.repeat?.last
            else { throw CocoaError(.coderReadCorrupt) }
            return Array((String(repeating: text, count: count) + (vector.tail ?? "")).utf8)
        }
        let path = try #require(ProcessInfo.processInfo.environment["JSON_TEST_SUITE"])
        let suite = try JSONDecoder().decode(Suite.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        var counts: [String: Int] = [:]
        for vector in suite.vectors {
            let isAccepted = (try? JSONValue(parsing: bytes(vector))) != nil
            counts["\(vector.expect): \(isAccepted ? "accepted" : "refused")", default: 0] += 1
            // RFC 8259 §4 only says that names SHOULD be unique; for us a duplicate is an attack.
            let isDuplicate = vector.name.contains("duplicated_key")
            if vector.expect == "accept" { #expect(isAccepted != isDuplicate, "\(vector.name)") }
            if vector.expect == "reject" { #expect(!isAccepted, "\(vector.name)") }
        }
        print("external JSON suite:", counts.sorted { $0.key < $1.key })
    }
}

/// A generator whose sequence its seed decides (splitmix64).
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
