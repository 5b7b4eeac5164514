import JSON
import SCIM
import Testing

@Suite("Attributes of an answer")
struct ResourceProjectionTests {
    private static let resource = #"""
        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
         "id":"1","externalId":"e","userName":"b","password":"secret","name":{"familyName":"J","givenName":"B"},"active":true,
         "emails":[{"value":"a","type":"work","primary":true},{"type":"home"}],
         "groups":[{"value":"g","display":"G"}],
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"m","$ref":"r"}},
         "meta":{"resourceType":"User","version":"v"}}
        """#

    /// The names that are shown, with those of sub-attributes in parentheses where some are missing.
    private static func outline(_ object: JSONObject, of whole: JSONObject) -> String {
        object.members.map { member in
            guard case .object(let part) = member.value, case .object(let all)? = whole[member.name],
                part != all
            else { return member.name == enterprise ? "enterprise" : member.name }
            return "\(member.name == enterprise ? "enterprise" : member.name)(\(outline(part, of: all)))"
        }.joined(separator: " ")
    }

    private func shown(attributes: String? = nil, excluded: String? = nil) throws -> String {
        func list(_ text: String?) -> [String]? { text?.split(separator: ",").map(String.init) }
        let projection = try AttributeProjection(
            attributes: list(attributes),
            excluded: list(excluded),
            type: .user
        )
        let whole = try jsonObject(Self.resource)
        let shown = projection.apply(to: whole)
        for member in whole.members {
            #expect(projection.includes(member.name) || shown[member.name] == nil, "\(member.name)")
        }
        return Self.outline(shown, of: whole)
    }

    @Test(
        "Q-06, Q-09, A-20: attributes names what is shown beside the minimum set",
        arguments: [
            ("userName", "schemas id userName"), ("USERNAME", "schemas id userName"),
            ("userName,active", "schemas id userName active"), ("id", "schemas id"),
            ("schemas", "schemas id"),
            ("name", "schemas id name"), ("name.familyName", "schemas id name(familyName)"),
            ("Name.FamilyName,name.givenName", "schemas id name"),
            ("name.familyName,name", "schemas id name"), ("name,name.familyName", "schemas id name"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", "schemas id name(givenName)"),
            ("URN:IETF:params:scim:schemas:core:2.0:user:userName", "schemas id userName"),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User",
                "schemas id userName name active emails groups"
            ),
            (enterprise, "schemas id enterprise"),
            ("\(enterprise):department", "schemas id enterprise(department)"),
            ("\(enterprise):manager.$ref", "schemas id enterprise(manager($ref))"),
            ("department", "schemas id enterprise(department)"), ("meta.version", "schemas id meta(version)"),
            ("externalId,meta,groups", "schemas id externalId groups meta"),
            // What nobody defines, and what is in no answer.
            ("shoeSize", "schemas id"), ("shoe size,,userName", "schemas id userName"),
            ("name.clan", "schemas id"),
            ("password", "schemas id"), ("password,userName", "schemas id userName"),
            ("urn:example:x:userName", "schemas id"), ("title", "schemas id"),
            ("emails[type eq \"work\"]", "schemas id"),
        ]
    )
    func named(attributes: String, expected: String) throws {
        #expect(try shown(attributes: attributes) == expected)
    }

    private static let all = "schemas id externalId userName name active emails groups enterprise meta"

    @Test(
        "Q-06, Q-09, A-20: excludedAttributes leaves out what it names, save what is always returned",
        arguments: [
            ("groups", "schemas id externalId userName name active emails enterprise meta"),
            ("GROUPS,meta", "schemas id externalId userName name active emails enterprise"),
            ("id,schemas", all), ("shoeSize", all), ("name.clan", all), ("password", all), ("", all),
            (
                "name.familyName",
                "schemas id externalId userName name(givenName) active emails groups enterprise meta"
            ),
            (
                "name.familyName,name.givenName",
                "schemas id externalId userName active emails groups enterprise meta"
            ),
            ("name,name.givenName", "schemas id externalId userName active emails groups enterprise meta"),
            (enterprise, "schemas id externalId userName name active emails groups meta"),
            (
                "\(enterprise):manager",
                "schemas id externalId userName name active emails groups enterprise(department) meta"
            ),
            (
                "\(enterprise):manager.value,department",
                "schemas id externalId userName name active emails groups enterprise(manager($ref)) meta"
            ),
            ("urn:ietf:params:scim:schemas:core:2.0:User", "schemas id externalId enterprise meta"),
            (
                "meta.version",
                "schemas id externalId userName name active emails groups enterprise meta(resourceType)"
            ),
        ]
    )
    func left(excluded: String, expected: String) throws {
        #expect(try shown(excluded: excluded) == expected)
    }

    @Test("A-13, A-20: without either list, everything is shown but what is never returned")
    func byDefault() throws {
        #expect(try shown() == Self.all)
    }

    @Test("Q-06: a sub-attribute of several values is shown of each that has it")
    func elements() throws {
        let whole = try jsonObject(Self.resource)
        let values = try AttributeProjection(attributes: ["emails.VALUE"], excluded: nil, type: .user)
        #expect(try values.apply(to: whole)["emails"] == json(#"[{"value":"a"}]"#))
        let types = try AttributeProjection(
            attributes: ["emails.type", "emails.primary"],
            excluded: nil,
            type: .user
        )
        #expect(
            try types.apply(to: whole)["emails"] == json(#"[{"type":"work","primary":true},{"type":"home"}]"#)
        )
        let rest = try AttributeProjection(attributes: nil, excluded: ["emails.type"], type: .user)
        #expect(try rest.apply(to: whole)["emails"] == json(#"[{"value":"a","primary":true}]"#))
    }

    @Test("Q-06: both lists at once are refused, even with names that nobody defines")
    func both() {
        #expect(
            throws: SCIMError(
                .invalidValue,
                "The parameters attributes and excludedAttributes exclude each other."
            )
        ) { try AttributeProjection(attributes: ["x"], excluded: ["y"], type: .user) }
    }

    @Test(
        "Entra's group look-up: members are included exactly if they were not excluded or left unnamed",
        arguments: [
            (nil, nil, true), (nil, "members", false), (nil, "Members,externalId", false),
            (nil, "members.display", true),
            ("displayName", nil, false), ("members", nil, true), ("members.value", nil, true),
            (nil, "displayName", true),
            (nil, "urn:ietf:params:scim:schemas:core:2.0:Group:members", false),
        ] as [(String?, String?, Bool)]
    )
    func members(attributes: String?, excluded: String?, expected: Bool) throws {
        let projection = try AttributeProjection(
            attributes: attributes.map { $0.split(separator: ",").map(String.init) },
            excluded: excluded.map { $0.split(separator: ",").map(String.init) },
            type: .group
        )
        #expect(projection.includes("members") == expected)
        #expect(projection.isIdentity == (attributes == nil && excluded == nil))
        #expect(projection.includes("id") && projection.includes("schemas"))
    }

    @Test(
        "A-20: returned always, never and request are honoured wherever a schema says so",
        arguments: [
            (
                nil, nil,
                #"{"serial":"1","model":"m","trays":[{"name":"t","count":1}],"urn:example:Place":{"room":"4","site":"s"}}"#
            ),
            ("serial", nil, #"{"serial":"1","model":"m","urn:example:Place":{"site":"s"}}"#),
            ("key", nil, #"{"key":"TQ","model":"m","urn:example:Place":{"site":"s"}}"#),
            (
                "pin,trays.lock", nil,
                #"{"model":"m","trays":[{"name":"t"}],"urn:example:Place":{"site":"s"}}"#
            ),
            (
                "trays", nil,
                #"{"model":"m","trays":[{"name":"t","code":"c","count":1}],"urn:example:Place":{"site":"s"}}"#
            ),
            (
                "trays.count", nil,
                #"{"model":"m","trays":[{"name":"t","count":1}],"urn:example:Place":{"site":"s"}}"#
            ),
            (
                "trays.code", nil,
                #"{"model":"m","trays":[{"name":"t","code":"c"}],"urn:example:Place":{"site":"s"}}"#
            ),
            ("door", nil, #"{"model":"m","urn:example:Place":{"door":"d","site":"s"}}"#),
            (
                "urn:example:Place", nil,
                #"{"model":"m","urn:example:Place":{"room":"4","door":"d","site":"s"}}"#
            ),
            (nil, "model,trays", #"{"serial":"1","model":"m","urn:example:Place":{"room":"4","site":"s"}}"#),
            (
                nil, "trays.name,trays.count,room,site",
                #"{"serial":"1","model":"m","trays":[{"name":"t"}],"urn:example:Place":{"site":"s"}}"#
            ),
        ] as [(String?, String?, String)]
    )
    func returned(attributes: String?, excluded: String?, expected: String) throws {
        let whole = try jsonObject(
            #"""
            {"serial":"1","key":"TQ","pin":"p","model":"m","trays":[{"name":"t","code":"c","lock":"l","count":1}],
             "urn:example:Place":{"room":"4","door":"d","alarm":"a","site":"s"}}
            """#
        )
        let projection = try AttributeProjection(
            attributes: attributes.map { $0.split(separator: ",").map(String.init) },
            excluded: excluded.map { $0.split(separator: ",").map(String.init) },
            type: printer
        )
        #expect(sorted(projection.apply(to: whole)) == sorted(try jsonObject(expected)))
    }
}
