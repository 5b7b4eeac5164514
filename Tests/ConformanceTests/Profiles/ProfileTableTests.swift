import Foundation
import SCIM
import Testing

@Suite("The profiles' table")
struct ProfileTableTests {
    @Test("docs/reference/profiles.md tells of every decision what each profile decides, and of no other")
    func page() throws {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/reference/profiles.md"), encoding: .utf8)
        let lines = text.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex { $0.hasPrefix("| Decision |") })
        let columns = Self.cells(lines[start]).dropFirst(3).map { ProfileName(rawValue: $0) }
        #expect(Set(columns) == Set(ProfileName.allCases.map(Optional.some)))
        let rows = lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map(Self.cells)
        #expect(rows.map { $0[0] } == Profile.decisions.map { "`\($0.name)`" })
        for (row, decision) in zip(rows, Profile.decisions) {
            for (cell, column) in zip(row.dropFirst(3), columns) {
                let isMade = column?.profile.contains(decision.member) == true
                #expect(cell == (isMade ? "yes" : "no"), "\(decision.name), \(column?.rawValue ?? "")")
            }
        }
    }

    private static func cells(_ line: String) -> [String] {
        line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
