import ArgumentParser
import JSON

/// What became of the lines of a file.
struct ImportSummary {
    let tenant: String
    let isDryRun: Bool
    private(set) var lineCount = 0
    private(set) var refusedCount = 0
    private var counts: [(name: String, count: Int64)] = [("created", 0), ("updated", 0), ("unchanged", 0)]
    private var refused: [JSONObject] = []

    /// The exit status when a line was refused.
    static let someRefused = ExitCode(3)
    /// Refused lines that are told one by one; further ones are counted.
    private static let refusalsMax = 1_000

    init(tenant: String, isDryRun: Bool) {
        self.tenant = tenant
        self.isDryRun = isDryRun
    }

    /// Adds the report of a batch.
    mutating func add(_ report: JSONObject, lines: Int) {
        lineCount += lines
        for index in counts.indices {
            if case .number(let number)? = report[counts[index].name] {
                counts[index].count += number.int64 ?? 0
            }
        }
        for refusal in report.list("refused").compactMap(\.object) { keep(refusal) }
    }

    /// Adds a line that was refused before it was sent.
    mutating func refuse(_ line: Int, _ reason: String) {
        lineCount += 1
        keep(
            JSONObject(uniqueMembers: [
                .init(name: "line", value: .number(JSONNumber(line))),
                .init(name: "reason", value: .string(reason)),
            ])
        )
    }

    private mutating func keep(_ refusal: JSONObject) {
        refusedCount += 1
        guard refused.count < Self.refusalsMax else { return }
        // Lines that are refused here come before those of their batch that the server refuses.
        let line = Self.line(of: refusal)
        let index = refused.lastIndex { Self.line(of: $0) <= line }.map { $0 + 1 } ?? 0
        refused.insert(refusal, at: index)
    }

    private static func line(of refusal: JSONObject) -> Int64 {
        if case .number(let number)? = refusal["line"] { number.int64 ?? 0 } else { 0 }
    }

    func show(_ output: OutputOptions) {
        guard !output.json else { return Terminal.show(json.line) }
        for refusal in refused { Terminal.note(Self.sentence(refusal)) }
        if refusedCount > refused.count {
            Terminal.note("\(refusedCount - refused.count) more lines were refused.")
        }
        var rows = [["Tenant", tenant], ["Lines", "\(lineCount)"]]
        rows += counts.map { [$0.name.capitalisedFirst, "\($0.count)"] }
        rows.append(["Refused", "\(refusedCount)"])
        Terminal.table(rows)
        if isDryRun { Terminal.show("This was a dry run: nothing was changed.") }
    }

    private var json: JSONObject {
        func number(_ name: String, _ value: Int64) -> JSONObject.Member {
            .init(name: name, value: .number(JSONNumber(value)))
        }
        return JSONObject(
            uniqueMembers: [
                .init(name: "tenant", value: .string(tenant)), .init(name: "dryRun", value: .bool(isDryRun)),
                number("lines", Int64(lineCount)),
            ] + counts.map { number($0.name, $0.count) } + [
                number("refusedLines", Int64(refusedCount)),
                .init(name: "refused", value: .array(refused.map(JSONValue.object))),
            ]
        )
    }

    private static func sentence(_ refusal: JSONObject) -> String {
        var place = "line \(line(of: refusal))"
        let column = refusal.text("column")
        if !column.isEmpty { place += ", column \(column)" }
        return "\(place): \(refusal.text("reason"))"
    }
}

extension String {
    fileprivate var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
