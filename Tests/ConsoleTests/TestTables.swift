import JSON
import Locking

@testable import Console

/// Reads tables whose cells have no quotes, two lines in a batch.
struct TestTables: ImportTables {
    func open(_ file: ImportFile) throws(ImportFault) -> any ImportTable {
        let lines = String(decoding: file.content, as: UTF8.self).split(separator: "\n")
        guard let head = lines.first, !head.hasPrefix("bad") else {
            throw ImportFault("Line 1 is no CSV.")
        }
        let rows = lines.dropFirst().map { $0.split(separator: ",").map(String.init) }
        return TestTable(columns: head.split(separator: ",").map(String.init), rows: Array(rows))
    }
}

final class TestTable: ImportTable {
    static let batchLines = 2

    let columns: [String]
    let userColumns = [0]
    let lineCount: Int
    private let rest: Locked<[(number: Int, cells: [String])]>

    init(columns: [String], rows: [[String]]) {
        self.columns = columns
        lineCount = rows.count
        rest = Locked(rows.enumerated().map { ($0.offset + 2, $0.element) })
    }

    func next() throws(ImportFault) -> ImportLines? {
        let lines = rest.withLock { rest in
            let lines = Array(rest.prefix(Self.batchLines))
            rest.removeFirst(lines.count)
            return lines
        }
        guard !lines.isEmpty else { return nil }
        let values = lines.map { line in
            JSONValue.array([.number(JSONNumber(line.number))] + line.cells.map(JSONValue.string))
        }
        return ImportLines(lines: values, refusals: [])
    }
}
