import HTTP
import SCIM
import TestSupport

/// Requests that ask for much within the limits, of every kind.
struct WorstInputs {
    struct Input {
        let name: String
        let method: Method
        let path: String
        let body: String
    }

    private var generator: SeededGenerator
    /// A user with many e-mails, one with e-mails beyond ASCII, one with a long text, one in many groups.
    private var many = ""
    private var unicode = ""
    private var long = ""
    private var joined = ""
    private var group = ""

    #if DEBUG
    private static let (valueCount, groupCount) = (300, 1_200)
    #else
    private static let (valueCount, groupCount) = (1_000, 10_000)
    #endif

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func prepare(_ client: TestClient) async throws {
        many = try await client.createUser(
            "many",
            ",\"emails\":[\(Self.emails(Self.valueCount) { "mail\($0)@x.y" })]"
        )
        unicode = try await client.createUser(
            "unicode",
            ",\"emails\":[\(Self.emails(Self.valueCount / 3) { "\(String(repeating: "ж", count: 20))\($0)" })]"
        )
        long = try await client.createUser("long", ",\"title\":\"\(String(repeating: "aB", count: 32_000))\"")
        joined = try await client.createUser("joined")
        group = try await client.createGroup("all", members: [many, unicode, long, joined])
        for number in 0..<Self.groupCount / 400 {
            let operations = (0..<400).map { index in
                """
                {"method":"POST","path":"/Groups","bulkId":"\(index)","data":{"schemas":["\(Schema.group.id)"],\
                "displayName":"g\(number).\(index)","members":[{"value":"\(joined)"}]}}
                """
            }
            _ = try await client.send(.post, "/Bulk", Self.bulk(operations))
        }
    }

    mutating func all() -> [Input] {
        patches() + changes() + queries() + bulks()
    }

    static func request(
        _ method: Method,
        _ path: String,
        _ body: String,
        _ client: TestClient
    ) throws -> Request {
        Request(
            method: method,
            target: try Target("/\(client.tenant)/scim/v2\(path)"),
            fields: Fields([(.authorization, "Bearer \(client.token ?? "")")]),
            body: Array(body.utf8),
            peer: Peer(address: "192.0.2.1", isSecure: true)
        )
    }

    // MARK: - Kinds

    private mutating func patches() -> [Input] {
        let count = Int.random(in: 20...100, using: &generator)
        var inputs: [Input] = []
        for (name, id) in [("many", many), ("unicode", unicode), ("long", long)] {
            let filtered = (0..<count).map { number in
                Self.operation(
                    "replace",
                    "\(selection(generator.pick([1, 20, 150]))).display",
                    "\"v\(number)\""
                )
            }
            inputs.append(
                Input(
                    name: "PATCH by filter, \(name)",
                    method: .patch,
                    path: "/Users/\(id)",
                    body: Self.patch(filtered)
                )
            )
            let added = (0..<count).map { number in
                Self.operation("add", "emails", "[{\"value\":\"n\(number)\",\"type\":\"t\(number)\"}]")
            }
            inputs.append(
                Input(
                    name: "PATCH that adds, \(name)",
                    method: .patch,
                    path: "/Users/\(id)",
                    body: Self.patch(added)
                )
            )
            let named = (0..<200).map { "{\"display\":\"e\($0)\"}" }.joined(separator: ",")
            let removed = (0..<5).map { _ in Self.operation("remove", "emails", "[\(named)]") }
            inputs.append(
                Input(
                    name: "PATCH that removes, \(name)",
                    method: .patch,
                    path: "/Users/\(id)",
                    body: Self.patch(removed)
                )
            )
        }
        let names = (0..<150).map { "\"emails[type eq \\\"t\($0)\\\"].value\":\"a\($0)\"" }.joined(
            separator: ","
        )
        let pathless = "{\"op\":\"add\",\"value\":{\(names)}}"
        inputs.append(
            Input(
                name: "PATCH without path",
                method: .patch,
                path: "/Users/\(many)",
                body: Self.patch([pathless])
            )
        )
        let members = Self.operation("remove", "members[\(terms("display", 200))]", nil)
        inputs.append(
            Input(
                name: "PATCH of members by filter",
                method: .patch,
                path: "/Groups/\(group)",
                body: Self.patch([members])
            )
        )
        let title = Self.operation("replace", "title", "\"x\"")
        inputs.append(
            Input(
                name: "PATCH of who is in many groups",
                method: .patch,
                path: "/Users/\(joined)",
                body: Self.patch([title])
            )
        )
        return inputs
    }

    private mutating func changes() -> [Input] {
        let emails = Self.emails(Self.valueCount) { "other\($0)" }
        let body = "{\"schemas\":[\"\(Schema.user.id)\"],\"userName\":\"many\",\"emails\":[\(emails)]}"
        let qualified = (0..<150).map { "\"emails[type eq \\\"t\($0)\\\"].value\":\"a\($0)\"" }.joined(
            separator: ","
        )
        let unknown = (0..<20_000).map { "\"a\($0)\":[\($0)]" }.joined(separator: ",")
        let nobody = (0..<10_000).map { "{\"value\":\"\(String($0, radix: 16))\"}" }.joined(separator: ",")
        return [
            Input(name: "PUT of many values", method: .put, path: "/Users/\(many)", body: body),
            Input(
                name: "POST with paths as names",
                method: .post,
                path: "/Users",
                body: "{\"userName\":\"q\",\(qualified)}"
            ),
            Input(
                name: "POST of unknown names",
                method: .post,
                path: "/Users",
                body: "{\"userName\":\"u\",\(unknown)}"
            ),
            Input(
                name: "POST of deep arrays",
                method: .post,
                path: "/Users",
                body: "{\"a\":[\(String(repeating: "[],", count: 100_000))[]]}"
            ),
            Input(
                name: "POST of nobody",
                method: .post,
                path: "/Groups",
                body: "{\"displayName\":\"n\",\"members\":[\(nobody)]}"
            ),
            Input(
                name: "PUT of who is in many groups",
                method: .put,
                path: "/Users/\(joined)",
                body: "{\"userName\":\"joined\",\"title\":\"y\"}"
            ),
        ]
    }

    private mutating func queries() -> [Input] {
        let count = Int.random(in: 100...180, using: &generator)
        let filters = [
            selection(count), terms("title", count), terms("emails.value", count / 2),
            terms("groups.display", 20),
            "not (\(terms("title", 20))) and userName sw \\\"m\\\"",
        ]
        var inputs = filters.map { filter in
            Input(
                name: "search \(filter.prefix(30))",
                method: .post,
                path: "/Users/.search",
                body: Self.search(filter)
            )
        }
        inputs.append(
            Input(
                name: "members",
                method: .post,
                path: "/Groups/.search",
                body: Self.search(terms("members.display", 100))
            )
        )
        inputs.append(
            Input(name: "read of who is in many groups", method: .get, path: "/Users/\(joined)", body: "")
        )
        inputs.append(
            Input(name: "list", method: .get, path: "/Users?count=1000&attributes=emails.value", body: "")
        )
        inputs.append(
            Input(name: "sorted list", method: .get, path: "/Users?sortBy=title&count=1000", body: "")
        )
        inputs.append(Input(name: "everything", method: .get, path: "/?count=1000", body: ""))
        let names = (0..<3_000).map { "x\($0)" }.joined(separator: ",")
        inputs.append(Input(name: "attributes", method: .get, path: "/Users?attributes=\(names)", body: ""))
        return inputs
    }

    private mutating func bulks() -> [Input] {
        let small = (0..<500).map { number in
            "{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"b\(number)\",\"data\":{\"userName\":\"bulk\(number)\"}}"
        }
        let operation = Self.operation("replace", "\(selection(150)).display", "\"w\"")
        let large = (0..<10).map { _ in
            "{\"method\":\"PATCH\",\"path\":\"/Users/\(many)\",\"data\":\(Self.patch([operation, operation, operation]))}"
        }
        return [
            Input(name: "bulk of many", method: .post, path: "/Bulk", body: Self.bulk(small)),
            Input(name: "bulk of large ones", method: .post, path: "/Bulk", body: Self.bulk(large)),
        ]
    }

    // MARK: - Parts

    /// A filter that looks at all of many values, and selects one of them by its last term.
    private mutating func selection(_ count: Int) -> String {
        "emails[\(terms("value", count)) or type eq \\\"t\(Int.random(in: 0..<90, using: &generator))\\\"]"
    }

    private mutating func terms(_ attribute: String, _ count: Int) -> String {
        let word = generator.pick(["co", "sw", "ew", "eq"])
        let text = generator.pick(["zz", "a", "aBaBaBa", "жж"])
        var terms: [String] = []
        var length = 0
        for number in 0..<count {
            let term = "\(attribute) \(word) \\\"\(text)\(number)\\\""
            length += term.utf8.count + 4
            guard length < FilterLimits.bytesMax - 200 else { break }
            terms.append(term)
        }
        return terms.joined(separator: " or ")
    }

    private static func emails(_ count: Int, _ value: (Int) -> String) -> String {
        (0..<count).map { "{\"value\":\"\(value($0))\",\"type\":\"t\($0)\"}" }.joined(separator: ",")
    }

    private static func operation(_ op: String, _ path: String, _ value: String?) -> String {
        "{\"op\":\"\(op)\",\"path\":\"\(path)\"\(value.map { ",\"value\":\($0)" } ?? "")}"
    }

    private static func patch(_ operations: [String]) -> String {
        "{\"schemas\":[\"\(PatchRequest.schema)\"],\"Operations\":[\(operations.joined(separator: ","))]}"
    }

    private static func search(_ filter: String) -> String {
        "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:SearchRequest\"],\"filter\":\"\(filter)\"}"
    }

    private static func bulk(_ operations: [String]) -> String {
        "{\"schemas\":[\"\(BulkRequest.schema)\"],\"Operations\":[\(operations.joined(separator: ","))]}"
    }
}
