import Foundation
import Testing

@Suite("An identity provider's day", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct ProvisioningTests {
    @Test("Okta's user: probe, look up, create, adopt, deactivate, reactivate (C-03, C-06, F-04, H-13)")
    func userLife() throws {
        try ServerUnderTest.quickstart { server in
            var okta = server.client
            okta.headers = ["User-Agent": "Okta SCIM Client 1.0.0", "Accept": "application/scim+json"]
            let lookUp = "/Users?filter=userName%20eq%20%22Isaac.Brock%22&startIndex=1&count=100"
            #expect(try okta.get("/Users?startIndex=1&count=2").totalResults == 0)
            #expect(try okta.get(lookUp).totalResults == 0)

            let created = try okta.post("/Users", Client.user("isaac.brock"))
            #expect(created.status == 201)
            #expect(created.field("Location") == "\(okta.url)/Users/\(created.id)")
            #expect(created.field("ETag")?.hasPrefix("W/\"") == true)
            let refused = try okta.post("/Users", Client.user("ISAAC.brock"))
            #expect(refused.status == 409)
            #expect(refused.json["scimType"] as? String == "uniqueness")
            #expect(try okta.get(lookUp).resources.first?["id"] as? String == created.id)

            let off = try okta.patch("/Users/\(created.id)", [["op": "replace", "value": ["active": false]]])
            #expect(off.status == 200)
            #expect(off.json["active"] as? Bool == false)
            #expect(try okta.get(lookUp).resources.first?["active"] as? Bool == false)

            var profile = try okta.get("/Users/\(created.id)").json
            profile["active"] = true
            profile["displayName"] = ""
            let on = try okta.put("/Users/\(created.id)", profile)
            #expect(on.status == 200)
            #expect(on.json["active"] as? Bool == true)
            #expect(on.field("ETag") != created.field("ETag"))
        }
    }

    @Test("Okta's group push: create, rename, add, replace and remove members, unlink (H-08, H-12, X-02)")
    func groupPush() throws {
        try ServerUnderTest.quickstart("--http") { server in
            let okta = server.client
            let users = try (1...3).map { try okta.post("/Users", Client.user("user\($0)")).id }
            let group = try okta.post("/Groups", Client.group("Engineering"))
            #expect(group.status == 201)
            let path = "/Groups/\(group.id)"
            let renamed = try okta.patch(
                path,
                [["op": "replace", "value": ["id": group.id, "displayName": "Engineering"]]]
            )
            #expect(renamed.status == 200)
            let added = try okta.patch(
                path,
                [["op": "add", "path": "members", "value": users.map { ["value": $0, "display": "x"] }]]
            )
            #expect(added.status == 200)
            #expect(members(added) == Set(users))

            let removed = try okta.patch(
                path,
                [["op": "remove", "path": "members[value eq \"\(users[0])\"]"]]
            )
            #expect(members(removed) == Set(users[1...]))
            let groups = try okta.get("/Users/\(users[1])").json["groups"] as? [[String: Any]]
            #expect(groups?.first?["value"] as? String == group.id)

            #expect(try okta.delete("/Users/\(users[1])").status == 204)
            #expect(members(try okta.get(path)) == [users[2]])
            #expect(try okta.patch(path, [["op": "replace", "path": "members", "value": []]]).status == 200)
            #expect(members(try okta.get(path)).isEmpty)
            #expect(try okta.delete(path).status == 204)
            #expect(try okta.get(path).status == 404)
        }
    }

    @Test(
        "Each change has exactly one audit entry, which names no value of the resource (A-13, audit G1, G5)"
    )
    func auditEntries() throws {
        try Scratch.use { folder in
            let server = try ServingServer(data: folder.appending(path: "data"))
            let client = try server.newTenant("acme")
            let created = try client.post("/Users", Client.user("canary-name"))
            _ = try client.patch(
                "/Users/\(created.id)",
                [["op": "replace", "value": ["password": "canary-password", "active": false]]]
            )
            _ = try client.delete("/Users/\(created.id)")
            #expect(server.server.stop() == 0)
            let entries = server.server.auditEntries
            let events = entries.filter { $0["SCIM_TARGET_ID"] as? String == created.id }.map {
                $0["SCIM_EVENT"] as? String
            }
            #expect(events == ["user.create", "user.deactivate", "user.delete"])
            #expect(entries.first?["SCIM_EVENT"] as? String == "service.start")
            // The end of the trail is signed too.
            let last = entries.map { $0["SCIM_EVENT"] as? String }
            #expect(last.last == "audit.checkpoint")
            #expect(last.last { $0 != "audit.checkpoint" } == "service.stop")
            let text = try entries.map(JSON.text).joined()
            #expect(!text.contains("canary"))
            #expect(!text.contains(client.token ?? "?"))
            #expect(!server.server.log.contains("canary"))
            #expect(!server.server.log.contains(client.token ?? "?"))
        }
    }

    private func members(_ reply: Reply) -> Set<String> {
        Set((reply.json["members"] as? [[String: Any]] ?? []).compactMap { $0["value"] as? String })
    }
}
