import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Personal attributes in URLs")
struct SensitiveURLTests {
    private static let personal = [
        "/Users?filter=userName%20eq%20%22ann%22", "/Users?filter=emails.value%20co%20%22ann%22",
        "/Users?filter=active%20eq%20true%20and%20not%20(name.familyName%20pr)",
        "/Users?filter=emails%5Btype%20eq%20%22work%22%5D", "/Users?filter=externalId%20eq%20%22x%22",
        "/Users?filter=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber%20pr",
        "/?filter=userName%20eq%20%22ann%22",
    ]
    private static let impersonal = [
        "/Users", "/Users?filter=active%20eq%20true", "/Users?filter=meta.lastModified%20pr",
        "/Users?filter=groups.value%20eq%20%22x%22", "/Groups?filter=displayName%20eq%20%22Staff%22",
        "/Users?attributes=userName",
    ]

    private func client(_ filters: URLFilters) async throws -> TestClient {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        _ = try await client.createUser("ann")
        _ = try await service.administration.set(
            .urlFilters,
            to: filters.rawValue,
            tenant: "acme",
            by: .system
        )
        return client
    }

    @Test("Q-08: off by default: filters on personal attributes are answered")
    func allowed() async throws {
        let client = try await client(.allow)
        for path in Self.personal + Self.impersonal {
            #expect(try await client.send(.get, path).status == 200, "\(path)")
        }
    }

    @Test(
        "Q-08, R-03: where it is on, a GET with a personal attribute in its filter is 403 sensitive",
        arguments: Self.personal
    )
    func refused(path: String) async throws {
        let client = try await client(.refuse)
        for method in [HTTP.Method.get, .head] {
            let answer = try await client.send(method, path)
            #expect(answer.status == 403)
            #expect(answer.value("scimType") == .string("sensitive"))
            #expect(try answer.text("detail").contains(".search"))
        }
        try await client.service.flushAudit()
        let records = try client.service.records().filter { $0["SCIM_REASON"] == "sensitive" }
        #expect(records.first?["SCIM_EVENT"] == "request.rejected")
        for record in records { #expect(!record.values.contains { $0.contains("ann") }) }
    }

    @Test("Q-08: where it is on, other filters are answered", arguments: Self.impersonal)
    func others(path: String) async throws {
        #expect(try await client(.refuse).send(.get, path).status == 200)
    }

    @Test("Q-07, Q-08: where it is on, the same filter is answered by POST /.search")
    func search() async throws {
        let client = try await client(.refuse)
        let body = #"{"schemas":["\#(SearchRequest.schema)"],"filter":"userName eq \"ann\""}"#
        for path in ["/Users/.search", "/.search"] {
            let answer = try await client.send(.post, path, body)
            #expect(answer.status == 200)
            #expect(answer.integer("totalResults") == 1)
        }
    }

    @Test("The setting is recorded once by its name")
    func recorded() async throws {
        let client = try await client(.refuse)
        _ = try await client.service.administration.set(
            .urlFilters,
            to: "refuse",
            tenant: "acme",
            by: .system
        )
        let records = try client.service.records().filter { $0["SCIM_EVENT"] == "tenant.update" }
        #expect(records.map { $0["SCIM_ATTR"] } == ["urlFilters"])
        #expect(records.map { $0["SCIM_SETTING_NEW"] } == ["refuse"])
    }
}
