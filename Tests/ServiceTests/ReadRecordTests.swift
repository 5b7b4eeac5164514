import Audit
import HTTP
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Audit records of reads and of names")
struct ReadRecordTests {
    private func service(
        _ settings: [(TenantSetting, String)]
    ) async throws -> (service: TestService, client: TestClient, ann: String) {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1_795_000_000_000_000 }))
        let client = try await service.client()
        for (setting, word) in settings {
            _ = try await service.administration.set(setting, to: word, tenant: "acme", by: .system)
        }
        let body =
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Canary","externalId":"Canary"}"#
        return (service, client, try await client.send(.post, "/Users", body).text("id"))
    }

    private func events(_ service: TestService) async throws -> [[String: String]] {
        try await service.flushAudit()
        return try service.records().filter { $0["SCIM_EVENT"]?.hasPrefix("resource.") == true }
    }

    @Test("reads leave no record until a tenant asks for it; then the filter stands there without its values")
    func reads() async throws {
        for (word, expected) in [("none", 0), ("sensitive", 1), ("all", 4)] {
            let (service, client, ann) = try await service([(.auditReads, word)])
            for path in [
                "/Users/\(ann)", "/Users?filter=userName%20eq%20%22canary%22",
                "/Users?filter=active%20eq%20true%20and%20(userType%20pr%20or%20not%20(locale%20sw%20%22canary%22))",
                "/Users",
            ] { #expect(try await client.send(.get, path).status == 200) }
            #expect(try await client.send(.get, "/Users/00000000-0000-7000-8000-000000000000").status == 404)
            let records = try await events(service)
            #expect(records.count == expected, "\(word)")
            for record in records {
                #expect(record["SCIM_TENANT"] == "acme")
                #expect(record["SCIM_METHOD"] == "GET")
                #expect(record["SCIM_STATUS"] == "200")
                for value in record.values { #expect(!value.lowercased().contains("canary")) }
            }
            guard word == "all" else { continue }
            #expect(
                records.map { $0["SCIM_EVENT"] } == [
                    "resource.read", "resource.search", "resource.search", "resource.search",
                ]
            )
            #expect(records[0]["SCIM_TARGET_ID"] == ann)
            #expect(records[1]["SCIM_FILTER_SHAPE"] == "userName eq ?")
            #expect(records[2]["SCIM_FILTER_SHAPE"] == "active eq ? and (userType pr or not (locale sw ?))")
            #expect(records.map { $0["SCIM_RESULTS"] } == [nil, "1", "1", "1"])
        }
    }

    @Test("of a sample about as many reads are recorded as it says, and each tells the rate")
    func sample() async throws {
        let (service, client, ann) = try await service([(.auditReads, "all"), (.auditReadSample, "10")])
        for _ in 0..<400 { _ = try await client.send(.get, "/Users/\(ann)") }
        let records = try await events(service)
        #expect((10...90).contains(records.count))
        for record in records { #expect(record["SCIM_SAMPLE_RATE"] == "10") }
    }

    @Test(
        "names are marked once a tenant asks for it: by whoever has the key, whatever the case, and by nobody afterwards"
    )
    func marks() async throws {
        let (service, client, ann) = try await service([(.auditIdentifiers, "hmac")])
        let admin = service.adminHandler()
        func mark(_ attribute: String, _ name: String) async throws -> String? {
            let body = #"{"attribute":"\#(attribute)","name":"\#(name)"}"#
            let answer = TestAnswer(try await admin.answer(.post, "/tenants/acme/audit-hash", body).response)
            return answer.status == 200 ? try answer.text("hash") : nil
        }
        let name = try #require(try await mark("userName", "cANARY"))
        #expect(name.utf8.count == 32)
        let external = try #require(try await mark("externalId", "Canary"))
        #expect(try await mark("externalId", "canary") != external)
        #expect(try await mark("title", "canary") == nil)
        _ = try await client.patch("/Users/\(ann)", #"{"op":"replace","value":{"userName":"Renamed"}}"#)
        let renamed = try #require(try await mark("userName", "renamed"))
        _ = try await service.administration.set(.auditIdentifiers, to: "none", tenant: "acme", by: .system)
        #expect(try await mark("userName", "canary") == nil)
        _ = try await client.patch("/Users/\(ann)", #"{"op":"replace","value":{"userName":"Again"}}"#)
        let records = try service.records().filter { $0["SCIM_EVENT"]?.hasPrefix("user.") == true }
        #expect(records.map { $0["SCIM_TARGET_NAME_HMAC"] } == [name, "\(renamed),\(name)", nil])
        #expect(records.map { $0["SCIM_TARGET_EXTERNAL_HMAC"] } == [external, external, nil])
        _ = try await service.administration.set(.auditIdentifiers, to: "hmac", tenant: "acme", by: .system)
        #expect(try await mark("userName", "canary") != name)
    }
}
