import Directory
import Foundation
import Tenancy
import Testing

@Suite("Administration", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct AdministrationTests {
    @Test("T-05: a token ends on the next request after its revocation, and after its regeneration")
    func tokenLife() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            let server = serving.server
            var client = try serving.newTenant("acme")
            #expect(try client.get("/Users").status == 200)
            let again = try server.run("token", "generate", "acme")
            #expect(again.status == ExitStatus.exists)
            #expect(again.errors.contains("live token"))

            let overlapping = try server.run("token", "regenerate", "acme", "--overlap", "1h")
            #expect(overlapping.status == 0)
            #expect(try client.get("/Users").status == 200)
            client.token = overlapping.json["token"] as? String
            #expect(try client.get("/Users").status == 200)

            let listed = (try server.run("token", "list", "acme").json["tokens"] as? [[String: Any]])?.first
            let oldID = listed?["id"] as? String ?? ""
            let retired = try server.run("token", "retire", "acme", oldID, "--unused", "1h")
            #expect(retired.json["endsUnusedSeconds"] as? Int == 3_600)
            #expect(try server.run("token", "retire", "acme", oldID, "--unused", "1m").status == 6)
            let replaced = try server.run("token", "regenerate", "acme")
            let old = try client.get("/Users")
            #expect(old.status == 401)
            #expect(old.field("WWW-Authenticate")?.hasPrefix("Bearer") == true)
            client.token = replaced.json["token"] as? String
            #expect(try client.get("/Users").status == 200)

            let revoked = try server.run("token", "revoke", "acme", replaced.json["id"] as? String ?? "")
            #expect(revoked.status == 0)
            #expect(try client.get("/Users").status == 401)
            let tokens = try server.run("token", "list", "acme").json["tokens"] as? [[String: Any]] ?? []
            #expect(tokens.count == 3)
            #expect(tokens.allSatisfy { $0["live"] as? Bool == false })
            #expect(tokens.allSatisfy { $0["token"] == nil })
        }
    }

    @Test("SCIM is off until an operator enables it, and off again at once; absent tokens learn nothing")
    func disabledTenant() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            #expect(try serving.server.run("tenant", "create", "acme").status == 0)
            let issued = try serving.server.run("token", "generate", "acme")
            var client = Client(url: "\(serving.url)/acme/scim/v2", token: issued.json["token"] as? String)
            #expect(issued.json["tenantURL"] as? String == client.url)
            #expect(try client.get("/Users").status == 403)
            _ = try serving.server.run("tenant", "enable-scim", "acme")
            #expect(try client.get("/Users").status == 200)
            _ = try serving.server.run("tenant", "disable-scim", "acme")
            #expect(try client.get("/Users").status == 403)
            client.token = nil
            #expect(try client.get("/Users").status == 401)
        }
    }

    @Test("M-01, M-03, Q-01: a tenant's token opens no other tenant, and foreign ids answer like absent ones")
    func foreignTenant() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            let acme = try serving.newTenant("acme")
            let globex = try serving.newTenant("globex")
            let id = try acme.post("/Users", Client.user("bjensen")).id
            var crossed = globex
            crossed.url = acme.url
            #expect(try crossed.get("/Users/\(id)").status == 401)
            let foreign = try globex.get("/Users/\(id)")
            let absent = try globex.get("/Users/018f0000-0000-7000-8000-000000000000")
            #expect(foreign.status == 404)
            #expect(foreign.body == absent.body)
            #expect(try globex.get("/Users").totalResults == 0)
            #expect(try serving.server.run("tenant", "delete", "acme").status == ExitStatus.refused)
            #expect(try serving.server.run("tenant", "show", "acme").status == 0)
            #expect(try serving.server.run("tenant", "delete", "acme", "--yes").status == 0)
            #expect(try acme.get("/Users/\(id)").status == 401)
            #expect(try serving.server.run("tenant", "show", "acme").status == ExitStatus.notThere)
        }
    }

    @Test("A refusal has a word and an exit status that scripts can rely on, and a sentence")
    func refusals() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            _ = try serving.newTenant("acme")
            let cases: [(arguments: [String], word: String, status: Int32)] = [
                (["tenant", "create", "acme"], "exists", ExitStatus.exists),
                (["token", "generate", "acme"], "exists", ExitStatus.exists),
                (["tenant", "show", "nobody"], "notThere", ExitStatus.notThere),
                (["token", "revoke", "acme", "000000000000"], "notThere", ExitStatus.notThere),
                (["tenant", "clear-ignored", "nobody"], "notThere", ExitStatus.notThere),
                (["tenant", "create", "No_Tenant"], "refused", ExitStatus.refused),
                (["tenant", "delete", "acme"], "refused", ExitStatus.refused),
                (["tenant", "set-profile", "acme", "none"], "usage", 64),
                (["token", "regenerate", "acme", "--overlap", "40d"], "usage", 64),
            ]
            for (arguments, word, status) in cases {
                let finished = try Program.run(
                    Program.pharos,
                    arguments + ["--json", "--data", serving.server.data.path]
                )
                #expect(finished.status == status, "\(arguments)")
                #expect(finished.json["error"] as? String == word, "\(arguments)")
                let sentence = finished.json["message"] as? String ?? ""
                #expect(finished.errors.contains(sentence) && sentence.contains(" "), "\(arguments)")
            }
            let nowhere = folder.appending(path: "nowhere").path
            let missed = try Program.run(Program.pharos, ["tenant", "list", "--json", "--data", nowhere])
            #expect(missed.status == ExitStatus.unreachable)
            #expect(missed.json["error"] as? String == "unreachable")
            let overlap = try serving.server.run("token", "regenerate", "acme", "--overlap", "40d")
            #expect(overlap.errors.contains("at most 30 days"))
        }
    }

    @Test(
        "Without a server the commands open the store themselves, and the next server delivers their records"
    )
    func withoutServer() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            func run(_ arguments: String...) throws -> Finished {
                try Program.run(Program.pharos, arguments + ["--data", data.path, "--json"])
            }
            #expect(try run("tenant", "list").status == ExitStatus.unreachable)
            #expect(try run("tenant", "create", "acme").status == 0)
            #expect(try run("tenant", "create", "acme").status == ExitStatus.exists)
            #expect(try run("tenant", "create", "No_Tenant").status == ExitStatus.refused)
            #expect(try run("tenant", "enable-scim", "acme").json["scimEnabled"] as? Bool == true)
            let token = try run("token", "generate", "acme").json["token"] as? String
            #expect(try run("check").status == 0)

            let serving = try ServingServer(data: data)
            let client = Client(url: "\(serving.url)/acme/scim/v2", token: token)
            #expect(try client.get("/Users").status == 200)
            #expect(serving.server.stop() == 0)
            let events = serving.server.auditEntries.compactMap { $0["SCIM_EVENT"] as? String }
            #expect(events.prefix(3) == ["tenant.create", "tenant.resume", "token.issue"])
        }
    }

    @Test(
        "Q-08: a tenant's profile and its policy for URLs hold from the next request on, and `tenant show` tells them"
    )
    func settings() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            let server = serving.server
            let client = try serving.newTenant("acme")
            let created = try server.run("tenant", "create", "globex", "--profile", "entra")
            #expect(created.json["profile"] as? String == "entra")
            #expect(try server.run("tenant", "create", "initech", "--profile", "none").status == 64)

            let undefined = "/Users?filter=shoeSize%20pr"
            #expect(try client.get(undefined).status == 200)
            #expect(try server.run("tenant", "set-profile", "acme", "strict").status == 0)
            #expect(try client.get(undefined).status == 400)
            #expect(try server.run("tenant", "set-profile", "acme", "lenient").status == 64)
            #expect(try server.run("tenant", "set-profile", "nobody", "okta").status == ExitStatus.notThere)

            let personal = "/Users?filter=userName%20pr"
            #expect(try client.get(personal).status == 200)
            #expect(try server.run("tenant", "set-url-filters", "acme", "refuse").status == 0)
            #expect(try client.get(personal).status == 403)

            for setting in TenantSetting.all {
                let command = "set-\(setting.hyphenatedName)"
                for word in setting.words {
                    let changed = try server.run("tenant", command, "acme", word.text)
                    #expect(changed.json[setting.name] as? String == word.text)
                }
                #expect(try server.run("tenant", command, "acme", "nonesuch").status == 64)
            }
            let shown = try server.run("tenant", "show", "acme").json
            #expect(shown["clients"] as? [String] == [])
            let text = try Program.run(
                Program.pharos,
                ["tenant", "show", "acme", "--data", server.data.path]
            )
            #expect(text.output.firstMatch(of: /Clients seen .*none recognised/) != nil)
            for setting in TenantSetting.all {
                let word = try #require(setting.words.last).text
                #expect(shown[setting.name] as? String == word)
                #expect(text.output.firstMatch(of: try Regex("\(setting.title) .*\(word)")) != nil)
            }
        }
    }

    @Test(
        "A command line that is not understood gives 64, help gives 0 and an example",
        arguments: [
            [], ["tenant"], ["token"], ["check"], ["serve"], ["quickstart"], ["token", "regenerate"],
            ["token", "retire"], ["console", "serve"],
            ["import"], ["import", "users"], ["import", "cards"], ["import", "resources"], ["export"],
            ["schema"], ["schema", "add"], ["tenant", "clear-ignored"], ["resource-type"],
            ["resource-type", "add"], ["index"], ["index", "add"], ["load"],
            ["backup"], ["restore"], ["store", "stat"], ["store", "compact"],
        ] + TenantSetting.all.map { ["tenant", "set-\($0.hyphenatedName)"] }
    )
    func helpAndUsage(command: [String]) throws {
        let help = try Program.run(Program.pharos, command + ["--help"])
        #expect(help.status == 0)
        #expect(help.output.contains("pharos-scim"))
        #expect(try Program.run(Program.pharos, command + ["--no-such-option"]).status == 64)
    }
}

@Suite("Documents from the command line", .ownThreads)
struct DocumentCommandTests {
    @Test(
        "D-06: docs describe a tenant's own schemas beside a running server, and the built-in ones without any"
    )
    func documents() throws {
        try Scratch.use { folder in
            let pages = folder.appending(path: "pages").path
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            _ = try serving.newTenant("acme")
            let schema = folder.appending(path: "schema.json")
            try Data(
                #"{"id":"urn:example:Badge","name":"Badge","attributes":[{"name":"colour","type":"string"}]}"#
                    .utf8
            ).write(to: schema)
            #expect(
                try serving.server.run("schema", "add", "acme", schema.path, "--extend", "User").status == 0
            )
            #expect(
                try serving.server.run("docs", "resource-types", "--tenant", "acme", "--output", pages).status
                    == 0
            )
            let page = try String(contentsOf: folder.appending(path: "pages/User.md"), encoding: .utf8)
            #expect(page.contains("| `colour` | string |"))
            let described = try serving.server.run("docs", "openapi", "--tenant", "acme")
            #expect(described.json["openapi"] as? String == "3.1.0")
            #expect(described.output.contains("urn:example:Badge"))
            #expect(described.output.contains("\(serving.url)/acme/scim/v2"))
            let plain = try serving.server.run("docs", "openapi")
            #expect(plain.json["openapi"] as? String == "3.1.0")
            #expect(!plain.output.contains("urn:example:Badge"))
            let nobody = try serving.server.run("docs", "openapi", "--tenant", "nobody")
            #expect(nobody.status == ExitStatus.notThere)
        }
    }
}
