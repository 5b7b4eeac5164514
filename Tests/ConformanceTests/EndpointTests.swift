import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Endpoints and methods")
struct EndpointTests {
    /// Every endpoint below the Tenant URL, with the methods that it answers.
    static let endpoints: [(path: String, methods: [Method])] = [
        ("/ServiceProviderConfig", [.get, .head]),
        ("/Schemas", [.get, .head]),
        ("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", [.get, .head]),
        ("/ResourceTypes", [.get, .head]),
        ("/ResourceTypes/User", [.get, .head]),
        ("/Users", [.get, .head, .post]),
        ("/Users/{user}", [.get, .head, .put, .patch, .delete]),
        ("/Groups", [.get, .head, .post]),
        ("/Groups/{group}", [.get, .head, .put, .patch, .delete]),
        ("", [.get, .head]),
        ("/.search", [.post]),
        ("/Users/.search", [.post]),
        ("/Groups/.search", [.post]),
        ("/Bulk", [.post]),
    ]

    static let methods: [Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .other("TRACE"), .other("get"),
    ]

    private func setUp() async throws -> (client: TestClient, path: (String) -> String) {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let user = try await client.createUser("ann")
        let group = try await client.createGroup("Staff")
        return (
            client,
            { path in
                switch path {
                case "/Users/{user}": "/Users/\(user)"
                case "/Groups/{group}": "/Groups/\(group)"
                default: path
                }
            }
        )
    }

    @Test("D-07, R-02: a method that an endpoint does not answer is 405 with Allow, on every endpoint")
    func methodNotAllowed() async throws {
        let (client, path) = try await setUp()
        let records = try client.service.log().count
        for endpoint in Self.endpoints {
            for method in Self.methods where !endpoint.methods.contains(method) {
                let answer = try await client.send(method, path(endpoint.path), "{}")
                #expect(answer.status == 405, "\(method.text) \(endpoint.path)")
                let allow = try #require(answer.response[.allow])
                #expect(allow == endpoint.methods.map(\.text).joined(separator: ", "))
                #expect(AnswerFaults(answer, error: nil).sentences == [])
            }
        }
        for endpoint in Self.endpoints where endpoint.methods.contains(.get) {
            #expect(try await client.send(.get, path(endpoint.path)).status == 200)
            #expect(try await client.send(.head, path(endpoint.path)).status == 200)
        }
        #expect(try client.service.log().count == records)
    }

    @Test(
        "T-02, T-07, T-09: without a token everything is 401 with WWW-Authenticate, but for reading ServiceProviderConfig"
    )
    func withoutToken() async throws {
        var (client, path) = try await setUp()
        client.token = nil
        for endpoint in Self.endpoints {
            for method in Self.methods {
                let isPublic =
                    endpoint.path == "/ServiceProviderConfig" && [.get, .head].contains(method)
                let answer = try await client.send(method, path(endpoint.path), "{}")
                if isPublic {
                    #expect(answer.status == 200)
                    #expect(answer.value("authenticationSchemes", "0", "type") != nil)
                } else if endpoint.path != "/ServiceProviderConfig" {
                    #expect(answer.status == 401, "\(method.text) \(endpoint.path)")
                    #expect(answer.response[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
                    #expect(AnswerFaults(answer, error: nil).sentences == [])
                } else {
                    #expect([401, 405].contains(answer.status))
                }
            }
        }
        for path in ["/Bulk", "/Me", "/Nowhere", "/Nowhere/.search", "/Users/a/b"] {
            #expect(try await client.send(.post, path, "{}").status == 401, "\(path)")
        }
    }

    @Test(
        "ME-01, T-03: what the protocol has and this server does not offer is 501; what it has not is 404"
    )
    func notOffered() async throws {
        let (client, _) = try await setUp()
        for method in [Method.get, .post] {
            let answer = try await client.send(method, "/Me", "{}")
            #expect(answer.status == 501, "\(method.text)")
            #expect(AnswerFaults(answer, error: nil).sentences == [])
        }
        for path in [
            "/Nowhere", "/users", "/Users/a/b", "/Users/a/.search", "/Schemas/urn:none", "/Bulk/a",
            "/ResourceTypes/None",
            "/Entitlements",
        ] {
            let answer = try await client.send(.get, path)
            #expect(answer.status == 404, "\(path)")
            #expect(AnswerFaults(answer, error: nil).sentences == [])
        }
    }

    @Test("E-09, R-03: another version is refused as invalidVers; without a version the newest is meant")
    func version() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        func get(_ target: String) async throws -> TestAnswer {
            let fields = Fields([(.authorization, "Bearer \(try #require(client.token))")])
            let request = Request(
                method: .get,
                target: try Target(target),
                fields: fields,
                body: [],
                peer: Peer(address: "192.0.2.1", isSecure: true)
            )
            return TestAnswer(await service.send(request))
        }
        for version in ["v1", "v3", "v2.1", "v20"] {
            let answer = try await get("/acme/scim/\(version)/Users")
            #expect(answer.status == 400)
            #expect(AnswerFaults(answer, error: "invalidVers").sentences == [])
        }
        #expect(try await get("/acme/scim/v2/Users").status == 200)
        #expect(try await get("/acme/scim/Users").status == 200)
        for path in ["/", "/acme", "/acme/v2/Users", "/scim/v2/Users", "/favicon.ico"] {
            let answer = try await get(path)
            #expect([401, 404].contains(answer.status), "\(path)")
            #expect(AnswerFaults(answer, error: nil).sentences == [])
        }
    }
}
