import Audit
import Directory
import HTTP
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Authentication")
struct AuthenticatorTests {
    @Test(
        "T-02, clients 1.1: a token is accepted with Bearer in any case, and bare as header-auth clients send it"
    )
    func accepted() async throws {
        let client = try await TestService(store: MemoryStore(watched: Keys.access, clock: { 1 })).client()
        let token = try #require(client.token)
        for value in ["Bearer \(token)", "bearer \(token)", "BEARER   \(token)", token] {
            let answer = try await client.send(.get, "/Users", fields: [(.authorization, value)])
            #expect(answer.status == 200, "\(value.prefix(8))")
        }
    }

    @Test("T-02, T-07: everything else is answered 401 with a challenge, always in the same words")
    func refused() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let foreign = try await service.client("beta")
        let token = try #require(client.token)
        let last = token.last == "0" ? "1" : "0"
        let unknownID = token.replacing(
            "pharos_scim_\(token.dropFirst(12).prefix(12))",
            with: "pharos_scim_000000000000"
        )
        var bodies: Set<[UInt8]> = []
        for value in [
            "", "Bearer", "Bearer ", "Basic YTpi", "Bearer nonsense", "Bearer \(token)x",
            "Bearer \(token.dropLast())",
            "Bearer \(token.dropLast())\(last)", "Bearer \(token.uppercased())", "Bearer \(unknownID)",
            "Bearer\(token)",
            "Bearer \(foreign.token ?? "")",
        ] {
            let answer = try await client.send(.get, "/Users", fields: [(.authorization, value)])
            #expect(answer.status == 401, "\(value.prefix(12))")
            #expect(answer.response[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
            bodies.insert(answer.response.body)
        }
        var anonymous = client
        anonymous.token = nil
        bodies.insert(try await anonymous.send(.get, "/Users").response.body)
        var nobody = TestClient(service: service, tenant: "gamma", token: token)
        bodies.insert(try await nobody.send(.get, "/Users").response.body)
        nobody.token = nil
        bodies.insert(try await nobody.send(.get, "/Users").response.body)
        #expect(bodies.count == 1)
    }

    @Test("T-03, M-01: clients of a tenant that is not enabled get 403, whoever they are")
    func disabled() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        _ = try await service.administration.setSCIM(enabled: false, tenant: "acme", by: .system)
        #expect(try await client.send(.get, "/Users").status == 403)
        #expect(try await client.send(.get, "/Users", fields: [(.authorization, "x")]).status == 401)
        _ = try await service.administration.setSCIM(enabled: true, tenant: "acme", by: .system)
        #expect(try await client.send(.get, "/Users").status == 200)
    }
}
