import JSON
import SCIM
import TestSupport
import Testing

@Suite("A PATCH that differs from the one before in a text")
struct KeptPatchTests {
    /// Bodies with room for a text, written `$`.
    private static let shapes = [
        #"{"op":"replace","path":"title","value":"$"}"#, #"{"op":"add","path":"title","value":"$"}"#,
        #"{"op":"Replace","path":"TITLE","value":"$"}"#, #"{"op":"replace","value":{"title":"$"}}"#,
        #"{"value":"$","path":"name.familyName","op":"replace"}"#,
        #"{"op":"replace","value":{"name.familyName":"$"}}"#,
        #"{"op":"replace","value":{"name":{"familyName":"$"}}}"#,
        #"{"op":"replace","path":"name","value":{"familyName":"$"}}"#,
        #"{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User","value":{"title":"$"}}"#,
        #"{"op":"replace","path":"\#(enterprise):department","value":"$"}"#,
        #"{"op":"add","value":{"\#(enterprise)":{"department":"$"}}}"#,
        #"{"op":"replace","path":"\#(enterprise)","value":{"department":"$"}}"#,
        #"{"op":"replace","path":"manager","value":"$"}"#, #"{"op":"replace","path":"title","value":["$"]}"#,
        #"{"op":"replace","value":{"title":"$","nickName":"N"}}"#,
        #"{"op":"replace","value":{"title":"T","nickName":"$"}}"#,
        #"{"op":"replace","value":{"id":"1","title":"$"}}"#, #"{"op":"replace","path":"$","value":"title"}"#,
        #"{"op":"replace","path":"title","value":"title","x":"$"}"#, #"{"op":"$","path":"title"}"#,
        #"{"op":"replace","path":"title","value":"title","VALUE":"$"}"#,
        #"{"op":"replace","path":"emails[type eq \"work\"].value","value":"$"}"#,
        #"{"op":"replace","path":"emails.value","value":"$"}"#,
        #"{"op":"replace","path":"emails","value":"$"}"#,
        #"{"op":"replace","path":"active","value":"$"}"#,
        #"{"op":"replace","path":"password","value":"$"}"#,
        #"{"op":"replace","path":"id","value":"$"}"#, #"{"op":"replace","path":"schemas","value":"$"}"#,
        #"{"op":"replace","path":"userName","value":"$"}"#,
        #"{"op":"replace","path":"profileUrl","value":"$"}"#,
        #"{"op":"replace","path":"colour","value":"$"}"#, #"{"op":"remove","path":"title","value":"$"}"#,
        #"{"op":"replace","path":"title","value":"$"},{"op":"replace","path":"nickName","value":"N"}"#,
    ]

    private static let texts = [
        "Engineer", "Boss", "engineer", "B", "title", "active", "false", "True", " ", "  x ", "1", "replace",
        "remove", "nickName", "", #"\u0041"#, #"a\"b"#, #"a","nickName":"b"#, #"a"},{"op":"remove"#, #"\"#,
        "ä", "é", "\t", "\u{7F}", "a\\/b", String(repeating: "x", count: 600),
    ]

    private static func body(_ operation: String, _ text: String) -> [UInt8] {
        let list = operation.split(separator: "$", omittingEmptySubsequences: false).joined(separator: text)
        return Array(
            #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[\#(list)]}"#.utf8
        )
    }

    /// What a user comes to by a plan, and all else that the plan says.
    private func outcome(_ plan: PatchPlan) throws -> String {
        let before = Resource(
            stored: try jsonObject(
                #"{"userName":"ann","title":"T","name":{"familyName":"F"},"emails":[{"type":"work","value":"w"}]}"#
            ),
            type: user
        )
        var budget = WorkBudget(PatchLimits.workMax)
        let after = Result { try plan.apply(to: before, &budget)?.attributes }
        return "\(after) \(plan.containsPassword) \(plan.ignored) \(plan.names) \(plan.members.count)"
    }

    @Test("Whatever is taken for the one before with another text asks for what it asks for by itself")
    func same() throws {
        var taken = 0
        for profile in [Profile.default, .strict, .entra] {
            for shape in Self.shapes {
                for first in Self.texts {
                    guard let document = try? JSONDocument(parsing: Self.body(shape, first)),
                        let plan = try? PatchPlan(decoding: document, type: user, profile),
                        let kept = KeptPatch(plan, of: document, type: user, profile)
                    else { continue }
                    for (other, text) in Self.texts.map({ (shape, $0) })
                        + Self.shapes.map({ ($0, "Engineer") })
                    {
                        let body = Self.body(other, text)
                        guard let found = kept.plan(for: body, type: user, profile) else { continue }
                        taken += 1
                        let alone = try PatchPlan(
                            decoding: try JSONDocument(parsing: body),
                            type: user,
                            profile
                        )
                        #expect(try outcome(found) == outcome(alone), "\(shape) \(first) \(other) \(text)")
                    }
                }
            }
        }
        #expect(taken > 3_000)
    }

    @Test(
        "What clients send one after the other is taken; another text than a plain one is not, nor another type or profile"
    )
    func taken() throws {
        for shape in Self.shapes.prefix(6) {
            let document = try JSONDocument(parsing: Self.body(shape, "Engineer"))
            let plan = try PatchPlan(decoding: document, type: user, .default)
            let kept = try #require(KeptPatch(plan, of: document, type: user, .default))
            for text in ["Boss", "E", "Engineers", "Engineer"] {
                #expect(kept.plan(for: Self.body(shape, text), type: user, .default) != nil, "\(shape)")
            }
            for text in ["", "ä", #"\u0041"#, #"a\"b"#, #"a","x":"b"#] {
                #expect(kept.plan(for: Self.body(shape, text), type: user, .default) == nil, "\(shape)")
            }
            #expect(kept.plan(for: Self.body(shape, "Boss"), type: group, .default) == nil)
            #expect(kept.plan(for: Self.body(shape, "Boss"), type: user, .strict) == nil)
        }
    }

    @Test("A long body is not kept, nor one with a password; and a long text is judged by itself")
    func bounds() throws {
        let long = String(repeating: "x", count: KeptPatch.bytesMax + 1)
        func kept(_ body: [UInt8]) throws -> KeptPatch? {
            let document = try JSONDocument(parsing: body)
            let plan = try PatchPlan(decoding: document, type: user, .default)
            return KeptPatch(plan, of: document, type: user, .default)
        }
        #expect(try kept(Self.body(Self.shapes[0], long)) == nil)
        #expect(try kept(Self.body(#"{"op":"replace","path":"password","value":"$"}"#, "secret")) == nil)
        let short = try #require(try kept(Self.body(Self.shapes[0], "Engineer")))
        let most = String(long.dropLast())
        #expect(short.plan(for: Self.body(Self.shapes[0], most), type: user, .default) != nil)
        #expect(short.plan(for: Self.body(Self.shapes[0], long), type: user, .default) == nil)
    }
}
