import JSON

/// What became of the lines of a file so far.
struct ImportTally: Sendable, Equatable {
    /// A line, by its number in the file, and the user whom it names.
    struct Example: View, Equatable {
        let line: Int
        let name: String
    }

    /// A line that was refused, with its cells, so that it can be corrected.
    struct Refusal: View, Equatable {
        let line: Int
        /// Empty if the reason lies in no single one.
        let column: String
        let reason: String
        let cells: [String]
    }

    /// Lines of each outcome that a page names.
    static let examplesMax = 10
    /// Refused lines that are kept, and bytes of their cells; further ones are counted.
    static let refusalsMax = 1_000
    static let refusalBytesMax = 1 << 20
    /// Characters of a name in an example.
    private static let nameMax = 80

    private(set) var lines = 0
    private(set) var created = 0
    private(set) var updated = 0
    private(set) var unchanged = 0
    private(set) var refused = 0
    private(set) var createdLines: [Example] = []
    private(set) var updatedLines: [Example] = []
    private(set) var unchangedLines: [Example] = []
    private(set) var refusals: [Refusal] = []
    private var refusalBytes = 0

    /// Adds what the server says of a batch.
    mutating func add(_ batch: ImportLines, _ report: JSONObject, userColumns: [Int]) {
        let cells = Self.cells(of: batch.lines)
        func examples(_ name: String, beside all: [Example]) -> [Example] {
            report.list(name).prefix(Self.examplesMax - all.count).map { value in
                let line = Self.integer(value)
                let cells = cells[line] ?? []
                let name = userColumns.lazy.compactMap { cells.indices.contains($0) ? cells[$0] : nil }
                    .first { !$0.isEmpty }
                return Example(line: line, name: String((name ?? "").prefix(Self.nameMax)))
            }
        }
        lines += batch.lines.count + batch.refusals.count
        created += report.integer("created")
        updated += report.integer("updated")
        unchanged += report.integer("unchanged")
        createdLines += examples("createdLines", beside: createdLines)
        updatedLines += examples("updatedLines", beside: updatedLines)
        unchangedLines += examples("unchangedLines", beside: unchangedLines)
        let before = batch.refusals.map {
            Refusal(line: $0.line, column: "", reason: $0.reason, cells: $0.cells)
        }
        let behind = report.objects("refused").map { refusal in
            let line = refusal.integer("line")
            return Refusal(
                line: line,
                column: refusal.text("column"),
                reason: refusal.text("reason"),
                cells: cells[line] ?? []
            )
        }
        for refusal in (before + behind).sorted(by: { $0.line < $1.line }) { keep(refusal) }
    }

    private mutating func keep(_ refusal: Refusal) {
        refused += 1
        let bytes = refusal.cells.reduce(refusal.reason.utf8.count) { $0 + $1.utf8.count }
        guard refusals.count < Self.refusalsMax, refusalBytes + bytes <= Self.refusalBytesMax else { return }
        refusalBytes += bytes
        refusals.append(refusal)
    }

    /// The cells of lines, by their numbers.
    private static func cells(of lines: [JSONValue]) -> [Int: [String]] {
        var all: [Int: [String]] = [:]
        for case .array(let parts) in lines {
            guard let number = parts.first else { continue }
            all[integer(number)] = parts.dropFirst().map {
                if case .string(let text) = $0 { text } else { "" }
            }
        }
        return all
    }

    private static func integer(_ value: JSONValue) -> Int {
        if case .number(let number) = value { number.int64.map(Int.init) ?? 0 } else { 0 }
    }
}
