import Foundation

/// What a test claims, as its display name or its fixture has it.
struct TestClaim {
    let text: String
    /// Where it stands: a file's path below `Tests`.
    let place: String

    var ids: Set<String> { Citations.ids(in: text) }

    private static let tests = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The claims of all sources and fixtures.
    static func all() throws -> [TestClaim] {
        var claims: [TestClaim] = []
        let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)
        for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let place = String(file.path.dropFirst(tests.path.count + 1))
            for match in text.matches(of: /@(?:Test|Suite)\(\s*"((?:[^"\\]|\\.)*)"/) {
                claims.append(TestClaim(text: String(match.output.1), place: place))
            }
        }
        for file in FlowFile.all {
            claims.append(
                TestClaim(text: try Flow(file).claim, place: "ConformanceTests/Fixtures/\(file).json")
            )
        }
        return claims.sorted { ($0.place, $0.text) < ($1.place, $1.text) }
    }
}
