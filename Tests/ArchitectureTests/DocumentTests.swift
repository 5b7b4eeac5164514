import Audit
import Directory
import Foundation
import Storage
import Tenancy
import Testing

@Suite("Documentation")
struct DocumentTests {
    private static let readmeWordsMax = 900
    private static let commands = "docs/reference/commands.md"
    private static let audit = "docs/reference/audit.md"
    /// What may stand in front of a command in a shell.
    private static let before = ["$ ", "sudo ", "-u pharos-scim "]

    @Test("The pages that others refer to are there")
    func pagesAreThere() throws {
        let pages = Set(try Document.all().map(\.path))
        let named =
            ["okta", "operate", "reference/commands", "reference/limits", "reference/profiles"]
            + [
                "reference/bulk", "reference/schemas", "reference/audit", "reference/patch",
                "reference/configuration",
            ]
        for name in named { #expect(pages.contains("docs/\(name).md")) }
    }

    @Test("The README is read in a few minutes: at most 900 words")
    func readmeIsShort() throws {
        let count = try Document("README.md").wordCount
        #expect(count <= Self.readmeWordsMax)
    }

    @Test("Every command line in the documentation is one that the program takes")
    func commandLinesExist() throws {
        let tree = try CommandTree.read()
        var count = 0
        for page in try Document.all() {
            for line in (page.codeLines + page.codeSpans).map(Self.withoutPrefix)
            where line.hasPrefix("pharos-scim ") {
                count += 1
                if let fault = tree.fault(in: line) { Issue.record("\(page.path): `\(line)`: \(fault)") }
            }
        }
        #expect(count > 60)
    }

    @Test("Every command has a section in the reference, with a line that runs it and each of its options")
    func commandsAreDescribed() throws {
        let page = try Document(Self.commands)
        let tree = try CommandTree.read()
        let described = page.headings.filter { $0.depth == 3 }.map(\.text)
        #expect(described.sorted() == tree.leaves.map { $0.words.joined(separator: " ") }.sorted())
        let words = Set(page.codeSpans.flatMap { $0.split(separator: " ").map(String.init) })
        for (path, command) in tree.leaves {
            let start = "pharos-scim " + path.joined(separator: " ")
            #expect(page.codeLines.contains { $0 == start || $0.hasPrefix(start + " ") }, "\(start)")
            for option in command.arguments?.flatMap(\.spellings) ?? [] where option.hasPrefix("--") {
                #expect(words.contains(option), "\(start) \(option)")
            }
        }
    }

    @Test("The help of every command that does something has an example, and the program takes it")
    func examples() throws {
        let tree = try CommandTree.read()
        for line in tree.examples { #expect(tree.fault(in: line) == nil, "\(line)") }
        for (path, _) in tree.leaves {
            let start = "pharos-scim " + path.joined(separator: " ")
            #expect(tree.examples.contains { $0 == start || $0.hasPrefix(start + " ") }, "\(start)")
        }
    }

    @Test("Every option in the reference is one of the program's")
    func optionsExist() throws {
        let known = try CommandTree.read().options.union(["--version"])
        let words = try Document(Self.commands).codeSpans.flatMap {
            $0.split(whereSeparator: { " =".contains($0) })
        }
        for word in words.map(String.init) where word.hasPrefix("--") {
            #expect(known.contains(word), "\(word)")
        }
    }

    @Test("Every filter with which the documentation runs tests finds some")
    func filtersFindTests() throws {
        let sources = try SourceFile.all(under: "Tests")
        for page in try Document.all() {
            for line in page.codeLines + page.codeSpans where line.contains("scripts/test") {
                let filter = line.split(separator: "--filter ").dropFirst().first ?? ""
                let names = (filter.split(separator: "#").first ?? "").split(whereSeparator: {
                    " '|".contains($0)
                })
                for name in names {
                    let isThere = sources.contains {
                        $0.path.contains(name)
                            || $0.lines.contains { $0.hasPrefix("struct ") && $0.contains(name) }
                    }
                    #expect(isThere, "\(page.path): \(name)")
                }
            }
        }
    }

    @Test("Every setting of a tenant has a command, and its row in the reference says what the program says")
    func settings() throws {
        let commands = Set(try CommandTree.read().leaves.map { $0.words.joined(separator: " ") })
        let rows = TenantSetting.all.map { setting in
            let command = "tenant set-\(setting.hyphenatedName)"
            #expect(commands.contains(command))
            let words = setting.words.map { "`\($0.text)`: \($0.meaning)" }
            return [
                setting.name, command, setting.decides, words.joined(separator: "<br>"), setting.initial.text,
            ]
            .map { $0.trimmingCharacters(in: [" ", "`"]) }
        }
        #expect(try Document(Self.commands).table("Setting") == rows)
    }

    @Test("Every path of this repository in the documentation leads to a file or a folder")
    func pathsExist() throws {
        let roots = ["scripts", "systemd", "Sources", "Tests", "Benchmarks", "docs", ".ci"]
        let sources = try SourceFile.names(in: "Sources")
        let tests = try SourceFile.names(in: "Tests")
        for page in try Document.all() {
            for word in (page.codeLines + page.codeSpans).flatMap({ $0.split(separator: " ") }) {
                let path = word.trimmingCharacters(in: ["\"", "'", "(", ")", "$", ",", ";", ":"])
                guard let first = path.split(separator: "/").first.map(String.init), path.contains("/")
                else { continue }
                let full =
                    roots.contains(first)
                    ? path
                    : sources.contains(first)
                        ? "Sources/\(path)" : tests.contains(first) ? "Tests/\(path)" : nil
                guard let full, !path.contains(where: { "*<…".contains($0) }) else { continue }
                #expect(
                    FileManager.default.fileExists(atPath: SourceFile.url(full).path),
                    "\(page.path): \(path)"
                )
                if first == "scripts" {
                    #expect(
                        FileManager.default.isExecutableFile(atPath: SourceFile.url(full).path),
                        "\(path)"
                    )
                }
            }
        }
    }

    @Test("Every link in the documentation leads somewhere, anchors too")
    func linksLeadSomewhere() throws {
        let pages = try Document.all()
        for page in pages {
            for link in page.links where !link.contains("://") {
                let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let folder = URL(filePath: "/" + page.path).deletingLastPathComponent()
                let target =
                    parts[0].isEmpty
                    ? page.path
                    : String(folder.appending(path: String(parts[0])).standardizedFileURL.path.dropFirst())
                #expect(
                    FileManager.default.fileExists(atPath: SourceFile.url(target).path),
                    "\(page.path): \(link)"
                )
                guard parts.count == 2 else { continue }
                let anchors = pages.first { $0.path == target }?.anchors ?? []
                #expect(anchors.contains(String(parts[1])), "\(page.path): \(link)")
            }
        }
    }

    @Test(
        "The table of audit events has every event, and says of those that nothing records that it is so"
    )
    func auditEvents() throws {
        let rows = try Document(Self.audit).table("Event")
        #expect(rows.map { $0[0] } == AuditEvent.allCases.map(\.name))
        // What has a case for every event records none of them.
        let tables = ["/Audit/Events/", "/TrailSentence.swift", "/TrailForm.swift"]
        let sources = try SourceFile.all(under: "Sources").filter { file in
            !tables.contains { file.path.contains($0) }
        }
        let used = Set(
            sources.flatMap(\.lines).filter { !$0.isComment }.flatMap { line in
                line.split(separator: ".", omittingEmptySubsequences: false).dropFirst()
                    .map { $0.prefix { $0.isLetter || $0.isNumber } }
            }
        )
        for (row, event) in zip(rows, AuditEvent.allCases) {
            #expect(row[3].hasPrefix("Not yet") == !used.contains("\(event)"), "\(event.name)")
        }
    }

    @Test("The table of audit events and the journal's catalogue are those that the registry of events makes")
    func eventsAreWritten() throws {
        let page = try String(contentsOf: SourceFile.url(Self.audit), encoding: .utf8)
        #expect(page.contains(EventCatalogue.table))
        let catalogue = try String(contentsOf: SourceFile.url("systemd/pharos-scim.catalog"), encoding: .utf8)
        #expect(catalogue == EventCatalogue.text)
    }

    @Test("The tables of audit fields have every field, and no other")
    func auditFields() throws {
        let page = try Document(Self.audit)
        #expect(page.table("Field").map { $0[0] } == AuditField.allCases.map { "\($0.name)" })
        var record = AuditRecord(.serviceStart, .success, actor: .system)
        record.versions = .made
        let entry = record.logEntry()
        let row = LogRow(
            order: 1,
            stream: entry.stream,
            sequence: 1,
            version: CommitVersion(1),
            timeMicroseconds: 1,
            payload: entry.payload
        )
        var chain = TrailChain(
            storeID: UniqueID(high: 1, low: 1),
            digest: TrailDigest { _ in [UInt8](repeating: 0, count: 32) }
        )
        let names = chain.seal(row).entry(attempt: 2).fields.map(\.name)
        let ownNames = Set(AuditField.allCases.map { "\($0.name)" })
        #expect(page.table("Field of the entry").map { $0[0] } == names.filter { !ownNames.contains($0) })
    }

    private static func withoutPrefix(_ line: String) -> String {
        before.reduce(line) { $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0 }
    }
}
