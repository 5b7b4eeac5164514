import Directory
import Foundation
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@testable import Service

@Suite("Documents for people and programs")
struct DocumentTests {
    private static let description = OpenAPIDescription(
        catalog: .core,
        features: ServiceProviderFeatures(sort: true),
        baseURL: nil
    ).json

    private static let paths = description.object["paths"]?.object ?? [:]

    /// A value inside one of the description's schemas.
    private static func schema(_ path: String...) -> JSONValue? {
        (["components", "schemas"] + path).reduce(Optional(description)) { $0?.object[$1] }
    }

    private func resolve(_ path: String) -> Route? {
        let segments = path.split(separator: "/").map { $0 == "{id}" ? "x" : String($0) }
        return Route(segments[...], kinds: .core)
    }

    @Test("D-06: every case of Route that is offered is described, and with the methods that it answers")
    func routes() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Service/Route.swift")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let cases = lines.prefix { !$0.contains("var methods") }
            .compactMap { $0.firstMatch(of: /^    case ([a-zA-Z]+)/).map { String($0.output.1) } }
        #expect(cases.count > 8)
        var described: Set<String> = []
        for member in Self.paths.members {
            let route = try #require(resolve(member.name), "\(member.name) leads nowhere")
            if case .notOffered = route { continue }
            described.insert(String("\(route)".prefix { $0 != "(" }))
            let verbs = Set(route.methods.map { $0.text.lowercased() }).subtracting(["head"])
            let found = Set(member.value.object.members.map(\.name)).subtracting(["parameters"])
            #expect(found == verbs, "\(member.name)")
        }
        #expect(described == Set(cases).subtracting(["notOffered"]))
        #expect(Self.paths["/Me"] == nil)
    }

    @Test("the pages of members are described where they are offered, and nowhere else")
    func memberPages() {
        for (path, isOffered) in [("/Groups/{id}", true), ("/Users/{id}", false), ("/Groups", false)] {
            let get = Self.paths[path]?.object["get"]?.object
            let text = get.map { JSONValue.object($0).indented } ?? ""
            for name in ["membersCursor", "membersCount", "Members-Next-Cursor"] {
                #expect(text.contains("/\(name)") == isOffered, "\(path) \(name)")
            }
        }
    }

    @Test("Every reference inside the description leads to a component")
    func references() {
        var count = 0
        func look(_ value: JSONValue) {
            switch value {
            case .array(let elements): elements.forEach(look)
            case .object(let object):
                if case .string(let target)? = object["$ref"], target.hasPrefix("#/") {
                    let found = target.split(separator: "/").dropFirst()
                        .reduce(Optional(Self.description)) { $0?.object[String($1)] }
                    #expect(found != nil, "\(target)")
                    count += 1
                }
                for member in object.members { look(member.value) }
            default: break
            }
        }
        look(Self.description)
        #expect(count > 100)
    }

    @Test(
        "D-06, H-02: of a PATCH operation the description demands what the server demands: a value to add, a path to remove"
    )
    func patchOperations() async throws {
        let client = try await TestService(store: MemoryStore(watched: Keys.access, clock: { 1 })).client()
        let id = try await client.createUser("ann")
        let forms = Self.description.object["components"]?.object["schemas"]?.object["Message.PatchOp"]?
            .object["properties"]?.object["Operations"]?.object["items"]?.object["oneOf"]
        guard case .array(let forms)? = forms else {
            Issue.record("The description has no forms of an operation.")
            return
        }
        var kinds: Set<String> = []
        for form in forms {
            guard case .array(let names)? = form.object["properties"]?.object["op"]?.object["enum"],
                case .array(let required)? = form.object["required"]
            else { continue }
            for case .string(let kind) in names {
                kinds.insert(kind)
                for (member, rest) in [("value", #""path":"title""#), ("path", #""value":{"title":"x"}"#)] {
                    let operation = #"{"op":"\#(kind)",\#(rest)}"#
                    let answer = try await client.patch("/Users/\(id)", operation)
                    let isRequired = required.contains(.string(member))
                    #expect(answer.status == (isRequired ? 400 : 200), "\(kind) without \(member)")
                }
            }
        }
        #expect(kinds == ["add", "replace", "remove"])
    }

    @Test(
        "D-06, B-02: of an operation in a bulk request the description demands what the server demands",
        arguments: BulkMethod.allCases
    )
    func bulkOperations(method: BulkMethod) async throws {
        let client = try await TestService(store: MemoryStore(watched: Keys.access, clock: { 1 })).client()
        guard
            case .array(let forms)? = Self.schema(
                "Message.BulkRequest",
                "properties",
                "Operations",
                "items",
                "oneOf"
            ),
            case .array(let required)? = forms.first(where: {
                guard case .array(let names)? = $0.object["properties"]?.object["method"]?.object["enum"]
                else { return false }
                return names.contains(.string(method.rawValue))
            })?.object["required"]
        else {
            Issue.record("The description has no form of \(method).")
            return
        }
        for (index, left) in ["path", "bulkId", "data", "version"].enumerated() {
            let id = try await client.createUser("user\(index)")
            let value = #"{"schemas":["\#(Schema.user.id)"],"userName":"new\#(index)"}"#
            let patch =
                #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[{"op":"add","path":"title","value":"x"}]}"#
            let members = [
                ("path", method == .post ? #""/Users""# : #""/Users/\#(id)""#), ("bulkId", #""a""#),
                ("data", method == .patch ? patch : value), ("version", #""*""#),
            ]
            let rest = members.filter { $0.0 != left }.map { #","\#($0.0)":\#($0.1)"# }.joined()
            let answer = try await client.bulk([#"{"method":"\#(method.rawValue)"\#(rest)}"#])
            let isRefused = answer.value("Operations", "0", "status") == "400"
            #expect(isRefused == required.contains(.string(left)), "\(method) without \(left)")
        }
    }

    @Test(
        "D-06, B-01: the description tells how many operations a bulk request has, and its example is carried out"
    )
    func bulkRequest() async throws {
        let client = try await TestService(store: MemoryStore(watched: Keys.access, clock: { 1 })).client()
        let operation = BulkText.delete("/Users/x")
        let limits = ["minItems", "maxItems"].map {
            Self.schema("Message.BulkRequest", "properties", "Operations", $0)
        }
        #expect(limits == [1, .number(JSONNumber(ServiceProviderFeatures().bulk.operationsMax))])
        #expect(try await client.bulk([]).status == 400)
        #expect(try await client.bulk([operation]).status == 200)

        guard case .array(let examples)? = Self.schema("Message.BulkRequest", "examples"), !examples.isEmpty
        else {
            Issue.record("The description has no example of a bulk request.")
            return
        }
        for example in examples {
            var body: [UInt8] = []
            example.write(to: &body)
            let answer = try await client.send(.post, "/Bulk", String(decoding: body, as: UTF8.self))
            #expect(answer.texts("Operations", "status") == ["201", "201"])
        }
        let groups = try await client.send(.get, "/Groups")
        let users = try await client.send(.get, "/Users")
        #expect(
            groups.value("Resources", "0", "members", "0", "value") == users.value("Resources", "0", "id")
        )
    }

    @Test("E-05, D-06: the example of a user is accepted as it stands, and answered with all it says")
    func example() async throws {
        let client = try await TestService(store: MemoryStore(watched: Keys.access, clock: { 1 })).client()
        let example = ResourceExample(.user, baseURL: "https://scim.example.com/acme/scim/v2").request
        var body: [UInt8] = []
        JSONValue.object(example).write(to: &body)
        let answer = try await client.send(.post, "/Users", String(decoding: body, as: UTF8.self))
        #expect(answer.status == 201)
        for member in example.members where member.name != "password" {
            #expect(answer.value(member.name) == member.value, "\(member.name)")
        }
    }

    @Test("D-06: a page shows every attribute and sub-attribute of its type, and each in a row of its own")
    func pages() {
        for type in SchemaCatalog.core.resourceTypes {
            let text = ResourceTypePage(type, baseURL: "https://scim.example.com/acme/scim/v2").text
            let attributes =
                CommonAttributes.definitions + type.schema.attributes
                + type.extensions.flatMap(\.schema.attributes)
            for attribute in attributes {
                let names = [attribute.name] + attribute.subAttributes.map { "\(attribute.name).\($0.name)" }
                for name in names {
                    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `\(name)` |") }
                    #expect(rows.count == 1, "\(type.name): \(name)")
                    #expect(rows.allSatisfy { $0.count { $0 == "|" } == 10 })
                }
            }
        }
    }

    @Test("Text of a tenant's own schemas neither ends a cell nor begins markup")
    func foreignText() {
        let schema = Schema(
            id: "urn:example:Odd",
            name: "Odd",
            description: "a | b\nc <script>",
            attributes: [AttributeDefinition("odd", description: "x | y `z`\n<b>", canonicalValues: ["|"])]
        )
        let type = ResourceType(
            name: "Odd",
            endpoint: "/Odds",
            description: "",
            schema: schema,
            extensions: []
        )
        let text = ResourceTypePage(type, baseURL: "https://scim.example.com/acme/scim/v2").text
        #expect(text.contains(#"| `\|` | x \| y \`z\` \<b> |"#))
    }

    @Test("R-01: a message that the listener refuses is answered with a request id, as every other is")
    func rejection() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let response = service.pipeline.response(
            to: .requestLineTooLong,
            from: Peer(address: nil, isSecure: true)
        )
        #expect(response[FieldName("Request-Id")]?.isEmpty == false)
    }
}
