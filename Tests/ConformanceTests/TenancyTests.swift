import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Tenants apart from each other")
struct TenancyTests {
    private struct Two {
        let service: TestService
        let acme: TestClient
        let globex: TestClient
        let user: String
        let group: String

        init() async throws {
            service = TestService(store: MemoryStore(clock: { 1 }))
            acme = try await service.client("acme")
            globex = try await service.client("globex")
            user = try await globex.createUser("ann@example.com", #","externalId":"x1""#)
            group = try await globex.createGroup("Staff", members: [user])
        }
    }

    private static let absent = "0190a000-0000-7000-8000-000000000000"

    /// Everything of an answer but the field that numbers requests.
    private static func bytes(_ answer: TestAnswer) -> [String] {
        let response = answer.response
        let fields = response.fields.filter { $0.0 != FieldName("Request-Id") }
        return [
            "\(response.status.code)", response.contentType ?? "-",
            String(decoding: response.body, as: UTF8.self),
        ]
            + fields.map { "\($0.0.text): \($0.1)" }
    }

    @Test(
        "M-03, Q-01: another tenant's id is answered byte for byte like one that never was, by every method"
    )
    func foreignID() async throws {
        let two = try await Two()
        let user = #"{"schemas":["\#(Schema.user.id)"],"userName":"x"}"#
        let group = #"{"schemas":["\#(Schema.group.id)"],"displayName":"x"}"#
        let patch =
            #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[{"op":"add","path":"externalId","value":"x"}]}"#
        let before = try two.service.log().count
        for (path, id, body) in [("/Users/", two.user, user), ("/Groups/", two.group, group)] {
            for fields in [[], [(FieldName.ifMatch, "*")], [(FieldName.ifNoneMatch, "*")]] {
                for (method, body) in [
                    (Method.get, nil), (.head, nil), (.put, body), (.patch, patch), (.delete, nil),
                    (.put, "{"), (.patch, "{}"), (.post, "{}"),
                ] as [(Method, String?)] {
                    let foreign = try await two.acme.send(method, path + id, body, fields: fields)
                    let absent = try await two.acme.send(method, path + Self.absent, body, fields: fields)
                    #expect(Self.bytes(foreign) == Self.bytes(absent), "\(method.text) \(path)")
                    #expect([400, 404, 405].contains(foreign.status))
                }
            }
        }
        for query in [
            "userName eq \"ann@example.com\"", "externalId eq \"x1\"", "id eq \"\(two.user)\"", "userName pr",
        ] {
            let filter = query.replacing(" ", with: "%20").replacing("\"", with: "%22")
            let answer = try await two.acme.send(.get, "/Users?filter=\(filter)")
            #expect(answer.integer("totalResults") == 0, "\(query)")
        }
        #expect(try await two.globex.send(.get, "/Users/\(two.user)").status == 200)
        #expect(try await two.globex.send(.get, "/Groups/\(two.group)").texts("members") == [two.user])
        #expect(try two.service.log().count >= before)
    }

    @Test("M-03: a member of another tenant is refused byte for byte like one that never was, but for its id")
    func foreignMember() async throws {
        let two = try await Two()
        let mine = try await two.acme.createGroup("Mine")
        for kind in ["add", "replace"] {
            var answers: [[String]] = []
            for id in [two.user, Self.absent] {
                let answer = try await two.acme.patch(
                    "/Groups/\(mine)",
                    #"{"op":"\#(kind)","path":"members","value":[{"value":"\#(id)"}]}"#
                )
                #expect(answer.status == 400)
                // Each refusal names the id that its request names, and tells nothing else.
                #expect(try answer.text("detail").contains(id))
                answers.append(Self.bytes(answer).map { $0.replacing(id, with: "") })
            }
            #expect(answers[0] == answers[1])
        }
        #expect(
            try await two.acme.patch(
                "/Groups/\(mine)",
                #"{"op":"remove","path":"members[value eq \"\#(two.user)\"]"}"#
            )
            .status == 200
        )
        #expect(try await two.globex.send(.get, "/Groups/\(two.group)").texts("members") == [two.user])
    }

    @Test(
        "M-02, C-03, A-12, A-21: names and external ids are unique in a tenant, not between tenants; counts are its own"
    )
    func sameNames() async throws {
        let two = try await Two()
        let user = try await two.acme.createUser("ANN@example.com", #","externalId":"x1""#)
        #expect(user != two.user)
        _ = try await two.acme.createGroup("Staff")
        #expect(try await two.acme.send(.get, "/Users").texts("Resources", "id") == [user])
        #expect(try await two.acme.send(.delete, "/Users/\(user)").status == 204)
        #expect(try await two.acme.send(.get, "/Users?count=0").integer("totalResults") == 0)
        #expect(try await two.globex.send(.get, "/Users?count=0").integer("totalResults") == 1)
    }

    @Test(
        "M-03: counts, pages, conflicts and absences of a tenant read the same byte for byte, whatever other tenants hold",
        arguments: ["/Users", "/Groups"]
    )
    func noSignal(endpoint: String) async throws {
        func answers(isOtherFull: Bool) async throws -> [[String]] {
            let service = TestService(store: MemoryStore(clock: { 1 }))
            let acme = try await service.client("acme")
            let globex = try await service.client("globex")
            if isOtherFull {
                for number in 0..<5 {
                    let user = try await globex.createUser("user \(number)", #","externalId":"x1""#)
                    _ = try await globex.createGroup("Group \(number)", members: [user])
                }
            }
            var answers: [[String]] = []
            for query in [
                "", "?count=0", "?startIndex=3", "?filter=id%20pr", "?filter=externalId%20eq%20%22x1%22",
                "?filter=userName%20eq%20%22user%201%22%20or%20displayName%20eq%20%22Group%201%22",
                "/\(Self.absent)",
            ] { answers.append(Self.bytes(try await acme.send(.get, endpoint + query))) }
            let name = endpoint == "/Users" ? "userName" : "displayName"
            let schema = endpoint == "/Users" ? Schema.user.id : Schema.group.id
            for value in ["user 1", "Group 1"] {
                let body = #"{"schemas":["\#(schema)"],"\#(name)":"\#(value)"}"#
                answers.append(["\(try await acme.send(.post, endpoint, body).status)"])
                let patch = #"{"op":"replace","path":"\#(name)","value":"\#(value)"}"#
                answers.append(Self.bytes(try await acme.patch("\(endpoint)/\(Self.absent)", patch)))
            }
            answers.append([
                "\(try await acme.send(.get, endpoint + "?count=0").integer("totalResults") ?? -1)"
            ])
            return answers
        }
        let alone = try await answers(isOtherFull: false)
        #expect(try await answers(isOtherFull: true) == alone)
        #expect(alone.contains(["201"]) && alone.last == ["2"])
    }

    @Test(
        "M-01, T-02, T-03: the token and the URL must agree; foreign, unknown and no token are answered alike"
    )
    func credentials() async throws {
        let two = try await Two()
        let good = try #require(two.acme.token)
        var wrong = good
        wrong.replaceSubrange(wrong.index(before: wrong.endIndex)..., with: wrong.hasSuffix("a") ? "b" : "a")
        var answers: [[String]] = []
        for (tenant, value) in [
            ("acme", nil), ("acme", ""), ("acme", "Bearer"), ("acme", "Bearer "), ("acme", "Bearer nonsense"),
            ("acme", "Basic YTpi"), ("acme", "Bearer \(wrong)"), ("globex", "Bearer \(good)"),
            ("initech", "Bearer \(good)"), ("ACME", "Bearer \(good)"), ("acme", "Bearer \(good) \(good)"),
        ] as [(String, String?)] {
            let client = TestClient(service: two.service, tenant: tenant, token: nil)
            let fields = value.map { [(FieldName.authorization, $0)] } ?? []
            let answer = try await client.send(.get, "/Users", fields: fields)
            #expect(answer.status == 401, "\(tenant) \(value ?? "-")")
            #expect(answer.response[.wwwAuthenticate] != nil)
            answers.append(Self.bytes(answer))
        }
        #expect(Set(answers).count == 1)
        for value in ["Bearer \(good)", "bearer \(good)", "BEARER  \(good)", good] {
            let answer = try await two.acme.send(.get, "/Users", fields: [(.authorization, value)])
            #expect(answer.status == 200)
        }
    }

    @Test("T-03, T-05: a token serves its year; expired, revoked and suspended it serves no longer")
    func lifetime() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        service.clock.advance(days: 364)
        #expect(try await client.send(.get, "/Users").status == 200)
        _ = try await service.administration.setSCIM(enabled: false, tenant: "acme", by: .system)
        #expect(try await client.send(.get, "/Users").status == 403)
        #expect(try await client.send(.get, "/Users", fields: [(.authorization, "Bearer x")]).status == 401)
        _ = try await service.administration.setSCIM(enabled: true, tenant: "acme", by: .system)
        #expect(try await client.send(.get, "/Users").status == 200)
        service.clock.advance(days: 1)
        #expect(try await client.send(.get, "/Users").status == 401)
        let other = try await service.client("globex")
        let id = try #require(try service.administration.tokens(of: "globex").first?.id)
        _ = try await service.administration.revokeToken(id, tenant: "globex", by: .system)
        #expect(try await other.send(.get, "/Users").status == 401)
    }
}
