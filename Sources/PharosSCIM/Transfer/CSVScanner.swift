import ArgumentParser
import Reactor

/// What separates the cells of a table.
enum CSVSeparator: String, CaseIterable, ExpressibleByArgument {
    case comma, semicolon, tab

    var byte: UInt8 {
        switch self {
        case .comma: UInt8(ascii: ",")
        case .semicolon: UInt8(ascii: ";")
        case .tab: UInt8(ascii: "\t")
        }
    }
}

/// A record of a CSV file as it stands there.
struct CSVRecord {
    /// The line on which it begins, from 1.
    let line: Int
    /// Its text without the line break that ends it.
    let text: String
    let cellCount: Int
}

/// Finds the records of a CSV file (RFC 4180), and refuses what the library that takes them apart would let through
/// wrongly.
///
/// That is: a quotation mark inside an unquoted cell, or one that is never closed; a lone carriage return, a control
/// character, text that is not UTF-8. A byte order mark is skipped, a line break is LF or CRLF, empty lines do not count.
struct CSVScanner: ~Copyable {
    private var bytes: FileBytes
    private let separator: UInt8
    private var pushedBack: UInt8?
    private var line = 1
    /// Bytes read so far, for the progress.
    private(set) var byteOffset = 0

    /// Bytes of one record.
    static let recordBytesMax = 256 * 1_024

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(path: String, separator: CSVSeparator) throws(HostError) {
        bytes = try FileBytes(path: path)
        self.separator = separator.byte
    }

    var byteCount: Int { bytes.byteCount }

    /// Where in a cell the scanner is.
    private enum State { case start, plain, quoted, closed, afterClosed }

    /// The next record; nil after the last one.
    ///
    /// - Throws: ``CommandFailure`` with the line for a record that is no CSV.
    mutating func next() throws -> CSVRecord? {
        while let record = try nextOrEmpty() {
            if !record.text.allSatisfy(\.isWhitespace) { return record }
        }
        return nil
    }

    private mutating func nextOrEmpty() throws -> CSVRecord? {
        let first = line
        var text: [UInt8] = []
        var state = State.start
        var cells = 1
        while let byte = try take() {
            if byte == UInt8(ascii: "\n") {
                line += 1
                if state != .quoted { return try record(text, first, cells) }
            } else if byte == UInt8(ascii: "\r") {
                guard try peek() == UInt8(ascii: "\n") else {
                    throw Self.refusal(line, "a carriage return stands alone")
                }
                if state != .quoted { continue }
            } else if byte < 0x20 && byte != UInt8(ascii: "\t") || byte == 0x7F {
                throw Self.refusal(line, "there is a control character; the file must be UTF-8")
            } else {
                state = try Self.state(after: state, byte, separator: separator, line)
                if byte == separator, state == .start { cells += 1 }
            }
            text.append(byte)
            guard text.count <= Self.recordBytesMax else {
                throw Self.refusal(first, "a record is longer than \(Self.recordBytesMax) bytes")
            }
        }
        guard state != .quoted else { throw Self.refusal(first, "a quotation mark is never closed") }
        return text.isEmpty ? nil : try record(text, first, cells)
    }

    private static func state(
        after state: State,
        _ byte: UInt8,
        separator: UInt8,
        _ line: Int
    ) throws -> State {
        switch (state, byte) {
        case (.start, UInt8(ascii: "\"")): return .quoted
        case (.quoted, UInt8(ascii: "\"")): return .closed
        // Two quotation marks inside a quoted cell stand for one.
        case (.closed, UInt8(ascii: "\"")): return .quoted
        case (.quoted, _): return .quoted
        case (_, separator): return .start
        case (.start, UInt8(ascii: " ")), (.start, UInt8(ascii: "\t")): return .start
        case (.closed, UInt8(ascii: " ")), (.closed, UInt8(ascii: "\t")): return .afterClosed
        case (.afterClosed, UInt8(ascii: " ")), (.afterClosed, UInt8(ascii: "\t")): return .afterClosed
        case (.closed, _), (.afterClosed, _):
            throw refusal(line, "there is text after a closing quotation mark")
        case (_, UInt8(ascii: "\"")): throw refusal(line, "there is a quotation mark inside an unquoted cell")
        default: return .plain
        }
    }

    private func record(_ text: [UInt8], _ line: Int, _ cells: Int) throws -> CSVRecord {
        guard let string = String(validating: text, as: UTF8.self) else {
            throw Self.refusal(line, "the text is not UTF-8")
        }
        return CSVRecord(line: line, text: string, cellCount: cells)
    }

    static func refusal(_ line: Int, _ reason: String) -> CommandFailure {
        CommandFailure("Line \(line) is no CSV: \(reason).")
    }

    // MARK: - Bytes

    private mutating func take() throws(HostError) -> UInt8? {
        if let byte = pushedBack {
            pushedBack = nil
            return byte
        }
        guard let byte = try bytes.next() else { return nil }
        byteOffset += 1
        return byte
    }

    private mutating func peek() throws(HostError) -> UInt8? {
        if pushedBack == nil { pushedBack = try take() }
        return pushedBack
    }

    /// Goes past a byte order mark; called once, before the first record.
    mutating func skipByteOrderMark() throws {
        guard let first = try peek() else { return }
        if first == 0xFF || first == 0xFE {
            throw CommandFailure("The file is UTF-16; it must be UTF-8.")
        }
        guard first == Self.byteOrderMark[0] else { return }
        for expected in Self.byteOrderMark {
            guard try take() == expected else { throw Self.refusal(1, "the text is not UTF-8") }
        }
    }
}
