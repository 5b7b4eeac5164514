import Audit
import JSON
import Storage
import TestSupport
import Testing

@testable import Tenancy

@Suite("Asking for SCIM")
struct SCIMRequestTests {
    private static let admin = AuditActor.admin(AuditSlug("root"))

    private static func service() async throws -> TestService {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        _ = try await service.administration.createTenant("acme", by: .system)
        return service
    }

    private static func requests(_ service: TestService) throws -> Int {
        try service.records().filter { $0["SCIM_ATTR"] == "scimRequested" }.count
    }

    @Test("It is noted once, with who and when, stays until SCIM is enabled, and changes nothing where it is")
    func once() async throws {
        let service = try await Self.service()
        let administration = service.administration
        let first = try await administration.requestSCIM(tenant: "acme", by: Self.admin)
        #expect(first.scimRequested?.by == Self.admin)
        #expect(first.isSCIMEnabled == false)
        #expect(try await administration.requestSCIM(tenant: "acme", by: .system) == first)
        #expect(try administration.tenant("acme") == first)
        #expect(try Self.requests(service) == 1)
        let word = TenantSetting.authentication.words[1].text
        _ = try await administration.set(.authentication, to: word, tenant: "acme", by: Self.admin)
        #expect(try administration.tenant("acme").scimRequested == first.scimRequested)
        _ = try await administration.setSCIM(enabled: true, tenant: "acme", by: Self.admin)
        #expect(try administration.tenant("acme").scimRequested == nil)
        #expect(try await administration.requestSCIM(tenant: "acme", by: Self.admin).scimRequested == nil)
        _ = try await administration.setSCIM(enabled: false, tenant: "acme", by: Self.admin)
        #expect(try administration.tenant("acme").scimRequested == nil)
        #expect(try Self.requests(service) == 1)
        await #expect(throws: AdministrationError.noSuchTenant) {
            try await administration.requestSCIM(tenant: "beta", by: Self.admin)
        }
    }

    @Test("Two who ask at once are one")
    func concurrent() async throws {
        let service = try await Self.service()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    // Whoever comes second has a conflict, or finds it asked for.
                    _ = try? await service.administration.requestSCIM(tenant: "acme", by: Self.admin)
                }
            }
        }
        #expect(try Self.requests(service) == 1)
        #expect(try service.administration.tenant("acme").scimRequested != nil)
    }

    @Test("A tenant's row of an older program is read, with the defaults; a damaged request is refused")
    func rows() {
        var tenant = Tenant(
            name: "acme",
            number: 7,
            created: Timestamp(microseconds: 5),
            isSCIMEnabled: false
        )
        func read(_ row: [UInt8]) -> Tenant? { Tenant(name: "acme", row: row.span) }
        let old = tenant.encoded
        #expect(old.count == 14)
        #expect(read(old) == tenant)
        #expect(read(old)?.settings.authentication == .openid)
        for actor in [Self.admin, .system, .client(nil)] {
            tenant.scimRequested = Tenant.SCIMRequested(time: Timestamp(microseconds: 9), by: actor)
            tenant.settings.authentication = .saml
            #expect(read(tenant.encoded) == tenant)
            #expect(read(tenant.encoded.dropLast()) == nil)
        }
    }
}
