import Foundation
import Testing

/// A data folder with a tenant, with or without a running server.
private struct Operated {
    let folder: URL
    let serving: ServingServer?
    var data: URL { folder.appending(path: "data") }

    static func use(served: Bool, _ body: (Operated) throws -> Void) throws {
        try Scratch.use { folder in
            let serving = try served ? ServingServer(data: folder.appending(path: "data")) : nil
            defer { serving?.server.stop() }
            let operated = Operated(folder: folder, serving: serving)
            #expect(try operated.run("tenant", "create", "acme").status == 0)
            try body(operated)
        }
    }

    func run(_ arguments: String...) throws -> Finished {
        try Program.run(Program.pharos, arguments + ["--data", data.path, "--json"])
    }

    /// Writes a file and gives its path.
    func file(_ content: String, _ name: String = "file.csv") throws -> String {
        let file = folder.appending(path: name)
        try Data(content.utf8).write(to: file)
        return file.path
    }

    /// The tenant's export.
    func export(_ tenant: String = "acme") throws -> String {
        let path = folder.appending(path: "\(tenant).jsonl").path
        #expect(try run("export", tenant, "--output", path).status == 0)
        return try String(contentsOfFile: path, encoding: .utf8)
    }
}

extension Finished {
    /// Lines that were created, updated, unchanged and refused.
    fileprivate var counts: [Int] {
        ["created", "updated", "unchanged", "refusedLines"].map { json[$0] as? Int ?? -1 }
    }

    fileprivate var refusedLines: [Int] {
        (json["refused"] as? [[String: Any]] ?? []).compactMap { $0["line"] as? Int }
    }
}

@Suite("Import and export", .ownThreads)
struct TransferTests {
    private static let users = """
        \u{FEFF}userName,First Name,email,active\r
        ann,"Ann \"\"A\"\"",ann@example.com,true\r
        \r
        bob,"Bob,\r
        B",bob@example.com,canary\r
        cem , Cem ,,false\r
        dan,Dan
        """

    @Test(
        "Users and cards are imported, exported and read back to the same bytes, with a server and without",
        arguments: [true, false]
    )
    func wayThereAndBack(served: Bool) throws {
        try Operated.use(served: served) { operated in
            let users = try operated.file(Self.users)
            let dry = try operated.run("import", "users", "acme", users, "--dry-run")
            #expect(dry.status == 3)
            #expect(dry.counts == [2, 0, 0, 2])
            #expect(try operated.export().split(separator: "\n").count == 2)
            let done = try operated.run("import", "users", "acme", users)
            #expect(done.status == 3)
            #expect(done.counts == [2, 0, 0, 2])
            #expect(done.refusedLines == [4, 7])
            #expect(!done.output.contains("canary"))
            #expect(!done.errors.contains("canary"))

            let cards = try operated.file("userName;card;technology\nann;04A2;mifare\nann;7;\nno;8;\n")
            let separator = ["--separator", "semicolon"]
            let refused = try operated.run(
                "import",
                "cards",
                "acme",
                cards,
                "--atomic",
                separator[0],
                separator[1]
            )
            #expect(refused.status == 3)
            #expect(refused.counts == [0, 0, 0, 1])
            let some = try operated.run("import", "cards", "acme", cards, separator[0], separator[1])
            #expect(some.counts == [0, 2, 0, 1])
            #expect(some.refusedLines == [4])

            let first = try operated.export()
            #expect(first.contains(#""cards":[{"value":"04A2","type":"mifare"},{"value":"7"}]"#))
            #expect(first.contains(#""givenName":"Ann \"A\"""#))
            #expect(first.contains(#""userName":"cem","name":{"givenName":"Cem"}"#))
            #expect(try operated.run("tenant", "create", "other").status == 0)
            let path = try operated.file(first, "acme.jsonl")
            #expect(try operated.run("import", "resources", "other", path).counts == [2, 0, 0, 0])
            #expect(try operated.export("other") == first)
            let again = try operated.run("import", "resources", "other", path)
            #expect(again.status == ExitStatus.refused)
            #expect(again.errors.contains("holds resources already"))
            #expect(
                try operated.run("import", "resources", "other", path, "--resume").counts == [0, 0, 2, 0]
            )
            #expect(try operated.run("check").status == 0)
            if let server = operated.serving?.server {
                server.stop()
                let events = server.auditEntries.filter { $0["SCIM_TENANT"] as? String == "acme" }
                // Neither a dry run nor a file whose head is refused leaves a record.
                #expect(
                    events.compactMap { $0["SCIM_EVENT"] as? String } == [
                        "tenant.create", "import.start", "user.create", "user.create", "import.start",
                        "import.start", "user.update", "user.update",
                    ]
                )
                #expect(events.allSatisfy { $0["SCIM_ACTOR_TYPE"] as? String == "admin" })
                #expect(!server.log.contains("canary"))
            }
        }
    }

    @Test("The identity provider keeps the users once it is connected; cards are imported all the same")
    func connected() throws {
        try Operated.use(served: true) { operated in
            let users = try operated.file("userName\nann\n", "users.csv")
            let cards = try operated.file("userName,card\nann,1\n", "cards.csv")
            #expect(try operated.run("tenant", "enable-scim", "acme").status == 0)
            #expect(try operated.run("import", "users", "acme", users).status == 0)
            let export = try operated.file(try operated.export(), "export.jsonl")
            #expect(try operated.run("token", "generate", "acme").status == 0)
            for arguments in [("users", users), ("resources", export)] {
                let refused = try operated.run("import", arguments.0, "acme", arguments.1)
                #expect(refused.status == ExitStatus.refused)
                #expect(refused.errors.contains("SCIM is connected"))
                #expect(refused.json["error"] as? String == "refused")
            }
            #expect(try operated.run("import", "cards", "acme", cards).counts == [0, 1, 0, 0])
            let insisted = try operated.run(
                "import",
                "users",
                "acme",
                users,
                "--even-though-scim-is-connected"
            )
            #expect(insisted.counts == [0, 0, 1, 0])
            #expect(try operated.run("tenant", "disable-scim", "acme").status == 0)
            #expect(try operated.run("import", "users", "acme", users).status == 0)
        }
    }

    @Test("The lines of one user stay together where cards are replaced, also over the end of a batch")
    func replaced() throws {
        try Operated.use(served: false) { operated in
            let names = (0..<300).map { "u\($0)" }
            let users = try operated.file("userName\n" + names.joined(separator: "\n"), "users.csv")
            #expect(try operated.run("import", "users", "acme", users).counts == [300, 0, 0, 0])
            let lines = names.flatMap { name in (0..<3).map { "\(name),\(name)-\($0)" } }
            let cards = try operated.file("userName,card\n" + lines.joined(separator: "\n"), "cards.csv")
            #expect(try operated.run("import", "cards", "acme", cards, "--replace").counts == [0, 900, 0, 0])
            let first = try operated.export()
            #expect(first.components(separatedBy: #"{"value":"u"#).count - 1 == 900)
            #expect(try operated.run("import", "cards", "acme", cards, "--replace").counts == [0, 0, 900, 0])
            let apart = try operated.file("userName,card\nu1,1\nu2,2\nu1,3\n", "apart.csv")
            let refused = try operated.run("import", "cards", "acme", apart, "--replace")
            #expect(refused.status == ExitStatus.refused)
            #expect(refused.errors.contains("Line 4"))
            #expect(try operated.export() == first)
        }
    }

    @Test(
        "A file that is no CSV is refused as a whole, with the line",
        arguments: [
            ("userName\nann\n\"bob\ncem\n", "Line 3"), ("userName\nann\nb\"ob\n", "Line 3"),
            ("userName\nann\n\"b\"ob\n", "Line 3"), ("userName,title\nann,\"x\" \"y\"\n", "Line 2"),
            ("userName\rann\r", "Line 1"), ("userName\nann\nb\u{0}b\n", "Line 3"), ("", "empty"),
            ("userName;title\nann;x\n", "--separator"), ("userName,\nann,\n", "Line 1"),
            ("userName,title\nann,\u{301}x\n", "Line 2"), ("userName,colour\nann,x\n", "colour"),
        ]
    )
    func noCSV(content: String, reason: String) throws {
        try Operated.use(served: false) { operated in
            let refused = try operated.run("import", "users", "acme", try operated.file(content))
            #expect(refused.status == ExitStatus.refused)
            #expect(refused.errors.contains(reason))
            #expect(try operated.export().split(separator: "\n").count == 2)
        }
    }

    @Test("An import of which a line was refused can be repeated once the file is corrected")
    func repeated() throws {
        try Operated.use(served: true) { operated in
            let users = try operated.file("userName\nann\nbob\n")
            #expect(try operated.run("import", "users", "acme", users).status == 0)
            let export = try operated.export()
            #expect(try operated.run("tenant", "create", "other").status == 0)
            let wrong = export.replacing("\"userName\":\"bob\"", with: "\"userName\":{}")
            let first = try operated.run(
                "import",
                "resources",
                "other",
                try operated.file(wrong, "wrong.jsonl")
            )
            #expect(first.counts == [1, 0, 0, 1])
            let path = try operated.file(export, "right.jsonl")
            let refused = try operated.run("import", "resources", "other", path)
            #expect(refused.status == ExitStatus.refused && refused.errors.contains("--resume"))
            #expect(
                try operated.run("import", "resources", "other", path, "--resume").counts == [1, 0, 1, 0]
            )
            #expect(try operated.export("other") == export)
        }
    }

    @Test("A file of refused lines is imported as it is, once its cells are corrected")
    func refusedLines() throws {
        try Operated.use(served: true) { operated in
            let file = try operated.file(
                "line,column,reason,userName,nickName\n7,userName,Taken.,ann,'=A1\n9,,Two cells.,bob\n,,3 more lines were refused.\n"
            )
            let report = try operated.run("import", "users", "acme", file)
            #expect(report.counts == [1, 0, 0, 1])
            #expect(try operated.export().contains(#""nickName":"=A1""#))
        }
    }

    @Test("A file in another encoding, or that is no file, is refused")
    func otherFiles() throws {
        try Operated.use(served: false) { operated in
            let path = operated.folder.appending(path: "latin.csv")
            for bytes in [Array("userName\nm".utf8) + [0xFC, 0x0A], [0xFF, 0xFE, 0x75, 0x00]] {
                try Data(bytes).write(to: path)
                let refused = try operated.run("import", "users", "acme", path.path)
                #expect(refused.status == ExitStatus.refused)
                #expect(refused.errors.contains("UTF-8"))
            }
            for path in ["/dev/null", "/no/such/file", operated.folder.path] {
                #expect(try operated.run("import", "users", "acme", path).status == ExitStatus.failed)
            }
            #expect(
                try operated.run("import", "users", "nobody", try operated.file("userName\na\n")).status
                    == ExitStatus.notThere
            )
            #expect(try operated.run("export", "nobody").status == 64)
        }
    }

    @Test("An export that is not whole, or none at all, is refused before anything is imported")
    func partOfAnExport() throws {
        try Operated.use(served: false) { operated in
            let users = try operated.file("userName\nann\nbob\n")
            #expect(try operated.run("import", "users", "acme", users).status == 0)
            let lines = try operated.export().split(separator: "\n").map(String.init)
            #expect(try operated.run("tenant", "create", "other").status == 0)
            let broken = [
                Array(lines.dropLast()), Array(lines.dropFirst()), [lines[0], lines[1], lines[3]], [],
                [lines[0], "no JSON", lines[2], lines[3]],
            ]
            for lines in broken {
                let path = try operated.file(lines.joined(separator: "\n"), "broken.jsonl")
                let refused = try operated.run("import", "resources", "other", path)
                #expect(refused.status == ExitStatus.refused)
                #expect(refused.errors.contains("export") || refused.errors.contains("Line 2"))
            }
            #expect(try operated.export("other").split(separator: "\n").count == 2)
        }
    }
}
