import Audit
import HTTP
import JSON
import SCIM
import Service
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Rates of requests and of failed authentications")
struct RateTests {
    private struct Bench {
        let service: TestService
        let acme: TestClient
        let other: TestClient

        init(requests: Rate? = nil, failures: Rate? = nil) async throws {
            var rates = RateLimits.unlimited
            rates.requests = requests
            rates.failures = failures
            service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }), rates: rates)
            acme = try await service.client("acme")
            other = try await service.client("other")
        }

        /// Asks with a token, or none, from an address.
        func ask(
            _ token: String?,
            from origin: UInt64 = 1,
            _ path: String = "/acme/scim/v2/Users"
        ) async throws -> Response {
            await service.send(try request(token, from: origin, path))
        }

        func request(
            _ token: String?,
            from origin: UInt64 = 1,
            _ path: String = "/acme/scim/v2/Users",
            _ method: Method = .get
        ) throws -> Request {
            Request(
                method: method,
                target: try Target(path),
                fields: Fields(token.map { [(.authorization, "Bearer \($0)")] } ?? []),
                peer: Peer(address: "192.0.2.\(origin)", isSecure: true, origin: origin)
            )
        }
    }

    @Test("Spec 14: guesses of one address are 401, then 429 with whole seconds, then 401 again")
    func guesses() async throws {
        let bench = try await Bench(failures: Rate(perSecond: 1, burst: 3))
        for _ in 0..<3 { #expect(try await bench.ask("wrong").status == .unauthorized) }
        for _ in 0..<20 {
            let answer = try await bench.ask("wrong")
            #expect(answer.status == .tooManyRequests)
            #expect(answer[.retryAfter] == "1")
            #expect(answer.contentType == "application/scim+json")
            #expect(TestAnswer(answer).value("status") == .string("429"))
        }
        bench.service.clock.advance(seconds: 2)
        #expect(try await bench.ask("wrong").status == .unauthorized)
    }

    @Test(
        "A good token is let in while others guess from the same address, and their guesses cost it nothing"
    )
    func goodToken() async throws {
        let bench = try await Bench(
            requests: Rate(perSecond: 1, burst: 40),
            failures: Rate(perSecond: 1, burst: 2)
        )
        for _ in 0..<20 {
            _ = try await bench.ask("wrong")
            #expect(try await bench.ask(bench.acme.token).status == .ok)
        }
        #expect(try await bench.ask("wrong").status == .tooManyRequests)
    }

    @Test(
        "Other addresses have limits of their own; one address has one for all tenants and all kinds of failures"
    )
    func addresses() async throws {
        let bench = try await Bench(failures: Rate(perSecond: 1, burst: 4))
        #expect(try await bench.ask("wrong").status == .unauthorized)
        #expect(try await bench.ask(nil).status == .unauthorized)
        #expect(try await bench.ask(bench.other.token).status == .unauthorized)
        #expect(try await bench.ask(nil, "/acme/scim/v2/ServiceProviderConfig").status == .ok)
        #expect(try await bench.ask("wrong", "/other/scim/v2/Users").status == .tooManyRequests)
        #expect(try await bench.ask(nil, "/acme/scim/v2/ServiceProviderConfig").status == .tooManyRequests)
        #expect(try await bench.ask("wrong", from: 2).status == .unauthorized)
    }

    @Test(
        "Spec 14: requests of one tenant beyond its rate are 429 from all addresses, those of another are not"
    )
    func tenants() async throws {
        let bench = try await Bench(requests: Rate(perSecond: 1, burst: 3))
        for origin in 1...3 as ClosedRange<UInt64> {
            #expect(try await bench.ask(bench.acme.token, from: origin).status == .ok)
        }
        let answer = try await bench.ask(bench.acme.token, from: 4)
        #expect(answer.status == .tooManyRequests)
        #expect(answer[.retryAfter] == "1")
        #expect(try await bench.ask(bench.other.token, "/other/scim/v2/Users").status == .ok)
        bench.service.clock.advance(seconds: 1)
        #expect(try await bench.ask(bench.acme.token).status == .ok)
    }

    @Test(
        "Nothing in an answer tells whether it was the address that guessed too often or the tenant that asked"
    )
    func alike() async throws {
        let bench = try await Bench(
            requests: Rate(perSecond: 1, burst: 1),
            failures: Rate(perSecond: 1, burst: 1)
        )
        _ = try await bench.ask("wrong")
        _ = try await bench.ask(bench.acme.token)
        let wrong = try await bench.ask("wrong")
        let right = try await bench.ask(bench.acme.token)
        #expect(wrong.status == .tooManyRequests && right.status == .tooManyRequests)
        #expect(wrong.body == right.body)
        #expect(wrong.fields.map(\.0) == right.fields.map(\.0))
    }

    @Test("A bulk request counts by its operations")
    func bulk() async throws {
        let bench = try await Bench(requests: Rate(perSecond: 1, burst: 10))
        let operations = (0..<10).map { number in
            #"{"method":"POST","path":"/Users","bulkId":"\#(number)","data":{"schemas":["\#(Schema.user.id)"],"userName":"u\#(number)"}}"#
        }
        let answer = try await bench.acme.send(
            .post,
            "/Bulk",
            #"{"schemas":["\#(BulkRequest.schema)"],"Operations":[\#(operations.joined(separator: ","))]}"#
        )
        #expect(answer.status == 200)
        #expect(try await bench.ask(bench.acme.token).status == .tooManyRequests)
        bench.service.clock.advance(seconds: 1)
        #expect(try await bench.ask(bench.acme.token).status == .ok)
    }

    @Test("A body is not received for a request that is one too many; one that is let in counts once")
    func announced() async throws {
        let bench = try await Bench(requests: Rate(perSecond: 1, burst: 2))
        let request = try bench.request(bench.acme.token, "/acme/scim/v2/.search", .post)
        for _ in 0..<2 {
            guard case .receive = bench.service.pipeline.admit(request) else {
                Issue.record("the request is not one too many")
                return
            }
            #expect(try await bench.ask(bench.acme.token).status == .ok)
        }
        guard case .answered(let answer) = bench.service.pipeline.admit(request) else {
            Issue.record("the body would be received")
            return
        }
        #expect(answer.status == .tooManyRequests)
    }

    @Test("rate.limited tells once of an address or a tenant that is limited, and how often it was")
    func records() async throws {
        let bench = try await Bench(
            requests: Rate(perSecond: 1, burst: 2),
            failures: Rate(perSecond: 1, burst: 2)
        )
        for _ in 0..<12 { _ = try await bench.ask("wrong") }
        for origin in 1...12 as ClosedRange<UInt64> {
            _ = try await bench.ask(bench.acme.token, from: origin)
        }
        try await bench.service.flushAudit()
        let records = try bench.service.records().filter { $0["SCIM_EVENT"] == "rate.limited" }
        #expect(records.allSatisfy { $0["SCIM_REASON"] == "rate" && $0["SCIM_STATUS"] == "429" })
        let ofAddress = records.filter { $0["SCIM_TENANT"] == nil }
        #expect(ofAddress.map { $0["SCIM_COUNT"] } == [nil, "9"])
        #expect(ofAddress.allSatisfy { $0["SCIM_IP"] == "192.0.2.1" && $0["SCIM_ACTOR_TYPE"] == "anonymous" })
        let ofTenant = records.filter { $0["SCIM_TENANT"] == "acme" }
        #expect(ofTenant.map { $0["SCIM_COUNT"] } == [nil, "9"])
        #expect(ofTenant.allSatisfy { $0["SCIM_IP"] == nil && $0["SCIM_ACTOR_TYPE"] == "client" })
        #expect(try bench.service.events().filter { $0 == "auth.failure" }.count == 2)
    }

    @Test("The defaults have room for many times what Entra asks for, and for a client whose token has ended")
    func defaults() throws {
        let limits = RateLimits()
        #expect(try #require(limits.requests).perSecond >= 10 * 25)
        #expect(try #require(limits.failures).burst >= 100)
        #expect(RateLimits.unlimited.requests == nil && RateLimits.unlimited.failures == nil)
    }
}
