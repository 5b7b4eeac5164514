import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("What operators register for a tenant")
struct TenantSchemasTests {
    private static func service() async throws -> (TestService, TestClient) {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        return (service, try await service.client())
    }

    private static func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    private static func findings(_ service: TestService) throws -> [String] {
        try DirectoryChecker(store: service.store, environment: service.environment).findings { _ in }
    }

    private static func add(
        _ service: TestService,
        schema: String,
        extending type: String? = nil,
        required: Bool = false
    ) async throws {
        _ = try await service.administration.addSchemas(
            json(schema),
            extending: type,
            required: required,
            tenant: "acme",
            by: .system
        )
    }

    private static func add(_ service: TestService, type: String) async throws {
        _ = try await service.administration.addResourceTypes(json(type), tenant: "acme", by: .system)
    }

    /// What an operator is told of a command that is refused; empty if it is carried out.
    private static func refusal(_ body: () async throws -> Void) async throws -> String {
        do { try await body() } catch AdministrationError.invalidSchema(let fault) {
            return fault.description
        } catch AdministrationError.inUse(let sentence) {
            return sentence
        }
        return ""
    }

    private static func type(
        _ name: String,
        _ endpoint: String,
        schema: String,
        _ more: String = ""
    ) -> String {
        #"{"name":"\#(name)","endpoint":"\#(endpoint)","schema":"\#(schema)"\#(more)}"#
    }

    @Test("Each change leaves one audit record that names it; what changes nothing leaves none")
    func records() async throws {
        let (service, _) = try await Self.service()
        let before = try service.log().count
        try await PrinterType.register(service)
        try await PrinterType.register(service)
        try await service.administration.removeResourceType("printer", tenant: "acme", by: .system)
        try await service.administration.removeSchema(
            PrinterType.lease.uppercased(),
            tenant: "acme",
            by: .system
        )
        let records = try service.records().dropFirst(before)
        #expect(records.map { $0["SCIM_EVENT"] } == Array(repeating: "schema.change", count: 4))
        #expect(
            records.compactMap { $0["SCIM_ATTR"] } == [
                "\(PrinterType.schema),\(PrinterType.lease)", "Printer", "Printer", PrinterType.lease,
            ]
        )
        #expect(records.allSatisfy { $0["SCIM_TENANT"] == "acme" })
        #expect(
            try service.administration.schemas(ofTenant: "acme").schemas.map(\.id) == [PrinterType.schema]
        )
    }

    @Test("What does not fit together is refused with the member at fault, and nothing is registered")
    func refusals() async throws {
        let (service, _) = try await Self.service()
        let before = try service.log().count
        let user = Schema.user.id
        for (schema, sentence) in [
            (#"{"id":"\#(user)","attributes":[{"name":"a"}]}"#, "id: \(user) is a schema of the server"),
            (
                #"{"id":"urn:ietf:params:scim:api:messages:2.0:X","attributes":[{"name":"a"}]}"#,
                "id: urn:ietf:params:scim:api:messages:2.0:X is a schema of the server or of the protocol"
            ),
            (
                #"[{"id":"urn:x-a:A","attributes":[{"name":"a"}]},{"id":"urn:X-A:a","attributes":[{"name":"b"}]}]"#,
                "id: urn:X-A:a is in the file twice"
            ),
            (
                #"[\#(PrinterType.badgeSchema),{"id":"urn:x-a:A","attributes":[]}]"#,
                "urn:x-a:A.attributes: must name"
            ),
        ] {
            let said = try await Self.refusal { try await Self.add(service, schema: schema) }
            #expect(said.hasPrefix(sentence), "\(said)")
        }
        for (type, sentence) in [
            (Self.type("A", "/As", schema: "urn:x:A"), "A.schema: urn:x:A is no schema of this tenant"),
            (Self.type("A", "/users", schema: user), "A.endpoint: is that of the type User"),
            (Self.type("A", "/Bulk", schema: user), "A.endpoint: /Bulk has a meaning"),
            (Self.type("A", "/me", schema: user), "A.endpoint: /me has a meaning"),
            (Self.type("A", "/V2", schema: user), "A.endpoint: /V2 has a meaning"),
            (Self.type("user", "/As", schema: user), "user: is built in"),
            (Self.type("User", "/Users", schema: Schema.group.id), "User: is built in"),
            (
                "[\(Self.type("A", "/As", schema: user)),\(Self.type("B", "/as", schema: user))]",
                "B.endpoint: is that of the type A"
            ),
            (
                Self.type(
                    "A",
                    "/As",
                    schema: user,
                    #","schemaExtensions":[{"schema":"\#(Schema.group.id)"}]"#
                ),
                "A.schemaExtensions: \(Schema.group.id) defines displayName"
            ),
            (
                Self.type("A", "/As", schema: user, #","schemaExtensions":[{"schema":"\#(user)"}]"#),
                "A.schemaExtensions: \(user) is the type's own schema"
            ),
        ] {
            let said = try await Self.refusal { try await Self.add(service, type: type) }
            #expect(said.hasPrefix(sentence), "\(said)")
        }
        let twoFold =
            #"[{"id":"urn:x-a:A","attributes":[{"name":"b"}]},{"id":"urn:x-a:A:b","attributes":[{"name":"c"}]}]"#
        let ambiguous = try await Self.refusal {
            try await Self.add(service, schema: twoFold, extending: "User")
        }
        #expect(ambiguous == "User.schemaExtensions: urn:x-a:A:b reads like the attribute b of urn:x-a:A")
        let redefining = #"{"id":"urn:x-a:A","attributes":[{"name":"USERNAME"}]}"#
        let said = try await Self.refusal {
            try await Self.add(service, schema: redefining, extending: "User")
        }
        #expect(said.hasPrefix("User.schemaExtensions: urn:x-a:A defines USERNAME, which \(user) has"))
        await #expect(throws: AdministrationError.noSuchResourceType) {
            try await Self.add(service, schema: PrinterType.badgeSchema, extending: "Door")
        }
        #expect(try service.log().count == before)
        #expect(try service.administration.tenant("acme").schemasVersion == 0)
    }

    @Test("A schema, an extension and a type that resources use stay; without resources they go")
    func inUse() async throws {
        let (service, client) = try await Self.service()
        try await PrinterType.register(service)
        let administration = service.administration
        let first = try await client.createPrinter("One", #","\#(PrinterType.lease)":{"contract":"c"}"#)
        let path = "/Printers/\(try first.text("id"))"
        let remove = { (urn: String) in
            try await Self.refusal { try await administration.removeSchema(urn, tenant: "acme", by: .system) }
        }
        #expect(try await remove(PrinterType.schema).contains("is the schema of the resource type Printer"))
        #expect(
            try await remove(PrinterType.lease).hasPrefix(
                "Resources have attributes of \(PrinterType.lease) (1)"
            )
        )
        let type = try await Self.refusal {
            try await administration.removeResourceType("Printer", tenant: "acme", by: .system)
        }
        #expect(type.hasPrefix("The type Printer has resources (1)"))
        for (changed, sentence) in [
            (Self.type("Printer", "/Prints", schema: PrinterType.schema), "endpoint: cannot change"),
            (Self.type("Printer", "/Printers", schema: PrinterType.lease), "schema: cannot change"),
            (Self.type("Printer", "/Printers", schema: PrinterType.schema), "Resources have attributes of"),
            (
                Self.type(
                    "Printer",
                    "/Printers",
                    schema: PrinterType.schema,
                    #","schemaExtensions":[{"schema":"\#(PrinterType.lease)","required":true}]"#
                ), "schemaExtensions: \(PrinterType.lease) cannot be required"
            ),
        ] {
            let said = try await Self.refusal { try await Self.add(service, type: changed) }
            #expect(said.contains(sentence), "\(said)")
        }
        let schema = #"{"id":"\#(PrinterType.lease)","attributes":[{"name":"contract","type":"integer"}]}"#
        let said = try await Self.refusal { try await Self.add(service, schema: schema) }
        #expect(
            said
                == "\(PrinterType.lease).attributes.contract.type: cannot change while resources use the schema"
        )

        let gone = #"{"op":"remove","path":"\#(PrinterType.lease)"}"#
        #expect(try await client.patch(path, gone).status == 200)
        #expect(try await remove(PrinterType.lease).isEmpty)
        #expect(try await client.send(.get, path).status == 200)
        #expect(try Self.findings(service) == [])
        #expect(try await client.send(.delete, path).status == 204)
        try await administration.removeResourceType("Printer", tenant: "acme", by: .system)
        #expect(try await remove(PrinterType.schema).isEmpty)
        #expect(try await client.send(.get, "/Printers").status == 404)
        #expect(try Self.findings(service) == [])
    }

    @Test("A schema in use gets further attributes, which are unique and filtered from then on")
    func growth() async throws {
        let (service, client) = try await Self.service()
        try await Self.add(service, schema: PrinterType.badgeSchema, extending: "User")
        let ann = try await client.createUser("ann", #","\#(PrinterType.badge)":{"number":"1"}"#)
        let bob = try await client.createUser("bob", #","\#(PrinterType.badge)":{"number":"2"}"#)
        let grown = PrinterType.badgeSchema.replacing(
            #"{"name": "doors""#,
            with: #"{"name": "chip", "uniqueness": "server"}, {"name": "doors""#
        )
        try await Self.add(service, schema: grown)
        let chip = #"{"op":"add","path":"\#(PrinterType.badge):chip","value":"k"}"#
        #expect(try await client.patch("/Users/\(ann)", chip).status == 200)
        #expect(try await client.patch("/Users/\(bob)", chip).status == 409)
        let found = try await client.send(.get, "/Users?filter=\(PrinterType.badge):chip%20eq%20%22K%22")
        #expect(found.texts("Resources", "id") == [ann])
        #expect(try Self.findings(service) == [])
    }

    @Test("An extension can be required of a type that has no resources yet, not of one that has")
    func requiredExtension() async throws {
        let (service, client) = try await Self.service()
        let user = try await client.createUser("ann")
        let said = try await Self.refusal {
            try await Self.add(service, schema: PrinterType.badgeSchema, extending: "User", required: true)
        }
        #expect(said == "\(PrinterType.badge) cannot be required: there are resources without it.")
        #expect(try await client.send(.delete, "/Users/\(user)").status == 204)
        try await Self.add(service, schema: PrinterType.badgeSchema, extending: "User", required: true)
        let bare = #"{"schemas":["\#(Schema.user.id)"],"userName":"bob"}"#
        #expect(try await client.send(.post, "/Users", bare).status == 400)
        let bob = try await client.createUser("bob", #","\#(PrinterType.badge)":{"number":"1"}"#)
        let gone = try await client.patch("/Users/\(bob)", #"{"op":"remove","path":"\#(PrinterType.badge)"}"#)
        #expect(gone.value("scimType") == .string("mutability"))
        try await Self.add(service, schema: PrinterType.badgeSchema, extending: "User")
        let left = try await client.patch("/Users/\(bob)", #"{"op":"remove","path":"\#(PrinterType.badge)"}"#)
        #expect(left.status == 200)
        try await service.administration.removeSchema(PrinterType.badge, tenant: "acme", by: .system)
        #expect(try service.administration.schemas(ofTenant: "acme").types.isEmpty)
        #expect(try Self.findings(service) == [])
    }

    @Test(
        "An own type gets further extensions, also while it has resources, and loses those that none of them uses"
    )
    func furtherExtension() async throws {
        let (service, client) = try await Self.service()
        try await PrinterType.register(service)
        #expect(try await client.createPrinter("One").status == 201)
        let required = try await Self.refusal {
            try await Self.add(service, schema: PrinterType.badgeSchema, extending: "printer", required: true)
        }
        #expect(required.contains("cannot be required"))
        try await Self.add(service, schema: PrinterType.badgeSchema, extending: "printer")
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
        #expect(try Self.findings(service) == [])
    }

    @Test("A removed type's code in keys is not used again, so that nothing of its resources can come back")
    func codes() async throws {
        let (service, client) = try await Self.service()
        var codes: [UInt8] = []
        for _ in 0..<3 {
            try await PrinterType.register(service)
            codes += try service.administration.schemas(ofTenant: "acme").types.map(\.code)
            #expect(try await client.createPrinter("One").status == 201)
            let id = try await client.send(.get, "/Printers").texts("Resources", "id").joined()
            #expect(try await client.send(.delete, "/Printers/\(id)").status == 204)
            try await service.administration.removeResourceType("Printer", tenant: "acme", by: .system)
        }
        #expect(codes == [16, 17, 18])
    }

    @Test(
        "A request that was let in before its tenant's schemas changed does not change a resource by the old ones"
    )
    func overtaken() async throws {
        let (service, client) = try await Self.service()
        try await PrinterType.register(service)
        let authenticator = Authenticator(store: service.store, environment: service.environment)
        let access = try authenticator.authenticate("\(client.token ?? "")".utf8.span, tenant: "acme")
        try await Self.add(service, schema: PrinterType.badgeSchema, extending: "User")
        let kind = try #require(access.kinds.kind(endpoint: "Printers"))
        let body = try Self.json(TestClient.printer("One"))
        let decoded = try ResourceDecoder.decode(body, as: kind.type, access.profile)
        let context = ChangeContext(
            access: access,
            kind: kind,
            baseURL: "",
            origin: AuditOrigin(address: nil, status: 0),
            condition: .none,
            successStatus: { _ in 201 }
        )
        await #expect(throws: DirectoryError.busy) { try await service.directory.create(decoded, context) }
        let renewed = try authenticator.authenticate("\(client.token ?? "")".utf8.span, tenant: "acme")
        #expect(renewed.kinds.kind(endpoint: "Users")?.type.extensions.last?.schema.id == PrinterType.badge)
    }

    @Test(
        "What is registered survives the process and other changes of the tenant",
        arguments: StorageEngine.allCases
    )
    func restart(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let first = TestService(store: store)
            let client = try await first.client()
            try await PrinterType.register(first)
            _ = try await first.administration.setSCIM(enabled: false, tenant: "acme", by: .system)
            _ = try await first.administration.setSCIM(enabled: true, tenant: "acme", by: .system)
            let second = TestService(store: store)
            let again = TestClient(service: second, tenant: "acme", token: client.token)
            #expect(try await again.createPrinter("One").status == 201)
            #expect(try await client.send(.get, "/Printers").integer("totalResults") == 1)
            #expect(try Self.findings(second) == [])
        }
    }

    @Test("Deleting a tenant removes its schemas and the resources of its own types, and nobody else's")
    func purge() async throws {
        let (service, client) = try await Self.service()
        _ = try await service.client("globex")
        for tenant in ["acme", "globex"] { try await PrinterType.register(service, tenant: tenant) }
        #expect(
            try await client.createPrinter("One", #","\#(PrinterType.lease)":{"contract":"c"}"#).status == 201
        )
        try await service.administration.deleteTenant("acme", by: .system)
        try await service.administration.purgeDeletedTenants { _ in }
        let rest = try service.store.withSnapshot { snapshot throws(StoreError) in
            var rest = 0
            for space in UInt8(0x15)...0x2F {
                try snapshot.scan(prefix: Key([space, 0, 0, 0, 1]), from: nil) { _, _, _ in
                    rest += 1
                    return .more
                }
            }
            return rest
        }
        #expect(rest == 0)
        #expect(try service.administration.schemas(ofTenant: "globex").schemas.count == 2)
        #expect(try Self.findings(service) == [])
    }

    @Test("A check finds an extension's counter that is wrong, a missing unique row and damaged schemas")
    func damage() async throws {
        let (service, client) = try await Self.service()
        try await PrinterType.register(service)
        #expect(
            try await client.createPrinter("One", #","\#(PrinterType.lease)":{"contract":"c"}"#).status == 201
        )
        let keys = try service.store.withSnapshot { snapshot throws(StoreError) in
            var keys: [Key] = []
            for space: [UInt8] in [
                [0x24, 0, 0, 0, 1, 16, 0x75], [0x21, 0, 0, 0, 1, 16, 0x75], [0x15, 0, 0, 0, 1, 1],
            ] {
                try snapshot.scan(prefix: Key(space), from: nil) { key, _, _ in
                    keys.append(Key([UInt8](copying: key)))
                    return .stop
                }
            }
            return keys
        }
        #expect(keys.count == 3)
        var changes = Changeset()
        changes.mutations = [.delete(keys[0]), .delete(keys[1])]
        _ = try await service.store.commit(changes)
        let found = try Self.findings(service)
        #expect(found.count == 2)
        #expect(found.contains { $0.contains("records have \(PrinterType.lease), but the counter says 0") })
        #expect(
            found.contains { $0.contains("its \(PrinterType.lease):contract is not in the unique index") }
        )
        changes.mutations = [.put(keys[2], [9])]
        _ = try await service.store.commit(changes)
        #expect(try Self.findings(service).first?.contains("its schemas are damaged") == true)
    }

    @Test("A tenant has a limited number of schemas and resource types, and the next one is refused")
    func limits() async throws {
        let (service, _) = try await Self.service()
        let schemas = (1...TenantSchemas.schemasMax).map {
            #"{"id":"urn:x-a:S\#($0)","attributes":[{"name":"a"}]}"#
        }
        try await Self.add(service, schema: "[\(schemas.joined(separator: ","))]")
        let said = try await Self.refusal { try await Self.add(service, schema: PrinterType.badgeSchema) }
        #expect(said == "A tenant has at most 64 schemas of its own.")
        let types = (1...TenantSchemas.typesMax).map { Self.type("T\($0)", "/T\($0)s", schema: "urn:x-a:S1") }
        try await Self.add(service, type: "[\(types.joined(separator: ","))]")
        let more = try await Self.refusal {
            try await Self.add(service, type: Self.type("A", "/As", schema: "urn:x-a:S2"))
        }
        #expect(more == "A tenant has at most 32 resource types of its own.")
    }
}
