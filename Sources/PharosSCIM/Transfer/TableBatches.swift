import Console
import Directory
import JSON
import Transfer

/// How the lines of a table are put into batches.
struct TableBatches {
    /// All lines in one.
    let isAtomic: Bool
    /// Whether the lines of a user that follow each other stay in one batch.
    let keepsUsersTogether: Bool

    /// Bytes of the records of one batch, beside its last one; escaping at most doubles them.
    static let batchBytesMax = 128 * 1_024
    /// Lines of one user that can be kept together.
    static let userLinesMax = TenantTransfer.linesMax / 2
}

extension ImportArguments {
    /// Imports a table.
    func importTable(
        _ what: String,
        of table: TableOptions,
        options: [JSONObject.Member],
        in batches: TableBatches
    ) async throws {
        do {
            try await ImportedFile(file).reading { path in
                try await importTable(what, at: path, table.separator, options: options, in: batches)
            }
        } catch let error as OtherSeparator {
            throw CommandFailure(
                .refused,
                "Line \(error.line) has no comma; try --separator semicolon, or tab."
            )
        }
    }

    private func importTable(
        _ what: String,
        at path: String,
        _ separator: CSVSeparator,
        options: [JSONObject.Member],
        in batches: TableBatches
    ) async throws {
        var table = try BatchedTable(batches) { () throws in try CSVTable.open(path, separator) }
        if batches.isAtomic, table.lineCount > TenantTransfer.atomicLinesMax {
            throw CommandFailure(.refused, "--atomic takes at most \(TenantTransfer.atomicLinesMax) lines.")
        }
        let columns = JSONValue.array(table.columns.map(JSONValue.string))
        let linesInFile = table.lineCount
        let summary = try await data.withChannel { channel in
            var session = ImportSession(
                channel,
                tenant: name.tenant,
                what: what,
                options: options + [.init(name: "columns", value: columns)],
                linesInFile: linesInFile,
                isDryRun: dryRun
            )
            // Without lines: whether the head is taken, and that somebody imports.
            try await session.ask([.init(name: "first", value: .bool(true))])
            var next = try table.next()
            while let batch = next {
                for refusal in batch.refusals { session.refuse(refusal.line, refusal.reason) }
                guard !batches.isAtomic || batch.refusals.isEmpty else { break }
                next = try await session.send(SentLines(batch.lines)) { () throws in try table.next() }
            }
            return session
        }
        try summary.finish(output)
    }
}

/// A table whose lines come in batches.
struct BatchedTable: ~Copyable {
    private var table: CSVTable
    private var reader: BatchReader

    /// `open` opens the table, and is called a second time if the lines of a user have to follow each other.
    init(_ batches: TableBatches, open: () throws -> CSVTable) throws {
        var table = try open()
        var reader = BatchReader(batches, columns: table.columns)
        if batches.keepsUsersTogether {
            // Read through beforehand, so that nothing is replaced by a file whose lines are out of order.
            while try reader.next(&table) != nil {}
            table = try open()
            reader = BatchReader(batches, columns: table.columns)
        }
        self.table = table
        self.reader = reader
    }

    /// The names in the head.
    var columns: [String] { table.columns }
    /// Where the cells are that name the user.
    var userColumns: [Int] { reader.userColumns }
    /// Records beside the head.
    var lineCount: Int { table.recordCount }

    /// The next batch; nil at the end.
    mutating func next() throws -> BatchReader.Batch? { try reader.next(&table) }
}

/// Reads batches from a table.
struct BatchReader {
    /// Lines that are sent together, and lines that are refused before that.
    struct Batch {
        /// Each is a list of its number and its cells.
        var lines: [JSONValue] = []
        var refusals: [ImportLines.Refusal] = []
    }

    private let batches: TableBatches
    /// Where the cells are that name the user.
    let userColumns: [Int]
    private let columnCount: Int
    private var heldBack: [CSVTable.Line] = []
    private var seenUsers: Set<[String]> = []
    private var isAtEnd = false

    init(_ batches: TableBatches, columns: [String]) {
        self.batches = batches
        userColumns = columns.indices.filter { index in
            let column = CardLine.Column(named: columns[index])
            return column == .userName || column == .externalId
        }
        columnCount = columns.count
    }

    /// The next batch; nil at the end.
    mutating func next(_ table: inout CSVTable) throws -> Batch? {
        guard !isAtEnd else { return nil }
        var lines = heldBack
        heldBack = []
        let new = try table.next(
            linesMax: batches.isAtomic ? .max : ImportSession.batchLines,
            bytesMax: batches.isAtomic ? ImportSession.requestBytesMax : TableBatches.batchBytesMax
        )
        lines += new
        isAtEnd = new.isEmpty
        if batches.isAtomic {
            guard try isAtEnd || table.next(linesMax: 1, bytesMax: 1).isEmpty else {
                throw CommandFailure(
                    .refused,
                    "--atomic takes at most \(ImportSession.requestBytesMax) bytes."
                )
            }
            isAtEnd = true
        }
        var batch = Batch()
        batch.refusals = lines.filter { $0.cells.count != columnCount }.map { line in
            ImportLines.Refusal(
                line: line.number,
                reason: "The line has \(line.cells.count) cells, the head has \(columnCount) columns.",
                cells: line.cells
            )
        }
        lines.removeAll { $0.cells.count != columnCount }
        if batches.keepsUsersTogether {
            if !isAtEnd { try holdBackLastUser(of: &lines) }
            try checkUsers(lines)
        }
        batch.lines = lines.map { line in
            .array([.number(JSONNumber(line.number))] + line.cells.map(JSONValue.string))
        }
        return batch
    }

    private func user(_ line: CSVTable.Line) -> [String] {
        userColumns.map { line.cells[$0] }
    }

    /// The last user may have more lines in what comes next.
    private mutating func holdBackLastUser(of lines: inout [CSVTable.Line]) throws {
        guard let last = lines.last else { return }
        while let line = lines.last, user(line) == user(last) {
            heldBack.insert(line, at: 0)
            lines.removeLast()
        }
        guard heldBack.count <= TableBatches.userLinesMax else {
            throw CommandFailure(
                .refused,
                "From line \(heldBack[0].number) on, one user has more than \(TableBatches.userLinesMax) lines."
            )
        }
    }

    /// Two separate blocks of a user's lines would each take the other's cards away.
    private mutating func checkUsers(_ lines: [CSVTable.Line]) throws {
        var previous: [String]?
        for line in lines {
            let user = user(line)
            defer { previous = user }
            guard user == previous || seenUsers.insert(user).inserted else {
                throw CommandFailure(
                    .refused,
                    "Line \(line.number): where cards are replaced, the lines of one user must follow each other."
                )
            }
        }
    }
}
