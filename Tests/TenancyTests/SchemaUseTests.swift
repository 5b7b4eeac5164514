import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Schemas that resources use")
struct SchemaUseTests {
    @Test("A schema, an extension and a type that resources use stay; without resources they go")
    func inUse() async throws {
        let (service, client) = try await SchemaDesk.service()
        try await PrinterType.register(service)
        let administration = service.administration
        let first = try await client.createPrinter("One", #","\#(PrinterType.lease)":{"contract":"c"}"#)
        let path = "/Printers/\(try first.text("id"))"
        let remove = { (urn: String) in
            try await SchemaDesk.refusal {
                try await administration.removeSchema(urn, tenant: "acme", by: .system)
            }
        }
        #expect(try await remove(PrinterType.schema).contains("is the schema of the resource type Printer"))
        #expect(
            try await remove(PrinterType.lease).hasPrefix(
                "Resources have attributes of \(PrinterType.lease) (1)"
            )
        )
        let type = try await SchemaDesk.refusal {
            try await administration.removeResourceType("Printer", tenant: "acme", by: .system)
        }
        #expect(type.hasPrefix("The type Printer has resources (1)"))
        for (changed, sentence) in [
            (SchemaDesk.type("Printer", "/Prints", schema: PrinterType.schema), "endpoint: cannot change"),
            (SchemaDesk.type("Printer", "/Printers", schema: PrinterType.lease), "schema: cannot change"),
            (
                SchemaDesk.type("Printer", "/Printers", schema: PrinterType.schema),
                "Resources have attributes of"
            ),
            (
                SchemaDesk.type(
                    "Printer",
                    "/Printers",
                    schema: PrinterType.schema,
                    #","schemaExtensions":[{"schema":"\#(PrinterType.lease)","required":true}]"#
                ), "schemaExtensions: \(PrinterType.lease) cannot be required"
            ),
        ] {
            let said = try await SchemaDesk.refusal { try await SchemaDesk.add(service, type: changed) }
            #expect(said.contains(sentence), "\(said)")
        }
        let schema = #"{"id":"\#(PrinterType.lease)","attributes":[{"name":"contract","type":"integer"}]}"#
        let said = try await SchemaDesk.refusal { try await SchemaDesk.add(service, schema: schema) }
        #expect(
            said
                == "\(PrinterType.lease).attributes.contract.type: cannot change while resources use the schema"
        )

        let gone = #"{"op":"remove","path":"\#(PrinterType.lease)"}"#
        #expect(try await client.patch(path, gone).status == 200)
        #expect(try await remove(PrinterType.lease).isEmpty)
        #expect(try await client.send(.get, path).status == 200)
        #expect(try service.findings() == [])
        #expect(try await client.send(.delete, path).status == 204)
        try await administration.removeResourceType("Printer", tenant: "acme", by: .system)
        #expect(try await remove(PrinterType.schema).isEmpty)
        #expect(try await client.send(.get, "/Printers").status == 404)
        #expect(try service.findings() == [])
    }

    @Test("A schema in use gets further attributes, which are unique and filtered from then on")
    func growth() async throws {
        let (service, client) = try await SchemaDesk.service()
        try await SchemaDesk.add(service, schema: PrinterType.badgeSchema, extending: "User")
        let ann = try await client.createUser("ann", #","\#(PrinterType.badge)":{"number":"1"}"#)
        let bob = try await client.createUser("bob", #","\#(PrinterType.badge)":{"number":"2"}"#)
        let grown = PrinterType.badgeSchema.replacing(
            #"{"name": "doors""#,
            with: #"{"name": "chip", "uniqueness": "server"}, {"name": "doors""#
        )
        try await SchemaDesk.add(service, schema: grown)
        let chip = #"{"op":"add","path":"\#(PrinterType.badge):chip","value":"k"}"#
        #expect(try await client.patch("/Users/\(ann)", chip).status == 200)
        #expect(try await client.patch("/Users/\(bob)", chip).status == 409)
        let found = try await client.send(.get, "/Users?filter=\(PrinterType.badge):chip%20eq%20%22K%22")
        #expect(found.texts("Resources", "id") == [ann])
        #expect(try service.findings() == [])
    }

    @Test("An extension can be required of a type that has no resources yet, not of one that has")
    func requiredExtension() async throws {
        let (service, client) = try await SchemaDesk.service()
        let user = try await client.createUser("ann")
        let said = try await SchemaDesk.refusal {
            try await SchemaDesk.add(
                service,
                schema: PrinterType.badgeSchema,
                extending: "User",
                required: true
            )
        }
        #expect(said == "\(PrinterType.badge) cannot be required: there are resources without it.")
        #expect(try await client.send(.delete, "/Users/\(user)").status == 204)
        try await SchemaDesk.add(service, schema: PrinterType.badgeSchema, extending: "User", required: true)
        let bare = #"{"schemas":["\#(Schema.user.id)"],"userName":"bob"}"#
        #expect(try await client.send(.post, "/Users", bare).status == 400)
        let bob = try await client.createUser("bob", #","\#(PrinterType.badge)":{"number":"1"}"#)
        let gone = try await client.patch("/Users/\(bob)", #"{"op":"remove","path":"\#(PrinterType.badge)"}"#)
        #expect(gone.value("scimType") == .string("mutability"))
        try await SchemaDesk.add(service, schema: PrinterType.badgeSchema, extending: "User")
        let left = try await client.patch("/Users/\(bob)", #"{"op":"remove","path":"\#(PrinterType.badge)"}"#)
        #expect(left.status == 200)
        try await service.administration.removeSchema(PrinterType.badge, tenant: "acme", by: .system)
        #expect(try service.administration.schemas(ofTenant: "acme").types.isEmpty)
        #expect(try service.findings() == [])
    }

    @Test(
        "An own type gets further extensions, also while it has resources, and loses those that none of them uses"
    )
    func furtherExtension() async throws {
        let (service, client) = try await SchemaDesk.service()
        try await PrinterType.register(service)
        #expect(try await client.createPrinter("One").status == 201)
        let required = try await SchemaDesk.refusal {
            try await SchemaDesk.add(
                service,
                schema: PrinterType.badgeSchema,
                extending: "printer",
                required: true
            )
        }
        #expect(required.contains("cannot be required"))
        try await SchemaDesk.add(service, schema: PrinterType.badgeSchema, extending: "printer")
        let badged = try await client.createPrinter("Two", #","\#(PrinterType.badge)":{"number":"1"}"#)
        #expect(badged.value(PrinterType.badge, "number") == .string("1"))
        let taken = try await client.createPrinter("Three", #","\#(PrinterType.badge)":{"number":"1"}"#)
        #expect(taken.status == 409)
        try await service.administration.removeSchema(PrinterType.lease, tenant: "acme", by: .system)
        await #expect(throws: AdministrationError.self) {
            try await service.administration.removeSchema(PrinterType.badge, tenant: "acme", by: .system)
        }
        let type = try await client.send(.get, "/ResourceTypes/Printer")
        #expect(type.texts("schemaExtensions", "schema") == [PrinterType.badge])
        #expect(try service.findings() == [])
    }

    @Test(
        "A request that was let in before its tenant's schemas changed does not change a resource by the old ones"
    )
    func overtaken() async throws {
        let (service, client) = try await SchemaDesk.service()
        try await PrinterType.register(service)
        let authenticator = Authenticator(store: service.store, environment: service.environment)
        let access = try authenticator.authenticate(
            "\(client.token ?? "")".utf8.span,
            tenant: "acme",
            .background
        )
        try await SchemaDesk.add(service, schema: PrinterType.badgeSchema, extending: "User")
        let kind = try #require(access.kinds.kind(endpoint: "Printers"))
        let body = try SchemaDesk.json(TestClient.printer("One"))
        let decoded = try ResourceDecoder.decode(body, as: kind.type, access.profile)
        let context = ChangeContext(
            access: access,
            kind: kind,
            baseURL: "",
            origin: AuditOrigin(address: nil, status: 0),
            condition: .none,
            successStatus: { _ in 201 }
        )
        let creation = Change(.create(service.directory.makeID(), decoded), context)
        await #expect(throws: DirectoryError.busy) { try await service.directory.perform(creation) }
        let renewed = try authenticator.authenticate(
            "\(client.token ?? "")".utf8.span,
            tenant: "acme",
            .background
        )
        #expect(renewed.kinds.kind(endpoint: "Users")?.type.extensions.last?.schema.id == PrinterType.badge)
    }
}
