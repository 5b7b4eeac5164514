import Audit
import Directory
import HTTP
import Logging
import SCIM
import Service
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("What the console asks the administration interface")
struct AdminConsoleTests {
    private let service = TestService(store: MemoryStore(clock: { 1 }))

    private func send(
        _ method: HTTP.Method,
        _ path: String,
        _ body: String = "",
        person: String? = nil
    ) async throws -> TestAnswer {
        let handler = handler
        return try await send(method, path, body, person: person, to: handler)
    }

    private func send(
        _ method: HTTP.Method,
        _ path: String,
        _ body: String = "",
        person: String? = nil,
        to handler: AdminHandler
    ) async throws -> TestAnswer {
        let request = Request(
            method: method,
            target: try Target(path),
            fields: Fields(person.map { [(FieldName.person, $0)] } ?? []),
            body: Array(body.utf8),
            peer: Peer(address: nil, userID: 0, isSecure: false)
        )
        switch handler.handle(request) {
        case .ready(let response): return TestAnswer(response)
        case .pending(let operation): return TestAnswer(await operation())
        }
    }

    private var handler: AdminHandler {
        AdminHandler(
            administration: service.administration,
            directory: service.directory,
            notes: service.notes,
            features: ServiceProviderFeatures(),
            publicURL: "https://scim.example.com",
            allowedUsers: [0],
            userName: { _ in "root" },
            control: ServerControl(check: { [] }, reload: { .nothing }),
            pipeline: service.pipeline,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test("A link is good for one sign-in, for its tenant and role, and another one is not")
    func links() async throws {
        let handler = handler
        _ = try await service.client()
        let link = try await send(.post, "/console-links", #"{"tenant":"acme","role":"reader"}"#, to: handler)
        #expect(link.status == 201)
        let secret = try link.text("path").dropFirst("/link/".count)
        #expect(secret.count == 64)
        let wrong = try await send(
            .post,
            "/console-links/redeem",
            #"{"secret":"\#(secret.dropLast())0x"}"#,
            to: handler
        )
        #expect(wrong.status == 404)
        let used = try await send(.post, "/console-links/redeem", #"{"secret":"\#(secret)"}"#, to: handler)
        #expect(
            try used.text("tenant") == "acme" && used.text("role") == "reader" && used.text("by") == "root"
        )
        #expect(
            try await send(.post, "/console-links/redeem", #"{"secret":"\#(secret)"}"#, to: handler).status
                == 404
        )
    }

    @Test(
        "A link for nobody's tenant, for too long or for a role that is none is refused",
        arguments: [
            (#"{"tenant":"nobody"}"#, 404), (#"{"minutes":0}"#, 400), (#"{"minutes":61}"#, 400),
            (#"{"role":"god"}"#, 400), (#"{"minutes":60}"#, 201),
        ]
    )
    func refusedLinks(body: String, status: Int) async throws {
        #expect(try await send(.post, "/console-links", body).status == status)
    }

    @Test(
        "An operator reads a tenant's resources as its client does, also while its clients are not served, and changes none"
    )
    func reading() async throws {
        let client = try await service.client()
        let user = try await client.send(
            .post,
            "/Users",
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann"}"#
        )
        let id = try user.text("id")
        _ = try await service.administration.setSCIM(enabled: false, tenant: "acme", by: .system)
        let records = try service.records().count
        let list = try await send(.get, "/tenants/acme/scim/v2/Users?filter=userName%20eq%20%22ann%22")
        #expect(list.status == 200 && list.texts("Resources", "id") == [id])
        #expect(try await send(.get, "/tenants/acme/scim/v2/Users/\(id)").text("userName") == "ann")
        #expect(try await send(.get, "/tenants/nobody/scim/v2/Users").status == 404)
        #expect(try await send(.get, "/tenants/acme/scim/v2/Users/none").status == 404)
        #expect(try await send(.delete, "/tenants/acme/scim/v2/Users/\(id)").status == 404)
        #expect(try service.records().count == records)
    }

    @Test("A group's members come a hundred at a time")
    func members() async throws {
        let client = try await service.client()
        var members: [String] = []
        for number in 0..<101 {
            let user = try await client.send(
                .post,
                "/Users",
                #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u\#(number)"}"#
            )
            members.append(#"{"value":"\#(try user.text("id"))"}"#)
        }
        let body =
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"g","members":[\#(members.joined(separator: ","))]}"#
        let id = try await client.send(.post, "/Groups", body).text("id")
        let first = try await send(.get, "/tenants/acme/groups/\(id)/members")
        #expect(first.texts("members", "value").count == 100)
        let second = try await send(.get, "/tenants/acme/groups/\(id)/members?from=\(try first.text("next"))")
        #expect(second.texts("members", "value").count == 1 && second.value("next") == nil)
        #expect(Set(first.texts("members", "value") + second.texts("members", "value")).count == 101)
    }

    @Test(
        "What the console asks for a person is recorded with the person's name, and without one with the user's"
    )
    func person() async throws {
        _ = try await service.client()
        _ = try await send(.post, "/tenants/acme/disable-scim", person: "link.root")
        #expect(try service.records().last?["SCIM_ACTOR_ID"] == "link.root")
        _ = try await send(.post, "/tenants/acme/enable-scim")
        #expect(try service.records().last?["SCIM_ACTOR_ID"] == "root")
    }
}
