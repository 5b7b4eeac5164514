import Foundation

/// A page of the documentation, in Markdown.
struct Document {
    /// Relative to the package's root.
    let path: String
    private let lines: [(text: String, kind: Kind)]

    private enum Kind { case prose, command, output }

    /// The pages, without those that tools make.
    static func all() throws -> [Document] {
        let pages = ["README", "ARCHITECTURE", "CONTRIBUTING", "SECURITY", "CHANGELOG"].map { "\($0).md" }
        let names = FileManager.default.enumerator(atPath: SourceFile.url("docs").path)
        let docs = (names?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".md") }.sorted()
        return try (pages + docs.map { "docs/\($0)" }).map { try Document($0) }
    }

    init(_ path: String) throws {
        self.path = path
        var kind = Kind.prose
        lines = try SourceFile(path).lines.map { line in
            let start = line.trimmingCharacters(in: .whitespaces)
            guard start.hasPrefix("```") else { return (line, kind) }
            // A block that names a language, or `text`, is not for a shell.
            kind = kind != .prose ? .prose : start == "```" ? .command : .output
            return (line, .output)
        }
    }

    /// How many words a reader meets.
    var wordCount: Int { lines.reduce(0) { $0 + $1.text.split(whereSeparator: \.isWhitespace).count } }

    /// The lines of code blocks for a shell, those that a backslash continues put together.
    var codeLines: [String] { Self.joined(lines.filter { $0.kind == .command }.map(\.text)) }

    /// Lines for a shell without their indentation, those that a backslash continues put together.
    static func joined(_ lines: [some StringProtocol]) -> [String] {
        var found: [String] = []
        var isContinued = false
        for line in lines {
            let text = line.trimmingCharacters(in: .whitespaces)
            let part = text.hasSuffix("\\") ? String(text.dropLast()) : text
            if isContinued { found[found.count - 1] += part } else { found.append(part) }
            isContinued = text.hasSuffix("\\")
        }
        return found
    }

    /// What stands between backticks in running text and in tables.
    var codeSpans: [String] {
        prose.flatMap { line in
            line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        }
    }

    /// The texts of headings, with their depth.
    var headings: [(depth: Int, text: String)] {
        prose.filter { $0.hasPrefix("#") }.map { line in
            let marks = line.prefix { $0 == "#" }
            return (marks.count, line.dropFirst(marks.count).trimmingCharacters(in: .whitespaces))
        }
    }

    /// The names by which links lead to headings: lower case, hyphens for spaces, without other signs.
    var anchors: Set<String> {
        Set(
            headings.map { heading in
                heading.text.lowercased().replacing(" ", with: "-")
                    .filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
            }
        )
    }

    /// The targets of links, as they stand.
    var links: [String] {
        prose.flatMap { line in
            line.split(separator: "](", omittingEmptySubsequences: false).dropFirst()
                .compactMap {
                    $0.split(separator: ")", omittingEmptySubsequences: false).first.map(String.init)
                }
        }
    }

    /// The rows, without the head, of the table whose first column has this name.
    func table(_ firstColumn: String) -> [[String]] { tables(firstColumn).first ?? [] }

    /// The same of all tables whose first column has this name.
    func tables(_ firstColumn: String) -> [[[String]]] {
        prose.indices.filter { prose[$0].hasPrefix("| \(firstColumn) |") }.map { start in
            prose[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
                line.split(separator: "|").map { $0.trimmingCharacters(in: [" ", "`"]) }
            }
        }
    }

    private var prose: [String] { lines.filter { $0.kind == .prose }.map(\.text) }
}
