import Audit
import Directory
import HTTP
import JSON
import SCIM
import Service
import Storage
import Tenancy
import TestSupport
import Testing
import Transfer

@Suite("Attributes of one name in several schemas")
struct ExtensionNameTests {
    private static let first = "urn:example:params:scim:schemas:extension:first:2.0:User"
    private static let second = "urn:example:params:scim:schemas:extension:second:2.0:User"

    /// Both define what the core schema or the enterprise extension has, and `site`.
    private static func schema(_ urn: String) -> String {
        """
        {"id": "\(urn)", "name": "X", "attributes": [
          {"name": "title", "caseExact": true}, {"name": "userName", "uniqueness": "server", "type": "integer"},
          {"name": "department", "type": "boolean"}, {"name": "site", "returned": "\(urn == first ? "default" : "request")"},
          {"name": "password"}, {"name": "members", "multiValued": true}, {"name": "groups", "returned": "never"},
          {"name": "emails", "type": "complex", "subAttributes": [{"name": "value"}, {"name": "primary", "type": "boolean"}]}]}
        """
    }

    private static func client() async throws -> TestClient {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        for urn in [first, second] {
            _ = try await client.service.administration.addSchemas(
                JSONValue(parsing: Array(schema(urn).utf8)),
                extending: "User",
                tenant: "acme",
                by: .system
            )
        }
        return client
    }

    private static func create(
        _ client: TestClient,
        _ name: String,
        _ number: Int
    ) async throws -> TestAnswer {
        let inner = """
            {"title":"Boss","userName":\(number),"department":true,"site":"S","password":"p","members":["m"],"groups":"g",\
            "emails":{"value":"\(name)@x"}}
            """
        return try await client.send(
            .post,
            "/Users",
            """
            {"schemas":["\(Schema.user.id)","\(first)"],"userName":"\(name)","title":"Guide","emails":["\(name)@y"],\
            "\(Schema.enterpriseUser.id)":{"department":"D"},"\(first)":\(inner)}
            """
        )
    }

    @Test(
        "RFC 7643 §3.3: values stay apart, and each is read, replaced and told by the characteristics of its own schema"
    )
    func values() async throws {
        let client = try await Self.client()
        let created = try await Self.create(client, "ann", 1)
        #expect(created.status == 201)
        let id = try created.text("id")
        let read = try await client.send(.get, "/Users/\(id)")
        #expect(read.value("title") == .string("Guide"))
        #expect(read.value(Self.first, "title") == .string("Boss"))
        #expect(read.value(Self.first, "userName") == .number(JSONNumber(1)))
        #expect(read.value(Self.first, "department") == .bool(true))
        #expect(read.value(Schema.enterpriseUser.id, "department") == .string("D"))
        #expect(read.value(Self.first, "password") == .string("p"))
        #expect(read.value("password") == nil)
        #expect(read.value(Self.first, "members") == .array(["m"]))
        #expect(read.value(Self.first, "groups") == nil)
        #expect(read.value("groups") == nil)
        let same = try await Self.create(client, "bob", 1)
        #expect(same.value("scimType") == .string("uniqueness"))
        let wrong = try await client.send(
            .put,
            "/Users/\(id)",
            #"{"schemas":["\#(Schema.user.id)"],"userName":"ann","\#(Self.first)":{"userName":"x"}}"#
        )
        #expect(wrong.value("scimType") == .string("invalidValue"))
        let replaced = try await client.send(
            .put,
            "/Users/\(id)",
            #"{"schemas":["\#(Schema.user.id)"],"userName":"ann","\#(Self.second)":{"title":"B","site":"T"}}"#
        )
        #expect(replaced.value("title") == nil)
        #expect(replaced.value(Self.first) == nil)
        #expect(replaced.value(Self.second, "title") == .string("B"))
        #expect(try client.service.findings() == [])
    }

    @Test(
        "A name alone is the core's, then that of the extension registered first; a URN tells the others apart"
    )
    func patches() async throws {
        let client = try await Self.client()
        let id = try await Self.create(client, "ann", 1).text("id")
        for (operation, path, value) in [
            (#""path":"title","value":"1""#, ["title"], JSONValue.string("1")),
            (#""path":"\#(Self.first):title","value":"2""#, [Self.first, "title"], .string("2")),
            (#""path":"\#(Self.second).title","value":"3""#, [Self.second, "title"], .string("3")),
            (#""value":{"title":"4"}"#, ["title"], .string("4")),
            (#""value":{"\#(Self.first):title":"5"}"#, [Self.first, "title"], .string("5")),
            (#""value":{"\#(Self.second)":{"title":"6"}}"#, [Self.second, "title"], .string("6")),
            (
                #""path":"\#(Self.second)","value":{"userName":7}"#, [Self.second, "userName"],
                .number(JSONNumber(7))
            ),
            (#""path":"site","value":"8""#, [Self.first, "site"], .string("8")),
            (
                #""path":"\#(Self.first):emails.value","value":"9""#, [Self.first, "emails", "value"],
                .string("9")
            ),
            (#""path":"department","value":"10""#, [Schema.enterpriseUser.id, "department"], .string("10")),
            (#""path":"\#(Self.first):members","value":["11"]"#, [Self.first, "members"], .array(["11"])),
        ] {
            let before = try await client.send(.get, "/Users/\(id)?attributes=\(Self.all)")
            let answer = try await client.patch("/Users/\(id)", #"{"op":"replace",\#(operation)}"#)
            #expect(answer.status == 200, "\(operation)")
            let after = try await client.send(.get, "/Users/\(id)?attributes=\(Self.all)")
            #expect(after.value(at: path) == value, "\(operation)")
            #expect(Self.leaves(after).subtracting(Self.leaves(before)).count == 1, "\(operation)")
        }
        let removed = try await client.patch(
            "/Users/\(id)",
            #"{"op":"remove","path":"\#(Self.first):title"}"#
        )
        #expect(removed.value("title") == .string("4"))
        #expect(removed.value(Self.first, "title") == nil)
    }

    /// Every attribute, also what is returned on request alone.
    private static let all = ["title,emails,site", Schema.enterpriseUser.id, first, second].joined(
        separator: ","
    )

    /// The values of a resource with their paths, without what each change touches.
    private static func leaves(_ answer: TestAnswer) -> Set<String> {
        func paths(_ value: JSONValue, _ place: String) -> [String] {
            guard case .object(let object) = value else { return ["\(place)=\(value.text)"] }
            return object.members.flatMap { paths($0.value, "\(place)/\($0.name)") }
        }
        return Set(
            (answer.json.map { paths($0, "") } ?? []).filter {
                !$0.hasPrefix("/meta") && !$0.hasPrefix("/schemas")
            }
        )
    }

    @Test("Filters, orders and projections tell them apart")
    func queries() async throws {
        let client = try await Self.client()
        for (index, name) in ["ann", "bob", "cem"].enumerated() {
            #expect(try await Self.create(client, name, 9 - index).status == 201)
        }
        for (filter, names) in [
            (#"title eq "boss""#, []), (#"\#(Self.first):title eq "Boss""#, ["ann", "bob", "cem"]),
            (#"\#(Self.first):title eq "boss""#, []), ("\(Self.first):userName eq 8", ["bob"]),
            (#"userName eq "bob""#, ["bob"]), ("\(Self.first).userName lt 8", ["cem"]),
            (#"\#(Self.first):emails.value eq "cem@x""#, ["cem"]), (#"emails.value eq "cem@x""#, []),
            (#"\#(Self.first):emails[value eq "cem@x"]"#, ["cem"]),
            (#"site eq "s" and userName sw "b""#, ["bob"]),
            (#"\#(Self.second):site pr"#, []),
            (#"\#(Self.first):members eq "m" and userName eq "ann""#, ["ann"]),
            (#"department eq "d" and \#(Self.first):department eq true and userName eq "ann""#, ["ann"]),
        ] as [(String, [String])] {
            let query = filter.replacing(" ", with: "%20").replacing("\"", with: "%22")
            let found = try await client.send(.get, "/Users?filter=\(query)")
            #expect(found.texts("Resources", "userName") == names, "\(filter)")
        }
        let secret = try await client.send(.get, "/Users?filter=\(Self.first):groups%20pr")
        #expect(secret.value("scimType") == .string("invalidFilter"))
        for (key, names) in [
            ("userName", ["ann", "bob", "cem"]), ("\(Self.first):userName", ["cem", "bob", "ann"]),
        ] {
            let found = try await client.send(.get, "/Users?sortBy=\(key)")
            #expect(found.texts("Resources", "userName") == names)
        }
        let some = try await client.send(.get, "/Users?attributes=\(Self.first):title&count=1")
        #expect(some.value("Resources", "0", "title") == nil)
        #expect(some.value("Resources", "0", Self.first) == .object(["title": "Boss"]))
        let without = try await client.send(.get, "/Users?excludedAttributes=title,userName&count=1")
        #expect(without.value("Resources", "0", "title") == nil)
        #expect(without.value("Resources", "0", Self.first, "title") == .string("Boss"))
        let core = try await client.send(.get, "/Users?excludedAttributes=\(Self.first):title&count=1")
        #expect(core.value("Resources", "0", "title") == .string("Guide"))
        #expect(core.value("Resources", "0", Self.first, "title") == nil)
    }

    @Test(
        "An export brings them back as they were, /Schemas and the pages show both, and a user without them is found"
    )
    func transfer() async throws {
        let client = try await Self.client()
        for (index, name) in ["ann", "bob"].enumerated() { _ = try await Self.create(client, name, index) }
        _ = try await client.createUser("cem")
        let service = client.service
        let source = try service.administration.transfer("acme", by: .system, in: service.directory)
        let page = try source.export(from: nil)
        let other = try await service.client("other")
        for urn in [Self.first, Self.second] {
            _ = try await service.administration.addSchemas(
                JSONValue(parsing: Array(Self.schema(urn).utf8)),
                extending: "User",
                tenant: "other",
                by: .system
            )
        }
        let target = try service.administration.transfer("other", by: .system, in: service.directory)
        let lines = try page.lines.enumerated().map {
            ExportedLine(number: $0.offset, value: try JSONValue(parsing: $0.element))
        }
        let report = try await target.importResources(lines, options: ImportOptions())
        #expect(report.created == 3)
        #expect(try target.export(from: nil).lines == page.lines)
        let found = try await other.send(.get, "/Users?filter=\(Self.first):userName%20eq%201")
        #expect(found.texts("Resources", "userName") == ["bob"])
        #expect(try service.findings() == [])
        for urn in [Schema.user.id, Self.first, Self.second] {
            let names = try await client.send(.get, "/Schemas/\(urn)").texts("attributes", "name")
            #expect(names.filter { $0 == "title" }.count == 1)
        }
        let type = try #require(
            try service.administration.catalog(ofTenant: "acme").resourceType(named: "User")
        )
        let text = ResourceTypePage(type, baseURL: service.publicURL).text
        #expect(text.split(separator: "\n").count { $0.hasPrefix("| `title` ") } == 3)
    }

    @Test(
        "H-03: a URN with a dot for its last colon is understood or refused in every profile, and no value is lost",
        arguments: ProfileName.allCases
    )
    func dottedURN(profile: ProfileName) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let urn = Schema.enterpriseUser.id
        let ann = try await client.createUser("ann")
        _ = try await client.createUser("bob", #","\#(urn)":{"department":"A"}"#)
        _ = try await client.service.administration.set(
            .profile,
            to: profile.rawValue,
            tenant: "acme",
            by: .system
        )
        let isUnderstood = profile.profile.contains(.undefinedAttributes)
        for (operation, path, isKnown) in [
            (#""path":"\#(urn).department","value":"D""#, ["department"], isUnderstood),
            (#""path":"\#(urn).manager.value","value":"m""#, ["manager", "value"], isUnderstood),
            (
                #""value":{"\#(urn).division":"V"}"#, ["division"],
                profile.profile.contains(.pathsAsNames)
            ),
            (
                #""value":{"\#(urn).manager.$ref":"../Users/m"}"#, ["manager", "$ref"],
                profile.profile.contains(.pathsAsNames)
            ),
            (#""path":"\#(urn).manager[value eq \"m\"]","value":{"value":"x"}"#, ["manager"], false),
            (#""value":{"\#(urn).manager[value eq \"m\"]":"x"}"#, ["manager"], false),
        ] {
            let before = try await client.send(.get, "/Users/\(ann)")
            let answer = try await client.patch("/Users/\(ann)", #"{"op":"add",\#(operation)}"#)
            #expect(answer.status == (isKnown ? 200 : 400), "\(operation)")
            let after = try await client.send(.get, "/Users/\(ann)")
            if isKnown { #expect(after.value(at: [urn] + path) != nil, "\(operation)") }
            #expect((after.json == before.json) != isKnown, "\(operation)")
        }
        let found = try await client.send(.get, "/Users?filter=\(urn).department%20eq%20%22D%22")
        #expect(found.integer("totalResults") == (isUnderstood ? 1 : nil))
        #expect(found.status == (isUnderstood ? 200 : 400))
        guard isUnderstood else { return }
        let sorted = try await client.send(
            .get,
            "/Users?sortBy=\(urn).department&attributes=\(urn).department"
        )
        #expect(sorted.value("Resources", "0", urn) == .object(["department": "A"]))
        #expect(sorted.value("Resources", "1", urn) == .object(["department": "D"]))
    }

    @Test("A group's extension may have members that are never answered, and the group's own are")
    func membersOfExtension() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let schema =
            #"{"id":"urn:x-a:Team","attributes":[{"name":"members","returned":"never"},{"name":"note"}]}"#
        _ = try await client.service.administration.addSchemas(
            JSONValue(parsing: Array(schema.utf8)),
            extending: "Group",
            tenant: "acme",
            by: .system
        )
        let ann = try await client.createUser("ann")
        let group = try await client.createGroup("Staff", members: [ann])
        let change =
            #"{"op":"add","path":"urn:x-a:Team:members","value":"hidden"},{"op":"add","path":"urn:x-a:Team:note","value":"n"}"#
        #expect(try await client.patch("/Groups/\(group)", change).status == 200)
        let read = try await client.send(.get, "/Groups/\(group)")
        #expect(read.texts("members") == [ann])
        #expect(read.value("urn:x-a:Team") == .object(["note": "n"]))
        #expect(
            try await client.patch("/Groups/\(group)", #"{"op":"remove","path":"members"}"#).status == 200
        )
        #expect(try await client.send(.get, "/Groups/\(group)").texts("members").isEmpty)
    }
}
