import Transfer

/// The records of a file are all of it, each within its limit, however its bytes are read.
enum CSVTarget {
    private static let tightBytesMax = 48

    static func check(_ bytes: [UInt8]) {
        for separator in CSVSeparator.allCases {
            var numbers = InputNumbers(bytes)
            for bytesMax in [CSVScanner.recordBytesMax, tightBytesMax] {
                let outcomes = numbers.pieceSizes(bytes.count).map { sizes in
                    records(bytes, sizes, separator, recordBytesMax: bytesMax)
                }
                hold(outcomes.allSatisfy { $0 == outcomes[0] }, "records do not depend on the blocks")
                guard case .success(let records) = outcomes[0] else { continue }
                check(records, of: bytes, separator, bytesMax)
            }
        }
    }

    private static func check(
        _ records: [CSVRecord],
        of bytes: [UInt8],
        _ separator: CSVSeparator,
        _ bytesMax: Int
    ) {
        var line = 0
        for record in records {
            hold(record.text.utf8.count <= bytesMax, "a record is within its limit")
            hold(record.line > line, "records are in the order of their lines")
            line = record.line
            hold(record.cellCount == cells(record.text, separator), "cells lie between separators")
        }
        // Empty lines, and the mark in front, hold no letter.
        hold(printable(records.flatMap { Array($0.text.utf8) }) == printable(bytes), "records are all of it")
        let joined = Array(records.map(\.text).joined(separator: "\n").utf8)
        let again = self.records(
            joined,
            [max(1, joined.count)],
            separator,
            recordBytesMax: bytesMax,
            marked: false
        )
        guard case .success(let others) = again else { return hold(false, "records are CSV") }
        hold(others.map(\.text) == records.map(\.text), "records are those records")
    }

    private static func records(
        _ bytes: [UInt8],
        _ sizes: [Int],
        _ separator: CSVSeparator,
        recordBytesMax: Int,
        marked: Bool = true
    ) -> Result<[CSVRecord], CSVError> {
        var rest = bytes[...]
        var turn = 0
        var scanner = CSVScanner(separator: separator, recordBytesMax: recordBytesMax) {
            let block = Array(rest.prefix(sizes[turn % sizes.count]))
            rest = rest.dropFirst(block.count)
            turn += 1
            return block
        }
        var records: [CSVRecord] = []
        do {
            if marked { try scanner.skipByteOrderMark() }
            while let record = try scanner.next() { records.append(record) }
            return .success(records)
        } catch let error as CSVError {
            return .failure(error)
        } catch {
            fatalError("Nothing else is thrown.")
        }
    }

    /// A quotation mark opens or closes; two inside a cell close it and open it again.
    private static func cells(_ text: String, _ separator: CSVSeparator) -> Int {
        var isQuoted = false
        var count = 1
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == separator.byte, !isQuoted { count += 1 }
        }
        return count
    }

    private static func printable(_ bytes: [UInt8]) -> [UInt8] { bytes.filter { (0x21...0x7E).contains($0) } }
}
