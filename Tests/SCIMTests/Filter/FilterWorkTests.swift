import JSON
import TestSupport
import Testing

@testable import SCIM

@Suite("What filters and operations cost")
struct FilterWorkTests {
    private static func filter(_ text: String) throws -> BoundFilter {
        try BoundFilter(Filter.parse(text, .default), type: .user, .default)
    }

    private static func user(_ count: Int, _ value: (Int) -> String) -> JSONObject {
        let emails = (0..<count).map { number in
            JSONValue.object(JSONObject(uniqueMembers: [.init(name: "value", value: .string(value(number)))]))
        }
        return JSONObject(uniqueMembers: [
            .init(name: "userName", value: .string("ann")), .init(name: "emails", value: .array(emails)),
        ])
    }

    private static func terms(_ count: Int) -> String {
        (0..<count).map { "value co \"zz\($0)\"" }.joined(separator: " or ")
    }

    private static func cost(_ filter: BoundFilter, of user: JSONObject) -> Int {
        var budget = WorkBudget(.max)
        _ = filter.matches(user, &budget)
        return .max - budget.units
    }

    @Test(
        "A filter costs in proportion to its terms, to the values and to their length; texts beyond ASCII cost more"
    )
    func proportion() throws {
        let base = Self.cost(try Self.filter("emails[\(Self.terms(10))]"), of: Self.user(10) { "mail\($0)" })
        let terms = Self.cost(
            try Self.filter("emails[\(Self.terms(100))]"),
            of: Self.user(10) { "mail\($0)" }
        )
        let values = Self.cost(
            try Self.filter("emails[\(Self.terms(10))]"),
            of: Self.user(100) { "mail\($0)" }
        )
        let bytes = Self.cost(
            try Self.filter("emails[\(Self.terms(10))]"),
            of: Self.user(10) { _ in String(repeating: "m", count: 5_000) }
        )
        let unicode = Self.cost(
            try Self.filter("emails[\(Self.terms(10))]"),
            of: Self.user(10) { _ in String(repeating: "ж", count: 2_500) }
        )
        #expect((8...12).contains(terms / base))
        #expect((8...12).contains(values / base))
        #expect(bytes > 50 * base)
        #expect(unicode > 10 * bytes)
    }

    @Test("A filter stops soon after its budget is spent, whatever is left to look at")
    func stops() throws {
        let filter = try Self.filter("not (emails[\(Self.terms(100))]) and emails[\(Self.terms(50))]")
        var budget = WorkBudget(5_000)
        _ = filter.matches(Self.user(1_000) { "mail\($0)" }, &budget)
        #expect(budget.isSpent)
        // Each value that is only passed by costs a little; none of the 150,000 comparisons is made any more.
        #expect(budget.units > -20_000)
    }

    @Test(
        "`co` finds what looking at each place finds, for texts that nearly repeat themselves",
        arguments: PropertyRounds.seeds(300)
    )
    func search(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func text(_ length: ClosedRange<Int>) -> String {
            String(
                (0..<Int.random(in: length, using: &generator)).map { _ in
                    generator.pick(["a", "b", "B"]) as Character
                }
            )
        }
        let (value, literal) = (text(0...60), text(1...7))
        let expected = literal.isEmpty || value.lowercased().contains(literal.lowercased())
        let filter = try Self.filter("userName co \"\(literal)\"")
        let user = JSONObject(uniqueMembers: [.init(name: "userName", value: .string(value))])
        #expect(filter.matches(user) == expected, "\(value) co \(literal)")
    }

    @Test("A filter names the members whose values it seeks only if no others matter")
    func sought() throws {
        func sought(_ text: String) throws -> [String]? {
            try BoundFilter(Filter.parse(text, .default), type: .group, .default).valuesSought(in: "members")
        }
        #expect(try sought(#"members.value eq "a""#) == ["a"])
        #expect(try sought(#"members eq "a" and displayName sw "b""#) == ["a"])
        #expect(try sought(#"members[value eq "a"] or not (members.value eq "b")"#) == ["a", "b"])
        #expect(try sought(#"displayName eq "b""#) == [])
        #expect(try sought(#"members.value ne "a""#) == nil)
        #expect(try sought(#"members[not (value eq "a")]"#) == nil)
        #expect(try sought(#"members[value eq "a" and type eq "User"]"#) == nil)
        #expect(try sought(#"members pr"#) == nil)
        #expect(try sought(#"members.display co "a" or members.value eq "b""#) == nil)
    }

    @Test(
        "PM-09: operations that cost more than the budget come to nothing; with a larger one they come to the same as without"
    )
    func operations() throws {
        let operations = (0..<20).map {
            "{\"op\":\"replace\",\"path\":\"emails[value eq \\\"m\($0)\\\" or \(Self.terms(20).replacing("\"", with: "\\\""))].display\",\"value\":\"d\"}"
        }
        let plan = try plan("[\(operations.joined(separator: ","))]")
        let user = Resource(stored: Self.user(200) { "m\($0)" }, type: .user)
        let whole = try plan.apply(to: user)
        var small = WorkBudget(50_000)
        #expect(try plan.apply(to: user, &small) == nil)
        #expect(small.isSpent)
        var large = WorkBudget(PatchLimits.workMax)
        #expect(try plan.apply(to: user, &large) == whole)
        #expect(!large.isSpent)
    }

    @Test("A thousand operations that each select one of a thousand values take two thirds of the limit")
    func ordinary() throws {
        let operations = (0..<PatchLimits.operationsMax).map {
            "{\"op\":\"replace\",\"path\":\"emails[value eq \\\"mail\($0)@example.com\\\"].display\",\"value\":\"d\($0)\"}"
        }
        let user = Resource(stored: Self.user(1_000) { "mail\($0)@example.com" }, type: .user)
        // A tenth of them, as the whole would take a debug build a while.
        let plan = try plan("[\(operations.prefix(100).joined(separator: ","))]")
        var budget = WorkBudget(PatchLimits.workMax / 1_000 * 70)
        #expect(try plan.apply(to: user, &budget) != nil)
    }

    @Test(
        "Adding or removing many values that are alike costs what finding them costs",
        arguments: ["add", "remove"]
    )
    func alike(kind: String) throws {
        let named = (0..<200).map { number in
            kind == "add" ? #"{"value":"same","display":"e\#(number)"}"# : #"{"display":"e\#(number)"}"#
        }
        let operation =
            #"{"op":"\#(kind)","path":"emails","value":[\#(named.joined(separator: ","))]}"#
        let plan = try plan("[\(operation)]")
        let emails = (0..<500).map { "{\"value\":\"same\",\"type\":\"t\($0)\",\"display\":\"d\($0)\"}" }
        let user = Resource(
            stored: try jsonObject("{\"userName\":\"ann\",\"emails\":[\(emails.joined(separator: ","))]}"),
            type: .user
        )
        var budget = WorkBudget(.max)
        _ = try plan.apply(to: user, &budget)
        // 200 times 500 elements are looked at.
        #expect(.max - budget.units > 200 * 500 * 10)
    }
}
