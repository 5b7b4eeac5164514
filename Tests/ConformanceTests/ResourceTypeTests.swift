import Audit
import Directory
import HTTP
import JSON
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("A resource type of a tenant's own")
struct ResourceTypeTests {
    @Test("C-01, Q-01, U-05, X-01: its resources are created, read, replaced and deleted like any other")
    func lifeCycle() async throws {
        let client = try await PrinterType.client()
        let created = try await client.createPrinter("One", #","pages":7,"userName":3,"active":"maybe""#)
        #expect(created.status == 201)
        let id = try created.text("id")
        #expect(created.value("meta", "resourceType") == .string("Printer"))
        #expect(
            created.value("meta", "location")
                == .string("\(client.service.publicURL)/acme/scim/v2/Printers/\(id)")
        )
        #expect(created.value("schemas") == .array([.string(PrinterType.schema)]))
        #expect(try await client.send(.get, "/Printers/\(id)").json == created.json)
        let replaced = try await client.send(.put, "/Printers/\(id)", TestClient.printer("Uno"))
        #expect(replaced.status == 200)
        #expect(replaced.value("pages") == nil)
        #expect(try await client.send(.get, "/Users/\(id)").status == 404)
        #expect(try await client.send(.delete, "/Printers/\(id)").status == 204)
        #expect(try await client.send(.get, "/Printers/\(id)").status == 404)
        #expect(try await client.createPrinter("Uno").status == 201)
        #expect(try client.service.findings() == [])
        let events = try client.service.events().suffix(4)
        #expect(
            Array(events) == ["resource.create", "resource.update", "resource.delete", "resource.create"]
        )
    }

    @Test("C-05, A-03, A-24: what the schemas ask for is asked for, and nothing changes where it is missing")
    func refusals() async throws {
        let client = try await PrinterType.client()
        let before = try client.service.log().count
        for (more, keyword) in [
            (#","pages":1.5"#, "invalidValue"), (#","pages":"7""#, "invalidValue"),
            (#","installed":"yesterday""#, "invalidValue"), (#","certificate":"%%%""#, "invalidValue"),
            (#","assetNumber":"1""#, "invalidValue"), (#","manual":true"#, "invalidValue"),
            (#","members":[{"type":"owner"}]"#, "invalidValue"),
            (#","\#(PrinterType.lease)":{"monthly":3}"#, "invalidValue"),
        ] {
            let answer = try await client.createPrinter("One", more)
            #expect(answer.status == 400, "\(more)")
            #expect(answer.value("scimType") == .string(keyword), "\(more)")
        }
        let nameless = #"{"schemas":["\#(PrinterType.schema)"],"pin":"1"}"#
        #expect(try await client.send(.post, "/Printers", nameless).status == 400)
        let pinless = #"{"schemas":["\#(PrinterType.schema)"],"displayName":"One"}"#
        #expect(try await client.send(.post, "/Printers", pinless).status == 400)
        #expect(try client.service.log().count == before)
        #expect(try await client.createPrinter("One").status == 201)
    }

    @Test(
        "F-04, F-05, F-09, Q-02, S-01: filters and orders follow the types and caseExact of its attributes"
    )
    func filters() async throws {
        let client = try await PrinterType.client()
        for index in 1...5 {
            let answer = try await client.createPrinter(
                "P\(index)",
                #","serial":"s\#(index)","externalId":"e\#(index)","pages":\#(index),"groups":["g\#(index % 2)"],"#
                    + #""installed":"2026-0\#(index)-01T00:00:00Z","members":[{"value":"u\#(index)","type":"owner"}],"#
                    + #""\#(PrinterType.lease)":{"contract":"C\#(index)","monthly":\#(index).5}"#
            )
            #expect(answer.status == 201)
        }
        for (filter, names) in [
            (#"displayName eq "p1""#, ["P1"]), (#"serial eq "s2""#, ["P2"]), (#"serial eq "S2""#, []),
            (#"externalId eq "e3""#, ["P3"]), ("pages gt 3", ["P4", "P5"]),
            (#"groups eq "G0""#, ["P2", "P4"]),
            (#"installed lt "2026-02-15T00:00:00Z""#, ["P1", "P2"]),
            (#"members[value eq "u4" and type eq "OWNER"]"#, ["P4"]), (#"members.value eq "u5""#, ["P5"]),
            (#"\#(PrinterType.lease):contract eq "c2""#, ["P2"]),
            ("\(PrinterType.lease):monthly le 1.5", ["P1"]),
            (#"meta.resourceType eq "Printer" and pages lt 2"#, ["P1"]),
        ] {
            let query = filter.replacing(" ", with: "%20").replacing("\"", with: "%22")
            let answer = try await client.send(.get, "/Printers?filter=\(query)")
            #expect(answer.texts("Resources", "displayName") == names, "\(filter)")
            #expect(answer.integer("totalResults") == names.count, "\(filter)")
        }
        for (key, names) in [
            ("pages&sortOrder=descending", ["P5", "P4", "P3", "P2", "P1"]),
            ("\(PrinterType.lease):monthly", ["P1", "P2", "P3", "P4", "P5"]),
            ("groups", ["P2", "P4", "P1", "P3", "P5"]),
        ] {
            let answer = try await client.send(.get, "/Printers?sortBy=\(key)")
            #expect(answer.texts("Resources", "displayName") == names, "\(key)")
        }
        let page = try await client.send(.get, "/Printers?startIndex=2&count=2&attributes=displayName")
        #expect(page.texts("Resources", "displayName") == ["P2", "P3"])
        #expect(page.integer("totalResults") == 5)
        let bad = try await client.send(.get, "/Printers?filter=pages%20co%20%221%22")
        #expect(bad.value("scimType") == .string("invalidFilter"))
        let secret = try await client.send(.get, "/Printers?filter=pin%20pr")
        #expect(secret.value("scimType") == .string("invalidFilter"))
    }

    @Test(
        "H-06, H-07, H-09, H-12: PATCH changes its attributes, extensions and references like those of a user"
    )
    func patch() async throws {
        let client = try await PrinterType.client()
        let path = "/Printers/\(try await client.createPrinter("One").text("id"))"
        let answer = try await client.patch(
            path,
            #"{"op":"add","path":"members","value":[{"value":"a","type":"x","primary":true}]},"#
                + #"{"op":"add","path":"members","value":{"value":"b","primary":true}},"#
                + #"{"op":"replace","path":"members[value eq \"a\"].type","value":"operator"},"#
                + #"{"op":"add","path":"groups","value":["g1","G1","g2"]},"#
                + #"{"op":"add","value":{"place":{"floor":3},"active":"yes"}},"#
                + #"{"op":"add","path":"\#(PrinterType.lease)","value":{"contract":"k"}}"#
        )
        #expect(answer.status == 200)
        #expect(answer.texts("members") == ["a", "b"])
        #expect(answer.value("members", "0", "primary") == .bool(false))
        #expect(answer.value("members", "0", "type") == .string("operator"))
        #expect(answer.value("groups") == .array([.string("g1"), .string("g2")]))
        #expect(answer.value("schemas") == .array([.string(PrinterType.schema), .string(PrinterType.lease)]))
        let removed = try await client.patch(
            path,
            #"{"op":"remove","path":"members[value eq \"a\"]"},{"op":"remove","path":"groups","value":["G2"]}"#
        )
        #expect(removed.texts("members") == ["b"])
        #expect(removed.value("groups") == .array([.string("g1")]))
        #expect(try client.service.findings() == [])
    }

    @Test("D-04, D-06, M-03: discovery shows it to its tenant, and another tenant sees nothing of it")
    func discovery() async throws {
        let client = try await PrinterType.client()
        let other = try await client.service.client("globex")
        let types = try await client.send(.get, "/ResourceTypes")
        #expect(types.texts("Resources", "name") == ["User", "Group", "Printer"])
        let type = try await client.send(.get, "/ResourceTypes/Printer")
        #expect(type.value("endpoint") == .string("/Printers"))
        #expect(type.value("schemaExtensions", "0", "schema") == .string(PrinterType.lease))
        let schema = try await client.send(.get, "/Schemas/\(PrinterType.schema)")
        #expect(schema.value("attributes", "0", "uniqueness") == .string("server"))
        #expect(schema.value("attributes", "8", "caseExact") == .bool(true))
        #expect(try await client.send(.get, "/Schemas").texts("Resources", "id").contains(PrinterType.lease))
        let id = try await client.createPrinter("One").text("id")
        let schemas = try await other.send(.get, "/Schemas")
        #expect(!schemas.texts("Resources", "id").contains { $0.contains("example") })
        for path in [
            "/ResourceTypes/Printer", "/Schemas/\(PrinterType.schema)", "/Printers", "/Printers/\(id)",
        ] {
            #expect(try await other.send(.get, path).status == 404, "\(path)")
        }
        try await PrinterType.register(client.service, tenant: "globex")
        #expect(try await other.send(.get, "/Printers/\(id)").status == 404)
        #expect(try await other.createPrinter("One").status == 201)
    }

    @Test("A-11, A-21: an extension that a tenant adds to users works for its users alone")
    func extendedUsers() async throws {
        let client = try await PrinterType.client()
        let file = try JSONValue(parsing: Array(PrinterType.badgeSchema.utf8))
        _ = try await client.service.administration.addSchemas(
            file,
            extending: "user",
            tenant: "acme",
            by: .system
        )
        let ann = try await client.createUser(
            "ann",
            #","\#(PrinterType.badge)":{"number":"7","doors":["a"]}"#
        )
        let bob = try await client.createUser("bob")
        let group = try await client.createGroup("Staff", members: [ann, bob])
        let taken = #"{"op":"add","path":"\#(PrinterType.badge):number","value":"7"}"#
        #expect(try await client.patch("/Users/\(bob)", taken).status == 409)
        let found = try await client.send(.get, "/Users?filter=\(PrinterType.badge):number%20eq%20%227%22")
        #expect(found.texts("Resources", "id") == [ann])
        #expect(try await client.send(.get, "/Users/\(ann)").texts("groups") == [group])
        let type = try await client.send(.get, "/ResourceTypes/User")
        guard case .array(let parts)? = type.value("schemaExtensions") else { throw TestFailure() }
        #expect(parts.count > 1)
        let printer = try await client.createPrinter("One").text("id")
        let member = #"{"op":"add","path":"members","value":[{"value":"\#(printer)"}]}"#
        #expect(try await client.patch("/Groups/\(group)", member).status == 400)
        #expect(try client.service.findings() == [])
        let other = try await client.service.client("globex")
        let plain = try await other.createUser("ann", #","\#(PrinterType.badge)":{"number":"7"}"#)
        #expect(try await other.send(.get, "/Users/\(plain)").value(PrinterType.badge) == nil)
    }

    @Test(
        "Q-04, Q-07: its resources are found by queries of all types and by POST, and by sub-attributes of extensions"
    )
    func searched() async throws {
        let client = try await PrinterType.client()
        let user = try await client.createUser("ann", #","displayName":"One""#)
        let printer = try await client.createPrinter("One", #","\#(PrinterType.lease)":{"contract":"c"}"#)
            .text("id")
        let all = try await client.send(
            .get,
            "/?filter=displayName%20eq%20%22one%22"
        )
        #expect(all.texts("Resources", "id") == [user, printer])
        let search =
            #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"\#(PrinterType.lease) pr"}"#
        #expect(
            try await client.send(.post, "/Printers/.search", search).texts("Resources", "id") == [printer]
        )
    }

    @Test("A-11, A-17: an extension that a tenant adds to groups leaves members what they are")
    func extendedGroups() async throws {
        let client = try await PrinterType.client()
        let urn = "urn:example:params:scim:schemas:extension:Quota:Group"
        let schema =
            #"{"id":"\#(urn)","attributes":[{"name":"pages","type":"integer"},{"name":"code","uniqueness":"server"}]}"#
        _ = try await client.service.administration.addSchemas(
            try JSONValue(parsing: Array(schema.utf8)),
            extending: "Group",
            tenant: "acme",
            by: .system
        )
        let ann = try await client.createUser("ann")
        let staff = try await client.createGroup("Staff", members: [ann])
        let others = try await client.createGroup("Others")
        let patched = try await client.patch(
            "/Groups/\(staff)",
            #"{"op":"add","path":"\#(urn):pages","value":5},{"op":"add","value":{"\#(urn)":{"code":"K"}}}"#
        )
        #expect(patched.texts("members") == [ann])
        #expect(patched.value(urn, "pages") == .number(.init(5)))
        let taken = try await client.patch(
            "/Groups/\(others)",
            #"{"op":"add","path":"\#(urn):code","value":"k"}"#
        )
        #expect(taken.status == 409)
        let removed = try await client.patch(
            "/Groups/\(staff)",
            #"{"op":"remove","path":"members[value eq \"\#(ann)\"]"}"#
        )
        #expect(removed.texts("members").isEmpty)
        #expect(removed.value(urn, "code") == .string("K"))
        #expect(try client.service.findings() == [])
    }

    private struct TestFailure: Error {}
}
