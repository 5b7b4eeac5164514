import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Large groups and large requests")
struct LargeRequestTests {
    private func setUp(_ users: Int) async throws -> (client: TestClient, users: [String]) {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        var ids: [String] = []
        for number in 0..<users { ids.append(try await client.createUser("user\(number)")) }
        return (client, ids)
    }

    private func elements(_ ids: some Sequence<String>) -> String {
        "[" + ids.map { #"{"value":"\#($0)"}"# }.joined(separator: ",") + "]"
    }

    @Test(
        "H-15, H-08: 1,000 members pass in one operation, 256 in as many; each of them is listed, none twice"
    )
    func manyMembers() async throws {
        let (client, users) = try await setUp(1_000)
        let group = try await client.createGroup("Everybody")
        let single = users[..<256].map {
            #"{"op":"add","path":"members","value":[{"value":"\#($0)","display":"x"}]}"#
        }
        let first = try await client.patch("/Groups/\(group)", single.joined(separator: ","))
        #expect(first.status == 204)
        let all = try await client.patch(
            "/Groups/\(group)",
            #"{"op":"add","path":"members","value":\#(elements(users))}"#
        )
        #expect(all.status == 204)
        #expect(try await client.send(.get, "/Groups/\(group)").texts("members") == users)
        let asked = try await client.patch(
            "/Groups/\(group)?attributes=members.value",
            #"{"op":"remove","path":"members","value":\#(elements(users[500...]))}"#
        )
        #expect(asked.status == 200)
        #expect(asked.texts("members") == Array(users[..<500]))
        let filter = users[..<5].map { #"value eq \"\#($0)\""# }.joined(separator: " or ")
        #expect(
            try await client.patch("/Groups/\(group)", #"{"op":"remove","path":"members[\#(filter)]"}"#)
                .status
                == 204
        )
        #expect(try await client.send(.get, "/Groups/\(group)").texts("members") == Array(users[5..<500]))
        let emptied = try await client.patch(
            "/Groups/\(group)",
            #"{"op":"replace","path":"members","value":[]}"#
        )
        #expect(emptied.status == 200)
        #expect(emptied.value("members") == nil)
        #expect(try await client.send(.get, "/Users/\(users[7])").value("groups") == nil)
    }

    @Test(
        "H-15: the members that a request names have no number of their own as a limit",
        arguments: [ProfileName.default, .entra]
    )
    func membersInOneRequest(profile: ProfileName) async throws {
        let (client, users) = try await setUp(20)
        let group = try await client.createGroup("Everybody")
        _ = try await client.service.administration.set(
            .profile,
            to: profile.rawValue,
            tenant: "acme",
            by: .system
        )
        // Most of them are nobody's, since fifteen thousand users would take long.
        let nobody = (10_000..<25_000).map { "0190a000-0000-7000-8000-0000000\($0)" }
        let members = elements(users + nobody)
        let body = #"{"schemas":["\#(Schema.group.id)"],"displayName":"Everybody","members":\#(members)}"#
        let answers = [
            try await client.send(.put, "/Groups/\(group)", body),
            try await client.patch(
                "/Groups/\(group)?attributes=members",
                #"{"op":"add","path":"members","value":\#(members)}"#
            ),
        ]
        for answer in answers {
            if profile == .entra {
                #expect(answer.status == 200)
                #expect(answer.texts("members") == users)
            } else {
                #expect(answer.status == 400)
                #expect(try answer.text("detail").hasSuffix("\(nobody[49]) and 14950 more."))
            }
        }
    }

    @Test("H-15, R-01: one operation more than the limit is refused with the limit in the detail")
    func tooManyOperations() async throws {
        let (client, users) = try await setUp(1)
        let operation = #"{"op":"replace","path":"title","value":"x"}"#
        func patch(_ count: Int) async throws -> TestAnswer {
            try await client.patch(
                "/Users/\(users[0])",
                Array(repeating: operation, count: count).joined(separator: ",")
            )
        }
        #expect(try await patch(PatchLimits.operationsMax).status == 200)
        let refused = try await patch(PatchLimits.operationsMax + 1)
        #expect(AnswerFaults(refused, error: "invalidValue").sentences == [])
        #expect(refused.status == 400)
        #expect(try refused.text("detail").contains("\(PatchLimits.operationsMax)"))
    }

    @Test("Q-05, P-02, D-06: a list is never too large: the published maximum bounds its page, silently")
    func pageMaximum() async throws {
        let service = TestService(
            store: MemoryStore(clock: { 1 }),
            features: ServiceProviderFeatures(defaultPageSize: 3, maxPageSize: 5)
        )
        let client = try await service.client()
        for number in 0..<8 { _ = try await client.createUser("user\(number)") }
        let config = try await client.send(.get, "/ServiceProviderConfig")
        #expect(config.value("filter", "maxResults") == .number(JSONNumber(5)))
        #expect(config.value("pagination", "defaultPageSize") == .number(JSONNumber(3)))
        #expect(config.value("pagination", "maxPageSize") == .number(JSONNumber(5)))
        for (query, items) in [
            ("", 3), ("?count=5", 5), ("?count=100", 5), ("?count=100&filter=userName%20pr", 5),
        ] {
            let page = try await client.send(.get, "/Users\(query)")
            #expect(page.integer("itemsPerPage") == items)
            #expect(page.integer("totalResults") == 8)
        }
    }

    @Test(
        "F-14, C-05, R-01: what is nested too deeply or too long is refused, and the answer repeats nothing of it",
        arguments: [
            (#"{"schemas":["USER"],"userName":\#(String(repeating: "[", count: 100_000))"#, "invalidSyntax"),
            (
                #"{"schemas":["USER"],"userName":"\#(String(repeating: "canary", count: 200))"}"#,
                "invalidValue"
            ),
            (
                #"{"schemas":["USER"],"userName":"x","title":"\#(String(repeating: "canary", count: 11_000))"}"#,
                "invalidValue"
            ),
            (
                #"{"schemas":["USER"],"userName":"x","emails":[\#((0..<1_001).map { #"{"value":"canary\#($0)"}"# }.joined(separator: ","))]}"#,
                "invalidValue"
            ),
        ]
    )
    func tooLarge(body: String, keyword: String) async throws {
        let (client, _) = try await setUp(0)
        let answer = try await client.send(.post, "/Users", body.replacing("USER", with: Schema.user.id))
        #expect(answer.status == 400)
        #expect(AnswerFaults(answer, error: keyword).sentences == [])
        #expect(!(try answer.text("detail")).contains("canary"))
        let filter =
            String(repeating: "(", count: 3_000) + "title%20pr" + String(repeating: ")", count: 3_000)
        let query = try await client.send(.get, "/Users?filter=\(filter)")
        #expect(query.status == 400)
        #expect(AnswerFaults(query, error: "invalidFilter").sentences == [])
    }
}
