import JSON
import Testing

@Suite("JSON document")
struct JSONDocumentTests {
    private let text = #"{"a":[1, {"b":"x"},-2.5e3],"\u0063":"y\n😀","d":{} , "e":null,"f":[]}"#

    private func document() throws -> JSONDocument { try JSONDocument(parsing: Array(text.utf8)) }

    @Test("Members and elements are found without building the tree")
    func navigation() throws {
        let document = try document()
        let list = try #require(document.member("a", of: JSONDocument.root))
        #expect(document.kind(of: list) == .array)
        let elements = Array(document.children(of: list))
        #expect(elements.map(document.kind(of:)) == [.number, .object, .number])
        #expect(document.member("b", of: elements[1]).map(document.string(at:)) == "x")
        #expect(document.member("c", of: JSONDocument.root).map(document.string(at:)) == "y\n😀")
        #expect(document.member("\\u0063", of: JSONDocument.root) == nil)
        #expect(document.member("g", of: JSONDocument.root) == nil)
        #expect(document.member("a", of: list) == nil)
        #expect(
            document.children(of: JSONDocument.root).map(document.string(at:)) == ["a", "c", "d", "e", "f"]
        )
        #expect(Array(document.children(of: elements[0])).isEmpty)
    }

    @Test(
        "A node knows where it lies in the text",
        arguments: [("a", #"[1, {"b":"x"},-2.5e3]"#), ("d", "{}"), ("e", "null"), ("c", #"y\n😀"#)]
    )
    func ranges(name: String, written: String) throws {
        let document = try document()
        let node = try #require(document.member(name, of: JSONDocument.root))
        #expect(String(decoding: document.bytes[document.range(of: node)], as: UTF8.self) == written)
        #expect(document.hasEscapes(node) == (name == "c"))
    }

    @Test("One member can be left out of the tree", arguments: ["a", "c", "f"])
    func leavingOut(name: String) throws {
        let document = try document()
        let member = try #require(document.member(name, of: JSONDocument.root))
        guard case .object(var expected) = document.value else {
            Issue.record("no object")
            return
        }
        expected[name] = nil
        #expect(document.value(leavingOut: member - 1) == .object(expected))
    }

    private func copy(_ span: Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        for index in span.indices { copy.append(span[index]) }
        return copy
    }

    @Test("A string's bytes are lent, unescaped if need be")
    func bytes() throws {
        let document = try document()
        for (name, value) in [("c", "y\n😀"), ("a", nil)] {
            let node = try #require(document.member(name, of: JSONDocument.root))
            if let value {
                #expect(document.withUTF8(of: node, copy) == Array(value.utf8))
                #expect(document.isString(node, equalTo: value))
            }
            #expect(!document.isString(node, equalTo: "y"))
        }
    }

    @Test("Numbers are read as integers only if they are written as such")
    func numbers() throws {
        let document = try JSONDocument(
            parsing: Array(#"[7,-0,9223372036854775807,9223372036854775808,1.0,1e2,"3",true]"#.utf8)
        )
        #expect(
            document.children(of: JSONDocument.root).map(document.int64(at:)) == [
                7, 0, .max, nil, nil, nil, nil, nil,
            ]
        )
    }

    @Test("A part of the text becomes a tree by itself")
    func parts() throws {
        let document = try document()
        let whole = document.value
        guard case .object(let object) = whole else { return #expect(Bool(false), "no object") }
        for name in document.children(of: JSONDocument.root) {
            #expect(object[document.string(at: name)] == document.value(at: name + 1))
        }
        var written: [UInt8] = []
        whole.write(to: &written)
        #expect(try JSONValue(parsing: written) == whole)
    }
}
