import Audit
import HTTP
import SCIM
import Service
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("What the head of a request decides")
struct AdmissionTests {
    /// A request that its head refuses, and with which status.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var method = Method.post
        var path = "/acme/scim/v2/Users"
        var token = Token.good
        let status: Int
        /// The event that tells of it; nil if none does.
        var event: String?

        enum Token: Sendable { case good, wrong, none, ofOther, suspended }

        var testDescription: String { name }
    }

    private static let cases = [
        Case(name: "no tenant's URL", path: "/", status: 404),
        Case(name: "a version", path: "/acme/scim/v3/Users", status: 400, event: "request.rejected"),
        Case(name: "a wrong token", token: .wrong, status: 401, event: "auth.failure"),
        Case(name: "no token", token: .none, status: 401, event: "auth.failure"),
        Case(name: "another tenant's token", token: .ofOther, status: 401, event: "auth.failure"),
        Case(
            name: "a tenant that is disabled",
            path: "/quiet/scim/v2/Users",
            token: .suspended,
            status: 403,
            event: "access.denied"
        ),
        Case(name: "no endpoint", path: "/acme/scim/v2/Nothing", status: 404),
        Case(name: "a method", method: .put, status: 405),
        Case(name: "what is not offered", path: "/acme/scim/v2/Me", status: 501),
    ]

    private struct Bench {
        let service: TestService
        let tokens: [Case.Token: String]

        init() async throws {
            service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
            var tokens: [Case.Token: String] = [.wrong: "phs_000000000000_wrong"]
            tokens[.good] = try await service.client("acme").token
            tokens[.ofOther] = try await service.client("other").token
            tokens[.suspended] = try await service.client("quiet").token
            _ = try await service.administration.setSCIM(enabled: false, tenant: "quiet", by: .system)
            self.tokens = tokens
        }

        func request(_ method: Method, _ path: String, _ token: Case.Token) throws -> Request {
            Request(
                method: method,
                target: try Target(path),
                fields: Fields(tokens[token].map { [(.authorization, "Bearer \($0)")] } ?? []),
                peer: Peer(address: "192.0.2.1", isSecure: true)
            )
        }
    }

    @Test(
        "A head that is refused is answered without its body, as a whole request is, and noted once",
        arguments: cases
    )
    func refused(_ refused: Case) async throws {
        let bench = try await Bench()
        let request = try bench.request(refused.method, refused.path, refused.token)
        let before = try bench.service.events().count
        guard case .answered(let answer) = bench.service.pipeline.admit(request) else {
            Issue.record("the body would be received")
            return
        }
        #expect(Int(answer.status.code) == refused.status)
        #expect(answer.contentType == "application/scim+json")
        #expect(answer[FieldName("Request-Id")]?.utf8.count == 32)
        try await bench.service.flushAudit()
        #expect(try bench.service.events().dropFirst(before) == (refused.event.map { [$0] } ?? [])[...])
        let whole = await bench.service.send(request)
        #expect(whole.status == answer.status)
        #expect(whole.body == answer.body)
        #expect(whole.fields.map(\.0) == answer.fields.map(\.0))
    }

    @Test(
        "A head that gets through to its endpoint is let in on its tenant's account, and nothing is noted",
        arguments: [
            (.post, "/Users"), (.put, "/Users/x"), (.patch, "/Groups/x"), (.post, "/Bulk"),
            (.post, "/.search"), (.delete, "/Users/x"), (.get, "/Users"),
        ] as [(Method, String)]
    )
    func letIn(method: Method, path: String) async throws {
        let bench = try await Bench()
        let before = try bench.service.events().count
        let number = try bench.service.administration.tenant("acme").number
        let admission = bench.service.pipeline.admit(
            try bench.request(method, "/acme/scim/v2\(path)", .good)
        )
        guard case .receive(number) = admission else {
            Issue.record("\(admission)")
            return
        }
        try await bench.service.flushAudit()
        #expect(try bench.service.events().count == before)
    }

    @Test("Who reads without a credential how to get one is answered, and his body is not received")
    func withoutCredential() async throws {
        let bench = try await Bench()
        let path = "/acme/scim/v2/ServiceProviderConfig"
        for (method, status) in [(Method.get, Status.ok), (.post, .methodNotAllowed)] {
            guard
                case .answered(let answer) = bench.service.pipeline.admit(
                    try bench.request(method, path, .none)
                )
            else {
                Issue.record("the body would be received")
                return
            }
            #expect(answer.status == status)
        }
    }

    @Test("A profile that takes no conditions refuses them at the head")
    func conditions() async throws {
        let bench = try await Bench()
        var request = try bench.request(.patch, "/acme/scim/v2/Users/x", .good)
        request.fields = Fields([
            (.authorization, "Bearer \(bench.tokens[.good] ?? "")"), (.ifMatch, "W/\"1\""),
        ])
        guard case .receive = bench.service.pipeline.admit(request) else {
            Issue.record("the default profile takes conditions")
            return
        }
        _ = try await bench.service.administration.set(.profile, to: "strict", tenant: "acme", by: .system)
        guard case .answered(let answer) = bench.service.pipeline.admit(request) else {
            Issue.record("the strict profile takes none")
            return
        }
        #expect(answer.status == .badRequest)
    }

    @Test("What has no room, and who is one too many, may try again in a second; a malformed message may not")
    func retryAfter() async throws {
        let bench = try await Bench()
        let peer = Peer(address: "192.0.2.1", isSecure: true)
        for rejection in [Rejection.tooManyBodies, .tooManyConnections] {
            let answer = bench.service.pipeline.response(to: rejection, from: peer)
            #expect(answer.status == .serviceUnavailable)
            #expect(answer[.retryAfter] == "1")
        }
        #expect(bench.service.pipeline.response(to: .malformed("x"), from: peer)[.retryAfter] == nil)
    }
}
