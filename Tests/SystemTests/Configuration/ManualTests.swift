import Audit
import Foundation
import TestSupport
import Testing

@Suite("What an installation knows of itself", .ownThreads)
struct ManualTests {
    private static let pages = ["pharos-scim", "pharos-scim.conf", "pharos-scim-audit"]

    @Test("The page of the commands has every command and every option that --help shows")
    func commands() throws {
        let page = try Self.page("pharos-scim")
        let dump = try Program.run(Program.pharos, ["--experimental-dump-help"]).output
        let root = try #require(JSON.object(dump)["command"] as? [String: Any])
        var count = 0
        func look(_ command: [String: Any], _ path: [String]) {
            let children = command["subcommands"] as? [[String: Any]] ?? []
            for child in children {
                look(child, path + [child["commandName"] as? String ?? ""])
            }
            guard children.isEmpty, path != ["help"] else { return }
            count += 1
            #expect(page.contains(".SS \"\(Self.typed(path.joined(separator: " ")))\"\n"), "\(path)")
            for argument in command["arguments"] as? [[String: Any]] ?? [] {
                for name in argument["names"] as? [[String: Any]] ?? []
                where name["kind"] as? String == "long" {
                    let option = Self.typed("--" + (name["name"] as? String ?? ""))
                    #expect(page.contains(option), "\(path): \(option)")
                }
            }
        }
        look(root, [])
        #expect(count > 40)
    }

    @Test("The page of the audit trail has every event with its id, and every field")
    func events() throws {
        let page = try Self.page("pharos-scim-audit")
        for event in AuditEvent.allCases {
            #expect(page.contains("\\fB\(Self.typed(event.name))\\fR\n"), "\(event.name)")
            #expect(page.contains(event.messageID))
        }
        for field in AuditField.allCases { #expect(page.contains("\\fB\(field.name)\\fR")) }
    }

    @Test(
        "The pages are well-formed, as groff finds",
        .enabled(if: Program.exists("groff")),
        arguments: pages
    )
    func pagesAreWellFormed(name: String) throws {
        try Scratch.use { folder in
            let file = folder.appending(path: "page")
            try Data(try Self.page(name).utf8).write(to: file)
            let options = ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-z", file.path]
            let finished = try Program.run("/usr/bin/env", options)
            #expect(finished.status == 0)
            #expect(finished.errors == "")
        }
    }

    @Test("A page that is not there is refused")
    func noPage() throws {
        #expect(try Program.run(Program.pharos, ["docs", "man-page", "none"]).status == 64)
    }

    @Test("The program writes completions for three shells", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let finished = try Program.run(Program.pharos, ["--generate-completion-script", shell])
        #expect(finished.status == 0)
        #expect(finished.output.contains("set-url-filters"))
        guard shell == "bash" else { return }
        try Scratch.use { folder in
            let file = folder.appending(path: "completion")
            try Data(finished.output.utf8).write(to: file)
            #expect(try Program.run("/usr/bin/env", ["bash", "-n", file.path]).status == 0)
        }
    }

    @Test("--version tells what the program was built from, what it has loaded, and which stores it reads")
    func version() throws {
        let finished = try Program.run(Program.pharos, ["--version"])
        #expect(finished.status == 0)
        let lines = finished.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("pharos-scim 0.") == true)
        for (line, pattern) in zip(
            lines.dropFirst(),
            [
                #/Commit: .+/#, #/Swift: .+/#, #/OpenSSL: 3\.\d+\.\d+/#, #/LMDB: 0\.9\.\d+/#,
                #/Store format: \d+/#,
            ]
        ) {
            #expect(line.wholeMatch(of: pattern) != nil, "\(line)")
        }
        #expect(lines.count == 6)
    }

    private static func page(_ name: String) throws -> String {
        let finished = try Program.run(Program.pharos, ["docs", "man-page", name])
        #expect(finished.status == 0)
        return finished.output
    }

    /// As the macros have what is typed.
    private static func typed(_ text: String) -> String { text.replacingOccurrences(of: "-", with: "\\-") }
}
