import JSON
import Testing

@Suite("JSON names")
struct JSONNamesTests {
    private func parse(_ members: [String]) throws {
        _ = try JSONDocument(parsing: Array("{\(members.joined(separator: ","))}".utf8))
    }

    @Test(
        "A name given twice is found in large objects as in small ones",
        arguments: [1, 2, 15, 16, 17, 5_000]
    )
    func twice(count: Int) throws {
        let members = (0..<count).map { "\"m\($0)\":{\"m0\":[]}" }
        try parse(members)
        for repeated in Set([0, count / 2, count - 1]) {
            #expect { try parse(members + ["\"m\(repeated)\":0"]) } throws: {
                ($0 as? JSONError)?.reason == .duplicateMember
            }
            // The same name written with an escape is the same name.
            #expect { try parse(members + ["\"\\u006d\(repeated)\":0"]) } throws: {
                ($0 as? JSONError)?.reason == .duplicateMember
            }
            #expect { try parse(["\"\\u006D\(repeated)\":0"] + members) } throws: {
                ($0 as? JSONError)?.reason == .duplicateMember
            }
        }
        try parse(members + ["\"\\u006e0\":0"])
    }

    @Test("Names that differ somewhere in the middle are two members", arguments: [3, 8, 9, 16, 17, 40])
    func alike(length: Int) throws {
        let names = (0..<length).map { place in
            String((0..<length).map { $0 == place ? "y" : "x" })
        }
        try parse(names.map { "\"\($0)\":0" })
        #expect { try parse((names + [names[length / 2]]).map { "\"\($0)\":0" }) } throws: {
            ($0 as? JSONError)?.reason == .duplicateMember
        }
    }

    @Test("The empty name is a name; upper and lower case differ; so do NFC and NFD")
    func different() throws {
        try parse([
            "\"\":0", "\"a\":0", "\"A\":0", "\"\u{E9}\":0", "\"e\u{301}\":0", "\"\\u0000\":0", "\"\\\"\":0",
        ])
        #expect(throws: JSONError.self) { try parse(["\"\":0", "\"a\":0", "\"\":0"]) }
        #expect(throws: JSONError.self) { try parse(["\"\u{E9}\":0", "\"\\u00e9\":0"]) }
        #expect(throws: JSONError.self) { try parse(["\"😀\":0", "\"\\uD83D\\uDE00\":0"]) }
    }

    @Test("The same name in different objects is no duplicate")
    func elsewhere() throws {
        try parse(["\"a\":{\"a\":{\"a\":1}}", "\"b\":[{\"a\":1},{\"a\":1}]"])
    }
}
