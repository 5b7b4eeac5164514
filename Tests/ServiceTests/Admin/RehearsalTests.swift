import Audit
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@testable import Service

@Suite("Rehearsals")
struct RehearsalTests {
    private let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))

    private func post(_ path: String, _ body: String, to handler: AdminHandler) async throws -> TestAnswer {
        try await handler.answer(.post, path, body)
    }

    private var handler: AdminHandler { service.adminHandler() }

    private func findings(_ answer: TestAnswer) -> [String] {
        guard case .object(let sheet)? = answer.json else { return ["The answer is no object."] }
        return sheet.objects("steps").compactMap { step in
            step.text("finding").isEmpty ? nil : "\(step.text("title")): \(step.text("finding"))"
        }
    }

    @Test(
        "Every request of a provider with its default mappings is answered as the provider needs it, in every profile that serves it",
        arguments: [("okta", "default"), ("okta", "okta"), ("entra", "default"), ("entra", "entra")]
    )
    func plays(client: String, profile: String) async throws {
        _ = try await service.client()
        let handler = handler
        #expect(
            try await post("/tenants/acme/profile", #"{"profile":"\#(profile)"}"#, to: handler).status == 200
        )
        let sheet = try await post("/tenants/acme/rehearsals", #"{"client":"\#(client)"}"#, to: handler)
        #expect(sheet.status == 200)
        #expect(findings(sheet) == [])
        #expect(sheet.value("failed") == .number(JSONNumber(0)))
        #expect(sheet.value("steps", "0", "status") == .number(JSONNumber(200)))
        #expect(sheet.value("steps", "2", "body", "userName") != nil)
        #expect(sheet.value("steps", "2", "answer", "id") != nil)
    }

    @Test("A profile that does not serve a provider is found out")
    func wrongProfile() async throws {
        _ = try await service.client()
        let handler = handler
        _ = try await post("/tenants/acme/profile", #"{"profile":"strict"}"#, to: handler)
        let findings = findings(
            try await post("/tenants/acme/rehearsals", #"{"client":"entra"}"#, to: handler)
        )
        #expect(findings.contains { $0.hasPrefix("Disable the user: The answer was 400: ") })
    }

    @Test("A rehearsal leaves one record of who played it, and no resource, no token, no tenant")
    func leavesNothing() async throws {
        let client = try await service.client()
        let id = try await client.createUser("ann.lee@example.com")
        let handler = handler
        let (records, tokens) = (
            try service.records().count, try service.administration.tokens(of: "acme").count
        )
        let sheet = try await post("/tenants/acme/rehearsals", #"{"client":"okta"}"#, to: handler)
        #expect(findings(sheet) == [])
        #expect(try service.records().count == records + 1)
        #expect(try service.records().last?["SCIM_EVENT"] == "console.rehearse")
        #expect(try service.records().last?["SCIM_ACTOR_ID"] == "root")
        #expect(try service.administration.tokens(of: "acme").count == tokens)
        #expect(try service.administration.tenants().map(\.name) == ["acme"])
        #expect(try await client.send(.get, "/Users").text("Resources", "0", "id") == id)
        #expect(try await client.send(.get, "/Groups").value("totalResults") == .number(JSONNumber(0)))
        #expect(try service.findings() == [])
        let text = String(decoding: sheet.response.body, as: UTF8.self)
        #expect(!text.contains("pharos_scim_"))
    }

    @Test("What the tenant's own schemas refuse is found, with the sentence of the answer")
    func ownSchemas() async throws {
        _ = try await service.client()
        let handler = handler
        let schema =
            #"{"id":"urn:example:badge:2.0:User","name":"Badge","attributes":[{"name":"badge","type":"string","multiValued":false,"required":true,"mutability":"readWrite","returned":"default","caseExact":false,"uniqueness":"none"}]}"#
        let added = try await post(
            "/tenants/acme/schemas",
            #"{"file":\#(schema),"extend":"User","required":true}"#,
            to: handler
        )
        #expect(added.status == 200, "\(String(decoding: added.response.body, as: UTF8.self))")
        let findings = findings(
            try await post("/tenants/acme/rehearsals", #"{"client":"okta"}"#, to: handler)
        )
        let creation = try #require(findings.first)
        #expect(creation.hasPrefix("Create Users: The answer was 400: ") && creation.contains("badge"))
    }

    @Test("A client without a script and a tenant that is not there are refused")
    func refused() async throws {
        _ = try await service.client()
        let handler = handler
        for body in ["{}", #"{"client":"nobody"}"#, #"{"client":1}"#, #"{"server":"x"}"#] {
            #expect(try await post("/tenants/acme/rehearsals", body, to: handler).status == 400, "\(body)")
        }
        #expect(
            try await post("/tenants/nobody/rehearsals", #"{"client":"okta"}"#, to: handler).status == 404
        )
    }

    @Test("Many at once are played or told to wait, and each gives its turn back")
    func manyAtOnce() async throws {
        _ = try await service.client()
        let handler = handler
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try await post("/tenants/acme/rehearsals", #"{"client":"okta"}"#, to: handler).status
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(Set(statuses).isSubset(of: [200, 409]) && statuses.contains(200))
        // What was not played is not told of.
        let told = try service.events().filter { $0 == "console.rehearse" }.count
        #expect(told == statuses.filter { $0 == 200 }.count)
        for _ in 0...Turns.ofRehearsals().turnsMax {
            #expect(
                try await post("/tenants/acme/rehearsals", #"{"client":"entra"}"#, to: handler).status == 200
            )
        }
    }

    @Test("An answer that a provider would stop at is found")
    func judged() {
        func finding(_ expectation: RehearsalStep.Expectation, _ status: Status, _ body: String) -> String? {
            RehearsalStep("", .get, "/Users", nil, expectation)
                .finding(in: Response(status, contentType: "application/json", body: Array(body.utf8)))
        }
        #expect(finding(.created(as: "user"), .created, #"{"id":"1"}"#) == nil)
        #expect(finding(.created(as: "user"), .created, "{}") == "The answer has no id.")
        #expect(
            finding(.created(as: "user"), .conflict, #"{"detail":"Taken."}"#) == "The answer was 409: Taken."
        )
        #expect(finding(.found(1), .ok, #"{"totalResults":1}"#) == nil)
        #expect(finding(.found(1), .ok, #"{"totalResults":2}"#) != nil)
        #expect(finding(.found(0), .ok, "") != nil)
        #expect(finding(.shows("active", .bool(false)), .ok, #"{"active":false}"#) == nil)
        #expect(finding(.shows("active", .bool(false)), .ok, #"{"active":"False"}"#) != nil)
        #expect(finding(.showsMembers(0), .ok, "{}") == nil)
        #expect(finding(.showsMembers(0), .ok, #"{"members":[{"value":"1"}]}"#) != nil)
        #expect(finding(.success, .noContent, "") == nil && finding(.success, .badRequest, "") != nil)
        #expect(finding(.status(404), .ok, "") == "The answer was 200.")
    }
}
