import Audit
import JSON
import Storage
import TestSupport
import Testing

@testable import Tenancy

@Suite("The end of a token")
struct TokenStandingTests {
    private static func service() async throws -> TestService {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        _ = try await service.client()
        return service
    }

    private static func states(_ service: TestService) throws -> [String] {
        try service.administration.standings(of: "acme").map {
            "\($0.state) \($0.notice.map { "\($0)" } ?? "-")"
        }
    }

    private static func expiries(_ service: TestService) throws -> [String] {
        try service.events().filter { $0.hasPrefix("token.expir") }
    }

    @Test("It is told 90, 30, 7 and 1 days before, and afterwards; each is recorded once, over restarts too")
    func notices() async throws {
        var service = try await Self.service()
        var recorded: [String] = []
        let steps: [(days: Int64, state: String, isNew: Bool)] = [
            (0, "live -", false), (274, "live -", false), (1, "expiring days90", true),
            (59, "expiring days90", false),
            (1, "expiring days30", true), (23, "expiring days7", true), (6, "expiring days1", true),
            (1, "expired expired", true), (400, "expired expired", false),
        ]
        for step in steps {
            service.clock.advance(days: step.days)
            #expect(try Self.states(service) == [step.state])
            if step.isNew {
                recorded.append(step.state.hasPrefix("expired") ? "token.expired" : "token.expiring")
            }
            for _ in 0..<2 { try await service.administration.noteExpiries() }
            service = TestService(
                store: service.store,
                executors: [QueueExecutor(label: "loop")],
                clock: service.clock
            )
            try await service.administration.noteExpiries()
            #expect(try Self.expiries(service) == recorded)
        }
        let record = try #require(try service.records().first { $0["SCIM_EVENT"] == "token.expiring" })
        let token = try #require(try service.administration.tokens(of: "acme").first)
        #expect(record["SCIM_CREDENTIAL_ID"] == "tok_\(token.id)")
        #expect(record["SCIM_EXPIRES"] == token.expires.microsecondText)
        #expect(record["SCIM_ACTOR_TYPE"] == "system")
    }

    @Test("A token that another replaces ends on purpose: that is said, and nothing is recorded")
    func overlapping() async throws {
        let service = try await Self.service()
        service.clock.advance(days: 300)
        _ = try await service.administration.regenerateToken(
            tenant: "acme",
            overlapSeconds: 86_400,
            by: .system
        )
        #expect(try Self.states(service) == ["overlapping -", "live -"])
        let standings = try service.administration.standings(of: "acme")
        #expect(standings[0].message?.contains("Token \(standings[1].token.id) replaces it") == true)
        try await service.administration.noteExpiries()
        service.clock.advance(days: 2)
        #expect(try Self.states(service) == ["expired -", "live -"])
        try await service.administration.noteExpiries()
        #expect(try Self.expiries(service) == [])
    }

    @Test("A token that another replaces at once ends on purpose too")
    func atOnce() async throws {
        let service = try await Self.service()
        let new = try await service.administration.regenerateToken(
            tenant: "acme",
            overlapSeconds: 0,
            by: .system
        )
        let standings = try service.administration.standings(of: "acme")
        #expect(standings.map(\.state) == [.expired, .live])
        #expect(standings[0].notice == nil)
        #expect(standings[0].message?.contains("token \(new.token.id) has replaced it") == true)
        try await service.administration.noteExpiries()
        #expect(try Self.expiries(service) == [])
    }

    @Test("Where the successor is revoked, the old token's end is told after all; a revoked one's never")
    func lostSuccessor() async throws {
        let service = try await Self.service()
        let new = try await service.administration.regenerateToken(
            tenant: "acme",
            overlapSeconds: 5 * 86_400,
            by: .system
        )
        _ = try await service.administration.revokeToken(new.token.id, tenant: "acme", by: .system)
        #expect(try Self.states(service) == ["expiring days7", "revoked -"])
        try await service.administration.noteExpiries()
        #expect(try Self.expiries(service) == ["token.expiring"])
    }

    @Test("A revocation at the same time is not lost")
    func rival() async throws {
        let service = try await Self.service()
        service.clock.advance(days: 300)
        let id = try #require(try service.administration.tokens(of: "acme").first?.id)
        async let noted: Void = service.administration.noteExpiries()
        async let revoked = try? service.administration.revokeToken(id, tenant: "acme", by: .system)
        try await noted
        if await revoked == nil {
            _ = try await service.administration.revokeToken(id, tenant: "acme", by: .system)
        }
        #expect(try Self.states(service) == ["revoked -"])
    }

    @Test("A token's row has who made it; rows of the first format are read, and have no maker")
    func rows() async throws {
        let service = try await Self.service()
        let admin = AuditActor.admin(AuditSlug("root"))
        let made = try await service.administration.regenerateToken(
            tenant: "acme",
            overlapSeconds: 60,
            by: admin
        )
        var token = made.token
        token.noticed = .days30
        token.revoked = Timestamp(microseconds: 7)
        func read(_ row: [UInt8]) -> Token? { Token(id: token.id, row: row.span) }
        let row = token.encoded
        #expect(row[0] == 2)
        #expect(read(row) == token)
        #expect(read(row)?.createdBy == admin)
        // Behind the name: the notice, the kind, the length of the id, the id.
        let old = [1] + row.dropFirst().dropLast(1 + 1 + 2 + 4)
        let found = try #require(read(old))
        #expect(found.createdBy == nil && found.noticed == nil)
        #expect(
            found.digest == token.digest && found.expires == token.expires && found.revoked == token.revoked
        )
        #expect(found.tenantName == "acme")
        // An old row that is written again, as by a revocation, is of the new format and as good.
        #expect(read(found.encoded) == found)
        #expect(read([3] + row.dropFirst()) == nil)
        for length in 0..<row.count where length != row.count - 7 {
            #expect(read(Array(row[..<length])) == nil)
        }
    }
}
