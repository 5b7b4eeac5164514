import Foundation
import Testing

@Suite("Ignored attributes", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct IgnoredAttributeTests {
    /// A list as the commands print it: type, attribute, count.
    private static func listed(_ finished: Finished) -> [String] {
        let list = finished.json["ignoredAttributes"] as? [[String: Any]] ?? []
        return list.map { "\($0["type"] ?? "") \($0["attribute"] ?? "") \($0["count"] ?? "")" }
    }

    @Test(
        "`tenant show` tells them beside a server, after its end and its next start; clearing empties the list"
    )
    func life() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            var serving = try ServingServer(data: data)
            let client = try serving.newTenant("acme")
            _ = try serving.newTenant("globex")
            func command(_ arguments: String...) throws -> Finished {
                try Program.run(Program.pharos, arguments + ["--data", data.path])
            }
            let user = try client.post("/Users", Client.user("ann").merging(["shoeSize": 9]) { $1 }).id
            let operation: [String: Any] = ["op": "replace", "path": "SHOESIZE", "value": 8]
            #expect(try client.patch("/Users/\(user)", [operation]).status == 200)
            let shown = try serving.server.run("tenant", "show", "acme")
            #expect(Self.listed(shown) == ["User shoeSize 2"])
            let entry = (shown.json["ignoredAttributes"] as? [[String: Any]])?.first
            #expect((entry?["since"] as? String ?? "z") <= (entry?["last"] as? String ?? ""))
            #expect(shown.json["otherIgnoredAttributes"] == nil)
            let line = try Regex(
                #"TYPE +ATTRIBUTE +TIMES +FIRST SEEN +LAST SEEN\nUser +shoeSize +2 +2\d{3}-"#
            )
            #expect(try command("tenant", "show", "acme").output.firstMatch(of: line) != nil)
            #expect(Self.listed(try serving.server.run("tenant", "show", "globex")) == [])
            #expect(!(try command("tenant", "show", "globex").output.contains("Ignored")))

            #expect(serving.server.stop() == 0)
            #expect(Self.listed(try command("tenant", "show", "acme", "--json")) == ["User shoeSize 2"])
            #expect(try command("check").status == 0)
            serving = try ServingServer(data: data)
            defer { serving.server.stop() }
            #expect(Self.listed(try serving.server.run("tenant", "show", "acme")) == ["User shoeSize 2"])
            let cleared = try serving.server.run("tenant", "clear-ignored", "acme")
            #expect(cleared.status == 0)
            #expect(cleared.json["name"] as? String == "acme")
            #expect(cleared.json["ignoredAttributes"] as? [String] == [])
            #expect(!(try command("tenant", "show", "acme").output.contains("Ignored")))
            #expect(try serving.server.run("tenant", "clear-ignored", "nobody").status == ExitStatus.notThere)
        }
    }
}
