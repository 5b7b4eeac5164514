import SCIM
import Testing

@Suite("Query parameters")
struct MessagesQueryParametersTests {
    private static func read(_ items: [(String, String)]) throws -> QueryParameters {
        var texts = QueryParameters.Texts()
        for (name, value) in items { texts.take(name, value) }
        return try QueryParameters(texts)
    }

    @Test(
        "P-01: startIndex is at least 1, and numbers beyond 64 bits are the nearest within",
        arguments: [
            ("1", 1), ("2", 2), ("0", 1), ("-1", 1), ("-0", 1), ("007", 7), ("9223372036854775807", Int.max),
            ("9223372036854775808", Int.max), ("-99999999999999999999999", 1),
            ("99999999999999999999999999999999999999", Int.max),
        ]
    )
    func startIndex(text: String, expected: Int) throws {
        #expect(try Self.read([("startIndex", text)]).startIndex == expected)
    }

    @Test(
        "P-01, P-02: a negative count is 0; without one the server decides",
        arguments: [
            ("0", 0), ("-1", 0), ("100", 100), ("99999999999999999999", Int.max),
            ("-99999999999999999999", 0),
        ]
    )
    func count(text: String, expected: Int) throws {
        #expect(try Self.read([("count", text)]).count == expected)
        #expect(try Self.read([]).count == nil)
    }

    @Test(
        "P-03: what is no integer is invalidValue, and the detail names the parameter",
        arguments: ["", "x", "1.5", "1e2", "+1", " 1", "1 ", "--1", "-", "0x10", "١", "1,000", "null"]
    )
    func integers(text: String) {
        for name in ["startIndex", "count"] {
            #expect(throws: SCIMError(.invalidValue, "The parameter \(name) must be an integer.")) {
                try Self.read([(name, text)])
            }
        }
    }

    @Test(
        "Q-06: names stand between commas, with or without spaces; an empty list asks for nothing",
        arguments: [
            ("userName", ["userName"]), ("userName,emails.value", ["userName", "emails.value"]),
            (" userName , emails ", ["userName", "emails"]), (",userName,,", ["userName"]),
            ("\(enterprise):manager.$ref", ["\(enterprise):manager.$ref"]), ("", nil), (" , ", nil),
        ] as [(String, [String]?)]
    )
    func lists(text: String, expected: [String]?) throws {
        let attributes = try Self.read([("attributes", text)])
        #expect(attributes.attributes == expected)
        #expect(attributes.namesAttributes == (expected != nil))
        #expect(attributes.excludedAttributes == nil)
        let excluded = try Self.read([("excludedAttributes", text)])
        #expect(excluded.excludedAttributes == expected)
        #expect(!excluded.namesAttributes)
    }

    @Test(
        "S-01: sortOrder is ascending unless it says otherwise, in any case; another word is invalidValue",
        arguments: [
            (nil, .ascending), ("", .ascending), ("ascending", .ascending), ("descending", .descending),
            ("DESCENDING", .descending), ("desc", nil), (" descending", nil),
        ] as [(String?, SortOrder.Direction?)]
    )
    func sort(word: String?, direction: SortOrder.Direction?) throws {
        let items = [("sortBy", "name.familyName")] + (word.map { [("sortOrder", $0)] } ?? [])
        guard let direction else {
            let error = SCIMError(.invalidValue, "The parameter sortOrder must be ascending or descending.")
            #expect(throws: error) { try Self.read(items) }
            return
        }
        let expected = SortOrder(attribute: "name.familyName", direction: direction)
        #expect(try Self.read(items).sort == expected)
        #expect(try Self.read([("sortOrder", "descending")]).sort == nil)
        #expect(try Self.read([("sortBy", "")]).sort == nil)
    }

    @Test("Q-03: unknown parameters are ignored, and of a repeated one the first counts")
    func unknown() throws {
        let parameters = try Self.read([
            ("filter", #"userName eq "a""#), ("", ""), ("x", "count"), ("STARTINDEX", "x"), ("count", "2"),
            ("filter", "nonsense"), ("count", "x"), ("sortby", "userName"), ("SortOrder", "sideways"),
            ("cursor", "x"),
        ])
        #expect(parameters.filter == #"userName eq "a""#)
        #expect(parameters.count == 2)
        #expect(parameters.startIndex == 1)
        #expect(try Self.read([("x", "1")]) == QueryParameters())
    }
}
