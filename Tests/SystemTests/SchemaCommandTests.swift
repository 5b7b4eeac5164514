import Foundation
import TestSupport
import Testing

@Suite("Schemas by command", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct SchemaCommandTests {
    private static func write(_ text: String, _ name: String, in folder: URL) throws -> String {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    @Test(
        "D-04, C-01: an operator registers a resource type beside a running server, and clients use it at once"
    )
    func register() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            let client = try serving.newTenant("acme")
            let server = serving.server
            let schemas = try Self.write(
                "[\(PrinterType.printerSchema),\(PrinterType.leaseSchema)]",
                "schemas.json",
                in: folder
            )
            let type = try Self.write(PrinterType.type, "type.json", in: folder)
            #expect(try client.get("/Printers").status == 404)
            let early = try server.run("resource-type", "add", "acme", type)
            #expect(early.status == ExitStatus.refused)
            #expect(
                early.errors.contains("Printer.schema: \(PrinterType.schema) is no schema of this tenant")
            )
            let added = try server.run("schema", "add", "acme", schemas).json["added"] as? [String]
            #expect(added == [PrinterType.schema, PrinterType.lease])
            #expect(try server.run("resource-type", "add", "acme", type).status == 0)
            let listed = try server.run("schema", "list", "acme").json["schemas"] as? [[String: Any]] ?? []
            #expect(listed.allSatisfy { $0["resourceTypes"] as? [String] == ["Printer"] })
            #expect(listed.count == 2)

            let created = try client.post("/Printers", JSON.object(TestClient.printer("One")))
            #expect(created.status == 201)
            let refused = try server.run("resource-type", "remove", "acme", "Printer")
            #expect(refused.status == ExitStatus.refused)
            #expect(refused.errors.contains("has resources (1)"))
            let counts = try server.run("tenant", "show", "acme").json["resources"] as? [String: Int]
            #expect(counts?["Printer"] == 1)
            #expect(try server.run("check").status == 0)
        }
    }

    @Test("An export carries the tenant's own schemas and types: an empty tenant needs nothing else")
    func exported() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            let client = try serving.newTenant("acme")
            let server = serving.server
            let schemas = "[\(PrinterType.printerSchema),\(PrinterType.leaseSchema)]"
            _ = try server.run("schema", "add", "acme", try Self.write(schemas, "schemas.json", in: folder))
            let type = try Self.write(PrinterType.type, "type.json", in: folder)
            #expect(try server.run("resource-type", "add", "acme", type).status == 0)
            #expect(try client.post("/Printers", JSON.object(TestClient.printer("One"))).status == 201)

            let file = folder.appending(path: "acme.jsonl").path
            #expect(try server.run("export", "acme", "--output", file).status == 0)
            for tenant in ["empty", "changed"] { _ = try server.run("tenant", "create", tenant) }
            let data = ["--data", server.data.path]
            let pharos = ([Program.pharos, "export", "acme"] + data).joined(separator: " ")
            let reader = ([Program.pharos, "import", "resources", "empty", "-"] + data).joined(separator: " ")
            let piped = try Program.run("/bin/bash", ["-o", "pipefail", "-c", "\(pharos) | \(reader)"])
            #expect(piped.status == 0, "\(piped.errors)")
            let again = folder.appending(path: "again.jsonl").path
            #expect(try server.run("export", "empty", "--output", again).status == 0)
            #expect(try Data(contentsOf: URL(filePath: again)) == Data(contentsOf: URL(filePath: file)))

            let other = PrinterType.printerSchema.replacing("\"A printer\"", with: "\"Another\"")
            _ = try server.run("schema", "add", "changed", try Self.write(other, "other.json", in: folder))
            let refused = try server.run("import", "resources", "changed", file)
            #expect(refused.status == ExitStatus.refused)
            #expect(refused.errors.contains("in another form"))
            let left = try server.run("schema", "list", "changed").json["schemas"] as? [[String: Any]]
            #expect(left?.count == 1)
        }
    }

    @Test("Without a server the commands work on the store, and what they show can be registered elsewhere")
    func withoutServer() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            func run(_ arguments: String...) throws -> Finished {
                try Program.run(Program.pharos, arguments + ["--data", data.path])
            }
            let badge = try Self.write(PrinterType.badgeSchema, "badge.json", in: folder)
            #expect(try run("schema", "add", "acme", badge).status == ExitStatus.unreachable)
            for tenant in ["acme", "globex"] { #expect(try run("tenant", "create", tenant).status == 0) }
            #expect(try run("schema", "add", "acme", badge, "--required").status == 64)
            #expect(try run("schema", "add", "acme", badge, "--extend", "User").status == 0)
            let shown = try run("schema", "show", "acme", PrinterType.badge)
            let copy = try Self.write(shown.output, "copy.json", in: folder)
            #expect(try run("schema", "add", "globex", copy).status == 0)
            let type = try run("resource-type", "show", "acme", "User")
            let extended = try Self.write(type.output, "user.json", in: folder)
            #expect(try run("resource-type", "add", "globex", extended).status == 0)
            #expect(try run("resource-type", "list", "globex").output.contains(PrinterType.badge))
            #expect(try run("resource-type", "remove", "globex", "User").errors.contains("is built in"))
            #expect(try run("schema", "remove", "globex", PrinterType.badge).status == 0)
            #expect(try run("schema", "list", "globex").output.contains("no schemas of its own"))
            #expect(try run("schema", "show", "globex", PrinterType.badge).status == ExitStatus.notThere)
            let broken = try Self.write("{\"id\":", "broken.json", in: folder)
            #expect(try run("schema", "add", "acme", broken).errors.contains("no acceptable JSON"))
            #expect(try run("schema", "add", "acme", "/nowhere.json").errors.contains("no file"))
            #expect(try run("check").status == 0)
        }
    }
}
