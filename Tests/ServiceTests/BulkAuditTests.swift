import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@testable import Service

@Suite("Bulk requests: audit records, turns and tenants")
struct BulkAuditTests {
    @Test(
        "G1, G5, audit 3.2: each operation leaves its own record with its place, the request one more, and no value gets in"
    )
    func records() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let ann = try await client.createUser("ann")
        let before = try service.records().count
        let answer = try await client.bulk([
            BulkText.user("new.user-1", "canary-name"),
            BulkText.user("canary bulkId", "canary-other"),
            BulkText.patch("/Users/\(ann)", #"{"op":"replace","path":"active","value":false}"#),
            BulkText.group("g", "canary-group", members: ["bulkId:new.user-1"]),
            BulkText.user("dup", "ANN"),
            BulkText.delete("/Users/0190a000-0000-7000-8000-000000000000"),
            BulkText.patch("/Users/\(ann)", #"{"op":"move"}"#, #","version":"W/\"1\"""#),
            #"{"method":"canary","path":"/Users"}"#,
            BulkText.delete("/Users/\(ann)"),
        ])
        #expect(answer.status == 200)
        try await service.flushAudit()
        let records = Array(try service.records().dropFirst(before))
        let made = records.filter { $0["SCIM_OUTCOME"] == "success" }
        #expect(
            made.map { $0["SCIM_EVENT"] } == [
                "user.create", "user.create", "user.deactivate", "group.create", "user.delete",
                "bulk.request",
            ]
        )
        #expect(made.map { $0["SCIM_BULK_INDEX"] } == ["0", "1", "2", "3", "8", nil])
        #expect(made.map { $0["SCIM_BULK_ID"] } == ["new.user-1", nil, nil, "g", nil, nil])
        #expect(made.map { $0["SCIM_METHOD"] } == ["POST", "POST", "PATCH", "POST", "DELETE", "POST"])
        #expect(made.map { $0["SCIM_STATUS"] } == ["201", "201", "200", "201", "204", "200"])
        #expect(made.last?["SCIM_RESULTS"] == "9")
        let refused = records.filter { $0["SCIM_OUTCOME"] == "failure" }
        #expect(
            refused.map {
                "\($0["SCIM_EVENT"] ?? "") \($0["SCIM_REASON"] ?? "") \($0["SCIM_BULK_INDEX"] ?? "")"
            } == [
                "user.create uniqueness 4", "user.delete not-found 5", "user.update invalidSyntax 6",
                "request.rejected invalidSyntax 7",
            ]
        )
        #expect(Set(records.map { $0["SCIM_REQUEST_ID"] }) == [answer.response[FieldName("Request-Id")]])
        for record in records {
            for (name, value) in record { #expect(!value.contains("canary"), "\(name)") }
        }
        #expect(!String(decoding: answer.response.body, as: UTF8.self).contains("canary-"))
    }

    @Test("G1: with transaction=all a failure is recorded for the operation at fault and for the request")
    func atomicFailure() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        _ = try await client.createUser("ann")
        let before = try service.records().count
        _ = try await client.bulk([BulkText.user("a", "a"), BulkText.user("b", "ann")], isAtomic: true)
        try await service.flushAudit()
        let records = try service.records().dropFirst(before)
        #expect(
            records.map { "\($0["SCIM_EVENT"] ?? "") \($0["SCIM_OUTCOME"] ?? "") \($0["SCIM_REASON"] ?? "")" }
                == [
                    "user.create failure uniqueness", "bulk.request failure uniqueness",
                ]
        )
    }

    @Test(
        "G1, R-02: while the audit trail takes no records a bulk request is 503 as a whole; afterwards it passes"
    )
    func closedGate() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        service.gate.setAccepting(false)
        let refused = try await client.bulk([BulkText.user("a", "ann")])
        #expect(refused.status == 503)
        #expect(refused.response[.retryAfter] != nil)
        service.gate.setAccepting(true)
        #expect(try await client.bulk([BulkText.user("a", "ann")]).texts("Operations", "status") == ["201"])
    }

    @Test("M-03: a tenant has its turns, all together have theirs, and a turn that ended can be had again")
    func turns() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        func access(_ name: String) async throws -> TenantAccess {
            let token = try #require(try await service.client(name).token)
            return try Authenticator(store: service.store, environment: service.environment)
                .authenticate(Array("Bearer \(token)".utf8).span, tenant: name, .background)
        }
        let turns = Turns.ofBulk()
        let first = try await access("first")
        for _ in 0..<Turns.ofBulk().turnsOfTenantMax { #expect(turns.begin(first)) }
        #expect(!turns.begin(first))
        var others = 0
        for number in 0..<10 {
            let other = try await access("other-\(number)")
            while turns.begin(other) { others += 1 }
        }
        #expect(others == Turns.ofBulk().turnsMax - Turns.ofBulk().turnsOfTenantMax)
        turns.end(first)
        #expect(turns.begin(first))
        #expect(!turns.begin(first))
    }

    @Test("T-03, M-03: a bulk request is for its token's tenant only, and only while SCIM is enabled")
    func tenancy() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let (acme, other) = (try await service.client("acme"), try await service.client("other"))
        let ann = try await acme.createUser("ann")
        let foreign = try await other.bulk([
            BulkText.delete("/Users/\(ann)"), BulkText.group("g", "G", members: [ann]),
            BulkText.user("a", "ann"),
        ])
        #expect(foreign.texts("Operations", "status") == ["404", "400", "201"])
        _ = try await service.administration.setSCIM(enabled: false, tenant: "other", by: .system)
        #expect(try await other.bulk([BulkText.user("b", "bob")]).status == 403)
        #expect(try await acme.send(.get, "/Users/\(ann)").status == 200)
    }

    @Test("B-02, B-03: a tenant's own types are endpoints of operations too, and its profile decides")
    func ownTypes() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        try await PrinterType.register(service)
        _ = try await service.administration.set(.profile, to: "strict", tenant: "acme", by: .system)
        let answer = try await client.bulk([
            BulkText.post("p", "/Printers", TestClient.printer("first", #","site":"bulkId:b""#)),
            BulkText.user("a", "ann", #","shoeSize":42"#),
            BulkText.user("b", "bob"),
            BulkText.patch("/Printers/bulkId:p", #"{"op":"add","path":"pages","value":7}"#),
            BulkText.post("q", "/Printers", TestClient.printer("first")),
        ])
        #expect(answer.texts("Operations", "status") == ["201", "400", "201", "200", "409"])
        let bob = try await client.send(.get, "/Users").texts("Resources", "id")
        let printers = try await client.send(.get, "/Printers")
        #expect(printers.texts("Resources", "site") == bob)
        #expect(printers.value("Resources", "0", "pages") == .number(JSONNumber(7)))
    }
}
