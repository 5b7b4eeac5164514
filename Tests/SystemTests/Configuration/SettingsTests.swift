import Foundation
import TestSupport
import Testing

@Suite("Settings", .ownThreads)
struct SettingsTests {
    /// A good value of each setting that has no words.
    private static let samples = [
        "data": "/srv/data", "admin-socket": "/run/a.sock", "listen": "127.0.0.1:1",
        "public-url": "https://a",
        "tls-cert": "/etc/passwd", "tls-key": "/etc/group", "http": "yes", "insecure-http": "yes",
        "trusted-proxy": "unix",
        "client-from": "forwarded", "audit-output": "stderr", "journal-namespace": "x",
        "audit-key": "/etc/hosts",
        "log-level": "debug", "loops": "3", "max-body-bytes": "2048", "requests-per-second": "7",
        "request-burst": "8", "failures-per-second": "9", "failure-burst": "10", "log-hours": "11",
        "log-bytes": "12", "audit-outbox": "13", "audit-on-full": "continue", "audit-ack": "journal",
        "monitoring-listen": "127.0.0.1:2",
    ]

    @Test("Flags come before the environment, that before the file, and the file before the default")
    func precedence() throws {
        try Scratch.use { folder in
            let file = try Self.file("loops = 2\n", in: folder)
            let variable = ["PHAROS_SCIM_LOOPS": "3"]
            func loops(_ options: [String], _ environment: [String: String]) throws -> [String] {
                let found = try #require(try Self.check(options, environment)["loops"])
                return [found["value"] as? String ?? "none", found["source"] as? String ?? ""]
            }
            let named = ["--config", file]
            #expect(try loops(named + ["--loops", "4"], variable) == ["4", "--loops"])
            #expect(try loops(named, variable) == ["3", "PHAROS_SCIM_LOOPS"])
            #expect(try loops(named, [:]) == ["2", "\(file), line 1"])
            #expect(try loops([], ["PHAROS_SCIM_CONFIG": file]) == ["2", "\(file), line 1"])
            #expect(try loops([], [:]) == ["none", "default"])
            #expect(try Self.check([], [:])["log-hours"]?["value"] as? String == "24")
        }
    }

    @Test(
        "Every setting can be set by its flag, by its variable and in the file",
        arguments: samples.keys.sorted()
    )
    func everySetting(name: String) throws {
        let value = try #require(Self.samples[name])
        let known = try Self.check([], [:])
        #expect(known.keys.sorted() == Self.samples.keys.sorted())
        let isFlag = name.hasSuffix("http")
        let byFlag = try Self.check(isFlag ? ["--\(name)"] : ["--\(name)", value], [:])[name]
        #expect(byFlag?["value"] as? String == value)
        #expect(byFlag?["source"] as? String == "--\(name)")
        let variable = try #require(known[name]?["variable"] as? String)
        #expect(variable == "PHAROS_SCIM_" + name.uppercased().replacingOccurrences(of: "-", with: "_"))
        #expect(try Self.check([], [variable: value])[name]?["source"] as? String == variable)
        try Scratch.use { folder in
            let file = try Self.file("# a comment\n\n\(name)=\(value)\n", in: folder)
            let found = try Self.check(["--config", file], [:])[name]
            #expect(found?["value"] as? String == value)
            #expect(found?["source"] as? String == "\(file), line 3")
        }
    }

    @Test(
        "What cannot be used is refused in a sentence that names file, line, setting and bound, all of it at once",
        arguments: [
            ("request-per-second = 5", ["line 1: there is no setting request-per-second."]),
            ("loops = many", ["line 1: loops is a number from 1 to 256, and not many."]),
            ("loops = 257", ["line 1: loops is a number from 1 to 256, and not 257."]),
            ("loops =", ["loops is a number from 1 to 256, and not empty."]),
            ("loops 5", ["line 1: a setting is a name, = and a value."]),
            ("loops = 1\nloops = 2", ["line 2: loops is set in line 1 already."]),
            ("http = maybe", ["http is yes or no, and not maybe."]),
            ("log-level = loud", ["debug, info, notice, warning or error, and not loud."]),
            ("trusted-proxy = 192.0.2.0/24, 10.1.2.3/8", ["the range is 10.0.0.0/8"]),
            ("public-url = https://a/b", ["public-url is https:// or http:// and a host"]),
            ("a = 1\nloops = 0", ["line 1: there is no setting a.", "line 2: loops is"]),
            ("http = yes\ntls-cert = /a\ntls-key = /b", ["tls-cert does not go with http or insecure-http."]),
            ("loops = +5", ["loops is a number from 1 to 256, and not +5."]),
            ("loops = 05", ["loops is a number from 1 to 256, and not 05."]),
            ("loops = 1\r\nloops = 2\r\n", ["line 2: loops is set in line 1 already."]),
            ("loops = \u{1B}[2J\u{9B}1\u{0}", ["loops is a number from 1 to 256, and not [2J1."]),
            ("public-url = https://a:99999", ["public-url is https:// or http:// and a host"]),
            ("public-url = https://a..b", ["public-url is https:// or http:// and a host"]),
            ("public-url = https://[::1", ["public-url is https:// or http:// and a host"]),
            ("public-url = https://ann:secret@a", ["public-url: a URL here has no user and no password."]),
            ("listen = scim.example.com:8443", ["listen is an IP address and a port"]),
            (
                "http = yes\nlisten = 127.0.0.1:8443\nmonitoring-listen = 127.0.0.1:8443",
                ["are the same address"]
            ),
            ("journal-namespace = ../x", ["journal-namespace is the name of a journal namespace"]),
            ("admin-socket = /\(String(repeating: "a", count: 107))", ["a Unix socket, at most 107 bytes"]),
            ("data = /a\u{7}b", ["data is the path of a folder, and not /ab."]),
        ]
    )
    func refusals(content: String, sentences: [String]) throws {
        try Scratch.use { folder in
            let file = try Self.file(content, in: folder)
            for command in [["config", "check"], ["serve", "--data", folder.appending(path: "data").path]] {
                let finished = try Program.run(Program.pharos, command + ["--config", file])
                #expect(finished.status == ExitStatus.refused, "\(command)")
                for sentence in sentences {
                    #expect(finished.errors.contains(sentence), "\(finished.errors)")
                }
                #expect(!finished.errors.contains("secret"))
                #expect(finished.errors.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
                if content.contains("maybe") { #expect(finished.errors.contains("\(file), line 1: ")) }
            }
        }
    }

    @Test(
        "A variable and a flag that cannot be used are refused by their own names; so is a file that is not there"
    )
    func otherRefusals() throws {
        let variable = try Program.run(
            Program.pharos,
            ["config", "check"],
            environment: ["PHAROS_SCIM_LOOPS": "0"]
        )
        #expect(variable.status == ExitStatus.refused)
        #expect(variable.errors.contains("PHAROS_SCIM_LOOPS is a number from 1 to 256, and not 0."))
        let flag = try Program.run(Program.pharos, ["config", "check", "--loops", "0"])
        #expect(flag.status == 64)
        #expect(flag.errors.contains("--loops is a number from 1 to 256, and not 0."))
        let file = try Program.run(Program.pharos, ["config", "check", "--config", "/nowhere/a.conf"])
        #expect(file.status == ExitStatus.refused)
        #expect(file.errors.contains("There is no file /nowhere/a.conf."))
    }

    @Test(
        "A file of another system's lines is read; one that is a pipe, or that is none of settings, is told shortly"
    )
    func otherFiles() throws {
        try Scratch.use { folder in
            let marked = try Self.file("\u{FEFF}# A file\r\nloops = 3\r\nhttp = yes\r\n", in: folder)
            let found = try Self.check(["--config", marked], [:])
            #expect(found["loops"]?["value"] as? String == "3")
            #expect(found["http"]?["source"] as? String == "\(marked), line 3")

            let pipe = folder.appending(path: "pipe").path
            #expect(mkfifo(pipe, 0o600) == 0)
            for option in ["--config", "--tls-cert"] {
                let refused = try Program.run(
                    Program.pharos,
                    ["serve", option, pipe] + (option == "--config" ? [] : ["--tls-key", pipe])
                )
                #expect(refused.status != 0)
                #expect(refused.errors.contains("regular file"), "\(refused.errors)")
            }
            let none = try Self.file(String(repeating: "x = 1\n", count: 100), in: folder)
            let long = try Program.run(Program.pharos, ["config", "check", "--config", none])
            #expect(long.errors.split(separator: "\n").count == 21)
            #expect(long.errors.contains("And 80 more."))
        }
    }

    @Test("A file that a setting names and that is not there is told by `config check`")
    func missingFiles() throws {
        let finished = try Program.run(
            Program.pharos,
            ["config", "check", "--http", "--audit-key", "/nowhere/key"]
        )
        #expect(finished.status == ExitStatus.refused)
        #expect(finished.errors.contains("audit-key: There is no file /nowhere/key."))
    }

    @Test("A variable that is no setting is told, and refuses nothing")
    func strangers() throws {
        let finished = try Program.run(
            Program.pharos,
            ["config", "check", "--http"],
            environment: ["PHAROS_SCIM_LOOP": "1", "PHAROS_SCIM_CONSOLE_LISTEN": "127.0.0.1:1"]
        )
        #expect(finished.status == 0)
        #expect(finished.errors.contains("PHAROS_SCIM_LOOP is in the environment"))
        #expect(!finished.errors.contains("CONSOLE"))
        for part in ["http = yes", "from --http", "a number from 1 to 256", "a reload takes a new one"] {
            #expect(finished.output.contains(part))
        }
    }

    @Test("A server obeys its file, and commands find it by the same file")
    func serving() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            let file = try Self.file(
                """
                data = \(data.path)
                http = yes
                public-url = http://scim.example.com
                audit-output = stderr
                requests-per-second = 1
                request-burst = 2
                """,
                in: folder
            )
            let server = try ServerUnderTest("serve", data: data, ["--config", file])
            defer { server.stop() }
            #expect(server.ready["publicURL"] as? String == "http://scim.example.com")
            let here = ["PHAROS_SCIM_CONFIG": file]
            func run(_ arguments: String...) throws -> Finished {
                try Program.run(Program.pharos, arguments + ["--json"], environment: here)
            }
            #expect(try run("tenant", "create", "acme").status == 0)
            #expect(try run("tenant", "list").output.contains("acme"))
            #expect(
                try Program.run(Program.pharos, ["tenant", "list", "--data", "/nowhere"], environment: here)
                    .status == 7
            )
        }
    }

    @Test("The console has a file and variables of its own, and its URL goes by the former name too")
    func console() throws {
        try Scratch.use { folder in
            let file = try Self.file("http = yes\nsign-in = \(folder.path)/none\n", in: folder)
            let refused = try Program.run(
                Program.pharos,
                ["console", "serve", "--check"],
                environment: ["PHAROS_SCIM_CONSOLE_CONFIG": file]
            )
            #expect(refused.status == ExitStatus.notThere)
            #expect(refused.errors.contains("\(folder.path)/none"))
            let former = try Program.run(
                Program.pharos,
                ["console", "serve", "--check", "--http"],
                environment: ["PHAROS_SCIM_CONSOLE_URL": "no url"]
            )
            #expect(former.errors.contains("PHAROS_SCIM_CONSOLE_PUBLIC_URL is https:// or http://"))
        }
    }

    @Test("The reference of the settings is what the program writes")
    func reference() throws {
        let page = try String(
            contentsOf: Program.root.appending(path: "docs/reference/configuration.md"),
            encoding: .utf8
        )
        #expect(try Program.run(Program.pharos, ["docs", "configuration"]).output == page)
    }

    private static func file(_ content: String, in folder: URL) throws -> String {
        let file = folder.appending(path: "pharos-scim.conf")
        try Data(content.utf8).write(to: file)
        return file.path
    }

    /// What `config check` tells, by the names of the settings; whether they go together is another question.
    private static func check(
        _ options: [String],
        _ environment: [String: String]
    ) throws -> [String: [String: Any]] {
        let finished = try Program.run(
            Program.pharos,
            ["config", "check", "--json"] + options,
            environment: environment
        )
        let line = try #require(finished.output.split(separator: "\n").first)
        let settings = JSON.object(String(line))["settings"] as? [[String: Any]] ?? []
        return Dictionary(settings.map { ($0["name"] as? String ?? "", $0) }) { first, _ in first }
    }
}
