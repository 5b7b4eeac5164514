/// The refused lines of an import as a CSV file (RFC 4180), to be corrected and imported again.
package enum RefusedLines {
    /// The columns in front of those that the lines had; a table that begins with them is such a file.
    package static let columns = ["line", "column", "reason"]

    /// The file: number, column and reason of each line, then its cells as they were.
    static func file(
        _ tally: ImportTally,
        columns: [String],
        _ separator: ImportFile.Separator
    ) -> [UInt8] {
        func row(_ cells: [String]) -> String {
            cells.map(cell).joined(separator: separator.text) + "\r\n"
        }
        var text = row(Self.columns + columns)
        for refusal in tally.refusals {
            text += row(["\(refusal.line)", refusal.column, refusal.reason] + refusal.cells)
        }
        if tally.refused > tally.refusals.count {
            text += row(["", "", "\(tally.refused - tally.refusals.count) more lines were refused."])
        }
        return Array(text.utf8)
    }

    /// A cell that no spreadsheet takes for a formula: an apostrophe stands before what would begin one, and before what looks like
    /// that already.
    static func cell(_ text: String) -> String {
        let harmless = needsApostrophe(text[...]) ? "'\(text)" : text
        guard harmless.unicodeScalars.contains(where: { "\",;\r\n\t".unicodeScalars.contains($0) }) else {
            return harmless
        }
        return "\"\(harmless.replacing("\"", with: "\"\""))\""
    }

    /// What a cell was before ``cell(_:)``.
    package static func original(_ cell: String) -> String {
        cell.first == "'" && needsApostrophe(cell.dropFirst()) ? String(cell.dropFirst()) : cell
    }

    private static func needsApostrophe(_ text: Substring) -> Bool {
        let start = text.drop { $0 == "'" }.unicodeScalars.first
        return start.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    }
}
