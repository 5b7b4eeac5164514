import JSON
import SCIM
import Testing

@Suite("PATCH operations")
struct PatchApplierTests {
    private static let work = #"{"value":"w@x","type":"work","primary":true}"#
    private static let home = #"{"value":"h@x","type":"home"}"#
    private static let both = #"{"userName":"u","emails":[\#(work),\#(home)]}"#

    @Test(
        "H-09, RFC 7644 §3.5.2.1: add",
        arguments: [
            PatchCase(
                "a simple attribute",
                #"{"userName":"u"}"#,
                #"[{"op":"add","path":"title","value":"t"}]"#,
                #"{"userName":"u","title":"t"}"#
            ),
            PatchCase(
                "over an existing value replaces it",
                #"{"userName":"u","title":"a"}"#,
                #"[{"op":"add","path":"title","value":"b"}]"#,
                #"{"userName":"u","title":"b"}"#
            ),
            PatchCase(
                "a sub-attribute of an absent complex attribute",
                #"{"userName":"u"}"#,
                #"[{"op":"add","path":"name.givenName","value":"g"}]"#,
                #"{"userName":"u","name":{"givenName":"g"}}"#
            ),
            PatchCase(
                "a complex value is merged",
                #"{"userName":"u","name":{"givenName":"g","familyName":"f"}}"#,
                #"[{"op":"add","path":"name","value":{"familyName":"n","middleName":"m"}}]"#,
                #"{"userName":"u","name":{"givenName":"g","familyName":"n","middleName":"m"}}"#
            ),
            PatchCase(
                "values are appended, one or several",
                #"{"userName":"u","emails":[\#(work)]}"#,
                #"[{"op":"add","path":"emails","value":[\#(home)]},{"op":"add","path":"emails","value":{"value":"o@x"}}]"#,
                #"{"userName":"u","emails":[\#(work),\#(home),{"value":"o@x"}]}"#
            ),
            PatchCase(
                "a value that is there already changes nothing",
                both,
                #"[{"op":"add","path":"emails","value":[{"type":"home","value":"h@x"},{"value":"W@X","type":"WORK","primary":true}]}]"#,
                #"{"userName":"u","emails":[{"value":"W@X","type":"WORK","primary":true},\#(home)]}"#
            ),
            PatchCase(
                "a value with less about it than the one that is there changes nothing",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"h@x"}}]"#,
                both
            ),
            PatchCase(
                "the same value of another type is another value",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"h@x","type":"other"}}]"#,
                #"{"userName":"u","emails":[\#(work),\#(home),{"value":"h@x","type":"other"}]}"#
            ),
            PatchCase(
                "more about a value that is there is merged into it",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"h@x","type":"home","display":"d"}}]"#,
                #"{"userName":"u","emails":[\#(work),{"value":"h@x","type":"home","display":"d"}]}"#
            ),
            PatchCase(
                "to the elements a filter selects",
                both,
                #"[{"op":"add","path":"emails[type eq \"home\"]","value":{"display":"d"}}]"#,
                #"{"userName":"u","emails":[\#(work),{"value":"h@x","type":"home","display":"d"}]}"#
            ),
            PatchCase(
                "a path-less value merges, complex and multi-valued alike",
                #"{"userName":"u","name":{"givenName":"g"},"emails":[\#(work)]}"#,
                #"[{"op":"add","value":{"nickName":"n","name":{"familyName":"f"},"emails":[\#(home)]}}]"#,
                #"{"userName":"u","nickName":"n","name":{"givenName":"g","familyName":"f"},"emails":[\#(work),\#(home)]}"#
            ),
            PatchCase(
                "null and [] add nothing to several values",
                both,
                #"[{"op":"add","path":"emails","value":null},{"op":"add","path":"emails","value":[]}]"#,
                both
            ),
            PatchCase(
                "null adds nothing to a single value, and takes nothing away",
                #"{"userName":"u","title":"a"}"#,
                #"[{"op":"add","path":"title","value":null}]"#,
                #"{"userName":"u","title":"a"}"#
            ),
        ]
    )
    func add(_ sample: PatchCase) throws { try sample.check() }

    @Test(
        "H-10, H-11, RFC 7644 §3.5.2.2: remove",
        arguments: [
            PatchCase(
                "a single value",
                #"{"userName":"u","title":"a"}"#,
                #"[{"op":"remove","path":"title"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "what is not there succeeds",
                #"{"userName":"u"}"#,
                #"[{"op":"remove","path":"title"},{"op":"remove","path":"emails[type eq \"x\"]"},{"op":"remove","path":"name.givenName"},{"op":"remove","path":"emails.value"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "all values without a filter",
                both,
                #"[{"op":"remove","path":"emails"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "the values a filter selects",
                both,
                #"[{"op":"remove","path":"emails[type eq \"WORK\"]"}]"#,
                #"{"userName":"u","emails":[\#(home)]}"#
            ),
            PatchCase(
                "the last value leaves no attribute",
                both,
                #"[{"op":"remove","path":"emails[type pr]"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "a sub-attribute",
                #"{"userName":"u","name":{"givenName":"g","familyName":"f"}}"#,
                #"[{"op":"remove","path":"name.givenName"}]"#,
                #"{"userName":"u","name":{"familyName":"f"}}"#
            ),
            PatchCase(
                "the last sub-attribute leaves no attribute",
                #"{"userName":"u","name":{"givenName":"g"}}"#,
                #"[{"op":"remove","path":"name.givenName"}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "a sub-attribute of the values a filter selects",
                both,
                #"[{"op":"remove","path":"emails[primary eq true].type"}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","primary":true},\#(home)]}"#
            ),
            PatchCase(
                "a sub-attribute of every value",
                both,
                #"[{"op":"remove","path":"emails.type"}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","primary":true},{"value":"h@x"}]}"#
            ),
            PatchCase(
                "only the values a value names",
                both,
                #"[{"op":"remove","path":"emails","value":[{"value":"W@x"}]}]"#,
                #"{"userName":"u","emails":[\#(home)]}"#
            ),
            PatchCase(
                "values named by another sub-attribute",
                both,
                #"[{"op":"remove","path":"emails","value":{"type":"home"}}]"#,
                #"{"userName":"u","emails":[\#(work)]}"#
            ),
            PatchCase(
                "a named value of another type stays",
                both,
                #"[{"op":"remove","path":"emails","value":[{"value":"w@x","type":"home"}]}]"#,
                both
            ),
            PatchCase(
                "an empty array names nothing",
                both,
                #"[{"op":"remove","path":"emails","value":[]}]"#,
                both
            ),
            PatchCase(
                "an extension as a whole",
                #"{"userName":"u","\#(enterprise)":{"department":"d"}}"#,
                #"[{"op":"remove","path":"\#(enterprise)"}]"#,
                #"{"userName":"u"}"#
            ),
        ]
    )
    func remove(_ sample: PatchCase) throws { try sample.check() }

    @Test(
        "H-12, RFC 7644 §3.5.2.3: replace",
        arguments: [
            PatchCase(
                "what is absent is added",
                #"{"userName":"u"}"#,
                #"[{"op":"replace","path":"title","value":"t"}]"#,
                #"{"userName":"u","title":"t"}"#
            ),
            PatchCase(
                "all values without a filter",
                both,
                #"[{"op":"replace","path":"emails","value":[{"value":"n@x"}]}]"#,
                #"{"userName":"u","emails":[{"value":"n@x"}]}"#
            ),
            PatchCase(
                "a complex value keeps what is not named",
                #"{"userName":"u","name":{"givenName":"g","familyName":"f"}}"#,
                #"[{"op":"replace","path":"name","value":{"familyName":"n","givenName":null}}]"#,
                #"{"userName":"u","name":{"familyName":"n"}}"#
            ),
            PatchCase(
                "the values a filter selects, in their place, still selected by it",
                both,
                #"[{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"n@x"}}]"#,
                #"{"userName":"u","emails":[{"value":"n@x","type":"work"},\#(home)]}"#
            ),
            PatchCase(
                "a sub-attribute of the values a filter selects",
                both,
                #"[{"op":"replace","path":"emails[type eq \"work\"].value","value":"n@x"}]"#,
                #"{"userName":"u","emails":[{"value":"n@x","type":"work","primary":true},\#(home)]}"#
            ),
            PatchCase(
                "null, [] and an empty path-less array unassign",
                #"{"userName":"u","title":"t","emails":[\#(home)],"photos":[{"value":"p"}]}"#,
                #"[{"op":"replace","path":"title","value":null},{"op":"replace","path":"emails","value":[]},{"op":"replace","value":{"photos":null}}]"#,
                #"{"userName":"u"}"#
            ),
            PatchCase(
                "a sub-attribute of null",
                both,
                #"[{"op":"replace","path":"emails[type eq \"work\"].type","value":null}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","primary":true},\#(home)]}"#
            ),
            PatchCase(
                "the core schema as a path is the resource",
                #"{"userName":"u"}"#,
                #"[{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User","value":{"title":"t"}}]"#,
                #"{"userName":"u","title":"t"}"#
            ),
            PatchCase(
                "a new manager takes the old one's reference along",
                #"{"userName":"u","\#(enterprise)":{"manager":{"value":"1","$ref":"../Users/1"}}}"#,
                #"[{"op":"replace","path":"\#(enterprise):manager.value","value":"2"}]"#,
                #"{"userName":"u","\#(enterprise)":{"manager":{"value":"2"}}}"#
            ),
        ]
    )
    func replace(_ sample: PatchCase) throws { try sample.check() }

    @Test(
        "H-06, RFC 7644 §3.5.2: a value that becomes primary takes that from the others",
        arguments: [
            PatchCase(
                "by adding one",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"n@x","primary":true}}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","type":"work","primary":false},\#(home),{"value":"n@x","primary":true}]}"#
            ),
            PatchCase(
                "by setting the sub-attribute",
                both,
                #"[{"op":"replace","path":"emails[type eq \"home\"].primary","value":"true"}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","type":"work","primary":false},{"value":"h@x","type":"home","primary":true}]}"#
            ),
            PatchCase(
                "by adding it to one that is there",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"h@x","type":"home","primary":true}}]"#,
                #"{"userName":"u","emails":[{"value":"w@x","type":"work","primary":false},{"value":"h@x","type":"home","primary":true}]}"#
            ),
            PatchCase(
                "but not by adding one that is not",
                both,
                #"[{"op":"add","path":"emails","value":{"value":"n@x","primary":false}}]"#,
                #"{"userName":"u","emails":[\#(work),\#(home),{"value":"n@x","primary":false}]}"#
            ),
        ]
    )
    func primary(_ sample: PatchCase) throws { try sample.check() }

    @Test(
        "H-05, H-10, H-12, H-14: what is refused, and how",
        arguments: [
            PatchRefusal("readOnly", both, #"[{"op":"replace","path":"id","value":"x"}]"#, .mutability),
            PatchRefusal("readOnly meta", both, #"[{"op":"remove","path":"meta"}]"#, .mutability),
            PatchRefusal(
                "readOnly groups",
                both,
                #"[{"op":"add","path":"groups","value":[{"value":"g"}]}]"#,
                .mutability
            ),
            PatchRefusal(
                "readOnly sub-attribute",
                both,
                #"[{"op":"add","path":"groups[value eq \"g\"].display","value":"d"}]"#,
                .mutability
            ),
            PatchRefusal("required, removed", both, #"[{"op":"remove","path":"userName"}]"#, .mutability),
            PatchRefusal(
                "required, even if a later operation sets it",
                both,
                #"[{"op":"remove","path":"USERNAME"},{"op":"add","path":"userName","value":"v"}]"#,
                .mutability
            ),
            PatchRefusal(
                "required, unassigned",
                both,
                #"[{"op":"replace","path":"userName","value":null}]"#,
                .invalidValue
            ),
            PatchRefusal("schemas, removed", both, #"[{"op":"remove","path":"schemas"}]"#, .mutability),
            PatchRefusal(
                "the core schema, removed",
                both,
                #"[{"op":"remove","path":"urn:ietf:params:scim:schemas:core:2.0:User"}]"#,
                .mutability
            ),
            PatchRefusal(
                "replace under a filter without match, with another value than it describes",
                both,
                #"[{"op":"replace","path":"emails[type eq \"x\"]","value":{"value":"y","type":"z"}}]"#,
                .noTarget
            ),
            PatchRefusal(
                "a filter that describes no element",
                both,
                #"[{"op":"replace","path":"emails[type ne \"x\" and value sw \"y\"].value","value":"y"}]"#,
                .noTarget
            ),
            PatchRefusal(
                "a filter with or",
                both,
                #"[{"op":"add","path":"emails[type eq \"x\" or type eq \"y\"].value","value":"y"}]"#,
                .noTarget
            ),
            PatchRefusal(
                "a filter on an undefined sub-attribute",
                both,
                #"[{"op":"add","path":"emails[shoe eq \"x\"].value","value":"y"}]"#,
                .invalidFilter
            ),
            PatchRefusal(
                "a value that contradicts the filter",
                both,
                #"[{"op":"add","path":"emails[type eq \"x\"]","value":{"type":"y"}}]"#,
                .noTarget
            ),
            PatchRefusal(
                "a filter on a single value that does not fit",
                #"{"userName":"u","name":{"givenName":"g"}}"#,
                #"[{"op":"replace","path":"name[givenName eq \"x\"].familyName","value":"y"}]"#,
                .noTarget
            ),
            PatchRefusal(
                "wrong type",
                both,
                #"[{"op":"replace","path":"active","value":"maybe"}]"#,
                .invalidValue
            ),
            PatchRefusal(
                "several values for one",
                both,
                #"[{"op":"replace","path":"title","value":["a","b"]}]"#,
                .invalidValue
            ),
            PatchRefusal(
                "two primaries at once",
                both,
                #"[{"op":"replace","path":"emails","value":[{"value":"a","primary":true},{"value":"b","primary":true}]}]"#,
                .invalidValue
            ),
            PatchRefusal(
                "several primaries through a filter",
                both,
                #"[{"op":"replace","path":"emails[value pr].primary","value":true}]"#,
                .invalidValue
            ),
            PatchRefusal(
                "a path that is none",
                both,
                #"[{"op":"replace","path":"a b","value":1}]"#,
                .invalidPath
            ),
            PatchRefusal(
                "a filter that is none",
                both,
                #"[{"op":"remove","path":"emails[type eq 'work']"}]"#,
                .invalidFilter
            ),
            PatchRefusal(
                "a filter that does not fit",
                both,
                #"[{"op":"remove","path":"emails[primary gt true]"}]"#,
                .invalidFilter
            ),
            PatchRefusal(
                "a filtered name in a path-less value that is none",
                both,
                #"[{"op":"add","value":{"emails[type eq ].value":"x"}}]"#,
                .invalidFilter
            ),
            PatchRefusal(
                "one name twice in different case",
                both,
                #"[{"op":"add","value":{"title":"a","Title":"b"}}]"#,
                .invalidSyntax
            ),
            PatchRefusal(
                "a value that is no object for a schema",
                both,
                #"[{"op":"add","path":"\#(enterprise)","value":"x"}]"#,
                .invalidValue
            ),
        ]
    )
    func refused(_ sample: PatchRefusal) { sample.check() }
}
