import Audit
import HTTP
import Locking
import Storage
import TestSupport
import Testing

@testable import Tenancy

@Suite("A token in another's place")
struct TokenRegeneratingTests {
    @Test(
        "Two tokens are good at a time: of several old ones, that which was used last stays for the overlap"
    )
    func twoAtATime() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let administration = service.administration
        var clients = [try await service.client()]
        func regenerate(_ used: Int?) async throws {
            service.clock.advance(seconds: 1)
            let uses = try used.map { index in
                let token = try administration.tokens(of: "acme")[index]
                return [TokenUse(tokenID: token.id, first: token.created, time: token.created, client: nil)]
            }
            var client = clients[0]
            client.token = try await administration.regenerateToken(
                tenant: "acme",
                overlapSeconds: 86_400,
                uses: uses ?? [],
                by: .admin(AuditSlug("root"))
            ).text
            clients.append(client)
        }
        func statuses() async throws -> [Int] {
            var statuses: [Int] = []
            for client in clients { statuses.append(try await client.send(.get, "/Users").status) }
            return statuses
        }
        try await regenerate(nil)
        #expect(try await statuses() == [200, 200])
        // The second was never given to anybody: the first is still the client's.
        try await regenerate(0)
        #expect(try await statuses() == [200, 401, 200])
        // Nobody has used any: the newest stays.
        try await regenerate(nil)
        #expect(try await statuses() == [401, 401, 200, 200])
        #expect(
            try administration.standings(of: "acme").map(\.state) == [
                .revoked, .revoked, .overlapping, .live,
            ]
        )
        let ends = try service.records().filter { $0["SCIM_EVENT"] == "token.revoke" }
        let ids = try administration.tokens(of: "acme").map { "tok_\($0.id)" }
        #expect(ends.map { $0["SCIM_CREDENTIAL_ID"] } == [ids[1], ids[0]])
        #expect(ends.allSatisfy { $0["SCIM_ACTOR_ID"] == "root" })
    }

    @Test("Whoever knows which tokens are to end ends no others")
    func expected() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let administration = service.administration
        let client = try await service.client()
        let id = try #require(try administration.tokens(of: "acme").first?.id)
        for wrong in [[], ["0123456789ab"], [id, "0123456789ab"]] {
            await #expect(throws: AdministrationError.conflict) {
                try await administration.regenerateToken(
                    tenant: "acme",
                    overlapSeconds: 0,
                    expecting: wrong,
                    by: .system
                )
            }
        }
        #expect(try await client.send(.get, "/Users").status == 200)
        _ = try await administration.regenerateToken(
            tenant: "acme",
            overlapSeconds: 0,
            expecting: [id],
            by: .system
        )
        #expect(try await client.send(.get, "/Users").status == 401)
    }

    @Test("A token that is revoked while another is made in its place stays revoked")
    func revokedMeanwhile() async throws {
        let store = RevokingStore()
        let service = TestService(store: store)
        let administration = service.administration
        let client = try await service.client()
        let id = try #require(try administration.tokens(of: "acme").first?.id)
        store.interfere { _ = try? await administration.revokeToken(id, tenant: "acme", by: .system) }
        await #expect(throws: AdministrationError.conflict) {
            try await administration.regenerateToken(tenant: "acme", overlapSeconds: 86_400, by: .system)
        }
        #expect(try await client.send(.get, "/Users").status == 401)
    }
}

/// A store in which somebody else changes something just before a commit, once.
private final class RevokingStore: InterceptingStore {
    let base = MemoryStore(watched: Keys.access, clock: { 1 })
    private let interference = Locked<(@Sendable () async -> Void)?>(nil)

    func interfere(_ body: @escaping @Sendable () async -> Void) { interference.withLock { $0 = body } }

    func beforeCommit(_ changeset: Changeset) async throws(StoreError) {
        let body = interference.withLock { interference in
            defer { interference = nil }
            return interference
        }
        await body?()
    }
}
