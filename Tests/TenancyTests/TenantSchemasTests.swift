import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("What operators register for a tenant")
struct TenantSchemasTests {
    @Test("Each change leaves one audit record that names it; what changes nothing leaves none")
    func records() async throws {
        let (service, _) = try await SchemaDesk.service()
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
        let (service, _) = try await SchemaDesk.service()
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
            let said = try await SchemaDesk.refusal { try await SchemaDesk.add(service, schema: schema) }
            #expect(said.hasPrefix(sentence), "\(said)")
        }
        for (type, sentence) in [
            (SchemaDesk.type("A", "/As", schema: "urn:x:A"), "A.schema: urn:x:A is no schema of this tenant"),
            (SchemaDesk.type("A", "/users", schema: user), "A.endpoint: is that of the type User"),
            (SchemaDesk.type("A", "/Bulk", schema: user), "A.endpoint: /Bulk has a meaning"),
            (SchemaDesk.type("A", "/me", schema: user), "A.endpoint: /me has a meaning"),
            (SchemaDesk.type("A", "/V2", schema: user), "A.endpoint: /V2 has a meaning"),
            (SchemaDesk.type("user", "/As", schema: user), "user: is built in"),
            (SchemaDesk.type("User", "/Users", schema: Schema.group.id), "User: is built in"),
            (
                "[\(SchemaDesk.type("A", "/As", schema: user)),\(SchemaDesk.type("B", "/as", schema: user))]",
                "B.endpoint: is that of the type A"
            ),
            (
                SchemaDesk.type("A", "/As", schema: user, #","schemaExtensions":[{"schema":"\#(user)"}]"#),
                "A.schemaExtensions: \(user) is the type's own schema"
            ),
        ] {
            let said = try await SchemaDesk.refusal { try await SchemaDesk.add(service, type: type) }
            #expect(said.hasPrefix(sentence), "\(said)")
        }
        let twoFold =
            #"[{"id":"urn:x-a:A","attributes":[{"name":"b"}]},{"id":"urn:x-a:A:b","attributes":[{"name":"c"}]}]"#
        let ambiguous = try await SchemaDesk.refusal {
            try await SchemaDesk.add(service, schema: twoFold, extending: "User")
        }
        #expect(ambiguous == "User.schemaExtensions: urn:x-a:A:b reads like the attribute b of urn:x-a:A")
        let redefining = #"{"id":"urn:x-a:A","attributes":[{"name":"EXTERNALID"}]}"#
        let said = try await SchemaDesk.refusal {
            try await SchemaDesk.add(service, schema: redefining, extending: "User")
        }
        #expect(said == "urn:x-a:A.attributes[0].name: EXTERNALID is an attribute of every resource already")
        await #expect(throws: AdministrationError.noSuchResourceType) {
            try await SchemaDesk.add(service, schema: PrinterType.badgeSchema, extending: "Door")
        }
        #expect(try service.log().count == before)
        #expect(try service.administration.tenant("acme").schemasVersion == 0)
    }

    @Test("A removed type's code in keys is not used again, so that nothing of its resources can come back")
    func codes() async throws {
        let (service, client) = try await SchemaDesk.service()
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
            #expect(try second.findings() == [])
        }
    }

    @Test("Deleting a tenant removes its schemas and the resources of its own types, and nobody else's")
    func purge() async throws {
        let (service, client) = try await SchemaDesk.service()
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
        #expect(try service.findings() == [])
    }

    @Test("A check finds an extension's counter that is wrong, a missing unique row and damaged schemas")
    func damage() async throws {
        let (service, client) = try await SchemaDesk.service()
        try await PrinterType.register(service)
        #expect(
            try await client.createPrinter("One", #","\#(PrinterType.lease)":{"contract":"c"}"#).status == 201
        )
        let keys = try service.store.withSnapshot { snapshot throws(StoreError) in
            var keys: [Key] = []
            for space: [UInt8] in [
                [0x24, 0, 0, 0, 1, 16, 0x75], [0x28, 0, 0, 0, 1, 16, 0xFF], [0x15, 0, 0, 0, 1, 1],
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
        let found = try service.findings()
        #expect(found.count == 2)
        #expect(found.contains { $0.contains("records have \(PrinterType.lease), but the counter says 0") })
        #expect(
            found.contains { $0.contains("its \(PrinterType.lease):contract is not in the unique index") }
        )
        changes.mutations = [.put(keys[2], [9])]
        _ = try await service.store.commit(changes)
        #expect(try service.findings().first?.contains("its schemas are damaged") == true)
        changes.mutations = [.deletePrefix(Key([0x15, 0, 0, 0, 1]), limit: 10)]
        _ = try await service.store.commit(changes)
        #expect(try service.findings().first?.contains("names another version") == true)
        let restarted = TestClient(
            service: TestService(store: service.store),
            tenant: "acme",
            token: client.token
        )
        #expect(try await restarted.send(.get, "/Users").status == 500)
    }

    @Test("A tenant has a limited number of schemas and resource types, and the next one is refused")
    func limits() async throws {
        let (service, _) = try await SchemaDesk.service()
        let schemas = (1...TenantSchemas.schemasMax).map {
            #"{"id":"urn:x-a:S\#($0)","attributes":[{"name":"a"}]}"#
        }
        try await SchemaDesk.add(service, schema: "[\(schemas.joined(separator: ","))]")
        let said = try await SchemaDesk.refusal {
            try await SchemaDesk.add(service, schema: PrinterType.badgeSchema)
        }
        #expect(said == "A tenant has at most 64 schemas of its own.")
        let types = (1...TenantSchemas.typesMax).map {
            SchemaDesk.type("T\($0)", "/T\($0)s", schema: "urn:x-a:S1")
        }
        try await SchemaDesk.add(service, type: "[\(types.joined(separator: ","))]")
        let more = try await SchemaDesk.refusal {
            try await SchemaDesk.add(service, type: SchemaDesk.type("A", "/As", schema: "urn:x-a:S2"))
        }
        #expect(more == "A tenant has at most 32 resource types of its own.")
        let text = String(repeating: "d", count: SchemaLimits.descriptionBytesMax)
        let attributes = (1...72).map { #"{"name":"a\#($0)","description":"\#(text)"}"# }.joined(
            separator: ","
        )
        let large = (1...6).map { #"{"id":"urn:x-a:S\#($0)","attributes":[\#(attributes)]}"# }
        let sum = try await SchemaDesk.refusal {
            try await SchemaDesk.add(service, schema: "[\(large.joined(separator: ","))]")
        }
        #expect(sum == "A tenant's own schemas have at most 500000 bytes as JSON.")
        let one = try await SchemaDesk.refusal {
            let attributes = (1...90).map { #"{"name":"a\#($0)","description":"\#(text)"}"# }.joined(
                separator: ","
            )
            try await SchemaDesk.add(service, schema: #"{"id":"urn:x-a:S1","attributes":[\#(attributes)]}"#)
        }
        #expect(one == "urn:x-a:S1: is longer than 90000 bytes as JSON")
    }
}
