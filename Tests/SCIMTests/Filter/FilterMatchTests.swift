import Glibc
import JSON
import SCIM
import TestSupport
import Testing

@Suite("Filter matching")
struct FilterMatchTests {
    private static let resource = #"""
        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"2819c223","externalId":"Ext-1",
         "userName":"BJensen","name":{"familyName":"Jensen","givenName":"Barbara"},"title":"","active":true,
         "displayName":"Straße","nickName":"Ærøskøbing",
         "emails":[{"value":"bjensen@example.com","type":"work","primary":true},{"value":"babs@jensen.org","type":"home"}],
         "groups":[{"value":"g1","display":"Tour Guides"}],
         "x509Certificates":[{"value":"TUlJ"}],
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","manager":{"value":"26118915"}},
         "meta":{"resourceType":"User","created":"2010-01-23T04:56:22Z","lastModified":"2011-05-13T04:42:34.500Z"}}
        """#

    private func matches(_ filter: String, _ profile: Profile = .default) throws -> Bool {
        try BoundFilter(Filter.parse(filter, profile), type: user, profile).matches(jsonObject(Self.resource))
    }

    @Test(
        "F-02 to F-10, F-12: what matches and what does not",
        arguments: [
            // F-04: case as the schema says.
            (#"userName eq "bJENSEN""#, true), (#"userName eq "bjensen2""#, false),
            (#"userName eq "bjense""#, false),
            (#"externalId eq "Ext-1""#, true), (#"externalId eq "ext-1""#, false),
            (#"id eq "2819C223""#, false),
            (#"displayName eq "STRASSE""#, true), (#"nickName eq "ÆRØSKØBING""#, true),
            (#"nickName co "øsk""#, true),
            (#"userName ne "bjensen""#, false), (#"userName ne "x""#, true),
            (#"userName co "JEN""#, true), (#"userName sw "bj""#, true), (#"userName sw "jen""#, false),
            (#"userName ew "SEN""#, true), (#"userName ew "bj""#, false), (#"userName co """#, true),
            // F-05: by code point, dateTimes by time.
            (#"userName gt "bjensem""#, true), (#"userName gt "bjensen""#, false),
            (#"userName ge "bjensen""#, true),
            (#"userName lt "bk""#, true), (#"userName le "bj""#, false),
            (#"meta.lastModified gt "2011-05-13T04:42:34Z""#, true),
            (#"meta.lastModified eq "2011-05-13T06:42:34.5+02:00""#, true),
            (#"meta.lastModified lt "2011-05-13T05:42:34.4+01:00""#, false),
            (#"meta.created ge "2010-01-23T04:56:22.000Z""#, true), (#"meta.created sw "2010-01""#, true),
            // F-06, F-13: presence.
            ("userName pr", true), ("title pr", false), ("title eq null", true), ("title ne null", false),
            ("name pr", true), ("name.middleName pr", false), ("emails pr", true), ("photos pr", false),
            ("photos eq null", true), ("emails.display pr", false), ("\(enterprise) pr", true),
            (#"title eq """#, true), (#"locale eq """#, false), ("active pr", true),
            // No value is not identical to any.
            (#"locale ne "en""#, true), (#"locale co "e""#, false), (#"locale lt "z""#, false),
            // F-07: any value, each condition on its own.
            (#"emails co "jensen.org""#, true), (#"emails eq "BABS@jensen.org""#, true),
            (#"emails.type eq "work" and emails.value ew "jensen.org""#, true),
            (#"emails.type ne "work""#, true), ("emails.primary eq true", true),
            // A-05: primary is false unless it says otherwise.
            ("emails.primary eq false", true), ("photos.primary eq false", false),
            // F-09: all conditions on one value.
            (#"emails[type eq "work" and value ew "jensen.org"]"#, false),
            (#"emails[type eq "home" and value ew "jensen.org"]"#, true),
            (#"emails[type eq "home" and primary eq false]"#, true), (#"emails[not (type eq "work")]"#, true),
            (#"emails[type eq "work"].value eq "bjensen@example.com""#, true),
            (#"photos[not (type eq "x")]"#, false),
            (#"name[givenName eq "barbara"]"#, true), (#"schemas[value eq "\#(user.schema.id)"]"#, true),
            // F-12: extensions, groups, meta, schemas.
            (#"schemas eq "\#(user.schema.id)""#, true), (#"schemas eq "\#(enterprise)""#, false),
            (#"\#(enterprise):employeeNumber eq "701984""#, true), (#"employeeNumber eq "701984""#, true),
            (#"\#(enterprise):manager.value eq "26118915""#, true), (#"manager eq "26118915""#, true),
            (#"groups.value eq "g1""#, true), (#"groups eq "g2""#, false),
            (#"meta.resourceType eq "User""#, true),
            (#"x509Certificates eq "TUlJ""#, true),
            // F-08, F-11: neither a complex attribute as a whole nor an undefined one has a value.
            (#"name eq "Jensen""#, false), (#"name ne "Jensen""#, true), (#"shoeSize eq "9""#, false),
            ("shoeSize gt 9", false), (#"shoeSize ne "9""#, true), ("shoeSize pr", false),
            ("shoeSize eq null", true),
            (#"shoeSize[a eq "b"]"#, false), (#"emails[shoeSize eq "b"]"#, false),
            (#"urn:x:y:userName pr"#, false),
            // RFC 7643 §2.3.5: a dateTime without a zone is in UTC.
            (#"meta.created eq "2010-01-23T04:56:22""#, true),
            (#"meta.created lt "2010-01-23T04:56:22""#, false),
            (#"meta.lastModified gt 2011-05-13T04:42:34"#, true),
            // Numbers where quotes were left out.
            ("\(enterprise):employeeNumber eq 701984", true), ("employeeNumber ne 701984", false),
            ("employeeNumber sw 7019", true), ("employeeNumber eq 701984.0", false),
            ("manager eq 26118915", true),
            // F-03.
            (#"not (userName pr) or active eq true and name pr"#, true),
            (#"(active eq true or name pr) and title pr"#, false),
        ]
    )
    func matching(filter: String, expected: Bool) throws {
        #expect(try matches(filter) == expected)
    }

    @Test(
        "F-05, F-13: a value or operator that does not fit the attribute is invalidFilter",
        arguments: [
            "active gt true", "active co \"tr\"", #"active eq "true""#, #"active eq "True""#, "active eq 1",
            #"x509Certificates.value gt "a""#, "userName gt 1", "userName eq true", "userName gt null",
            "title co null",
            #"meta.created gt "yesterday""#, #"meta.created gt "2010-01-23""#, "meta.created gt 5",
            #"emails[primary gt true]"#, #"emails.primary lt false"#,
        ]
    )
    func unfit(filter: String) {
        #expect { try matches(filter) } throws: { ($0 as? SCIMError)?.keyword == .invalidFilter }
    }

    @Test(
        "F-13: a number is a text, and a text needs no quotes, only in a loose filter",
        arguments: [
            "employeeNumber eq 701984", "userName eq bjensen", "emails[type eq work]",
            "externalId eq 00u1abc",
        ]
    )
    func looseOnly(filter: String) {
        #expect(throws: Never.self) { try matches(filter, Profile.default) }
        #expect { try matches(filter, Profile.default.subtracting(.looseFilters)) } throws: {
            ($0 as? SCIMError)?.keyword == .invalidFilter
        }
    }

    @Test("RFC 9562 §4: ids that the server gave are compared without case; other values keep theirs")
    func uuids() throws {
        let id = "01a1ee56-5e08-762d-929b-73f66169bd52"
        let user = try jsonObject(
            #"{"id":"\#(id)","externalId":"\#(id)","groups":[{"value":"\#(id)"}],"\#(enterprise)":{"manager":{"value":"\#(id)"}}}"#
        )
        let group = try jsonObject(#"{"members":[{"value":"\#(id)","type":"User"}]}"#)
        let upper = id.uppercased()
        for (filter, expected) in [
            ("id eq", true), ("id ne", false), ("id sw", true), ("id le", true), ("groups.value eq", true),
            ("groups eq", true), ("externalId eq", false), ("manager.value eq", false), ("manager eq", false),
        ] {
            let bound = try BoundFilter(
                Filter.parse("\(filter) \"\(upper)\""),
                type: SCIMTests.user,
                .default
            )
            #expect(bound.matches(user) == expected, "\(filter)")
            let isOfServer = expected && filter.hasSuffix("eq")
            if isOfServer { #expect(bound.equalities.map(\.text) == [id], "\(filter)") }
        }
        for filter in [#"members[value eq "\#(upper)"]"#, #"members.value eq "\#(upper)""#] {
            let bound = try BoundFilter(Filter.parse(filter), type: .group, .default)
            #expect(bound.matches(group))
            #expect(bound.equalities.map(\.text) == [id])
        }
        let members = try #require(ResourceType.group.membersAttribute)
        let inner = try BoundFilter(Filter.parse(#"value eq "\#(upper)""#), elementsOf: members, .default)
        #expect(inner.matches(element: try json(#"{"value":"\#(id)"}"#)))
    }

    @Test("F-13: texts stand for booleans only where that is asked for")
    func stringBooleans() throws {
        #expect(try matches(#"emails[primary eq "True"]"#, .entra))
        #expect(try matches(#"active ne "false""#, .entra))
        #expect(throws: SCIMError.self) { try matches(#"active eq "yes""#, .entra) }
    }

    @Test("RFC 7643 §2.2, caseExact: canonically equal texts with other bytes are different values")
    func bytes() throws {
        let resource = try jsonObject(#"{"externalId":"café","userName":"café"}"#)
        let decomposed = "cafe\u{301}"
        #expect(
            try !BoundFilter(Filter.parse(#"externalId eq "\#(decomposed)""#), type: user, .default).matches(
                resource
            )
        )
        #expect(
            try BoundFilter(Filter.parse(#"userName eq "\#(decomposed)""#), type: user, .default).matches(
                resource
            )
        )
    }

    @Test(
        "The members that a filter needs are named, so that the caller fills in no others",
        arguments: [
            (#"userName eq "a" and emails[type eq "b"]"#, ["userName", "emails"]),
            (#"Meta.created pr or not (ID eq "x")"#, ["meta", "id"]),
            (#"\#(enterprise):manager.value pr or groups.display eq "x""#, [enterprise, "groups"]),
            (#"shoeSize eq 1"#, []), ("\(enterprise) pr", [enterprise]),
        ]
    )
    func needed(filter: String, names: [String]) throws {
        let bound = try BoundFilter(Filter.parse(filter), type: user, .default)
        let members = ["userName", "emails", "meta", "id", enterprise, "groups", "manager", "title"]
        #expect(Set(members.filter(bound.needs)) == Set(names))
    }

    @Test(
        "An or is offered to indexes if each of its terms demands an equality, and wherever every match fulfils it",
        arguments: [
            (#"userName eq "A" or externalId eq "B""#, ["userName=a|externalId=B"]),
            (#"(userName eq "A" and active eq true or id eq "B") and title pr"#, ["userName=a|id=B"]),
            (#"emails[value eq "A" or value eq "b"]"#, ["emails.value=a|emails.value=b"]),
            (#"userName eq "a" or title pr"#, []),
            (#"userName eq "a" or not (externalId eq "b")"#, []),
            (#"not (userName eq "a" or externalId eq "b")"#, []),
            (#"userName eq "a" or meta.resourceType eq "Group""#, ["userName=a"]),
            (#"(userName eq "a" or id eq "b") or title pr"#, []),
        ]
    )
    func alternatives(text: String, expected: [String]) throws {
        let bound = try BoundFilter(Filter.parse(text), type: user, .default)
        let found = bound.alternatives.map { terms in
            terms.map { $0.map { "\($0.attribute.path)=\($0.text)" }.joined(separator: "&") }
                .joined(separator: "|")
        }
        #expect(found == expected)
        #expect(bound.equalities.isEmpty)
    }

    @Test("Equalities that every match fulfils are offered to an index, with the text as it is compared")
    func equalities() throws {
        func found(_ text: String, type: ResourceType = user) throws -> [String] {
            try BoundFilter(Filter.parse(text), type: type, .default).equalities.map {
                "\($0.attribute.path)=\($0.text)"
            }
        }
        #expect(try found(#"userName eq "BJensen""#) == ["userName=bjensen"])
        #expect(
            try found(#"externalId eq "Ext-1" and (active eq true and ID eq "X")"#) == [
                "externalId=Ext-1", "id=X",
            ]
        )
        #expect(try found(#"emails eq "A@b""#) == ["emails.value=a@b"])
        #expect(
            try found(#"members[value eq "U1" and type eq "User"]"#, type: group) == [
                "members.value=U1", "members.type=user",
            ]
        )
        #expect(try found(#"members eq "U1""#, type: group) == ["members.value=U1"])
        #expect(try found(#"groups.value eq "G1" and title pr"#) == ["groups.value=G1"])
        #expect(try found(#"userName eq "a" or userName eq "b""#).isEmpty)
        #expect(try found(#"not (userName eq "a")"#).isEmpty)
        #expect(
            try found(#"userName ne "a" and meta.created eq "2010-01-23T04:56:22Z" and name eq "x""#).isEmpty
        )
        #expect(try found(#"emails[type eq "a" or type eq "b"]"#).isEmpty)
    }

    @Test(
        "Q-04: what a filter says of the resource type is decided once for each type, and no resource is asked",
        arguments: [
            (#"meta.resourceType eq "User""#, true, false),
            (#"meta.resourceType ne "User""#, false, true),
            (#"META.RESOURCETYPE SW "Gr""#, false, true),
            (#"not (meta.resourceType eq "Group") or title pr"#, true, false),
            (#"title pr and meta.resourceType eq "Group""#, false, true),
            (#"title pr and meta.resourceType eq "User""#, false, false),
            (#"shoeSize eq 1"#, false, true), (#"shoeSize ne 1"#, true, false), (#"title pr"#, false, false),
        ]
    )
    func resourceType(filter: String, isAlways: Bool, isNever: Bool) throws {
        let bound = try BoundFilter(Filter.parse(filter), type: user, .default)
        #expect(bound.isAlways == isAlways)
        #expect(bound.isNever == isNever)
        #expect(!bound.needs("meta"))
        let both = #"meta.resourceType eq "User" and userName eq "a""#
        #expect(try BoundFilter(Filter.parse(both), type: user, .default).isOneEquality)
        #expect(try BoundFilter(Filter.parse(both), type: group, .default).isNever)
        #expect(try !BoundFilter(Filter.parse(#"meta.resourceType pr"#), type: user, .default).isNever)
    }

    @Test("F-09: a filter over the elements of an attribute, as in a PATCH path")
    func elements() throws {
        let emails = try #require(user.schema.attribute("emails"))
        let bound = try BoundFilter(
            Filter.parse(#"type eq "work" and value pr"#),
            elementsOf: emails,
            .default
        )
        #expect(bound.matches(element: try json(#"{"type":"Work","value":"a"}"#)))
        #expect(!bound.matches(element: try json(#"{"type":"home","value":"a"}"#)))
        let simple = AttributeDefinition("tags", multiValued: true, description: "")
        let value = try BoundFilter(Filter.parse(#"value eq "a""#), elementsOf: simple, .default)
        #expect(value.matches(element: .string("A")))
        #expect(!value.matches(element: .string("b")))
    }

    @Test("F-14: the largest filter is evaluated over a large resource in a moment")
    func effort() throws {
        let terms = Array(repeating: #"emails.value co "zzz""#, count: 150).joined(separator: " or ")
        let bound = try BoundFilter(Filter.parse(terms), type: user, .default)
        let email = try json(#"{"value":"somebody.with.a.long.name@example.com"}"#)
        let resource = JSONObject(uniqueMembers: [
            .init(name: "emails", value: .array(Array(repeating: email, count: 200)))
        ])
        let start = Self.processorSeconds()
        #expect(!bound.matches(resource))
        #expect(Self.processorSeconds() - start < 5)
    }

    /// What this thread has had of a CPU, however busy the machine is.
    private static func processorSeconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec
    }
}
