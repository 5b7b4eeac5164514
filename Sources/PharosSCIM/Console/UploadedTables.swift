import Console
import Locking
import Transfer

/// Takes the files apart that people upload to the console, as `import` takes those of an operator.
struct UploadedTables: ImportTables {
    func open(_ file: ImportFile) throws(ImportFault) -> any ImportTable {
        do { return try UploadedTable(file) } catch { throw ImportFault("\(error)") }
    }
}

/// One of these files, read by one thread at a time.
private final class UploadedTable: ImportTable {
    let columns: [String]
    let userColumns: [Int]
    let lineCount: Int
    private let table: Locked<BatchedTable>

    init(_ file: ImportFile) throws {
        let separator =
            switch file.separator {
            case .comma: CSVSeparator.comma
            case .semicolon: CSVSeparator.semicolon
            case .tab: CSVSeparator.tab
            }
        let batches = TableBatches(isAtomic: false, keepsUsersTogether: file.replaces)
        let table = try BatchedTable(batches) { () throws in try CSVTable.open(file.content, separator) }
        columns = table.columns
        userColumns = table.userColumns
        lineCount = table.lineCount
        self.table = Locked(table)
    }

    func next() throws(ImportFault) -> ImportLines? {
        do {
            return try table.withLock { table in
                try table.next().map { ImportLines(lines: $0.lines, refusals: $0.refusals) }
            }
        } catch {
            throw ImportFault("\(error)")
        }
    }
}
