import Directory
import Foundation
import HTTP
import JSON
import SCIM
import Storage
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
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
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

    @Test("E-05, D-06: the example of a user is accepted as it stands, and answered with all it says")
    func example() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
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
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let response = service.pipeline.response(
            to: .requestLineTooLong,
            from: Peer(address: nil, isSecure: true)
        )
        #expect(response[FieldName("Request-Id")]?.isEmpty == false)
    }
}
