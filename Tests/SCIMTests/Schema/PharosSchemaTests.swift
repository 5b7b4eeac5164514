import JSON
import SCIM
import TestSupport
import Testing

@Suite("The print extension")
struct PharosSchemaTests {
    private static let urn = Schema.pharosUser.id
    private static let cards = #""cards":[{"value":"04A2","type":"mifare","primary":true},{"value":"77"}]"#
    private static let stored = #"{"userName":"u","\#(urn)":{\#(cards),"defaultCostCenter":"100"}}"#

    private static func body(_ container: String) -> String {
        #"{"schemas":["\#(Schema.user.id)"],"userName":"u","\#(urn)":\#(container)}"#
    }

    private func resource(_ text: String) throws -> Resource {
        Resource(stored: try jsonObject(text), type: user)
    }

    private func decoded(_ container: String) throws -> Resource {
        try ResourceDecoder.decode(try json(Self.body(container)), as: user, .default).resource
    }

    @Test("A-19, C-02: cards in a create request are ignored, whatever they are; the cost centre is taken")
    func createIgnoresCards() throws {
        let sent = try decoded(#"{\#(Self.cards),"defaultCostCenter":"100"}"#)
        let kept = #"{"defaultCostCenter":"100"}"#
        #expect(try sent == resource(#"{"userName":"u","\#(Self.urn)":\#(kept)}"#))
        #expect(try decoded(#"{"cards":7}"#) == resource(#"{"userName":"u"}"#))
    }

    @Test(
        "U-02, U-04: a PUT keeps the cards and clears the cost centre that it leaves out",
        arguments: [#"{}"#, #"{"cards":[{"value":"1"}]}"#, #"{"cards":null}"#, "null"]
    )
    func replaceKeepsCards(container: String) throws {
        let replaced = try decoded(container).replacing(try resource(Self.stored))
        #expect(try replaced == resource(#"{"userName":"u","\#(Self.urn)":{\#(Self.cards)}}"#))
    }

    @Test("U-02: a PUT over a user without cards keeps none")
    func replaceWithoutCards() throws {
        let old = try resource(#"{"userName":"u","\#(Self.urn)":{"defaultCostCenter":"100"}}"#)
        #expect(try decoded("{}").replacing(old) == resource(#"{"userName":"u"}"#))
    }

    @Test(
        "H-05, H-10: a PATCH whose path leads to cards is refused as mutability",
        arguments: [
            #"{"op":"add","path":"PATH:cards","value":[{"value":"1"}]}"#,
            #"{"op":"replace","path":"PATH:cards.value","value":"1"}"#,
            #"{"op":"replace","path":"PATH:cards[value eq \"77\"].display","value":"x"}"#,
            #"{"op":"remove","path":"PATH:cards"}"#,
            #"{"op":"remove","path":"cards[value eq \"77\"]"}"#,
            #"{"op":"remove","path":"PATH"}"#,
            #"{"op":"replace","path":"PATH","value":null}"#,
        ]
    )
    func patchRefused(operation: String) throws {
        let request = "[\(operation.replacing("PATH", with: Self.urn))]"
        #expect(throws: SCIMError.self) { try patch(Self.stored, request) }
        do { _ = try patch(Self.stored, request) } catch let error as SCIMError {
            #expect(error.keyword == .mutability)
        }
    }

    @Test(
        "H-05, H-13: cards in a path-less PATCH are ignored, as readOnly attributes are; the rest is applied",
        arguments: [
            (#"{"URN":{"cards":[],"defaultCostCenter":"200"}}"#, #","defaultCostCenter":"200""#),
            (#"{"URN:cards":[{"value":"1"}]}"#, #","defaultCostCenter":"100""#),
            (#"{"URN":null}"#, ""),
        ]
    )
    func patchIgnores(value: String, costCenter: String) throws {
        let value = value.replacing("URN", with: Self.urn)
        let outcome = try patch(Self.stored, #"[{"op":"replace","value":\#(value)}]"#)
        let expected = #"{"userName":"u","\#(Self.urn)":{\#(Self.cards)\#(costCenter)}}"#
        #expect(try outcome.resource == resource(expected))
    }

    @Test("H-10: an extension without readOnly values can be removed as a whole")
    func removeExtension() throws {
        let before = #"{"userName":"u","\#(Self.urn)":{"defaultCostCenter":"1"}}"#
        let outcome = try patch(before, #"[{"op":"remove","path":"\#(Self.urn)"}]"#)
        #expect(try outcome.resource == resource(#"{"userName":"u"}"#))
    }

    @Test(
        "F-04, F-07, F-09: users are found by a card's number, in any case",
        arguments: [
            (#"URN:cards.value eq "04a2""#, true), (#"cards.value eq "77""#, true),
            (#"URN:cards[value eq "04A2" and type eq "mifare"]"#, true),
            (#"URN:cards[value eq "77" and type eq "mifare"]"#, false), (#"cards.value eq "7""#, false),
            ("URN:cards pr", true), (#"URN:cards eq "77""#, true),
        ]
    )
    func filter(text: String, matches: Bool) throws {
        let filter = try Filter.parse(text.replacing("URN", with: Self.urn))
        let bound = try BoundFilter(filter, type: user, .default)
        #expect(bound.matches(try jsonObject(Self.stored)) == matches)
    }
}
