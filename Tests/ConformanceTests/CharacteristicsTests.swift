import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Attribute characteristics by the schema")
struct CharacteristicsTests {
    /// What is left of a resource's attributes.
    private static func attributes(_ answer: TestAnswer) -> Set<String> {
        guard case .object(let object)? = answer.json else { return [] }
        return Set(object.members.map(\.name))
    }

    @Test(
        "A-20, A-19: always, never, default, request and writeOnly hold in attributes, sub-attributes, extensions"
    )
    func returned() async throws {
        let client = try await PrinterType.client()
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
        let client = try await PrinterType.client()
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
        let client = try await PrinterType.client()
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
        let other = try await client.createPrinter("Two", #","members":[{"value":"u1","$ref":"../Users/1"}]"#)
        let path = "/Printers/\(try other.text("id"))"
        let moved = #","members":[{"value":"u1","$ref":"../Users/2"}]"#
        let refused = try await client.send(.put, path, TestClient.printer("Two", moved))
        #expect(refused.value("scimType") == .string("mutability"))
        let typed = #","members":[{"value":"u2"},{"value":"u1","type":"owner"}]"#
        let still = try await client.send(.put, path, TestClient.printer("Two", typed))
        #expect(still.value("members", "1", "$ref") == .string("../Users/1"))
        #expect(still.value("members", "0", "$ref") == nil)
        let added = try await client.patch(
            "/Printers/\(id)",
            #"{"op":"add","path":"members","value":[{"value":"u2","type":"chief"}]}"#
        )
        #expect(added.texts("members") == ["u2"])
        #expect(try client.service.findings() == [])
    }

    @Test(
        "A-21, A-22, C-03: server and global values are unique, in complex attributes and extensions as well"
    )
    func uniqueness() async throws {
        let client = try await PrinterType.client()
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
        #expect(try client.service.findings() == [])
    }

    @Test("A-23: values beside the canonical ones are taken, unless the tenant's profile is strict")
    func canonicalValues() async throws {
        let client = try await PrinterType.client()
        for (word, status) in [("chief", 201), ("OWNER", 201)] {
            let answer = try await client.createPrinter(
                word,
                #","members":[{"value":"u","type":"\#(word)"}]"#
            )
            #expect(answer.status == status)
        }
        let strict = try #require(ProfileName(rawValue: "strict")).profile
        #expect(!strict.contains(.otherValues))
        let schema = try #require(
            try client.service.administration.schemas(ofTenant: "acme").schema(PrinterType.schema)
        )
        let members = try #require(schema.attribute("members"))
        for (word, isTaken) in [("chief", false), ("OWNER", true), ("operator", true), ("", true)] {
            let value = try JSONValue(parsing: Array(#"[{"value":"u","type":"\#(word)"}]"#.utf8))
            let decoded = try? AttributeValueDecoder.decode(value, as: members, strict)
            #expect((decoded != nil) == isTaken, "\(word)")
        }
    }

    @Test(
        "A-21: the longest names and values that are allowed fit into the store's keys",
        arguments: StorageEngine.allCases
    )
    func longestKeys(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let client = try await TestService(store: store).client()
            let urn = "urn:example:" + String(repeating: "u", count: SchemaLimits.urnBytesMax - 12)
            let name = String(repeating: "n", count: SchemaLimits.nameBytesMax)
            let sub = #"{"name":"\#(name)","uniqueness":"server"}"#
            let schema =
                #"{"id":"\#(urn)","attributes":[{"name":"\#(name)","type":"complex","subAttributes":[\#(sub)]}]}"#
            _ = try await client.service.administration.addSchemas(
                try JSONValue(parsing: Array(schema.utf8)),
                extending: "User",
                tenant: "acme",
                by: .system
            )
            for count in [1, 100, 142, 200, 256, 257, 1_024] {
                let value = String(repeating: "v", count: count)
                let part = #""\#(urn)":{"\#(name)":{"\#(name)":"\#(value)"}}"#
                _ = try await client.createUser("user\(count)", ",\(part)")
                let again = #"{"schemas":["\#(Schema.user.id)"],"userName":"again",\#(part)}"#
                #expect(try await client.send(.post, "/Users", again).status == 409, "\(count)")
                let found = try await client.send(
                    .get,
                    "/Users?filter=\(urn):\(name).\(name)%20eq%20%22\(value)%22"
                )
                #expect(found.integer("totalResults") == 1, "\(count)")
            }
            #expect(try client.service.findings() == [])
            #expect(try client.service.records().last?["SCIM_ATTR"]?.contains(urn) == true)
        }
    }
}
