import Foundation
import Testing

@Suite("Sources")
struct SourceTests {
    private static let linesMax = 500
    private static let filesMax = 15
    /// Tables of cases may be longer.
    private static let testLinesMax = 700
    private static let overC: Set = ["Reactor", "TLS", "StorageLMDB", "Systemd"]

    @Test("A file holds one type or one aspect: at most 500 lines")
    func filesAreShort() throws {
        for (folder, most) in [("Sources", Self.linesMax), ("Tests", Self.testLinesMax)] {
            for file in try SourceFile.all(under: folder) {
                #expect(file.lines.count <= most, "\(file.path) has \(file.lines.count) lines")
            }
        }
    }

    @Test("A folder can be taken in at a glance: at most 15 files")
    func foldersAreSmall() throws {
        for folder in ["Sources", "Tests"] {
            let folders = Dictionary(grouping: try SourceFile.all(under: folder)) { file in
                file.path.split(separator: "/").dropLast().joined(separator: "/")
            }
            for (path, files) in folders {
                #expect(files.count <= Self.filesMax, "\(path) has \(files.count) files")
            }
        }
    }

    @Test("`unsafe` appears only in the four targets that touch C")
    func unsafeStaysWhereCIs() throws {
        for file in try SourceFile.all(under: "Sources") where !Self.overC.contains(file.target) {
            for line in file.lines where !line.isComment {
                #expect(!line.contains(" unsafe "), "\(file.path): \(line)")
                #expect(!line.contains("UnsafeMutable"), "\(file.path): \(line)")
            }
        }
    }

    @Test("No source force-unwraps a try or silences the compiler")
    func nothingIsForced() throws {
        for file in try SourceFile.all(under: "Sources") {
            for line in file.lines where !line.isComment {
                #expect(!line.contains("try!"), "\(file.path): \(line)")
                #expect(
                    !line.contains("@unchecked Sendable") || Self.overC.contains(file.target),
                    "\(file.path)"
                )
            }
        }
    }

    @Test(
        "Access to a tenant is made in one file: from a token, and for operators"
    )
    func accessIsGranted() throws {
        let places = try SourceFile.all(under: "Sources")
            .filter { $0.lines.contains { !$0.isComment && $0.contains(#/\bTenantAccess(\.init)?\(/#) } }
            .map(\.path)
        #expect(places == ["Sources/Tenancy/Tokens/Authenticator.swift"])
    }

    @Test("Tests that draw at random follow a seed, so that a failure can be repeated")
    func testsFollowSeeds() throws {
        // Real processes are beyond any seed; ids and names of files are looked at by no test.
        let exempt: Set = ["SystemTests", "SystemdTests", "ArchitectureTests"]
        let ids = [
            "Tests/TestSupport/TestService.swift",
            "Tests/ConformanceTests/Requirements/RequirementTests.swift",
        ]
        for file in try SourceFile.all(under: "Tests")
        where !exempt.contains(file.target) && !ids.contains(file.path) {
            for line in file.lines where !line.contains("using: &") {
                let isUnseeded = [
                    "SystemRandomNumberGenerator", ".random(in:", "randomElement()", "shuffled()",
                ]
                .contains { line.contains($0) }
                if isUnseeded { Issue.record("\(file.path): \(line)") }
            }
        }
    }

    @Test(
        "A test's time limit is against one that hangs: it runs from the beginning of all tests, so it is long"
    )
    func timeLimitsAreLong() throws {
        let short = #/timeLimit\(\.(?:seconds|milliseconds|minutes\(\d\))/#
        for file in try SourceFile.all(under: "Tests") {
            for line in file.lines where line.contains(short) {
                Issue.record("\(file.path): \(line)")
            }
        }
    }

    @Test(
        "The documents are there",
        arguments: [
            "LICENSE", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md",
        ]
    )
    func documentsAreThere(name: String) throws {
        #expect(try !SourceFile(name).lines.isEmpty)
    }
}

extension String {
    /// Whether a line holds nothing but a comment.
    var isComment: Bool { drop { $0 == " " }.hasPrefix("//") }

    @Test("Every name in a template of the console is a property of one of its views")
    func templateNames() throws {
        var properties: Set<String> = []
        for file in try SourceFile.all(under: "Sources/Console") {
            for line in file.lines {
                line.matches(of: #/let (\w+):/#).forEach { properties.insert(String($0.1)) }
            }
        }
        let folder = SourceFile.url("Sources/ConsoleAssets/Resources")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var count = 0
        for file in files where file.pathExtension == "mustache" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: #/\{\{[#^]?(\w+)\}\}/#) {
                count += 1
                #expect(properties.contains(String(match.1)), "\(file.lastPathComponent): \(match.1)")
            }
        }
        #expect(count > 100)
    }
}
