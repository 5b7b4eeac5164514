import Audit
import Directory
import HTTP
import JSON
import SCIM
import Tenancy
import TestSupport
import Testing
import Transfer

@Suite("Import of users")
struct UserImportTests {
    @Test(
        "Users are created, then updated by userName in any case, then unchanged; empty cells change nothing"
    )
    func createAndUpdate() async throws {
        let tenant = try await Transferred()
        let head = ["userName", "firstName", "email", "department"]
        let rows = [["ann", "Ann", "ann@example.com", "Sales"], ["bob", "Bob", "", ""]]
        #expect(counts(try await tenant.users(head, rows)) == [2, 0, 0, 0])
        #expect(counts(try await tenant.users(head, rows)) == [0, 0, 2, 0])
        #expect(counts(try await tenant.users(head, [["ANN", "", "a@example.com", ""]])) == [0, 1, 0, 0])
        let ann = try await tenant.user("ann")
        #expect(ann.value("name", "givenName") == .string("Ann"))
        #expect(ann.value(Schema.enterpriseUser.id, "department") == .string("Sales"))
        #expect(ann.texts("emails") == ["a@example.com"])
        #expect(ann.texts("emails", "type") == ["work"])
    }

    @Test("A user whose userName is not there is found by externalId, and renamed")
    func matchByExternalID() async throws {
        let tenant = try await Transferred()
        _ = try await tenant.client.createUser("old", #","externalId":"E1""#)
        _ = try await tenant.client.createUser("twin", #","externalId":"E2""#)
        _ = try await tenant.client.createUser("twin2", #","externalId":"E2""#)
        let report = try await tenant.users(
            ["userName", "externalId"],
            [["new", "E1"], ["x", "E2"], ["twin", "E2"]]
        )
        #expect(counts(report) == [0, 1, 1, 1])
        #expect(report.refusals.map(\.line) == [3])
        #expect(try await tenant.user("new").text("externalId") == "E1")
        #expect(try await tenant.user("old").status == 404)
    }

    @Test("A line that cannot be imported is told by its number and column, without its values; others go on")
    func refusals() async throws {
        let tenant = try await Transferred()
        _ = try await tenant.client.createUser("taken", #","externalId":"E1""#)
        let report = try await tenant.users(
            ["userName", "externalId", "active", "title"],
            [
                ["ann", "", "canary", ""], ["", "", "true", "canary"], ["", "canary", "true", ""],
                [" ", "", "", "canary"], ["good", "E3", "TRUE", "Boss"], ["good2", "", "false", "Boss"],
            ]
        )
        #expect(counts(report) == [2, 0, 0, 4])
        #expect(report.refusals.map(\.line) == [2, 3, 4, 5])
        #expect(report.refusals.map(\.column) == ["active", nil, nil, nil])
        #expect(report.refusals.allSatisfy { !$0.reason.contains("canary") && !$0.reason.isEmpty })
        #expect(try await tenant.user("good").value("active") == .bool(true))
    }

    @Test(
        "A table without a column that names the user, or with one that cannot be imported, is refused as a whole",
        arguments: [
            ["title"], [], ["userName", "colour"], ["userName", "password"], ["userName", "id"],
            ["userName", "email", #"emails[type eq "work"].value"#], ["userName", "cards"],
        ]
    )
    func columns(names: [String]) async throws {
        let tenant = try await Transferred()
        let row = names.map { _ in "x" }
        await #expect(throws: AdministrationError.self) { try await tenant.users(names, [row]) }
        #expect(try await tenant.client.send(.get, "/Users").integer("totalResults") == 0)
    }

    @Test("More lines than a batch has, and lines with another number of cells, are refused as a whole")
    func limits() async throws {
        let tenant = try await Transferred()
        let many = (0...TenantTransfer.linesMax).map { ["u\($0)"] }
        await #expect(throws: AdministrationError.self) { try await tenant.users(["userName"], many) }
        await #expect(throws: AdministrationError.self) {
            try await tenant.users(["userName", "title"], [["a", "b"], ["c"]])
        }
        #expect(try await tenant.client.send(.get, "/Users").integer("totalResults") == 0)
    }

    @Test("A dry run tells the same and changes nothing, nor leaves a record")
    func isDry() async throws {
        let tenant = try await Transferred()
        _ = try await tenant.client.createUser("ann")
        let before = try tenant.service.records().count
        let rows = [["ann", "Boss"], ["bob", ""], ["BOB", "Boss"], ["", "x"]]
        #expect(counts(try await tenant.users(["userName", "title"], rows, dryRun)) == [1, 2, 0, 1])
        #expect(try tenant.service.records().count == before)
        #expect(try await tenant.user("bob").status == 404)
        #expect(counts(try await tenant.users(["userName", "title"], rows)) == [1, 2, 0, 1])
    }

    @Test("G1, G5: each changed line leaves one record with the operator as its actor and no value")
    func records() async throws {
        let tenant = try await Transferred()
        let before = try tenant.service.records().count
        let head = ["userName", "active", "email"]
        _ = try await tenant.users(head, [["canary1", "true", "canary@example.com"], ["canary2", "x", ""]])
        _ = try await tenant.users(head, [["canary1", "false", ""], ["canary1", "", "canary"]])
        _ = try await tenant.users(head, [["canary1", "false", ""]])
        let records = try Array(tenant.service.records().dropFirst(before))
        #expect(records.compactMap { $0["SCIM_EVENT"] } == ["user.create", "user.deactivate", "user.update"])
        for record in records {
            #expect(record["SCIM_ACTOR_TYPE"] == "admin")
            #expect(record["SCIM_ACTOR_ID"] == "operator")
            #expect(record["SCIM_TENANT"] == "acme")
            #expect(record["SCIM_CREDENTIAL_ID"] == nil)
            #expect(record["SCIM_METHOD"] == nil)
            #expect(record["SCIM_STATUS"] == nil)
            #expect(record["SCIM_TARGET_ID"] != nil)
            for (name, value) in record { #expect(!value.contains("canary"), "\(name)") }
        }
    }

    @Test("Lines see those before them, whether in the same commit or in the one before")
    func severalCommits() async throws {
        let tenant = try await Transferred()
        let names = (0..<450).map { "u\($0)" }
        let rows = names.map { [$0, "N"] } + [["u0", "x"], ["u449", "x"]] + names.map { [$0, "M"] }
        let report = try await tenant.users(["userName", "nickName"], rows)
        #expect(counts(report) == [450, 452, 0, 0])
        #expect(report.createdLines.first == 2)
        #expect(report.updatedLines.prefix(3) == [452, 453, 454])
        for name in ["u0", "u200", "u449"] { #expect(try await tenant.user(name).text("nickName") == "M") }
        let listed = try await tenant.client.send(.get, "/Users?count=0")
        #expect(try listed.value("totalResults") == .number(JSONNumber(450)))
    }

    @Test("V-03: a batch that meets other changes is computed again; neither loses anything")
    func concurrent() async throws {
        let tenant = try await Transferred()
        let names = (0..<200).map { "u\($0)" }
        _ = try await tenant.users(["userName"], names.map { [$0] })
        let ids = try await tenant.client.send(.get, "/Users?count=200").texts("Resources", "id")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ids {
                group.addTask {
                    let title = #"{"op":"replace","path":"title","value":"T"}"#
                    let answer = try await tenant.client.patch("/Users/\(id)", title)
                    #expect(answer.status == 200)
                }
            }
            group.addTask {
                let report = try await tenant.users(["userName", "nickName"], names.map { [$0, "N"] })
                #expect(counts(report) == [0, 200, 0, 0])
            }
            try await group.waitForAll()
        }
        for id in ids {
            let user = try await tenant.client.send(.get, "/Users/\(id)")
            #expect(try user.text("title") == "T")
            #expect(try user.text("nickName") == "N")
        }
    }

    @Test("T-05: a tenant is connected while SCIM is enabled and a token is live")
    func connection() async throws {
        let tenant = try await Transferred()
        let administration = tenant.service.administration
        #expect(try administration.isConnected("acme"))
        _ = try await administration.setSCIM(enabled: false, tenant: "acme", by: .system)
        #expect(try !administration.isConnected("acme"))
        _ = try await administration.setSCIM(enabled: true, tenant: "acme", by: .system)
        for token in try administration.tokens(of: "acme") {
            _ = try await administration.revokeToken(token.id, tenant: "acme", by: .system)
        }
        #expect(try !administration.isConnected("acme"))
    }
}
