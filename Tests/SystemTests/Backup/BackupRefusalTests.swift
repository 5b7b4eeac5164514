import Foundation
import Testing

@Suite("Backup and restore: what is refused, and what goes wrong", .ownThreads)
struct BackupRefusalTests {
    private func withServer(_ body: (ServingServer, URL) throws -> Void) throws {
        try Scratch.use { folder in
            let serving = try ServingServer(data: folder.appending(path: "data"))
            defer { serving.server.stop() }
            _ = try serving.newTenant("acme")
            try body(serving, folder)
        }
    }

    private func restore(_ backup: String, to data: URL, _ arguments: String...) throws -> Finished {
        try Program.run(Program.pharos, ["restore", backup, "--data", data.path, "--json"] + arguments)
    }

    @Test("Each backup has an empty folder; a store that is served, or there, is not replaced")
    func refused() throws {
        try withServer { serving, folder in
            let backup = folder.appending(path: "backup").path
            #expect(try serving.server.run("backup", backup).status == 0)
            #expect(try serving.server.run("backup", backup).status == ExitStatus.exists)
            #expect(try serving.server.run("backup", backup, "--rate", "-1").status == 64)
            let data = folder.appending(path: "data")
            #expect(try restore(backup, to: data, "--force").status == ExitStatus.refused)
            let nowhere = folder.appending(path: "nowhere").path
            let new = folder.appending(path: "new")
            #expect(try restore(nowhere, to: new).status == ExitStatus.notThere)
            #expect(try restore(folder.path, to: new).status == ExitStatus.refused)
            #expect(try restore(backup, to: new, "--log", "/tmp").status == 64)
            #expect(!FileManager.default.fileExists(atPath: new.path))
            let busy = try Program.run(Program.pharos, ["store", "compact", "--data", data.path])
            #expect(busy.status == ExitStatus.refused)
        }
    }

    @Test("A byte that was changed in any file of a backup is found, and the file named")
    func damaged() throws {
        try withServer { serving, folder in
            let backup = folder.appending(path: "backup")
            #expect(try serving.server.run("backup", backup.path).status == 0)
            for name in ["rows", "log", "manifest.json"] {
                let file = backup.appending(path: name)
                let whole = try Data(contentsOf: file)
                for place in [0, whole.count / 3, whole.count - 2] {
                    var data = whole
                    data[place] ^= 1
                    try data.write(to: file)
                    let new = folder.appending(path: "new")
                    for finished in [
                        try restore(backup.path, to: new),
                        try serving.server.run("backup", "--verify", backup.path),
                    ] {
                        #expect(finished.status == ExitStatus.refused, "\(name) \(place)")
                        #expect(finished.output.contains(name), "\(finished.output)")
                    }
                    #expect(!FileManager.default.fileExists(atPath: new.appending(path: "store").path))
                }
                try whole.write(to: file)
            }
            try FileManager.default.removeItem(at: backup.appending(path: "log"))
            let missing = try serving.server.run("backup", "--verify", backup.path)
            #expect(missing.status == ExitStatus.refused && missing.output.contains("log"))
        }
    }

    @Test("Where the target is full, the server is well, nothing is left, and the trail tells of it")
    func fullTarget() throws {
        try withServer { serving, folder in
            let backup = folder.appending(path: "backup").path
            let data = folder.appending(path: "data").path
            // A file may have so many KiB; the signal that would end the process is ignored.
            let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""
            let finished = try Program.run(
                "/bin/bash",
                ["-c", script, Program.pharos, "backup", backup, "--data", data]
            )
            #expect(finished.status == ExitStatus.failed, "\(finished.output) \(finished.errors)")
            #expect(!FileManager.default.fileExists(atPath: backup))
            #expect(try serving.server.run("backup", backup).status == 0)
            #expect(serving.server.stop() == 0)
            let outcomes = serving.server.auditEntries.filter {
                $0["SCIM_EVENT"] as? String == "store.snapshot"
            }
            .map { $0["SCIM_OUTCOME"] as? String }
            #expect(outcomes == ["failure", "success"])
        }
    }

    @Test(
        "A server that stops or is killed in the middle of a backup starts again, and the trail tells of the former"
    )
    func stopped() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            for isKilled in [true, false] {
                let serving = try ServingServer(data: data)
                let socket = try #require(serving.server.ready["adminSocket"] as? String)
                let admin = Client(url: "http://localhost", unixSocket: socket)
                let id = try #require(try admin.send("POST", "/backups").json["id"] as? String)
                #expect(try admin.send("POST", "/backups").status == 200)
                #expect(try admin.send("POST", "/backups").status == 409)
                #expect(try admin.send("DELETE", "/backups/\(id)").status == 200)
                if isKilled { serving.server.kill9() } else { #expect(serving.server.stop() == 0) }
                let failures = serving.server.auditEntries.filter {
                    $0["SCIM_EVENT"] as? String == "store.snapshot" && $0["PRIORITY"] as? String == "3"
                }
                if !isKilled { #expect(failures.count >= 2) }
            }
            #expect(try Program.run(Program.pharos, ["check", "--data", data.path]).status == 0)
        }
    }

    @Test("A restore that is killed leaves the store as it was, and the next one does not mind")
    func restoreKilled() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            let serving = try ServingServer(data: data)
            _ = try serving.newTenant("acme")
            let backup = folder.appending(path: "backup").path
            #expect(try serving.server.run("backup", backup).status == 0)
            #expect(serving.server.stop() == 0)
            for milliseconds in [5, 20, 40, 80, 160, 320] {
                let process = try Program.start(
                    Program.pharos,
                    ["restore", backup, "--force", "--data", data.path],
                    output: folder.appending(path: "out"),
                    errors: folder.appending(path: "err")
                )
                usleep(UInt32(milliseconds) * 1_000)
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                let tenants = try Program.run(Program.pharos, ["tenant", "list", "--data", data.path])
                #expect(tenants.output.contains("acme"), "\(milliseconds): \(tenants.errors)")
            }
            let restored = try restore(backup, to: data, "--force")
            #expect([0, ExitStatus.refused].contains(restored.status), "\(restored.output)")
            #expect(try Program.run(Program.pharos, ["check", "--data", data.path]).status == 0)
        }
    }

    @Test("The data file is told of, and can be written anew")
    func compact() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            let serving = try ServingServer(data: data)
            _ = try serving.newTenant("acme")
            let figures = try serving.server.run("store", "stat").json["figures"] as? [[String: Any]] ?? []
            let bytes = figures.first { $0["name"] as? String == "data_file_bytes" }?["value"] as? Int
            #expect(bytes ?? 0 > 0)
            #expect(serving.server.stop() == 0)
            let compacted = try serving.server.run("store", "compact")
            #expect(compacted.status == 0, "\(compacted.errors)")
            let (before, after) = (
                compacted.json["bytesBefore"] as? Int, compacted.json["bytesAfter"] as? Int
            )
            #expect(after ?? 0 > 0 && after ?? 0 <= before ?? 0)
            #expect(try serving.server.run("check").status == 0)
            let none = folder.appending(path: "none").path
            let missing = try Program.run(Program.pharos, ["store", "compact", "--data", none])
            #expect(missing.status == ExitStatus.notThere)
        }
    }
}
