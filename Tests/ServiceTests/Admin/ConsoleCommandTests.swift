import Directory
import HTTP
import Logging
import SCIM
import Service
import Storage
import Tenancy
import TestSupport
import Testing

@testable import Service

@Suite("What a console of its own user may ask")
struct ConsoleCommandTests {
    private let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))

    /// Behind the console's socket, whoever it is that connects.
    private func answer(
        _ method: HTTP.Method,
        _ path: String,
        person: String? = "ann@acme.example",
        body: String = ""
    ) async throws -> TestAnswer {
        try await service.adminHandler().forConsole
            .answer(
                method,
                path,
                body,
                fields: person.map { [(FieldName.person, $0)] } ?? [],
                userID: 65_534
            )
    }

    @Test("Every command of the table is let in, and another method at its path is not")
    func table() async throws {
        _ = try await service.client()
        for command in ConsoleCommands.all {
            let path =
                "/"
                + command.pattern.map { $0 == ":tenant" ? "acme" : $0 }.joined(separator: "/")
                .replacing("*", with: "Users").replacing(":id", with: "none")
            #expect(try await answer(command.method, path).status != 403, "\(command.method.text) \(path)")
            let other: HTTP.Method = command.method == .delete ? .put : .patch
            #expect(try await answer(other, path).status == 403, "\(other.text) \(path)")
            let without = try await answer(command.method, path, person: nil)
            #expect((without.status == 403) == command.needsPerson, "\(command.method.text) \(path)")
        }
    }

    @Test(
        "What is an operator's is refused, and nothing changes",
        arguments: [
            (.post, "/check"), (.get, "/metrics"), (.post, "/reload"), (.post, "/tenants"),
            (.delete, "/tenants/acme"),
            (.post, "/tenants/acme/enable-scim"), (.post, "/tenants/acme/disable-scim"),
            (.post, "/tenants/acme/set-profile"), (.post, "/tenants/acme/schemas"),
            (.get, "/tenants/acme/export"), (.post, "/tenants/acme/import/resources"),
            (.post, "/console-links"), (.get, "/tenants/acme/scim/v2"), (.delete, "/tenants/acme/tokens"),
            (.post, "/tenants/acme/scim/v2/Users"), (.get, "/tenants/acme/tokens/x"), (.get, "/"),
            (.post, "/tenants/acme/tokens/regenerate/x"), (.get, "/tenants/acme/documents/openapi"),
        ] as [(HTTP.Method, String)]
    )
    func refused(method: HTTP.Method, path: String) async throws {
        _ = try await service.client()
        let records = try service.records().count
        let refusal = try await answer(method, path)
        #expect(refusal.status == 403)
        #expect(try refusal.text("message") == "A console may not ask this of the server.")
        #expect(try service.records().count == records)
        #expect(try service.administration.tenant("acme").isSCIMEnabled)
    }

    @Test(
        "A person is named as a console names one, and so recorded; nobody passes for a Unix user",
        arguments: [
            ("ann@acme.example", true), ("person.0a1b", true), ("link.root", true), ("root", false),
            ("pharos-scim", false), ("", false), ("a b@c", false), ("system", false), ("tok_1", false),
        ]
    )
    func person(name: String, isTaken: Bool) async throws {
        _ = try await service.client()
        let records = try service.records().count
        let answer = try await answer(.post, "/tenants/acme/tokens/regenerate", person: name)
        #expect(answer.status == (isTaken ? 201 : 403))
        #expect(try service.records().count == records + (isTaken ? 1 : 0))
        if isTaken { #expect(try service.records().last?["SCIM_ACTOR_ID"] == name) }
    }
}
