import JSON
import SCIM
import Testing

@Suite("Whole resources")
struct ResourceValidationTests {
    private func refused(_ attributes: String, _ type: ResourceType = .user) throws -> SCIMError.Keyword? {
        let object = try jsonObject(attributes)
        do throws(SCIMError) {
            _ = try Resource.validated(object, type: type)
            return nil
        } catch { return error.keyword }
    }

    @Test(
        "A-12, A-17, U-04, C-05: a required attribute that is missing or blank is invalidValue",
        arguments: [
            ("{}", ResourceType.user), (#"{"userName":" \t"}"#, .user), (#"{"displayName":"x"}"#, .user),
            ("{}", .group), (#"{"displayName":"\u3000"}"#, .group), (#"{"externalId":"x"}"#, .group),
        ]
    )
    func required(attributes: String, type: ResourceType) throws {
        #expect(try refused(attributes, type) == .invalidValue)
    }

    @Test(
        "A-12, U-04: a required attribute sent as null, empty or blank is missing",
        arguments: ["null", #""""#, #"" ""#, "[]"]
    )
    func requiredInput(value: String) throws {
        let text = #"{"schemas":["\#(Schema.user.id)"],"userName":\#(value)}"#
        #expect(try refusal(text)?.detail == "The attribute userName is required.")
    }

    @Test(
        "A-24: a required extension is there, with its required attributes",
        arguments: [
            (#"{"serial":"1","urn:example:Place":{"room":"4"}}"#, true), (#"{"serial":"1"}"#, false),
            (#"{"serial":"1","urn:example:Place":{"site":"x"}}"#, false),
            (#"{"serial":"1","urn:example:Place":{"room":" "}}"#, false),
            (#"{"serial":"1","urn:example:Place":{"room":"4"},"trays":[{"name":"a"},{"count":1}]}"#, false),
        ]
    )
    func requiredExtension(attributes: String, isValid: Bool) throws {
        #expect(try refused(attributes, printer) == (isValid ? nil : .invalidValue))
    }

    @Test(
        "A-05: at most one value is primary",
        arguments: [
            (#"[{"value":"a","primary":true},{"value":"b"}]"#, true),
            (#"[{"value":"a","primary":true},{"value":"b","primary":false}]"#, true),
            (#"[{"value":"a","primary":true},{"value":"b","primary":true}]"#, false),
            (#"[{"value":"a","primary":"True"},{"value":"b","primary":"true"}]"#, false),
            (#"[{"value":"a","primary":true},{"value":"a","primary":true}]"#, true),
        ]
    )
    func primary(emails: String, isValid: Bool) throws {
        #expect(try refusal(body(#""emails":\#(emails)"#))?.keyword == (isValid ? nil : .invalidValue))
    }

    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test(
        "The limits of ResourceLimits hold to the byte, and the detail names the attribute",
        arguments: [
            ("userName", ResourceLimits.indexedStringBytesMax, ResourceType.user),
            ("externalId", ResourceLimits.indexedStringBytesMax, .user),
            ("externalId", ResourceLimits.indexedStringBytesMax, .group),
            ("displayName", ResourceLimits.indexedStringBytesMax, .group),
            ("displayName", ResourceLimits.stringBytesMax, .user),
            ("title", ResourceLimits.stringBytesMax, .user),
        ]
    )
    func stringLimits(name: String, bytesMax: Int, type: ResourceType) throws {
        func text(_ count: Int) -> String {
            let others = #""userName":"a","displayName":"b""#.split(separator: ",")
                .filter { !$0.hasPrefix(#""\#(name)""#) }.joined(separator: ",")
            return #"{"schemas":["\#(type.schema.id)"],\#(others),"\#(name)":"\#(Self.text(count))"}"#
        }
        #expect(try refusal(text(bytesMax), as: type) == nil)
        let error = try #require(try refusal(text(bytesMax + 1), as: type))
        #expect(error.keyword == .invalidValue)
        #expect(error.detail.contains(" \(name) ") && error.detail.contains(" \(bytesMax) "))
    }

    @Test("An attribute has as many values as the limit says, and not one more")
    func elementsLimit() throws {
        func roles(_ count: Int) -> String {
            body(#""roles":[\#((0..<count).map { #""r\#($0)""# }.joined(separator: ","))]"#)
        }
        #expect(try refusal(roles(ResourceLimits.elementsMax)) == nil)
        #expect(try refusal(roles(ResourceLimits.elementsMax + 1))?.keyword == .invalidValue)
    }

    @Test("A resource of more bytes than the limit says is refused")
    func resourceLimit() throws {
        let half = Self.text(ResourceLimits.resourceBytesMax / 2 - 20)
        #expect(try refusal(body(#""title":"\#(half)""#)) == nil)
        let error = try refusal(body(#""title":"\#(half)","nickName":"\#(half)""#))
        #expect(error?.keyword == .invalidValue)
    }

    @Test("RFC 7643 §2.3.8, E-08: resources are equal whatever the order of their members")
    func equality() throws {
        func resource(_ text: String) throws -> Resource {
            Resource(stored: try jsonObject(text), type: .user)
        }
        let one = try resource(
            #"{"userName":"a","name":{"givenName":"x","familyName":"y"},"emails":[{"value":"a","type":"w"}]}"#
        )
        let other = try resource(
            #"{"emails":[{"type":"w","value":"a"}],"name":{"familyName":"y","givenName":"x"},"userName":"a"}"#
        )
        #expect(one == other)
        for text in [
            #"{"userName":"a"}"#,
            #"{"userName":"A","name":{"givenName":"x","familyName":"y"},"emails":[{"value":"a","type":"w"}]}"#,
            #"{"userName":"a","name":{"givenName":"x"},"emails":[{"value":"a","type":"w"}]}"#,
            #"{"userName":"a","name":{"givenName":"x","familyName":"y"},"emails":[{"value":"b","type":"w"}]}"#,
        ] {
            #expect(try resource(text) != one)
        }
        #expect(try resource(#"{"userName":"\u00e9"}"#) != resource(#"{"userName":"e\u0301"}"#))
    }

    @Test(
        "U-03: a PUT sets an immutable attribute once, leaves it when it is silent, and may not change it",
        arguments: [
            (#"{"maker":"a"}"#, #"{"maker":"a"}"#, #"{"maker":"a"}"#),
            (#"{"maker":"a"}"#, "{}", #"{"maker":"a"}"#),
            ("{}", #"{"maker":"a"}"#, #"{"maker":"a"}"#), (#"{"maker":"a"}"#, #"{"maker":"b"}"#, nil),
            (#"{"maker":"a"}"#, #"{"maker":"A"}"#, nil),
            (#"{"label":"a"}"#, #"{"label":"b"}"#, #"{"label":"b"}"#),
            (#"{"label":"a"}"#, "{}", "{}"),
            (#"{"urn:example:Sale":{"year":1}}"#, "{}", #"{"urn:example:Sale":{"year":1}}"#),
            (#"{"urn:example:Sale":{"year":1}}"#, #"{"urn:example:Sale":{"year":2}}"#, nil),
        ] as [(String, String, String?)]
    )
    func immutable(before: String, sent: String, after: String?) throws {
        let type = ResourceType(
            name: "Thing",
            endpoint: "/Things",
            description: "",
            schema: Schema(
                id: "urn:example:Thing",
                name: "Thing",
                description: "",
                attributes: [
                    AttributeDefinition("maker", description: "", caseExact: true, mutability: .immutable),
                    AttributeDefinition("label", description: ""),
                ]
            ),
            extensions: [
                .init(
                    schema: Schema(
                        id: "urn:example:Sale",
                        name: "Sale",
                        description: "",
                        attributes: [
                            AttributeDefinition("year", .integer, description: "", mutability: .immutable)
                        ]
                    ),
                    required: false
                )
            ]
        )
        let old = Resource(stored: try jsonObject(before), type: type)
        let new = Resource(stored: try jsonObject(sent), type: type)
        guard let after else {
            #expect { try new.replacing(old) } throws: { ($0 as? SCIMError)?.keyword == .mutability }
            return
        }
        #expect(try new.replacing(old) == Resource(stored: jsonObject(after), type: type))
    }

    @Test("A stored resource is read without what the server derives")
    func stored() throws {
        let text = #"{"schemas":["x"],"id":"1","userName":"a","\#(enterprise)":{"division":"d"}}"#
        let resource = Resource(stored: try jsonObject(text), type: .user)
        #expect(resource.attributes.members.map(\.name) == ["userName", enterprise])
        #expect(resource.schemas == [Schema.user.id, enterprise])
    }
}
