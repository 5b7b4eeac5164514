import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Audit records of requests")
struct AuditRecordTests {
    private let create =
        #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"canary-name","externalId":"canary-external","name":{"givenName":"canary-given"},"emails":[{"value":"canary@example.com"}],"password":"canary-password","active":true,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"canary-department"}}"#

    @Test(
        "G1, G5: one record for each change, with the most specific event, and no value of a resource in any"
    )
    func oneRecordPerChange() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1_795_000_000_000_000 }))
        let client = try await service.client()
        let before = try service.records().count
        let user = try await client.send(.post, "/Users", create).text("id")
        let steps: [(Method, String, String?)] = [
            (.patch, "/Users/\(user)", #"{"op":"replace","path":"title","value":"canary-title"}"#),
            (.patch, "/Users/\(user)", #"{"op":"replace","value":{"active":false}}"#),
            (.patch, "/Users/\(user)", #"{"op":"replace","value":{"active":"True"}}"#),
            (.patch, "/Users/\(user)", #"{"op":"replace","value":{"password":"canary-again"}}"#),
            (.patch, "/Users/\(user)", #"{"op":"replace","path":"title","value":"canary-title"}"#),
        ]
        for (_, path, operation) in steps { _ = try await client.patch(path, operation ?? "") }
        _ = try await client.send(.put, "/Users/\(user)", create)
        let group = try await client.createGroup("canary-group")
        _ = try await client.patch(
            "/Groups/\(group)",
            #"{"op":"add","path":"members","value":[{"value":"\#(user)","display":"canary-display"}]}"#
        )
        _ = try await client.patch(
            "/Groups/\(group)",
            #"{"op":"replace","value":{"displayName":"canary-renamed"}}"#
        )
        _ = try await client.send(.delete, "/Groups/\(group)")
        _ = try await client.send(.delete, "/Users/\(user)")
        let records = Array(try service.records().dropFirst(before))
        #expect(
            records.compactMap { $0["SCIM_EVENT"] } == [
                "user.create", "user.update", "user.deactivate", "user.activate", "user.password",
                "user.replace",
                "group.create", "group.members", "group.update", "group.delete", "user.delete",
            ]
        )
        for record in records {
            #expect(record["SCIM_OUTCOME"] == "success")
            #expect(record["SCIM_TENANT"] == "acme")
            #expect(record["SCIM_CREDENTIAL_ID"]?.hasPrefix("tok_") == true)
            #expect(record["SCIM_REQUEST_ID"]?.utf8.count == 32)
            #expect(record["SCIM_IP"] == "192.0.2.1")
            for (name, value) in record { #expect(!value.contains("canary"), "\(name)") }
        }
        #expect(records[1]["SCIM_ATTR"] == "title")
        #expect(records[2]["SCIM_ATTR"] == "active")
        #expect(records[7]["SCIM_MEMBER_ADDED"] == user)
        #expect(records[7]["SCIM_MEMBERS_ADDED"] == "1")
        #expect(
            records.map { $0["SCIM_STATUS"] } == ["201"] + Array(repeating: "200", count: 5) + [
                "201", "200", "200", "204", "204",
            ]
        )
        #expect(records[1]["SCIM_VERSION_OLD"] == records[0]["SCIM_VERSION_NEW"])
        #expect(
            records.compactMap { $0["SCIM_SEQ"] }.compactMap { Int($0) } == Array(before + 1...before + 11)
        )
    }

    @Test(
        "Audit 3.3: a refused change keeps its event, other refusals have their own, and reads leave no trace"
    )
    func refusals() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1_795_000_000_000_000 }))
        let client = try await service.client()
        let user = try await client.createUser("ann")
        let before = try service.records().count
        _ = try await client.send(.post, "/Users", #"{"schemas":["\#(Schema.user.id)"],"userName":"ANN"}"#)
        _ = try await client.send(.put, "/Users/\(user)", #"{"schemas":["\#(Schema.user.id)"]}"#)
        _ = try await client.send(.patch, "/Users/\(user)", "{")
        _ = try await client.send(.delete, "/Users/\(user)", fields: [(.ifMatch, #"W/"0""#)])
        _ = try await client.send(.delete, "/Users/0190a000-0000-7000-8000-000000000000")
        _ = try await client.send(.post, "/Users", "x", fields: [(.contentType, "text/plain")])
        _ = try await client.send(.get, "/Users?filter=canary")
        for path in ["/.search", "/Users/.search"] {
            let search = #"{"schemas":["\#(SearchRequest.schema)"],"filter":"userName ne \"x\""}"#
            #expect(try await client.send(.post, path, search).status == 200)
        }
        _ = try await client.send(.post, "/.search", #"{"schemas":["canary"]}"#)
        _ = try await client.send(
            .post,
            "/Users/.search",
            #"{"schemas":["\#(SearchRequest.schema)"],"count":"canary"}"#
        )
        _ = try await client.send(.get, "/Users/nobody")
        _ = try await client.send(.get, "/Users", fields: [(.authorization, "Bearer canary")])
        var nobody = client
        nobody.tenant = "canary-tenant"
        _ = try await nobody.send(.get, "/Users")
        _ = try await service.administration.setSCIM(enabled: false, tenant: "acme", by: .system)
        _ = try await client.send(.get, "/Users")
        try await service.flushAudit()
        let records = try service.records().dropFirst(before).filter { $0["SCIM_OUTCOME"] == "failure" }
        #expect(
            records.map { "\($0["SCIM_EVENT"] ?? "") \($0["SCIM_REASON"] ?? "")" }.sorted() == [
                "access.denied disabled", "auth.failure malformed", "auth.failure tenant",
                "request.rejected invalidFilter", "request.rejected invalidSyntax",
                "request.rejected invalidSyntax", "request.rejected invalidValue",
                "request.rejected media-type", "user.create uniqueness", "user.delete not-found",
                "user.delete version-mismatch", "user.replace invalidValue",
            ]
        )
        for record in records {
            for (name, value) in record { #expect(!value.contains("canary"), "\(name)") }
        }
        let foreign = try #require(records.first { $0["SCIM_REASON"] == "tenant" })
        #expect(foreign["SCIM_TENANT"] == nil)
        #expect(foreign["SCIM_CREDENTIAL_ID"] != nil)
    }
}
