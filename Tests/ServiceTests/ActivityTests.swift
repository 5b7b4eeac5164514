import Audit
import HTTP
import JSON
import Logging
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@testable import Notes
@testable import Service

@Suite("A tenant's activity, as requests leave it")
struct ActivityTests {
    private static let user = #"{"schemas":["\#(Schema.user.id)"],"userName":"SECRET-ann@example.com"}"#

    private static func exchanges(_ service: TestService, _ tenant: String = "acme") async throws -> [String]
    {
        let found = try await service.notes.activity(of: try service.administration.tenant(tenant))
            .exchanges
        return found.map { exchange in
            [
                exchange.method.rawValue, exchange.route.word, exchange.query.text, "\(exchange.status)",
                exchange.keyword?.rawValue, exchange.reason?.word,
                exchange.count > 1 ? "x\(exchange.count)" : nil,
            ]
            .compactMap(\.self).joined(separator: " ")
        }
    }

    @Test("Each request is told with its route, the kind of its query, its status and why it was refused")
    func requests() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let id = try await client.createUser("SECRET-ann@example.com")
        for _ in 0..<3 {
            _ = try await client.send(.get, "/Users?filter=userName%20eq%20%22SECRET-ann%22&count=1")
        }
        _ = try await client.send(.get, "/Users?filter=SECRET+eq+%22x%22+and+active+eq+true")
        _ = try await client.send(.get, "/Users?filter=SECRET+SECRET")
        _ = try await client.send(.post, "/Users", Self.user)
        _ = try await client.send(.get, "/Users/\(id)")
        _ = try await client.send(.get, "/Users/00000000-0000-0000-0000-00000000SECR")
        _ = try await client.patch("/Users/\(id)", #"{"op":"replace","path":"active","value":false}"#)
        _ = try await client.send(.get, "/scim/v2/Users")
        _ = try await client.send(.get, "/ServiceProviderConfig")
        _ = try await client.send(.delete, "/Users/\(id)")
        let found = try await Self.exchanges(service)
        #expect(
            found == [
                "POST Users 201", "GET Users filter userName eq page 200 x3",
                "GET Users filter other eq … 200", "GET Users filter other 400 invalidFilter invalidFilter",
                "POST Users 409 uniqueness uniqueness", "GET User 200", "GET User 404 not-found",
                "PATCH User 200", "GET doubledBase 404 not-found", "GET ServiceProviderConfig 200",
                "DELETE User 204",
            ]
        )
    }

    @Test(
        "What never came through the door is told: why the credential was refused, a missing base, a disabled tenant"
    )
    func strangers() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        var client = try await service.client()
        let other = try await service.client("beta")
        let good = client.token
        client.token = nil
        _ = try await client.send(.get, "/Users")
        client.token = "nonsense"
        _ = try await client.send(.get, "/Users")
        client.token = good.map { $0.dropLast() + ($0.hasSuffix("0") ? "1" : "0") }
        _ = try await client.send(.get, "/Users")
        client.token = other.token
        _ = try await client.send(.get, "/Users")
        let request = Request(
            method: .get,
            target: try Target("/acme/Users"),
            peer: Peer(address: "192.0.2.1", isSecure: true)
        )
        _ = await service.send(request)
        client.token = good
        _ = try await service.administration.setSCIM(enabled: false, tenant: "acme", by: .system)
        _ = try await client.send(.get, "/Users")
        let id = try #require(try service.administration.tokens(of: "acme").first?.id)
        _ = try await service.administration.revokeToken(id, tenant: "acme", by: .system)
        _ = try await client.send(.get, "/Users")
        #expect(
            try await Self.exchanges(service) == [
                "GET unknown 401 missing", "GET unknown 401 malformed", "GET unknown 401 unknown",
                "GET unknown 401 tenant", "GET missingBase 404 not-found", "GET Users 403 disabled",
                "GET unknown 401 revoked",
            ]
        )
        let activity = try await service.notes.activity(of: try service.administration.tenant("acme"))
        #expect(
            activity.exchanges.map { $0.tokenID != nil } == [false, false, false, false, false, true, true]
        )
        #expect(activity.hours.map { $0.counts[.credentialFailures] } == [5])
        // The refusal of a revoked token is no use of it.
        #expect(activity.tokens.map(\.time) == activity.exchanges.filter { $0.status == 403 }.map(\.time))
        #expect(try await Self.exchanges(service, "beta") == [])
    }

    @Test("Too many requests are told as such, of a tenant and of an address without a good token")
    func limited() async throws {
        var rates = RateLimits.unlimited
        rates.requests = Rate(perSecond: 1, burst: 1)
        rates.failures = Rate(perSecond: 1, burst: 1)
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }), rates: rates)
        var client = try await service.client()
        for _ in 0..<2 { _ = try await client.send(.get, "/Users") }
        client.token = "nonsense"
        for _ in 0..<2 { _ = try await client.send(.get, "/Users") }
        #expect(
            try await Self.exchanges(service) == [
                "GET Users 200", "GET Users 429 rate", "GET unknown 401 malformed", "GET unknown 429 rate",
            ]
        )
    }

    @Test("Changes are counted by what they did, alone and in a bulk request, and not if they did nothing")
    func counts() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let user = try await client.createUser("ann")
        let group = try await client.createGroup("all")
        for value in ["false", "false", "true"] {
            _ = try await client.patch(
                "/Users/\(user)",
                #"{"op":"replace","path":"active","value":\#(value)}"#
            )
        }
        _ = try await client.patch(
            "/Groups/\(group)",
            #"{"op":"add","path":"members","value":[{"value":"\#(user)"}]}"#
        )
        let operations = [
            #"{"method":"PATCH","path":"/Users/\#(user)","data":{"schemas":["\#(PatchRequest.schema)"],"Operations":[{"op":"replace","path":"active","value":false}]}}"#,
            #"{"method":"POST","path":"/Users","bulkId":"b","data":{"schemas":["\#(Schema.user.id)"],"userName":"ANN"}}"#,
            #"{"method":"DELETE","path":"/Groups/\#(group)"}"#,
        ]
        let bulk = try await client.send(
            .post,
            "/Bulk",
            #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[\#(operations.joined(separator: ","))]}"#
        )
        #expect(bulk.status == 200)
        let activity = try await service.notes.activity(of: try service.administration.tenant("acme"))
        let counts = try #require(activity.hours.first).counts
        let found = ActivityCounter.allCases.map { "\($0) \(counts[$0])" }
        #expect(
            found == [
                "requests 7", "created 2", "updated 3", "deactivated 2", "deleted 1", "membershipChanges 1",
                "credentialFailures 0", "refused 1", "serverFailures 0", "limited 0",
            ]
        )
        #expect(activity.exchanges.last?.route == .bulk)
        let failure = try #require(activity.failures.last)
        #expect(failure.exchange.route == .users)
        #expect(FixedSentence(rawValue: failure.detail) == .userNameTaken)
        #expect(activity.exchanges.allSatisfy { $0.status < 400 })
    }

    @Test("A failure keeps its sentence only if that holds no value, and the id that the route names")
    func failures() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let id = try await client.createUser("ann")
        _ = try await client.patch("/Users/\(id)", #"{"op":"replace","path":"SECRET","value":[}"#)
        _ = try await client.patch("/Users/\(id)", #"{"op":"replace","path":"emails[SECRET","value":1}"#)
        _ = try await client.send(.put, "/Users/SECRET", Self.user)
        _ = try await client.send(.get, "/Users/SECRET")
        let failures = try await service.notes.activity(of: try service.administration.tenant("acme"))
            .failures
        #expect(failures.map(\.exchange.status) == [400, 400, 404])
        #expect(failures.map { $0.resource?.text } == [nil, id, nil])
        #expect(failures.map { FixedSentence(rawValue: $0.detail) } == [nil, nil, .noSuchResource])
    }

    @Test("No value of a client is in what is shown or stored, wherever it stands in a request")
    func values() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let canary = "SECRET-canary"
        for path in [
            "/Users", "/\(canary)", "/Users/\(canary)",
            "/Users?filter=\(canary)+eq+%22\(canary)%22&\(canary)=1",
        ] {
            for method in [Method.get, .post, .put, .patch, .delete] {
                let fields = [(FieldName.userAgent, canary), (FieldName("traceparent"), canary)]
                _ = try await client.send(
                    method,
                    path,
                    #"{"userName":"\#(canary)","\#(canary)":1}"#,
                    fields: fields
                )
            }
        }
        let tenant = try service.administration.tenant("acme")
        let activity = try await service.notes.activity(of: tenant)
        #expect(activity.exchanges.count > 5)
        let shown = AdminMessage.activity(activity, after: nil, tokens: [])
        var text: [UInt8] = []
        JSONValue.object(shown).write(to: &text)
        for bytes in [text, activity.encoded] {
            #expect(!String(decoding: bytes, as: UTF8.self).contains(canary))
        }
    }

    @Test("Every sentence that is kept can be told apart, and those of SCIM errors are the server's own")
    func sentences() async throws {
        #expect(Set(FixedSentence.allCases.map(\.text)).count == FixedSentence.allCases.count)
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        _ = try await client.createUser("ann")
        let taken = try await client.send(
            .post,
            "/Users",
            #"{"schemas":["\#(Schema.user.id)"],"userName":"ann"}"#
        )
        #expect(try taken.text("detail") == FixedSentence.userNameTaken.text)
    }
}
