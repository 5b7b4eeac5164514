import ArgumentParser
import Console
import JSON
import Reactor
import SwiftCSV
import Transfer

extension CSVSeparator: ExpressibleByArgument {}

/// A CSV file with a head, read in batches of bounded size.
///
/// ```
/// pass 1: CSVScanner over the whole file ─► it is CSV, and so many records
/// pass 2: CSVScanner ─► records of one batch ─► SwiftCSV ─► cells
///                                └─ plain ones ───────────► cells
/// ```
/// Nothing is imported of a file that is no CSV. White space around a cell is not part of it.
struct CSVTable: ~Copyable {
    /// A record, which may have fewer or more cells than the head.
    struct Line {
        let number: Int
        let cells: [String]
    }

    /// Begins to read the file, as often as it is asked to: gives its next bytes, and none at the end.
    typealias Source = () throws -> () throws -> [UInt8]

    private static let blockBytes = 64 * 1_024

    private var scanner: CSVScanner
    private let separator: CSVSeparator
    /// The names in the head.
    let columns: [String]
    /// Whether the file is one of refused lines, whose first columns tell why; they are left out.
    private let isOfRefusedLines: Bool
    /// How many records the file has beside the head.
    let recordCount: Int

    private init(scanner: consuming CSVScanner, separator: CSVSeparator, head: [String], recordCount: Int) {
        self.scanner = scanner
        self.separator = separator
        isOfRefusedLines = head.starts(with: RefusedLines.columns) && head.count > RefusedLines.columns.count
        columns = isOfRefusedLines ? Array(head.dropFirst(RefusedLines.columns.count)) : head
        self.recordCount = recordCount
    }

    /// Opens the file at a path and looks through all of it.
    static func open(_ path: String, _ separator: CSVSeparator) throws -> CSVTable {
        try open(separator) {
            let file = try InputFile(path: path)
            return { try file.read(bytesMax: blockBytes) }
        }
    }

    /// Opens a file that is in memory and looks through all of it.
    static func open(_ content: [UInt8], _ separator: CSVSeparator) throws -> CSVTable {
        try open(separator) {
            var rest = content[...]
            return {
                let block = Array(rest.prefix(blockBytes))
                rest = rest.dropFirst(blockBytes)
                return block
            }
        }
    }

    /// - Throws: ``CSVError`` with the line of the first record that is no CSV.
    private static func open(_ separator: CSVSeparator, _ source: Source) throws -> CSVTable {
        let recordCount = try countRecords(source, separator)
        var scanner = try scanner(source, separator)
        guard let head = try scanner.next() else { throw CommandFailure(.refused, "The file is empty.") }
        let columns = try cells(of: [head], separator)[0]
        if columns.count == 1, separator == .comma, columns[0].contains(where: { ";\t".contains($0) }) {
            throw OtherSeparator(line: head.line)
        }
        guard columns.allSatisfy({ !$0.isEmpty }) else {
            throw CommandFailure(.refused, "Line \(head.line): a column has no name.")
        }
        return CSVTable(scanner: scanner, separator: separator, head: columns, recordCount: recordCount)
    }

    private static func countRecords(_ source: Source, _ separator: CSVSeparator) throws -> Int {
        var scanner = try scanner(source, separator)
        var count = -1
        while try scanner.next() != nil { count += 1 }
        return max(0, count)
    }

    /// A scanner in front of the file's first record.
    private static func scanner(_ source: Source, _ separator: CSVSeparator) throws -> CSVScanner {
        var scanner = CSVScanner(separator: separator, read: try source())
        try scanner.skipByteOrderMark()
        return scanner
    }

    /// The next lines: at most so many records, of about so many bytes; none at the end.
    mutating func next(linesMax: Int, bytesMax: Int) throws -> [Line] {
        var records: [CSVRecord] = []
        var bytes = 0
        while records.count < linesMax, bytes < bytesMax, let record = try scanner.next() {
            records.append(record)
            bytes += record.text.utf8.count
        }
        var lines: [Line] = []
        lines.reserveCapacity(records.count)
        let isOfRefusedLines = isOfRefusedLines
        func add(_ record: CSVRecord, _ cells: [String]) {
            lines.append(Line(number: record.line, cells: isOfRefusedLines ? Self.refused(cells) : cells))
        }
        var others: [CSVRecord] = []
        for record in records {
            // The library takes a good part of an import's time.
            if let cells = record.plainCells(separator) { add(record, cells) } else { others.append(record) }
        }
        for (_, group) in Dictionary(grouping: others, by: \.cellCount) {
            for (record, cells) in zip(group, try Self.cells(of: group, separator)) { add(record, cells) }
        }
        // The last row of such a file may only tell how many lines are not in it.
        return lines.filter { !(isOfRefusedLines && $0.cells.isEmpty) }.sorted { $0.number < $1.number }
    }

    /// What a refused line was, without why it was refused.
    private static func refused(_ cells: [String]) -> [String] {
        cells.dropFirst(RefusedLines.columns.count).map(RefusedLines.original)
    }

    /// The cells of records, each of which is known to be one record.
    ///
    /// - Throws: ``CSVError`` if the library sees it otherwise: it reads characters, of which a mark and the accent
    ///   after it are one.
    private static func cells(of records: [CSVRecord], _ separator: CSVSeparator) throws -> [[String]] {
        guard let first = records.first else { return [] }
        let delimiter = CSVDelimiter.character(Character(Unicode.Scalar(separator.byte)))
        let head = Array(repeating: "x", count: first.cellCount).joined(separator: String(delimiter.rawValue))
        let text = ([head] + records.map(\.text)).joined(separator: "\n") + "\n"
        var rows: [[String]] = []
        let isRead: Bool
        do {
            // The rows as they are: the library's own list fills short ones up, which would hide a cell that is lost.
            let csv = try EnumeratedCSV(string: text, delimiter: delimiter, loadColumns: false, rowLimit: 0)
            try csv.enumerateAsArray(startAt: 1, rowLimit: nil) { rows.append($0) }
            isRead = true
        } catch {
            isRead = false
        }
        if isRead, rows.count == records.count, zip(rows, records).allSatisfy({ $0.count == $1.cellCount }) {
            return rows.map { $0.map(trimmed) }
        }
        guard records.count > 1 else {
            throw CSVError.malformed(
                line: first.line,
                "a separator or quotation mark is combined with an accent"
            )
        }
        // One of them is to blame: it is found one by one.
        return try records.flatMap { try cells(of: [$0], separator) }
    }

    private static func trimmed(_ cell: String) -> String {
        var cell = cell[...]
        while cell.first?.isWhitespace == true { cell.removeFirst() }
        while cell.last?.isWhitespace == true { cell.removeLast() }
        return String(cell)
    }
}

/// The head of a table has none of the separators that it should have.
struct OtherSeparator: Error, CustomStringConvertible {
    let line: Int

    var description: String {
        "Line \(line) has no comma: semicolons or tabs separate the cells of this file."
    }
}
