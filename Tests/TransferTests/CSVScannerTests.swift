import Testing

@testable import Transfer

@Suite("CSV scanner")
struct CSVScannerTests {
    /// The records of a text that arrives in blocks of so many bytes.
    private func records(
        _ text: String,
        separator: CSVSeparator = .comma,
        blockBytes: Int = .max,
        recordBytesMax: Int = CSVScanner.recordBytesMax
    ) throws -> [CSVRecord] {
        var rest = Array(text.utf8)[...]
        var scanner = CSVScanner(separator: separator, recordBytesMax: recordBytesMax) {
            defer { rest = rest.dropFirst(blockBytes) }
            return Array(rest.prefix(blockBytes))
        }
        try scanner.skipByteOrderMark()
        var records: [CSVRecord] = []
        while let record = try scanner.next() { records.append(record) }
        return records
    }

    @Test(
        "RFC 4180: records are found with their lines and cells, however the bytes come",
        arguments: [1, 2, 99]
    )
    func findsRecords(blockBytes: Int) throws {
        let text = "\u{FEFF}a,b\r\n\r\n\"x\r\n\"\"y\"\"\" , 2\n  \n,,\nlast"
        #expect(
            try records(text, blockBytes: blockBytes) == [
                CSVRecord(line: 1, text: "a,b", cellCount: 2),
                CSVRecord(line: 3, text: "\"x\r\n\"\"y\"\"\" , 2", cellCount: 2),
                CSVRecord(line: 6, text: ",,", cellCount: 3),
                CSVRecord(line: 7, text: "last", cellCount: 1),
            ]
        )
    }

    @Test(
        "What is no CSV is refused with its line",
        arguments: [
            ("a\nb\"c", 2, "there is a quotation mark inside an unquoted cell"),
            ("a\n\"b\nc", 2, "a quotation mark is never closed"),
            ("\"a\"b", 1, "there is text after a closing quotation mark"),
            ("a\rb", 1, "a carriage return stands alone"),
            ("a\u{0}", 1, "there is a control character; the file must be UTF-8"),
            ("a\n12345678,", 2, "a record is longer than 8 bytes"),
        ]
    )
    func refuses(text: String, line: Int, reason: String) {
        #expect(throws: CSVError.malformed(line: line, reason)) { try records(text, recordBytesMax: 8) }
    }

    @Test(
        "A plain record falls into its cells at the separators; quotation marks and other letters than ASCII take more",
        arguments: [
            ("a,b", ["a", "b"]), (" a b ,\t,", ["a b", "", ""]), (",", ["", ""]), ("x", ["x"]),
            ("a;b", ["a;b"]),
            ("\"a\",b", nil), ("ä,b", nil), (",\u{301}x", nil),
        ] as [(String, [String]?)]
    )
    func plainCells(text: String, cells: [String]?) throws {
        let record = try #require(try records(text).first)
        #expect(record.plainCells(.comma) == cells)
        #expect(cells == nil || cells?.count == record.cellCount)
    }

    @Test("A file in UTF-16 is refused by its byte order mark")
    func refusesUTF16() {
        var scanner = CSVScanner(separator: .tab) { [0xFF, 0xFE] }
        #expect(throws: CSVError.utf16) { try scanner.skipByteOrderMark() }
    }
}
