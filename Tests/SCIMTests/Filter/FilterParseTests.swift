import JSON
import SCIM
import TestSupport
import Testing

@Suite("Filter parsing")
struct FilterParseTests {
    @Test(
        "F-01 to F-03, F-13, RFC 7644 §3.4.2.2: a filter is read and printed in one canonical form",
        arguments: [
            (#"userName eq "bjensen""#, #"userName eq "bjensen""#),
            (#"username Eq "%s""#, #"username eq "%s""#),
            (#"name.familyName co "O'Malley""#, #"name.familyName co "O'Malley""#),
            (#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#, nil),
            ("title pr", "title pr"), ("title PR", "title pr"), ("members.$ref pr", "members.$ref pr"),
            (#"title pr AND userType Eq "Employee""#, #"title pr and userType eq "Employee""#),
            // F-03: `and` binds tighter than `or`, `not` tighter than both.
            ("a pr or b pr and c pr", "a pr or b pr and c pr"),
            ("(a pr or b pr) and c pr", "(a pr or b pr) and c pr"),
            ("((a pr) and (b pr)) and c pr", "a pr and b pr and c pr"),
            ("not(a pr) and b pr", "not (a pr) and b pr"), ("NOT  (a pr)", "not (a pr)"),
            ("not (a pr and b pr)", "not (a pr and b pr)"), ("not (not (a pr))", "not (not (a pr))"),
            (#"emails[type eq "work" and value co "@example.com"]"#, nil),
            (#"emails[not (type eq "work")]"#, nil),
            // Entra's form for a matching attribute.
            (#"emails[type eq "work"].value eq "x""#, #"emails[type eq "work" and value eq "x"]"#),
            (#"emails[a pr or b pr].value pr and c pr"#, "emails[(a pr or b pr) and value pr] and c pr"),
            ("active eq true", nil), ("active eq False", "active eq false"), ("title eq null", nil),
            ("n gt -12", nil), ("n le 0.50", nil), ("n eq 1e10", nil), ("n eq -0", nil),
            (#"a eq "\u00e9\ud83d\ude00\"\\\/\t""#, #"a eq "é😀\"\\/\t""#),
            ("  ( title  pr )  ", "title pr"), ("not pr", "not pr"), (#"and eq "or""#, #"and eq "or""#),
        ] as [(String, String?)]
    )
    func canonical(text: String, canonical: String?) throws {
        let filter = try Filter.parse(text)
        #expect(filter.description == canonical ?? text)
        #expect(try Filter.parse(filter.description) == filter)
    }

    @Test(
        "F-11, F-13: anything else is invalidFilter",
        arguments: [
            "", " ", "userName", "userName eq", "userName eq and", "userName eq or title pr",
            "userName eq 'bjensen'",
            "userName xx \"a\"",
            "userName lte \"a\"", #"userName pr "x""#, #"userName eq "a" "b""#, #"userName eq "a" and"#,
            "and or",
            #"userName eq "a" userName pr"#, "(title pr", "title pr)", "()", "not ()", "not title pr",
            "[a pr]",
            "a[]", "a[b pr", "a b pr]", "a[b[c pr]]", "a.b[c pr]", "a [b pr]", #"a[b pr].c"#,
            #"a[b pr] .c pr"#,
            #"a[b pr]c pr"#, #"a[b pr].c.d pr"#, #"a[b pr].urn:x:c pr"#, "a.b.c pr", "1a pr", "-a pr",
            "1 pr", "a 1 b", "a eq b c", "a eq b\"c\"", "a eq \"b\"c", "a eq b[c]", "a eq b(c)", "a eq b)",
            "a eq b]",
            "a[b eq c", "a eq b\tc", "a eq b\u{7F}", #"a eq "x"#, #"a eq "x\"#,
            #"a eq "\x""#, #"a eq "\u12""#, #"a eq "\ud800""#, #"a eq "\ud800\u0041""#, #"a eq "\udc00""#,
            "a eq \"\u{1}\"", "é pr", "a\tpr", "a pr\n", "a eq (\"x\")", "() a pr", "a pr ()", "a pr,b pr",
        ]
    )
    func refused(text: String) {
        #expect { try Filter.parse(text) } throws: { ($0 as? SCIMError)?.keyword == .invalidFilter }
    }

    @Test(
        "F-13: in a loose filter a text needs no quotes, up to a blank, a parenthesis or a bracket; in another it does",
        arguments: [
            ("userName eq a@example.com", #"userName eq "a@example.com""#),
            ("externalId eq 00u1abc", #"externalId eq "00u1abc""#),
            ("userName eq 2fast@example.com", #"userName eq "2fast@example.com""#),
            ("id eq 01a1ee56-5e08-762d-929b-73f66169bd52", #"id eq "01a1ee56-5e08-762d-929b-73f66169bd52""#),
            ("id eq 12345678-5e08-762d-929b-73f66169bd52", #"id eq "12345678-5e08-762d-929b-73f66169bd52""#),
            ("id eq 1e345678-5e08-762d-929b-73f66169bd52", #"id eq "1e345678-5e08-762d-929b-73f66169bd52""#),
            ("name.familyName co Müller", #"name.familyName co "Müller""#), ("a eq 名", #"a eq "名""#),
            ("a eq 1é", #"a eq "1é""#), ("t gt 2026-01-01T00:00:00Z", #"t gt "2026-01-01T00:00:00Z""#),
            ("(a eq b)", #"a eq "b""#), ("not (a eq b) and c eq d", #"not (a eq "b") and c eq "d""#),
            ("emails[type eq work and value ew .org]", #"emails[type eq "work" and value ew ".org"]"#),
            ("emails[type eq work].value eq x", #"emails[type eq "work" and value eq "x"]"#),
            ("a eq b or c eq -", #"a eq "b" or c eq "-""#), ("a eq not", #"a eq "not""#),
            ("a eq 01", #"a eq "01""#), ("a eq 1.", #"a eq "1.""#), ("a eq 1e", #"a eq "1e""#),
            ("a eq 12x", #"a eq "12x""#), ("a eq +1", #"a eq "+1""#), ("a eq NaN", #"a eq "NaN""#),
            (#"a eq x\"#, #"a eq "x\\""#), ("a eq x'y", #"a eq "x'y""#), ("a eq truer", #"a eq "truer""#),
        ]
    )
    func unquoted(text: String, canonical: String) throws {
        let filter = try Filter.parse(text)
        #expect(filter.description == canonical)
        #expect(try Filter.parse(canonical, .strict) == filter)
        #expect { try Filter.parse(text, .strict) } throws: {
            ($0 as? SCIMError)?.keyword == .invalidFilter
        }
    }

    @Test("F-14: limits hold exactly, in bytes, nesting and conditions")
    func limits() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "a pr" + String(repeating: ")", count: depth)
        }
        func wide(_ count: Int) -> String { Array(repeating: "a pr", count: count).joined(separator: " or ") }
        func unquoted(_ bytes: Int) -> String { "a eq \(String(repeating: "x", count: bytes - 5))" }
        #expect(throws: Never.self) { try Filter.parse(unquoted(FilterLimits.bytesMax)) }
        #expect(throws: SCIMError.self) { try Filter.parse(unquoted(FilterLimits.bytesMax + 1)) }
        func long(_ bytes: Int) -> String { "a eq \"\(String(repeating: "x", count: bytes - 7))\"" }
        #expect(throws: Never.self) { try Filter.parse(nested(FilterLimits.depthMax)) }
        #expect(throws: SCIMError.self) { try Filter.parse(nested(FilterLimits.depthMax + 1)) }
        #expect(throws: Never.self) { try Filter.parse(wide(FilterLimits.nodesMax)) }
        #expect(throws: SCIMError.self) { try Filter.parse(wide(FilterLimits.nodesMax + 1)) }
        #expect(throws: Never.self) { try Filter.parse(long(FilterLimits.bytesMax)) }
        #expect(throws: SCIMError.self) { try Filter.parse(long(FilterLimits.bytesMax + 1)) }
    }

    @Test(
        "F-14: hostile filters are refused at once, without exhausting the stack",
        arguments: [
            String(repeating: "(", count: 3_000_000), String(repeating: "not(", count: 1_000),
            String(repeating: "a[", count: 2_000),
            String(repeating: "not (", count: 31) + String(repeating: "a[", count: 9),
            String(repeating: "a pr and ", count: 500_000), String(repeating: ")", count: 4_000),
        ]
    )
    func hostile(text: String) {
        let start = ContinuousClock.now
        #expect(throws: SCIMError.self) { try Filter.parse(text) }
        #expect(ContinuousClock.now - start < .seconds(1))
    }

    @Test("R-01: a refusal tells the place and never repeats the filter")
    func refusalDetail() {
        #expect {
            try Filter.parse(#"userName eq "alice" and title eq secret x"#)
        } throws: { error in
            let detail = (error as? SCIMError)?.detail ?? ""
            return detail.contains("byte 40") && !detail.contains("secret") && !detail.contains("alice")
        }
    }

    @Test(
        "F-14: no input makes the parser fail otherwise than by refusing",
        arguments: PropertyRounds.seeds(10)
    )
    func noise(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "a", " ", "(", ")", "[", "]", "\"", "\\", "\\u", "d83d", "eq", "pr", "and", "or", "not", ".", ":",
            "$ref",
            "1", "-", "e5", "true", "null", "é", "\u{0}",
        ]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            if let filter = try? Filter.parse(text) {
                #expect((try? Filter.parse(filter.description)) == filter, "seed \(seed): \(text)")
            }
        }
    }
}
