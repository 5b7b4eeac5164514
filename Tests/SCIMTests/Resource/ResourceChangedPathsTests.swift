import JSON
import SCIM
import Testing

@Suite("Changed paths")
struct ResourceChangedPathsTests {
    @Test(
        "RFC 7644 §3.10: a change is told by its schema paths, without values",
        arguments: [
            ("{}", "{}", []), (#"{"active":true}"#, #"{"active":false}"#, ["active"]),
            (#"{"active":true}"#, "{}", ["active"]), ("{}", #"{"externalId":"x"}"#, ["externalId"]),
            (
                #"{"nickName":"a","title":"b"}"#, #"{"title":"c","locale":"d"}"#,
                ["nickName", "title", "locale"]
            ),
            // A complex attribute is told by its sub-attributes.
            (
                #"{"name":{"familyName":"a","givenName":"b"}}"#,
                #"{"name":{"familyName":"c","givenName":"b"}}"#, ["name.familyName"]
            ),
            ("{}", #"{"name":{"familyName":"c","givenName":"b"}}"#, ["name.familyName", "name.givenName"]),
            (#"{"name":{"familyName":"c"}}"#, "{}", ["name.familyName"]),
            // A multi-valued one as a whole.
            (#"{"emails":[{"value":"a"}]}"#, #"{"emails":[{"value":"a"},{"value":"b"}]}"#, ["emails"]),
            ("{}", #"{"emails":[{"value":"a"}]}"#, ["emails"]),
            // An extension by its URN.
            (
                #"{"\#(enterprise)":{"department":"a","division":"b"}}"#,
                #"{"\#(enterprise)":{"department":"c","division":"b"}}"#,
                ["\(enterprise):department"]
            ),
            ("{}", #"{"\#(enterprise)":{"manager":{"value":"1"}}}"#, ["\(enterprise):manager.value"]),
            (#"{"\#(enterprise)":{"manager":{"value":"1"}}}"#, "{}", ["\(enterprise):manager.value"]),
            // E-08: order is no change.
            (
                #"{"nickName":"n","name":{"familyName":"a","givenName":"b"},"emails":[{"value":"a","type":"b"}]}"#,
                #"{"emails":[{"type":"b","value":"a"}],"name":{"givenName":"b","familyName":"a"},"nickName":"n"}"#,
                []
            ),
            (
                #"{"\#(enterprise)":{"department":"a","manager":{"value":"1","$ref":"2"}}}"#,
                #"{"\#(enterprise)":{"manager":{"$ref":"2","value":"1"},"department":"a"}}"#, []
            ),
        ] as [(String, String, [String])]
    )
    func paths(before: String, after: String, expected: [String]) throws {
        let old = Resource(stored: try jsonObject(before), type: .user)
        let new = Resource(stored: try jsonObject(after), type: .user)
        let difference = ResourceDifference(from: old, to: new)
        #expect(difference.paths == expected)
        #expect(ResourceDifference(from: new, to: old).paths.sorted() == expected.sorted())
        // What is told to have changed is what makes resources differ.
        #expect((old == new) == expected.isEmpty)
        #expect(difference.isEmpty == expected.isEmpty)
    }
}
