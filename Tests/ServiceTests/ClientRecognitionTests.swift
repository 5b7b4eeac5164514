import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Recognised clients")
struct ClientRecognitionTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let agent: String?
        let path: String
        let product: ClientProduct?

        init(_ agent: String?, _ path: String, _ product: ClientProduct?) {
            self.agent = agent
            self.path = path
            self.product = product
        }

        var testDescription: String { "\(agent ?? "no User-Agent"), \(path)" }
        var fields: [(FieldName, String)] { agent.map { [(.userAgent, $0)] } ?? [] }
    }

    private static let plain = "/Users?filter=userName%20eq%20%22x%22"
    private static let plus = "/Users?filter=userName+eq+%22x%22"

    @Test(
        "A client is told by what it is known to send, and by nothing less",
        arguments: [
            Sample("Okta SCIM Client 1.0.0", plain, .okta), Sample("okta scim client", "/Users", .okta),
            Sample("Okta", plain, nil), Sample("My Okta SCIM Client", plain, nil),
            Sample(nil, plus, .entra), Sample(nil, "/Users?aadOptscim062020", .entra),
            Sample(nil, plain, nil), Sample(nil, "/Users", nil), Sample("curl/8.5.0", plus, nil),
            Sample("", plus + "&", .oneLogin), Sample("", plus, nil),
            Sample("OneLogin SCIM", "/Users", .oneLogin),
            Sample("Apache-HttpClient/4.5", "/Users?filter=username%20Eq%20%22x%22", .pingIdentity),
            Sample("Apache-HttpClient/4.5", plain, nil),
            Sample("JumpCloud/1", "/Users", .jumpCloud), Sample("SailPoint", "/Users", .sailPoint),
            Sample("Google-Auto-Provisioning", "/Users?count=1", .google),
            Sample("authentik@2026.8.0", "/Users", .authentik),
        ]
    )
    func recognition(sample: Sample) async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        #expect(try await client.send(.get, sample.path, fields: sample.fields).status == 200)
        #expect(try service.administration.tenant("acme").clients.all == (sample.product.map { [$0] } ?? []))
    }

    @Test("A client is recorded once for each tenant, and changes nothing by itself")
    func once() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let clients = [try await service.client(), try await service.client("beta")]
        for _ in 0..<3 {
            for client in clients {
                for agent in ["Okta SCIM Client 1.0.0", "JumpCloud"] {
                    let answer = try await client.send(.get, "/Users", fields: [(.userAgent, agent)])
                    #expect(answer.status == 200)
                }
            }
        }
        for tenant in ["acme", "beta"] {
            let records = try service.records().filter {
                $0["SCIM_CLIENT"] != nil && $0["SCIM_TENANT"] == tenant
            }
            #expect(records.map { $0["SCIM_CLIENT"] } == ["okta", "jumpcloud"])
            for record in records {
                #expect(record["SCIM_EVENT"] == "tenant.update")
                #expect(record["SCIM_ACTOR_TYPE"] == "system")
                #expect(record["SCIM_ATTR"] == "clients")
                #expect(record["SCIM_CREDENTIAL_ID"]?.hasPrefix("tok_") == true)
            }
            let row = try service.administration.tenant(tenant)
            #expect(row.clients.all == [.okta, .jumpCloud])
            #expect(row.settings.profile == .default)
        }
    }

    @Test("Clients that come at once are recorded once, and every one of them is answered")
    func concurrent() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        try await withThrowingTaskGroup { group in
            for _ in 0..<32 {
                group.addTask {
                    try await client.send(.get, "/Users", fields: [(.userAgent, "Okta SCIM Client 1.0.0")])
                        .status
                }
            }
            for try await status in group { #expect(status == 200) }
        }
        #expect(try service.records().count { $0["SCIM_CLIENT"] == "okta" } == 1)
    }

    @Test("While the audit trail takes no records, a new client is served and noted later")
    func closedGate() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let fields: [(FieldName, String)] = [(.userAgent, "Okta SCIM Client 1.0.0")]
        service.gate.setAccepting(false)
        #expect(try await client.send(.get, "/Users", fields: fields).status == 200)
        #expect(try service.administration.tenant("acme").clients.all.isEmpty)
        service.gate.setAccepting(true)
        #expect(try await client.send(.get, "/Users", fields: fields).status == 200)
        #expect(try service.administration.tenant("acme").clients.all == [.okta])
    }

    @Test("Who is not let in is not recognised")
    func refused() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        var client = try await service.client()
        client.token = "pharos_scim_nonsense"
        let answer = try await client.send(.get, "/Users", fields: [(.userAgent, "Okta SCIM Client 1.0.0")])
        #expect(answer.status == 401)
        #expect(try service.administration.tenant("acme").clients.all.isEmpty)
    }
}
