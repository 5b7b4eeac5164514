/// The refused lines of an import as a CSV file (RFC 4180), to be corrected and imported again.
enum RefusedLines {
    /// The file: number, column and reason of each line, then its cells as they were.
    static func file(_ tally: ImportTally, columns: [String]) -> [UInt8] {
        var text = row(["line", "column", "reason"] + columns)
        for refusal in tally.refusals {
            text += row(["\(refusal.line)", refusal.column, refusal.reason] + refusal.cells)
        }
        if tally.refused > tally.refusals.count {
            text += row(["", "", "\(tally.refused - tally.refusals.count) more lines were refused."])
        }
        return Array(text.utf8)
    }

    private static func row(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

    /// A cell that no spreadsheet takes for a formula: an apostrophe stands before what would begin one.
    static func cell(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let harmless = isFormula ? "'\(text)" : text
        guard harmless.unicodeScalars.contains(where: { "\",\r\n\t".unicodeScalars.contains($0) }) else {
            return harmless
        }
        return "\"\(harmless.replacing("\"", with: "\"\""))\""
    }
}
