/// What separates the cells of a table.
package enum CSVSeparator: String, CaseIterable, Sendable {
    case comma, semicolon, tab

    package var byte: UInt8 {
        switch self {
        case .comma: UInt8(ascii: ",")
        case .semicolon: UInt8(ascii: ";")
        case .tab: UInt8(ascii: "\t")
        }
    }
}

/// A record of a CSV file as it stands there.
package struct CSVRecord: Sendable, Equatable {
    /// The line on which it begins, from 1.
    package let line: Int
    /// Its text without the line break that ends it.
    package let text: String
    package let cellCount: Int
}

extension CSVRecord {
    /// The cells without the white space around them; nil if it takes more than the separators to tell them apart, which is where there
    /// are quotation marks, and letters that may be combined with what follows.
    package func plainCells(_ separator: CSVSeparator) -> [String]? {
        let bytes = text.utf8.span
        for index in bytes.indices where bytes[index] >= 0x80 || bytes[index] == UInt8(ascii: "\"") {
            return nil
        }
        var cells: [String] = []
        cells.reserveCapacity(cellCount)
        var start = 0
        for index in 0...bytes.count where index == bytes.count || bytes[index] == separator.byte {
            cells.append(Self.trimmed(bytes.extracting(start..<index)))
            start = index + 1
        }
        return cells
    }

    private static func trimmed(_ cell: Span<UInt8>) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var (start, end) = (0, cell.count)
        while start < end, isSpace(cell[start]) { start += 1 }
        while start < end, isSpace(cell[end - 1]) { end -= 1 }
        return cell.extracting(start..<end).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}

/// Why a file is no CSV.
package enum CSVError: Error, Sendable, Equatable, CustomStringConvertible {
    case malformed(line: Int, String)
    case utf16

    package var description: String {
        switch self {
        case .malformed(let line, let reason): "Line \(line) is no CSV: \(reason)."
        case .utf16: "The file is UTF-16; it must be UTF-8."
        }
    }
}

/// Finds the records of a CSV file (RFC 4180), and refuses what the library that takes them apart would let through
/// wrongly.
///
/// That is: a quotation mark inside an unquoted cell, or one that is never closed; a lone carriage return, a control
/// character, text that is not UTF-8. A byte order mark is skipped, a line break is LF or CRLF, empty lines do not count.
package struct CSVScanner: ~Copyable {
    private let separator: UInt8
    private let recordBytesMax: Int
    private let read: () throws -> [UInt8]
    private var block: [UInt8] = []
    private var index = 0
    private var line = 1

    /// Bytes of one record.
    package static let recordBytesMax = 256 * 1_024

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Parameters:
    ///   - separator: what stands between cells.
    ///   - recordBytesMax: the bound of a record.
    ///   - read: gives the next bytes, and none at the end. What it throws, the scanner throws.
    package init(
        separator: CSVSeparator,
        recordBytesMax: Int = Self.recordBytesMax,
        read: @escaping () throws -> [UInt8]
    ) {
        self.separator = separator.byte
        self.recordBytesMax = recordBytesMax
        self.read = read
    }

    /// Where in a cell the scanner is.
    private enum State { case start, plain, quoted, closed, afterClosed }

    /// The next record; nil after the last one.
    ///
    /// - Throws: ``CSVError`` with the line for a record that is no CSV.
    package mutating func next() throws -> CSVRecord? {
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
            guard text.count <= recordBytesMax else {
                throw Self.refusal(first, "a record is longer than \(recordBytesMax) bytes")
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

    private static func refusal(_ line: Int, _ reason: String) -> CSVError {
        .malformed(line: line, reason)
    }

    // MARK: - Bytes

    private mutating func take() throws -> UInt8? {
        guard let byte = try peek() else { return nil }
        index += 1
        return byte
    }

    private mutating func peek() throws -> UInt8? {
        if index == block.count {
            block = try read()
            index = 0
            guard !block.isEmpty else { return nil }
        }
        return block[index]
    }

    /// Goes past a byte order mark; called once, before the first record.
    package mutating func skipByteOrderMark() throws {
        guard let first = try peek() else { return }
        guard first != 0xFF, first != 0xFE else { throw CSVError.utf16 }
        guard first == Self.byteOrderMark[0] else { return }
        for expected in Self.byteOrderMark {
            guard try take() == expected else { throw Self.refusal(1, "the text is not UTF-8") }
        }
    }
}
