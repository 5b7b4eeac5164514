import Testing

@Suite("Sources")
struct SourceTests {
    private static let linesMax = 500
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
        "The documents are there",
        arguments: ["LICENSE", "README.md", "ARCHITECTURE.md"]
    )
    func documentsAreThere(name: String) throws {
        #expect(try !SourceFile(name).lines.isEmpty)
    }
}

extension String {
    fileprivate var isComment: Bool { drop { $0 == " " }.hasPrefix("//") }
}
