import JSON
import SCIM
import Testing

/// Values that could be taken for more than they say.
@Suite("A PATCH takes no more than it names")
struct PatchRestraintTests {
    private static let before =
        #"{"userName":"u","title":"t","addresses":[{"type":"home","locality":"A"},{"type":"home","locality":"B"}],"emails":[{"value":"a@x","type":"home"},{"value":"b@x","type":"home"}],"\#(enterprise)":{"department":"d","manager":{"value":"m"}}}"#
    private static let core = Schema.user.id

    @Test(
        "What an element to remove has beside what is understood keeps it from meaning more",
        arguments: [
            #"[{"op":"remove","path":"addresses","value":[{"type":"home","value":"zz"}]}]"#,
            #"[{"op":"remove","path":"addresses","value":[{"type":"home","value":null,"bogus":1}]}]"#,
            #"[{"op":"remove","path":"addresses","value":[{"type":"home","locality":""}]}]"#,
            #"[{"op":"remove","path":"emails","value":[{"type":"home","value":""}]}]"#,
            #"[{"op":"remove","path":"emails","value":[{"type":"home","operation":"delete"}]}]"#,
            #"[{"op":"remove","path":"\#(core)","value":{"addresses":[{"type":"home","value":"zz"}]}}]"#,
        ]
    )
    func removal(request: String) throws {
        let outcome = try patch(Self.before, request)
        #expect(outcome.resource == Resource(stored: try jsonObject(Self.before), type: user))
    }

    @Test(
        "The core schema's object names no attribute of an extension",
        arguments: [
            #"[{"op":"replace","value":{"\#(core)":{"manager":null,"department":null}}}]"#,
            #"[{"op":"replace","path":"\#(core)","value":{"department":"x"}}]"#,
            #"[{"op":"remove","path":"\#(core)","value":{"department":"d"}}]"#,
        ]
    )
    func coreObject(request: String) throws {
        let outcome = try patch(Self.before, request)
        #expect(outcome.resource == Resource(stored: try jsonObject(Self.before), type: user))
        #expect(outcome.ignored.contains { $0.attribute == "department" })
    }

    @Test(
        "An array around nothing changes nothing",
        arguments: ["title", "name", "\(enterprise):manager", "emails", "addresses"],
        ["[null]", "[[]]", #"[""]"#, "[{}]"]
    )
    func arrayOfNothing(path: String, value: String) throws {
        // No text is written as an object.
        guard path != "title" || value != "[{}]" else { return }
        let outcome = try patch(Self.before, #"[{"op":"replace","path":"\#(path)","value":\#(value)}]"#)
        #expect(outcome.resource == Resource(stored: try jsonObject(Self.before), type: user))
    }

    @Test(
        "What would depend on the order of names, or be lost, is refused without repeating a value",
        arguments: [
            (
                #"{"emails[value eq \"secret@x\"].type":"a","\#(core):emails[value eq \"secret@x\"].type":"b"}"#,
                ""
            ),
            (#"{"emails[value eq \"secret@x\"].type":"a","emails":null}"#, ""),
            (#"{"emails":null,"emails[value eq \"secret@x\"].type":"a"}"#, ""),
            (#"{"name.givenName":"secret@x"}"#, "name"), (#"[{"emails.value":"secret@x"}]"#, "emails"),
        ]
    )
    func refused(value: String, path: String) throws {
        let target = path.isEmpty ? "" : #""path":"\#(path)","#
        #expect { try patch(Self.before, #"[{"op":"replace",\#(target)"value":\#(value)}]"#) } throws: {
            error in
            let error = error as? SCIMError
            return error?.keyword == .invalidSyntax && error?.detail.contains("secret") == false
        }
    }

    @Test("A name in an extension's object may carry the extension's URN")
    func qualifiedInExtension() throws {
        let outcome = try patch(
            Self.before,
            #"[{"op":"replace","path":"\#(enterprise)","value":{"\#(enterprise):department":"new"}}]"#
        )
        #expect(
            outcome.resource.attributes[enterprise]
                == (try json(#"{"department":"new","manager":{"value":"m"}}"#))
        )
    }

    @Test(
        "schemas is a list of URIs, of which the strict profile takes its own",
        arguments: [
            ("null", ProfileName.default, SCIMError.Keyword?.some(.invalidValue)),
            ("true", .default, .invalidValue),
            (#"["urn:x"]"#, .default, nil), (#"["urn:x"]"#, .strict, .invalidSyntax),
            ("null", .strict, .invalidValue),
            (#"["\#(core)"]"#, .strict, nil),
        ]
    )
    func schemas(value: String, name: ProfileName, keyword: SCIMError.Keyword?) throws {
        let request = #"[{"op":"replace","path":"schemas","value":\#(value)}]"#
        do {
            let outcome = try patch(Self.before, request, name.profile)
            #expect(keyword == nil)
            #expect(outcome.resource == Resource(stored: try jsonObject(Self.before), type: user))
        } catch let error as SCIMError {
            #expect(error.keyword == keyword)
        }
    }
}
