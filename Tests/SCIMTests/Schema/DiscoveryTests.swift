import JSON
import SCIM
import Testing

@Suite("Discovery")
struct DiscoveryTests {
    private static let base = "https://scim.example.com/acme/scim/v2"

    @Test(
        "D-01, D-02, D-06: the configuration tells what is there, with every member that strict clients read"
    )
    func serviceProviderConfig() throws {
        let features = ServiceProviderFeatures(
            defaultPageSize: 50,
            maxPageSize: 200,
            documentationURI: "https://example.com/doc"
        )
        let expected = #"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
             "documentationUri":"https://example.com/doc","patch":{"supported":true},
             "bulk":{"supported":true,"maxOperations":1000,"maxPayloadSize":1048576},"filter":{"supported":true,"maxResults":200},
             "changePassword":{"supported":false},"sort":{"supported":true},"etag":{"supported":true},
             "pagination":{"cursor":true,"index":true,"defaultPaginationMethod":"index","defaultPageSize":50,"maxPageSize":200,
               "cursorTimeout":3600},
             "authenticationSchemes":[{"type":"oauthbearertoken","name":"OAuth Bearer Token",
               "description":"A bearer token of the tenant, made by an administrator.",
               "specUri":"https://www.rfc-editor.org/info/rfc6750","primary":true}],
             "meta":{"resourceType":"ServiceProviderConfig","location":"https://scim.example.com/acme/scim/v2/ServiceProviderConfig"}}
            """#
        #expect(
            sorted(ServiceProviderConfig(features).json(baseURL: Self.base)) == sorted(try json(expected))
        )
    }

    @Test("D-06: what is offered is told from one value")
    func features() throws {
        let features = ServiceProviderFeatures(
            patch: false,
            bulk: .init(operationsMax: 10, payloadBytesMax: 4096),
            filter: false,
            changePassword: true,
            sort: false,
            etag: false,
            cursorTimeoutSeconds: nil
        )
        guard case .object(let document) = ServiceProviderConfig(features).json(baseURL: Self.base) else {
            throw NotAnObject()
        }
        #expect(try document["patch"] == json(#"{"supported":false}"#))
        #expect(try document["bulk"] == json(#"{"supported":true,"maxOperations":10,"maxPayloadSize":4096}"#))
        #expect(try document["filter"] == json(#"{"supported":false,"maxResults":1000}"#))
        #expect(try document["changePassword"] == json(#"{"supported":true}"#))
        #expect(try document["sort"] == json(#"{"supported":false}"#))
        #expect(try document["etag"] == json(#"{"supported":false}"#))
        guard case .object(let pagination)? = document["pagination"] else { throw NotAnObject() }
        #expect(pagination["cursor"] == .bool(false))
        #expect(pagination["cursorTimeout"] == nil)
        #expect(document["documentationUri"] == nil)
    }

    @Test("D-04, RFC 7643 §6: resource types with their extensions and locations")
    func resourceTypes() throws {
        let user = #"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"id":"User","name":"User","endpoint":"/Users",
             "description":"User account","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
             "schemaExtensions":[{"schema":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","required":false},
                                 {"schema":"urn:ietf:params:scim:schemas:extension:pharos:2.0:User","required":false}],
             "meta":{"resourceType":"ResourceType","location":"https://scim.example.com/acme/scim/v2/ResourceTypes/User"}}
            """#
        #expect(sorted(ResourceType.user.json(baseURL: Self.base)) == sorted(try json(user)))
        guard case .object(let group) = ResourceType.group.json(baseURL: Self.base) else {
            throw NotAnObject()
        }
        #expect(group["endpoint"] == .string("/Groups"))
        #expect(group["schema"] == .string(Schema.group.id))
        #expect(group["schemaExtensions"] == nil)
    }

    private static let members: Set<String> = [
        "name", "type", "multiValued", "description", "required", "caseExact", "mutability", "returned",
    ]

    private func check(_ value: JSONValue, _ definition: AttributeDefinition) throws {
        guard case .object(let object) = value else { throw NotAnObject() }
        #expect(object["name"] == .string(definition.name))
        #expect(object["type"] == .string(definition.type.rawValue))
        #expect(object["multiValued"] == .bool(definition.multiValued))
        #expect(object["required"] == .bool(definition.required))
        #expect(object["caseExact"] == .bool(definition.caseExact))
        #expect(object["mutability"] == .string(definition.mutability.rawValue))
        #expect(object["returned"] == .string(definition.returned.rawValue))
        #expect(object["description"] == .string(definition.description))
        #expect(!definition.description.isEmpty)
        var expected = Self.members
        // Erratum 6004: a complex attribute has no uniqueness.
        if definition.type != .complex { expected.insert("uniqueness") }
        if !definition.canonicalValues.isEmpty { expected.insert("canonicalValues") }
        if definition.type == .reference { expected.insert("referenceTypes") }
        if definition.type == .complex { expected.insert("subAttributes") }
        #expect(Set(object.members.map(\.name)) == expected, "\(definition.name)")
        guard case .array(let subs)? = object["subAttributes"] else { return }
        #expect(subs.count == definition.subAttributes.count)
        for (value, sub) in zip(subs, definition.subAttributes) { try check(value, sub) }
    }

    @Test(
        "D-04, D-06, RFC 7643 §7: a schema's document says what the server decides by",
        arguments: SchemaCatalog.core.schemas
    )
    func schemas(schema: Schema) throws {
        guard case .object(let document) = schema.json(baseURL: Self.base),
            case .array(let attributes)? = document["attributes"]
        else { throw NotAnObject() }
        #expect(document["schemas"] == .array([.string("urn:ietf:params:scim:schemas:core:2.0:Schema")]))
        #expect(document["id"] == .string(schema.id))
        #expect(document["name"] == .string(schema.name))
        #expect(document["description"] == .string(schema.description))
        #expect(
            document["meta"]
                == (try json(#"{"resourceType":"Schema","location":"\#(Self.base)/Schemas/\#(schema.id)"}"#))
        )
        #expect(attributes.count == schema.attributes.count)
        for (value, definition) in zip(attributes, schema.attributes) { try check(value, definition) }
        // RFC 7643 §3.1: common attributes are part of no schema.
        #expect(CommonAttributes.definitions.allSatisfy { schema.attribute($0.name) == nil })
    }
}
