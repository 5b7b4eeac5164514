import Foundation
import Testing

@Suite("Audit commands", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct AuditCommandTests {
    private struct Run {
        let data: URL
        let trail: URL

        /// Serves, has some changes made, and writes the lines of the trail so far into a file.
        func serve(_ users: Int, _ arguments: [String] = []) throws -> [String] {
            let serving = try ServingServer(
                data: data,
                ["--http", "--audit-output", "stdout"] + arguments
            )
            var client = try? serving.newTenant("t\(UInt32.random(in: 0...UInt32.max))")
            for number in 0..<users { _ = try client?.post("/Users", Client.user("u\(number)")) }
            client = nil
            #expect(serving.server.stop() == 0)
            try write(serving.server.auditLines)
            return serving.server.auditLines
        }

        func write(_ lines: [String]) throws {
            try lines.map { "\($0)\n" }.joined().write(to: trail, atomically: true, encoding: .utf8)
        }

        func verify(_ arguments: String...) throws -> Finished {
            try Program.run(Program.pharos, ["audit", "verify", "--json"] + arguments + [trail.path])
        }
    }

    private func withRun(_ body: (Run) throws -> Void) throws {
        try Scratch.use { folder in
            try body(Run(data: folder.appending(path: "data"), trail: folder.appending(path: "trail")))
        }
    }

    @Test(
        "audit verify ends with 0, 1, 2 and 3, and says what it found; the other commands read the same file"
    )
    func exitStatuses() throws {
        try withRun { run in
            let lines = try run.serve(12)
            let data = run.data.path
            let whole = try run.verify("--data", data, "--whole")
            #expect(whole.status == 0, "\(whole.output)")
            #expect(whole.json["outcome"] as? String == "intact")

            let place = try #require(
                lines.indices.filter { lines[$0].contains("user.create") }.dropFirst(5).first
            )
            try run.write(lines.enumerated().filter { $0.offset != place }.map(\.element))
            let missing = try run.verify("--data", data)
            #expect(missing.status == 2)
            #expect((missing.json["findings"] as? [[String: Any]])?.first?["kind"] as? String == "missing")

            var changed = lines
            changed[place] = changed[place].replacingOccurrences(
                of: "SCIM_STATUS\":\"201",
                with: "SCIM_STATUS\":\"200"
            )
            try run.write(changed)
            let tampered = try run.verify("--data", data)
            #expect(tampered.status == 1)
            let finding = (tampered.json["findings"] as? [[String: Any]])?.first
            #expect(finding?["kind"] as? String == "changed")
            #expect(finding?["entry"] as? Int == place + 1)
            #expect("\(finding?["sequence"] ?? "")" == JSON.object(lines[place])["SCIM_SEQ"] as? String)

            // The store knows that there was more.
            try run.write(Array(lines.dropLast(6)))
            #expect(try run.verify("--data", data).status == 1)
            try run.write([])
            #expect(try run.verify("--data", data).status == 1)
            #expect(try run.verify().status == 3)

            try run.write(lines)
            let shown = try Program.run(Program.pharos, ["audit", "show", "--lines", "5", run.trail.path])
            #expect(shown.output.split(separator: "\n").count == 5)
            #expect(shown.output.contains("The server stopped"))
            let exported = try Program.run(
                Program.pharos,
                ["audit", "export", "--form", "set", run.trail.path]
            )
            #expect(exported.output.split(separator: "\n").count == 12)
            let note = try Program.run(Program.pharos, ["audit", "note", run.trail.path]).output
            let name = try #require(note.split(separator: "\n").first)
            #expect(name.hasPrefix("pharos-scim/audit/"))
            #expect(note.contains("\n\n— \(name) "))
            let key = try Program.run(
                Program.pharos,
                ["audit", "note", "--verifier-key", run.trail.path]
            )
            #expect(key.output.hasPrefix("\(name)+"))
            try run.write([])
            #expect(try Program.run(Program.pharos, ["audit", "note", run.trail.path]).status == 1)
        }
    }

    @Test(
        "A file of a journal that cannot be read is told, and is no trail that is intact or empty where nothing says how much there was"
    )
    func unreadableJournal() throws {
        try withRun { run in
            let folder = run.data.deletingLastPathComponent().appending(path: "journal")
            let inner = folder.appending(path: "0123456789abcdef0123456789abcdef")
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
            func verify(_ arguments: String...) throws -> Finished {
                try Program.run(
                    Program.pharos,
                    ["audit", "verify", "--json", "--journal-directory", folder.path] + arguments
                )
            }
            let empty = try verify()
            #expect(empty.status == 3 && empty.json["notes"] as? [String] == [])

            let file = inner.appending(path: "system.journal")
            try Data("no journal".utf8).write(to: file)
            let damaged = try verify()
            #expect(damaged.status == 2 && damaged.json["outcome"] as? String == "gaps")
            let notes = damaged.json["notes"] as? [String] ?? []
            #expect(notes.count == 1 && notes[0].hasPrefix("\(file.path) cannot be read: "), "\(notes)")

            _ = try run.serve(2)
            #expect(try verify(run.trail.path).status == 2)
            // The data folder tells where the trail ends, so that nothing is missing.
            let known = try verify("--data", run.data.path, run.trail.path)
            #expect(known.status == 0 && known.json["notes"] as? [String] == notes)
            let shown = try Program.run(
                Program.pharos,
                ["audit", "show", "--journal-directory", folder.path]
            )
            #expect(shown.status == 0 && shown.errors.contains(notes[0]))
        }
    }

    @Test(
        "The key is made once, or given; who names another one is told that the trail is not signed with it"
    )
    func keys() throws {
        try withRun { run in
            let file = run.data.deletingLastPathComponent().appending(path: "key.pem").path
            let made = try Program.run(Program.pharos, ["audit", "make-key", file])
            let key = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(made.status == 0 && key.count == 44)
            #expect(try Program.run(Program.pharos, ["audit", "make-key", file]).status == ExitStatus.exists)
            #expect(try Program.run(Program.pharos, ["audit", "show-key", file]).output.contains(key))
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)

            _ = try run.serve(1, ["--audit-key", file])
            #expect(!FileManager.default.fileExists(atPath: run.data.appending(path: "audit-key").path))
            #expect(try run.verify("--key", key).status == 0)
            let other = try Program.run(
                Program.pharos,
                ["audit", "make-key", file + "2"]
            ).output.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try run.verify("--key", other).status == 1)
            // Without the option, a key of the data folder signs from now on.
            _ = try run.serve(1)
            let own = try Program.run(Program.pharos, ["audit", "show-key", "--data", run.data.path]).output
                .trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try run.verify().status == 1)
            #expect(try run.verify("--key", key, "--key", own).status == 0)
        }
    }

    @Test(
        "A copy of the data that is put back is told, and a new trail begins; one that is not told is found"
    )
    func rolledBack() throws {
        try withRun { run in
            let copied = try run.serve(3)
            let copy = run.data.deletingLastPathComponent().appending(path: "copy")
            try FileManager.default.copyItem(at: run.data, to: copy)
            let before = try run.serve(3)
            func putBack() throws {
                try FileManager.default.removeItem(at: run.data)
                try FileManager.default.copyItem(at: copy, to: run.data)
            }
            // `restore` leaves everything there but the store.
            let heads = run.data.appending(path: "audit-heads")
            let ends = try Data(contentsOf: heads)
            try putBack()
            try ends.write(to: heads)
            let restored = try Program.run(
                Program.pharos,
                ["audit", "restored", "--data", run.data.path, "--json"]
            )
            #expect(restored.status == 0, "\(restored.errors)")
            _ = try run.serve(3)
            let told = try run.verify("--data", run.data.path)
            #expect(told.status == 0, "\(told.output)")
            // Where the old trail ended is known, though the copy does not know it.
            let all = try String(contentsOf: run.trail, encoding: .utf8).split(separator: "\n").map(
                String.init
            )
            try run.write(copied + all.dropFirst(before.count))
            let cut = try run.verify("--data", run.data.path)
            #expect(cut.status == 1, "\(cut.output)")
            let cuts = cut.json["findings"] as? [[String: Any]] ?? []
            #expect(cuts.contains { $0["kind"] as? String == "cut" && $0["stream"] as? String == "_system" })

            try putBack()
            try Data().write(to: run.data.deletingLastPathComponent().appending(path: "data.out"))
            let second = try run.serve(4)
            try run.write(before + second)
            let untold = try run.verify()
            #expect(untold.status == 1)
            let kinds = (untold.json["findings"] as? [[String: Any]])?.map { $0["kind"] as? String }
            #expect(kinds?.contains("replaced") == true)
        }
    }
}
