import Audit
import JSON
import Storage
import TestSupport
import Testing

@testable import Tenancy

@Suite("A replaced token that ends by itself")
struct TokenRetiringTests {
    private let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
    private var administration: Administration { service.administration }

    /// Two tokens that are good: the old one, and the one that has replaced it.
    private func twoTokens() async throws -> (old: String, new: String) {
        _ = try await service.client()
        let old = try #require(try administration.tokens(of: "acme").first)
        let new = try await administration.regenerateToken(
            tenant: "acme",
            overlapSeconds: 7 * 86_400,
            by: .system
        )
        return (old.id, new.token.id)
    }

    private func use(_ token: String, first: Int64, last: Int64) -> TokenUse {
        let start = service.clock.now().microseconds
        return TokenUse(
            tokenID: token,
            first: Timestamp(microseconds: start - first * 60_000_000),
            time: Timestamp(microseconds: start - last * 60_000_000),
            client: nil
        )
    }

    @Test(
        "It ends once the new one has been seen for that long, and the old one was not used since",
        arguments: [
            // Minutes since the new one was used first, and the old one last; nil for never.
            (nil, nil, false), (nil, 500, false), (59, nil, false), (61, nil, true), (61, 500, true),
            (61, 59, false), (500, 59, false), (500, 61, true), (59, 61, false),
        ] as [(Int64?, Int64?, Bool)]
    )
    func ends(new: Int64?, old: Int64?, isOver: Bool) async throws {
        let tokens = try await twoTokens()
        _ = try await administration.retireToken(
            tokens.old,
            tenant: "acme",
            afterUnused: 3_600,
            by: .admin(AuditSlug("root"))
        )
        service.clock.advance(days: 1)
        let records = try service.records().count
        let uses =
            (new.map { [use(tokens.new, first: $0, last: 0)] } ?? [])
            + (old.map { [use(tokens.old, first: 600, last: $0)] } ?? [])
        for _ in 0..<2 { try await administration.endUnusedTokens { _ in uses } }
        let states = try administration.standings(of: "acme").map(\.state)
        #expect(states == (isOver ? [.revoked, .live] : [.overlapping, .live]))
        let added = try service.records().dropFirst(records)
        #expect(added.map { $0["SCIM_EVENT"] } == (isOver ? ["token.revoke"] : []))
        guard isOver else { return }
        #expect(added.first?["SCIM_ACTOR_TYPE"] == "system")
        #expect(added.first?["SCIM_UNUSED_SECONDS"] == "3600")
        #expect(added.first?["SCIM_CREDENTIAL_ID"] == "tok_\(tokens.old)")
    }

    @Test("Nothing ends for which it was not asked, or of which the wish was taken back")
    func takenBack() async throws {
        let tokens = try await twoTokens()
        let uses = [use(tokens.new, first: 500, last: 0)]
        service.clock.advance(days: 1)
        try await administration.endUnusedTokens { _ in uses }
        #expect(try administration.standings(of: "acme").map(\.state) == [.overlapping, .live])
        for seconds in [600, 600, 0] {
            let token = try await administration.retireToken(
                tokens.old,
                tenant: "acme",
                afterUnused: seconds,
                by: .system
            )
            #expect(token.endsUnusedSeconds == (seconds == 0 ? nil : 600))
            #expect(try administration.tokens(of: "acme").first == token)
        }
        try await administration.endUnusedTokens { _ in uses }
        #expect(try administration.standings(of: "acme").map(\.state) == [.overlapping, .live])
        let wishes = try service.records().filter { $0["SCIM_EVENT"] == "token.retire" }
        #expect(wishes.map { $0["SCIM_UNUSED_SECONDS"] } == ["600", "0"])
    }

    @Test("A token that none has replaced, of another tenant or for a time out of bounds is refused")
    func refused() async throws {
        let tokens = try await twoTokens()
        _ = try await service.client("beta")
        let records = try service.records().count
        for (id, tenant, seconds) in [
            (tokens.new, "acme", 3_600), (tokens.old, "beta", 3_600), ("none", "acme", 3_600),
            (tokens.old, "nobody", 3_600), (tokens.old, "acme", 599), (tokens.old, "acme", -1),
            (tokens.old, "acme", Administration.overlapSecondsMax + 1),
        ] {
            await #expect(throws: AdministrationError.self) {
                _ = try await administration.retireToken(
                    id,
                    tenant: tenant,
                    afterUnused: seconds,
                    by: .system
                )
            }
        }
        #expect(try service.records().count == records)
        #expect(try administration.tokens(of: "acme").allSatisfy { $0.endsUnusedSeconds == nil })
    }

    @Test("Where the successor was revoked, the old token goes on")
    func lostSuccessor() async throws {
        let tokens = try await twoTokens()
        _ = try await administration.retireToken(tokens.old, tenant: "acme", afterUnused: 600, by: .system)
        _ = try await administration.revokeToken(tokens.new, tenant: "acme", by: .system)
        service.clock.advance(days: 1)
        let uses = [use(tokens.new, first: 500, last: 500)]
        try await administration.endUnusedTokens { _ in uses }
        #expect(try administration.standings(of: "acme").map(\.state) == [.expiring, .revoked])
    }
}
