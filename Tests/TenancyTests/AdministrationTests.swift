import Audit
import Directory
import HTTP
import JSON
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Tenants and tokens")
struct AdministrationTests {
    private func service() -> TestService {
        TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
    }

    @Test(
        "A tenant's name is a DNS label in lower case",
        arguments: [
            ("acme", true), ("a", true), ("a-1", true), (String(repeating: "a", count: 63), true),
            ("", false),
            ("Acme", false), ("-a", false), ("a-", false), ("a_b", false), ("a.b", false), ("é", false),
            ("a/b", false),
            (String(repeating: "a", count: 64), false),
        ]
    )
    func names(name: String, isValid: Bool) async throws {
        let administration = service().administration
        if isValid {
            #expect(try await administration.createTenant(name, by: .system).name == name)
        } else {
            await #expect(throws: AdministrationError.invalidTenantName) {
                try await administration.createTenant(name, by: .system)
            }
        }
    }

    @Test("A tenant is created once, starts disabled, and is enabled and disabled by operators")
    func tenants() async throws {
        let administration = service().administration
        #expect(try await administration.createTenant("acme", by: .system).isSCIMEnabled == false)
        await #expect(throws: AdministrationError.tenantExists) {
            try await administration.createTenant("acme", by: .system)
        }
        #expect(try await administration.setSCIM(enabled: true, tenant: "acme", by: .system).isSCIMEnabled)
        _ = try await administration.createTenant("beta", by: .system)
        #expect(try administration.tenants().map(\.name) == ["acme", "beta"])
        #expect(throws: AdministrationError.noSuchTenant) { try administration.tenant("gamma") }
    }

    @Test(
        "M-01, M-03: a deleted tenant's token is void, its rows go, and a new tenant of its name starts empty"
    )
    func deleteTenant() async throws {
        let service = service()
        let client = try await service.client()
        let user = try await client.createUser("ann")
        _ = try await client.createGroup("Staff", members: [user])
        let other = try await service.client("beta")
        _ = try await other.createUser("bob")
        try await service.administration.deleteTenant("acme", by: .system)
        #expect(try await client.send(.get, "/Users").status == 401)
        try await service.administration.purgeDeletedTenants { _ in }
        let again = try await service.client()
        #expect(try await again.send(.get, "/Users").integer("totalResults") == 0)
        #expect(try await client.send(.get, "/Users").status == 401)
        #expect(try await other.send(.get, "/Users").integer("totalResults") == 1)
        let edges = try service.store.withSnapshot { snapshot throws(StoreError) in
            var count = 0
            try snapshot.scan(prefix: EdgeKeys.edges, from: nil) { _, _, _ in
                count += 1
                return .more
            }
            return count
        }
        #expect(edges == 0)
    }

    @Test("No commit of a purge removes more than 500 rows, whatever a group's members")
    func purgeInSteps() async throws {
        let service = service()
        let client = try await service.client()
        var members: [String] = []
        for number in 0..<600 { members.append(try await client.createUser("u\(number)")) }
        _ = try await client.createGroup("Staff", members: members)
        try await service.administration.deleteTenant("acme", by: .system)
        let store = service.store
        func rows() throws -> Int {
            try store.withSnapshot { snapshot throws(StoreError) in
                var count = 0
                try snapshot.scan(prefix: Key([]), from: nil) { _, _, _ in
                    count += 1
                    return .more
                }
                return count
            }
        }
        var steps = [try rows()]
        var reported: [Int] = []
        try await service.administration.purgeDeletedTenants { removed in
            reported.append(removed)
            if let count = try? rows() { steps.append(count) }
        }
        let removed = zip(steps, steps.dropFirst()).map { $0 - $1 }
        #expect(removed == reported)
        #expect(removed.allSatisfy { $0 <= Administration.rowsPerCommitMax })
        #expect(removed.reduce(0, +) > 2_400)
    }

    @Test("T-05, T-06: a token has 256 random bits behind a prefix, and only its digest is stored")
    func tokenForm() async throws {
        let service = service()
        _ = try await service.administration.createTenant("acme", by: .system)
        let issued = try await service.administration.generateToken(tenant: "acme", by: .system)
        #expect(issued.text.hasPrefix("pharos_scim_\(issued.token.id)_"))
        #expect(issued.text.utf8.count == "pharos_scim_".utf8.count + 12 + 1 + 64)
        let year = issued.token.expires.microseconds - issued.token.created.microseconds
        #expect(year == 365 * 86_400 * 1_000_000)
        let secret = Array(issued.text.utf8.suffix(64))
        try service.store.withSnapshot { snapshot throws(StoreError) in
            try snapshot.scan(prefix: Key([]), from: nil) { key, value, _ in
                for bytes in [[UInt8](copying: key), [UInt8](copying: value)] {
                    #expect(
                        !String(decoding: bytes, as: UTF8.self).contains(
                            String(decoding: secret, as: UTF8.self)
                        )
                    )
                }
                return .more
            }
        }
    }

    @Test("T-05: a token ends after a year, at its revocation, and at the end of an overlap")
    func tokenLife() async throws {
        let service = service()
        let client = try await service.client()
        let administration = service.administration
        let first = try #require(try administration.tokens(of: "acme").first)
        await #expect(throws: AdministrationError.tokenExists(id: first.id)) {
            try await administration.generateToken(tenant: "acme", by: .system)
        }
        var second = client
        second.token = try await administration.regenerateToken(
            tenant: "acme",
            overlapSeconds: 2 * 86_400,
            by: .system
        ).text
        #expect(try await client.send(.get, "/Users").status == 200)
        #expect(try await second.send(.get, "/Users").status == 200)
        service.clock.advance(days: 3)
        #expect(try await client.send(.get, "/Users").status == 401)
        #expect(try await second.send(.get, "/Users").status == 200)
        var third = client
        third.token = try await administration.regenerateToken(tenant: "acme", overlapSeconds: 0, by: .system)
            .text
        #expect(try await second.send(.get, "/Users").status == 401)
        let id = try #require(try administration.tokens(of: "acme").last?.id)
        _ = try await administration.revokeToken(id, tenant: "acme", by: .system)
        #expect(try await third.send(.get, "/Users").status == 401)
        await #expect(throws: AdministrationError.noLiveToken) {
            try await administration.regenerateToken(tenant: "acme", overlapSeconds: 0, by: .system)
        }
        var fourth = client
        fourth.token = try await administration.generateToken(tenant: "acme", by: .system).text
        service.clock.advance(days: 364)
        #expect(try await fourth.send(.get, "/Users").status == 200)
        service.clock.advance(days: 2)
        #expect(try await fourth.send(.get, "/Users").status == 401)
    }

    @Test("Overlaps have limits, and nobody revokes another tenant's token")
    func refusals() async throws {
        let service = service()
        _ = try await service.client()
        _ = try await service.client("beta")
        for seconds in [-1, Administration.overlapSecondsMax + 1] {
            await #expect(throws: AdministrationError.invalidOverlap) {
                try await service.administration.regenerateToken(
                    tenant: "acme",
                    overlapSeconds: seconds,
                    by: .system
                )
            }
        }
        let id = try #require(try service.administration.tokens(of: "beta").first?.id)
        await #expect(throws: AdministrationError.noSuchToken) {
            try await service.administration.revokeToken(id, tenant: "acme", by: .system)
        }
    }

    @Test("G1: every change by an operator has its record, and no change no record")
    func records() async throws {
        let service = service()
        let administration = service.administration
        _ = try await service.client()
        _ = try await administration.setSCIM(enabled: true, tenant: "acme", by: .system)
        _ = try await administration.regenerateToken(tenant: "acme", overlapSeconds: 0, by: .system)
        let id = try #require(try administration.tokens(of: "acme").last?.id)
        for _ in 0..<2 { _ = try await administration.revokeToken(id, tenant: "acme", by: .system) }
        _ = try await administration.setSCIM(enabled: false, tenant: "acme", by: .system)
        try await administration.deleteTenant("acme", by: .system)
        #expect(
            try service.events() == [
                "tenant.create", "tenant.resume", "token.issue", "token.rotate", "token.revoke",
                "tenant.suspend",
                "tenant.delete",
            ]
        )
    }

    @Test("G3: while the audit trail takes no records, nothing changes")
    func closedGate() async throws {
        let service = service()
        let client = try await service.client()
        service.gate.setAccepting(false)
        let answer = try await client.send(
            .post,
            "/Users",
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a"}"#
        )
        #expect(answer.status == 503)
        #expect(answer.response[.retryAfter] == "30")
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 0)
        await #expect(throws: AdministrationError.auditUnavailable) {
            try await service.administration.createTenant("beta", by: .system)
        }
        service.gate.setAccepting(true)
        _ = try await client.createUser("a")
    }

    @Test("G3: what makes things safer is done and recorded while the audit trail takes no records, so often")
    func reserve() async throws {
        let service = service()
        let client = try await service.client()
        let administration = service.administration
        let token = try #require(try administration.tokens(of: "acme").first)
        service.gate.setAccepting(false)
        _ = try await administration.revokeToken(token.id, tenant: "acme", by: .system)
        #expect(try await client.send(.get, "/Users").status == 401)
        _ = try await administration.setSCIM(enabled: false, tenant: "acme", by: .system)
        await #expect(throws: AdministrationError.auditUnavailable) {
            try await administration.setSCIM(enabled: true, tenant: "acme", by: .system)
        }
        await #expect(throws: AdministrationError.auditUnavailable) {
            try await administration.generateToken(tenant: "acme", by: .system)
        }
        try await administration.deleteTenant("acme", by: .system)
        #expect(try service.events().suffix(3) == ["token.revoke", "tenant.suspend", "tenant.delete"])
        service.gate.setAccepting(true)
        for name in ["a", "b"] {
            _ = try await administration.createTenant(name, by: .system)
            _ = try await administration.setSCIM(enabled: true, tenant: name, by: .system)
        }
        service.gate.setAccepting(false)
        for _ in 1..<AuditGate.reserveMax {
            let ledger = Ledger(store: service.store, gate: service.gate, committed: {})
            try await ledger.commit(Changeset(), isSafer: true)
        }
        _ = try await administration.setSCIM(enabled: false, tenant: "a", by: .system)
        await #expect(throws: AdministrationError.auditUnavailable) {
            try await administration.setSCIM(enabled: false, tenant: "b", by: .system)
        }
    }
}
