import SCIM
import Testing

@Suite("Schemas")
struct SchemaCatalogTests {
    /// A definition on one line: name, type, and what differs from the defaults of A-02.
    private static func line(_ definition: AttributeDefinition, _ parent: String? = nil) -> String {
        var words = [parent.map { "\($0).\(definition.name)" } ?? definition.name, definition.type.rawValue]
        if definition.multiValued { words.append("multi") }
        if definition.required { words.append("required") }
        if definition.caseExact { words.append("exact") }
        if definition.mutability != .readWrite { words.append(definition.mutability.rawValue) }
        if definition.returned != .default { words.append("returned:\(definition.returned.rawValue)") }
        if definition.uniqueness != .none { words.append("unique:\(definition.uniqueness.rawValue)") }
        if !definition.canonicalValues.isEmpty {
            words.append(definition.canonicalValues.joined(separator: "|"))
        }
        if !definition.referenceTypes.isEmpty {
            words.append("→" + definition.referenceTypes.joined(separator: "|"))
        }
        return words.joined(separator: " ")
    }

    private static func lines(_ definitions: [AttributeDefinition]) -> [String] {
        definitions.flatMap { definition in
            [line(definition)] + definition.subAttributes.map { line($0, definition.name) }
        }
    }

    private static func plural(_ name: String, value: String = "string", types: String = "") -> [String] {
        [
            "\(name) complex multi", "\(name).value \(value)", "\(name).display string",
            "\(name).type string\(types)", "\(name).primary boolean",
        ]
    }

    @Test("RFC 7643 §4.1, A-12, A-13, A-16, errata 6004 and 8471: the user schema")
    func userSchema() {
        let expected: [String] =
            [
                "userName string required unique:server", "name complex", "name.formatted string",
                "name.familyName string", "name.givenName string", "name.middleName string",
                "name.honorificPrefix string", "name.honorificSuffix string", "displayName string",
                "nickName string", "profileUrl reference exact →external", "title string", "userType string",
                "preferredLanguage string", "locale string", "timezone string", "active boolean",
                "password string writeOnly returned:never",
            ] + Self.plural("emails", types: " work|home|other")
            + Self.plural("phoneNumbers", types: " work|home|mobile|fax|pager|other")
            + Self.plural("ims", types: " aim|gtalk|icq|xmpp|msn|skype|qq|yahoo")
            + Self.plural("photos", value: "reference exact →external", types: " photo|thumbnail")
            + [
                "addresses complex multi", "addresses.formatted string", "addresses.streetAddress string",
                "addresses.locality string", "addresses.region string", "addresses.postalCode string",
                "addresses.country string", "addresses.type string work|home|other",
                "addresses.primary boolean", "groups complex multi readOnly",
                "groups.value string exact readOnly", "groups.$ref reference exact readOnly →Group",
                "groups.display string readOnly", "groups.type string readOnly direct|indirect",
            ] + Self.plural("entitlements") + Self.plural("roles")
            + Self.plural("x509Certificates", value: "binary exact")
        #expect(Self.lines(Schema.user.attributes) == expected)
        #expect(Schema.user.id == "urn:ietf:params:scim:schemas:core:2.0:User")
    }

    @Test("RFC 7643 §4.3, A-18, erratum 8472: the enterprise extension")
    func enterpriseSchema() {
        #expect(
            Self.lines(Schema.enterpriseUser.attributes) == [
                "employeeNumber string", "costCenter string", "organization string", "division string",
                "department string", "manager complex", "manager.value string exact",
                "manager.$ref reference exact →User", "manager.displayName string readOnly",
            ]
        )
        #expect(Schema.enterpriseUser.id == enterprise)
    }

    @Test("A-11, A-19: the print extension; its cards are readOnly, and their numbers equal in any case")
    func pharosSchema() {
        #expect(
            Self.lines(Schema.pharosUser.attributes) == [
                "cards complex multi readOnly", "cards.value string required readOnly unique:server",
                "cards.display string readOnly",
                "cards.type string readOnly"
                    + " mifare|desfire|iclass|prox|em4100|legic|felica|magstripe|barcode|mobile",
                "cards.primary boolean readOnly", "defaultCostCenter string",
            ]
        )
        #expect(Schema.pharosUser.id == "urn:ietf:params:scim:schemas:extension:pharos:2.0:User")
    }

    @Test("RFC 7643 §4.2, A-17, errata 5368 and 6011: the group schema")
    func groupSchema() {
        #expect(
            Self.lines(Schema.group.attributes) == [
                "displayName string required unique:server", "members complex multi",
                "members.value string exact immutable",
                "members.$ref reference exact immutable →User|Group",
                "members.type string immutable User|Group",
                "members.display string readOnly returned:request",
            ]
        )
        #expect(Schema.group.id == "urn:ietf:params:scim:schemas:core:2.0:Group")
    }

    @Test("RFC 7643 §3.1, A-08 to A-10: the attributes of every resource")
    func commonAttributes() {
        #expect(
            Self.lines(CommonAttributes.definitions) == [
                "schemas reference multi required exact returned:always →uri",
                "id string exact readOnly returned:always unique:server", "externalId string exact",
                "meta complex readOnly", "meta.resourceType string exact readOnly",
                "meta.created dateTime readOnly", "meta.lastModified dateTime readOnly",
                "meta.location reference exact readOnly →uri", "meta.version string exact readOnly",
            ]
        )
    }

    @Test("A-02: what a definition leaves out is RFC 7643 §2.2's default")
    func defaults() {
        let definition = AttributeDefinition("colour", description: "")
        #expect(Self.line(definition) == "colour string")
        #expect(definition.subAttributes.isEmpty)
    }

    @Test("A-04: no complex attribute holds another; names are unique in any case, also beside common ones")
    func shape() {
        let common = CommonAttributes.definitions.map { $0.name.lowercased() }
        for type in SchemaCatalog.core.resourceTypes {
            for schema in [type.schema] + type.extensions.map(\.schema) {
                let names = schema.attributes.map { $0.name.lowercased() }
                #expect(Set(names).count == names.count)
                #expect(Set(names).isDisjoint(with: common))
                for attribute in schema.attributes {
                    #expect((attribute.type == .complex) == !attribute.subAttributes.isEmpty)
                    #expect(attribute.subAttributes.allSatisfy { $0.type != .complex })
                    let subs = attribute.subAttributes.map { $0.name.lowercased() }
                    #expect(Set(subs).count == subs.count)
                }
            }
        }
    }

    @Test("A-11: extensions define no attribute again that the core schema has")
    func extensionsAddOnly() {
        for type in SchemaCatalog.core.resourceTypes {
            for part in type.extensions {
                #expect(part.schema.attributes.allSatisfy { type.schema.attribute($0.name) == nil })
            }
        }
    }

    @Test("D-04: a catalog lists each schema once, and finds it by its URN in any case")
    func lookup() {
        let catalog = SchemaCatalog.core
        #expect(catalog.schemas.map(\.name) == ["User", "EnterpriseUser", "PharosUser", "Group"])
        #expect(catalog.schema(urn: Schema.user.id.uppercased())?.name == "User")
        #expect(catalog.schema(urn: "urn:ietf:params:scim:schemas:core:2.0:Printer") == nil)
        #expect(catalog.resourceType(named: "Group")?.endpoint == "/Groups")
        #expect(catalog.resourceType(named: "Printer") == nil)
        let sharing = SchemaCatalog(resourceTypes: [
            .user,
            ResourceType(
                name: "Guest",
                endpoint: "/Guests",
                description: "",
                schema: .user,
                extensions: [.init(schema: .enterpriseUser, required: true)]
            ),
        ])
        #expect(sharing.schemas.map(\.name) == ["User", "EnterpriseUser", "PharosUser"])
    }

    @Test("A-01: attribute names are found in any case; only ASCII letters have one")
    func names() {
        #expect(Schema.user.attribute("USERNAME")?.name == "userName")
        #expect(Schema.user.attribute("x509certificates")?.subAttribute("VALUE")?.name == "value")
        #expect(Schema.user.attribute("members") == nil)
        #expect(Schema.group.attribute("members")?.subAttribute("$REF")?.name == "$ref")
        #expect("nickName".equalsIgnoringASCIICase("NICKNAME"))
        #expect(!"nickName".equalsIgnoringASCIICase("nic\u{212A}Name"))
        #expect(!"a@".equalsIgnoringASCIICase("a`"))
        #expect(!"[".equalsIgnoringASCIICase("{"))
        #expect(!"é".equalsIgnoringASCIICase("É"))
    }

    @Test(
        "A-07: the URNs of older clients name our schemas, each for its resource type alone",
        arguments: [
            ("urn:scim:schemas:core:1.0", Schema.user.id, Schema.group.id),
            ("urn:scim:schemas:core:2.0", Schema.user.id, Schema.group.id),
            ("URN:SCIM:SCHEMAS:CORE:2.0", Schema.user.id, Schema.group.id),
            ("urn:scim:schemas:extension:enterprise:1.0", enterprise, nil),
            ("urn:scim:schemas:extension:enterprise:2.0", enterprise, nil),
            (
                "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group", nil,
                Schema.group.id
            ),
            ("urn:ietf:params:scim:api:messages:2.0:User", Schema.user.id, nil),
            ("urn:ietf:params:scim:api:messages:2.0:Group", nil, Schema.group.id),
            (Schema.user.id.lowercased(), Schema.user.id, nil),
            (enterprise.uppercased(), enterprise, nil),
            (Schema.group.id, nil, Schema.group.id),
            ("teleport", nil, nil), ("", nil, nil),
        ] as [(String, String?, String?)]
    )
    func aliases(urn: String, ofUser: String?, ofGroup: String?) {
        #expect(SchemaAliases.schema(urn, of: .user, .default) == ofUser)
        #expect(SchemaAliases.schema(urn, of: .group, .default) == ofGroup)
    }
}
