import Foundation

/// A text file of this package.
struct SourceFile {
    /// Relative to the package's root.
    let path: String
    let lines: [String]

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Where a path of this package is.
    static func url(_ path: String) -> URL { root.appending(path: path) }

    /// The names of what is in a folder.
    static func names(in folder: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: url(folder).path))
    }

    init(_ path: String) throws {
        self.path = path
        let text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The folder below Sources or Tests, which is the target's name.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// The modules that the file imports, whatever the access level or kind of import.
    var imports: Set<String> {
        var modules: Set<String> = []
        for line in lines {
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
                words[..<index].allSatisfy({ Self.importModifiers.contains(String($0)) })
            else { continue }
            var module = words[index + 1]
            if Self.importKinds.contains(String(module)), index + 2 < words.count {
                module = words[index + 2]
            }
            modules.insert(module.split(separator: ".").first.map(String.init) ?? String(module))
        }
        return modules
    }

    private static let importModifiers: Set = [
        "package", "public", "internal", "private", "fileprivate", "@testable", "@preconcurrency",
    ]
    private static let importKinds: Set = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]

    /// The Swift files of a folder, in the order of their paths.
    static func all(under folder: String) throws -> [SourceFile] {
        let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        return try (names?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(".swift") }
            .sorted()
            .map { try SourceFile("\(folder)/\($0)") }
    }
}
