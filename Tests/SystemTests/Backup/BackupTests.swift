import Foundation
import Locking
import Testing

@Suite("Backup and restore", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct BackupTests {
    private struct Run {
        let folder: URL

        var data: URL { folder.appending(path: "data") }
        var backup: String { folder.appending(path: "backup").path }

        func pharos(_ arguments: String...) throws -> Finished {
            try Program.run(Program.pharos, arguments + ["--data", data.path, "--json"])
        }

        /// Names of users, as a server shows them.
        func users(_ client: Client) throws -> Set<String> {
            Set(
                try client.get("/Users?attributes=userName").resources.compactMap {
                    $0["userName"] as? String
                }
            )
        }
    }

    private func withRun(_ body: (Run) throws -> Void) throws {
        try Scratch.use { try body(Run(folder: $0)) }
    }

    @Test(
        "A backup beside a running server, put back, has what was there, passes check, and begins a trail that verifies"
    )
    func roundTrip() throws {
        try withRun { run in
            var serving = try ServingServer(data: run.data)
            var client = try serving.newTenant("acme")
            for name in ["ann", "bob"] { #expect(try client.post("/Users", Client.user(name)).status == 201) }
            let made = try run.pharos("backup", run.backup)
            #expect(made.status == 0, "\(made.errors)")
            #expect(made.json["tenants"] as? Int == 1)
            #expect((made.json["resources"] as? [String: Int])?["User"] == 2)
            #expect((made.json["heads"] as? [String: Int])?["acme"] ?? 0 > 0)
            #expect(try client.post("/Users", Client.user("cid")).status == 201)
            #expect(serving.server.stop() == 0)
            #expect(serving.server.auditEntries.contains { $0["SCIM_EVENT"] as? String == "store.snapshot" })

            let folder = try FileManager.default.contentsOfDirectory(atPath: run.backup).sorted()
            #expect(folder == ["log", "manifest.json", "rows"])
            #expect(try run.pharos("restore", run.backup).status == ExitStatus.exists)
            let restored = try run.pharos("restore", run.backup, "--force")
            #expect(restored.status == 0, "\(restored.errors)")
            #expect(try run.pharos("check").status == 0)
            let former = try #require(restored.json["former"] as? String)
            #expect(FileManager.default.fileExists(atPath: former + "/data.mdb"))

            serving = try ServingServer(data: run.data)
            client.url = "\(serving.url)/acme/scim/v2"
            #expect(try run.users(client) == ["ann", "bob"])
            #expect(try client.post("/Users", Client.user("dan")).status == 201)
            #expect(try run.pharos("check").status == 0)
            #expect(serving.server.stop() == 0)
            let entries = serving.server.auditEntries.filter {
                $0["SCIM_EVENT"] as? String == "store.restore"
            }
            #expect(entries.count == 1)
            #expect(entries.first?["SCIM_STORE"] as? String == restored.json["store"] as? String)
            #expect(entries.first?["SCIM_STORE_OLD"] as? String == restored.json["storeOld"] as? String)
            let trail = run.folder.appending(path: "trail")
            try serving.server.auditLines.joined(separator: "\n").write(
                to: trail,
                atomically: true,
                encoding: .utf8
            )
            let verified = try run.pharos("audit", "verify", trail.path)
            #expect(verified.status == 0, "\(verified.output)")
        }
    }

    @Test("A backup without a server, and a store that is restored where none was")
    func alone() throws {
        try withRun { run in
            let serving = try ServingServer(data: run.data)
            _ = try serving.newTenant("acme").post("/Users", Client.user("ann"))
            #expect(serving.server.stop() == 0)
            #expect(try run.pharos("backup", run.backup).status == 0)
            let verified = try run.pharos("backup", "--verify", run.backup)
            #expect(verified.status == 0)
            let other = run.folder.appending(path: "other").path
            let restored = try Program.run(Program.pharos, ["restore", run.backup, "--data", other])
            #expect(restored.status == 0, "\(restored.errors)")
            #expect(try Program.run(Program.pharos, ["check", "--data", other]).status == 0)
            let tenants = try Program.run(Program.pharos, ["tenant", "list", "--data", other])
            #expect(tenants.output.contains("acme"))
        }
    }

    @Test("A backup inside the data folder is refused, by whatever path, and makes nothing")
    func inside() throws {
        try withRun { run in
            let serving = try ServingServer(data: run.data)
            defer { serving.server.stop() }
            let link = run.folder.appending(path: "link")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: run.data)
            for path in [
                run.data.path, "\(run.data.path)/a/b", "\(link.path)/a", "\(run.folder.path)/x/../data/a",
            ] {
                let refused = try run.pharos("backup", path)
                #expect(refused.status == ExitStatus.refused, "\(path)")
                #expect(
                    refused.json["message"] as? String
                        == "\(path) is in the data folder, with which it would be lost."
                )
            }
            #expect(!FileManager.default.fileExists(atPath: "\(run.data.path)/a"))
        }
    }

    @Test("What was answered before a backup began is in it, while two clients write")
    func besideWriters() throws {
        try withRun { run in
            let serving = try ServingServer(data: run.data)
            let client = try serving.newTenant("acme")
            let isDone = Locked(false)
            let answered = Locked<Set<String>>([])
            let writers = (0..<2).map { writer in
                Thread {
                    var number = 0
                    while !isDone.withLock({ $0 }) {
                        let name = "w\(writer)-\(number)"
                        number += 1
                        guard (try? client.post("/Users", Client.user(name)).status) == 201 else { continue }
                        answered.withLock { _ = $0.insert(name) }
                    }
                }
            }
            for writer in writers { writer.start() }
            while answered.withLock({ $0.count }) < 10 { usleep(10_000) }
            let before = answered.withLock { $0 }
            let made = try run.pharos("backup", run.backup)
            isDone.withLock { $0 = true }
            #expect(made.status == 0, "\(made.errors)")
            while writers.contains(where: { !$0.isFinished }) { usleep(10_000) }
            #expect(serving.server.stop() == 0)
            #expect(try run.pharos("restore", run.backup, "--force").status == 0)
            let again = try ServingServer(data: run.data)
            defer { again.server.stop() }
            let restored = Client(url: "\(again.url)/acme/scim/v2", token: client.token)
            let found = Set(
                try restored.get("/Users?count=1000&attributes=userName").resources.compactMap {
                    $0["userName"] as? String
                }
            )
            #expect(found.isSuperset(of: before))
            #expect(try run.pharos("check").status == 0)
        }
    }

    @Test("A time after the backup is met with the log of the store that is replaced")
    func pointInTime() throws {
        try withRun { run in
            var serving = try ServingServer(data: run.data)
            var client = try serving.newTenant("acme")
            #expect(try client.post("/Users", Client.user("u0")).status == 201)
            #expect(try run.pharos("backup", run.backup).status == 0)
            var times: [Date] = []
            for number in 1...3 {
                #expect(try client.post("/Users", Client.user("u\(number)")).status == 201)
                // Of the answer: on a busy machine, a change is committed long after it has got its time.
                times.append(Date())
                usleep(40_000)
            }
            // Killed, so that what counts is in the log alone.
            serving.server.kill9()
            let early = try run.pharos("restore", run.backup, "--force", "--to-time", "2020-01-01T00:00:00Z")
            #expect(early.status == ExitStatus.refused)
            // Shown in milliseconds, which is less than it was by one at the most.
            let shown = ISO8601DateFormatter()
            shown.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
            let date = times[1].addingTimeInterval(0.010)
            let restored = try run.pharos(
                "restore",
                run.backup,
                "--force",
                "--to-time",
                shown.string(from: date)
            )
            #expect(restored.status == 0, "\(restored.output) \(restored.errors)")
            #expect(restored.json["nextTime"] != nil)
            serving = try ServingServer(data: run.data)
            client.url = "\(serving.url)/acme/scim/v2"
            #expect(try run.users(client) == ["u0", "u1", "u2"])
            #expect(serving.server.stop() == 0)
            #expect(try run.pharos("check").status == 0)

            // The log of the restored store begins later.
            let again = try run.pharos(
                "restore",
                run.backup,
                "--force",
                "--to-time",
                shown.string(from: date)
            )
            #expect(again.status == ExitStatus.refused)
            #expect(again.output.contains("are missing"))
            let former = try #require(restored.json["former"] as? String)
            let last = try run.pharos(
                "restore",
                run.backup,
                "--force",
                "--to-time",
                "2100-01-01T00:00:00Z",
                "--log",
                former + "/log"
            )
            #expect(last.status == 0, "\(last.output)")
            #expect(last.json["nextTime"] == nil)
            serving = try ServingServer(data: run.data)
            client.url = "\(serving.url)/acme/scim/v2"
            #expect(try run.users(client) == ["u0", "u1", "u2", "u3"])
            #expect(serving.server.stop() == 0)
        }
    }
}
