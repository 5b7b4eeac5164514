import Audit
import Directory
import HTTP
import JSON
import Storage
import TestSupport
import Testing

@Suite("A resource type of a tenant's own")
struct ResourceTypeTests {
    private static func client() async throws -> TestClient {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        try await PrinterType.register(client.service)
        return client
    }

    private static func findings(_ client: TestClient) throws -> [String] {
        try DirectoryChecker(store: client.service.store, environment: client.service.environment).findings {
            _ in
        }
    }

    /// What is left of a resource's attributes.
    private static func attributes(_ answer: TestAnswer) -> Set<String> {
        guard case .object(let object)? = answer.json else { return [] }
        return Set(object.members.map(\.name))
    }

    @Test("C-01, Q-01, U-05, X-01: its resources are created, read, replaced and deleted like any other")
    func lifeCycle() async throws {
        let client = try await Self.client()
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
        #expect(try Self.findings(client) == [])
        let events = try client.service.events().suffix(4)
        #expect(
            Array(events) == ["resource.create", "resource.update", "resource.delete", "resource.create"]
        )
    }

    @Test("C-05, A-03, A-24: what the schemas ask for is asked for, and nothing changes where it is missing")
    func refusals() async throws {
        let client = try await Self.client()
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
        "A-20, A-19: always, never, default, request and writeOnly hold in attributes, sub-attributes, extensions"
    )
    func returned() async throws {
        let client = try await Self.client()
        let lease = #""\#(PrinterType.lease)":{"contract":"c","bank":"b"}"#
        let created = try await client.createPrinter(
            "One",
            #","notes":"n","audit":"a","site":"s","password":"p","place":{"floor":1,"door":"d","key":"k"},\#(lease)"#
        )
        let id = try created.text("id")
        let read = try await client.send(.get, "/Printers/\(id)")
        #expect(
            Self.attributes(read) == [
                "schemas", "id", "displayName", "site", "password", "place", PrinterType.lease, "meta",
            ]
        )
        #expect(
            read.value("place")
                == .object(.init(uniqueMembers: [.init(name: "floor", value: .number(.init(1)))]))
        )
        #expect(read.value(PrinterType.lease, "bank") == nil)
        let asked = try await client.send(
            .get,
            "/Printers/\(id)?attributes=notes,audit,pin,place.door,place.key,\(PrinterType.lease):bank"
        )
        #expect(Self.attributes(asked) == ["schemas", "id", "notes", "site", "place", PrinterType.lease])
        #expect(asked.value("place", "door") == .string("d"))
        #expect(asked.value("place", "key") == nil)
        #expect(asked.value("place", "floor") == nil)
        #expect(asked.value(PrinterType.lease, "bank") == .string("b"))
        let without = try await client.send(.get, "/Printers/\(id)?excludedAttributes=site,displayName")
        #expect(without.value("site") == .string("s"))
        #expect(without.value("displayName") == nil)
    }

    @Test("A-20: an attribute returned on request is in the answer to the change that writes it")
    func returnedToWriter() async throws {
        let client = try await Self.client()
        let created = try await client.createPrinter("One", #","notes":"n","place":{"door":"d"}"#)
        let id = try created.text("id")
        #expect(created.value("notes") == .string("n"))
        #expect(created.value("place", "door") == .string("d"))
        let other = try await client.patch("/Printers/\(id)", #"{"op":"add","path":"pages","value":1}"#)
        #expect(other.value("notes") == nil)
        let patched = try await client.patch(
            "/Printers/\(id)",
            #"{"op":"replace","path":"notes","value":"m"}"#
        )
        #expect(patched.value("notes") == .string("m"))
        #expect(patched.value("place") == nil)
        #expect(try await client.send(.get, "/Printers/\(id)").value("notes") == nil)
    }

    @Test(
        "A-19, U-03, U-04, H-05: readOnly and immutable hold in PUT and PATCH, also inside complex attributes"
    )
    func mutability() async throws {
        let client = try await Self.client()
        let created = try await client.createPrinter(
            "One",
            #","lastSeen":"2026-01-01T00:00:00Z","serial":"S","place":{"building":"A","floor":1},"#
                + #""members":[{"value":"u1","type":"owner","since":"2026-01-01T00:00:00Z"}],"#
                + #""\#(PrinterType.lease)":{"contract":"c","from":"2026-01-01T00:00:00Z"}"#
        )
        let id = try created.text("id")
        #expect(created.value("lastSeen") == nil)
        #expect(created.value("members", "0", "since") == nil)
        let version = created.value("meta", "version")
        for operation in [
            #"{"op":"replace","path":"lastSeen","value":"2026-01-01T00:00:00Z"}"#,
            #"{"op":"replace","path":"serial","value":"T"}"#, #"{"op":"remove","path":"serial"}"#,
            #"{"op":"replace","path":"place.building","value":"B"}"#,
            #"{"op":"remove","path":"place.building"}"#, #"{"op":"remove","path":"place"}"#,
            #"{"op":"replace","value":{"place":{"building":"B"}}}"#,
            #"{"op":"replace","path":"members[value eq \"u1\"].value","value":"u2"}"#,
            #"{"op":"replace","path":"members[value eq \"u1\"].since","value":"2026-01-01T00:00:00Z"}"#,
            #"{"op":"replace","path":"\#(PrinterType.lease):from","value":"2027-01-01T00:00:00Z"}"#,
            #"{"op":"remove","path":"\#(PrinterType.lease)"}"#,
            #"{"op":"remove","path":"displayName"}"#, #"{"op":"remove","path":"pin"}"#,
        ] {
            let answer = try await client.patch("/Printers/\(id)", operation)
            #expect(answer.status == 400, "\(operation)")
            #expect(answer.value("scimType") == .string("mutability"), "\(operation)")
        }
        for more in [
            #","serial":"T""#, #","place":{"building":"B"}"#,
            #","\#(PrinterType.lease)":{"contract":"c","from":"2027-01-01T00:00:00Z"}"#,
        ] {
            let answer = try await client.send(.put, "/Printers/\(id)", TestClient.printer("One", more))
            #expect(answer.status == 400, "\(more)")
            #expect(answer.value("scimType") == .string("mutability"), "\(more)")
        }
        #expect(try await client.send(.get, "/Printers/\(id)").value("meta", "version") == version)
        let kept = try await client.send(
            .put,
            "/Printers/\(id)",
            TestClient.printer("One", #","place":{"floor":2},"\#(PrinterType.lease)":{"contract":"d"}"#)
        )
        #expect(kept.value("serial") == .string("S"))
        #expect(kept.value("place", "building") == .string("A"))
        #expect(kept.value("place", "floor") == .number(.init(2)))
        #expect(kept.value(PrinterType.lease, "from") != nil)
        #expect(kept.value(PrinterType.lease, "contract") == .string("d"))
        let bare = try await client.send(.put, "/Printers/\(id)", TestClient.printer("One"))
        #expect(bare.value("scimType") == .string("invalidValue"))
        let added = try await client.patch(
            "/Printers/\(id)",
            #"{"op":"add","path":"members","value":[{"value":"u2","type":"chief"}]}"#
        )
        #expect(added.texts("members") == ["u2"])
        #expect(try Self.findings(client) == [])
    }

    @Test(
        "A-21, A-22, C-03: server and global values are unique, in complex attributes and extensions as well"
    )
    func uniqueness() async throws {
        let client = try await Self.client()
        let lease = #""\#(PrinterType.lease)":{"contract":"Con-1"}"#
        let first = try await client.createPrinter(
            "One",
            #","serial":"abc","assetNumber":10,"place":{"code":"X"},\#(lease)"#
        )
        let id = try first.text("id")
        for more in [
            #","serial":"abc""#, #","assetNumber":10.0"#, #","assetNumber":1e1"#, #","place":{"code":"x"}"#,
            #","\#(PrinterType.lease)":{"contract":"CON-1"}"#,
        ] {
            let answer = try await client.createPrinter("Two", more)
            #expect(answer.status == 409, "\(more)")
            #expect(answer.value("scimType") == .string("uniqueness"), "\(more)")
        }
        #expect(try await client.createPrinter("ONE").status == 409)
        let second = try await client.createPrinter("Two", #","serial":"ABC","assetNumber":11"#)
        #expect(second.status == 201)
        let path = "/Printers/\(try second.text("id"))"
        let taken = #"{"op":"add","path":"\#(PrinterType.lease):contract","value":"con-1"}"#
        #expect(try await client.patch(path, taken).status == 409)
        let gone = #"{"op":"remove","path":"\#(PrinterType.lease)"}"#
        #expect(try await client.patch("/Printers/\(id)", gone).status == 200)
        #expect(try await client.patch(path, taken).status == 200)
        #expect(try Self.findings(client) == [])
    }

    @Test(
        "F-04, F-05, F-09, Q-02: filters follow the types and caseExact of its attributes, by index or without"
    )
    func filters() async throws {
        let client = try await Self.client()
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
        let client = try await Self.client()
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
        #expect(try Self.findings(client) == [])
    }

    @Test("D-04, D-06, M-03: discovery shows it to its tenant, and another tenant sees nothing of it")
    func discovery() async throws {
        let client = try await Self.client()
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
        let client = try await Self.client()
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
        #expect(try Self.findings(client) == [])
        let other = try await client.service.client("globex")
        let plain = try await other.createUser("ann", #","\#(PrinterType.badge)":{"number":"7"}"#)
        #expect(try await other.send(.get, "/Users/\(plain)").value(PrinterType.badge) == nil)
    }

    private struct TestFailure: Error {}
}
