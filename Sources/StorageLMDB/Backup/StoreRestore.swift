import Storage

/// A store that is made of a copy, in a folder of its own: first of the rows, then of the records of the log.
///
/// ```
/// rows ─► appended to the data file │ records ─► run ─ full ─► data file │ last record ─► begins the new log
/// ```
///
/// Nothing is durable before ``finish(_:)``: a folder that was left before is of no use.
package final class StoreRestore {
    private let environment: Environment
    private let path: String
    private let folder: StoreFolder
    private var run = Run()
    private var last: LogRecord?
    private var isOpen = true

    /// Rows that have been written, and those of them with a checksum that does not fit.
    package private(set) var rowCount = 0
    package private(set) var damagedRowCount = 0
    package private(set) var recordCount = 0

    /// A run of so many bytes is written to the data file.
    private static let runBytesMax = 32 << 20
    private static let transactionRowsMax = 20_000

    /// The number of the last record, its checksum where the copy has it from, and its time in microseconds since 1970; 0 before the first.
    package var lastNumber: UInt64 { last?.header.number ?? 0 }
    package var lastChecksum: UInt32 { last?.checksum ?? 0 }
    package var lastMicroseconds: Int64 { last?.header.timeMicroseconds ?? 0 }

    /// Begins a store in a folder that is not there yet; its parent must exist.
    package init(path: String, configuration: LMDBStore.Configuration = .init()) throws(StoreError) {
        self.path = path
        folder = try StoreFolder(path: path)
        try StoreReplacement.mark(path)
        environment = try Environment(
            folder: path,
            mapBytes: configuration.mapBytes,
            readersMax: configuration.readersMax
        )
        try environment.stopSyncing()
    }

    deinit { close() }

    private func close() {
        guard isOpen else { return }
        isOpen = false
        environment.close()
    }

    /// Adds the whole rows at the beginning of some bytes of the copy's rows, which come in their order.
    ///
    /// - Returns: how many bytes these were; the rest is the beginning of a row.
    /// - Throws: what the data file says.
    package func addRows(_ bytes: [UInt8]) throws(StoreError) -> Int {
        var transaction = try WriteTransaction(environment)
        var place = 0
        while let row = LogFormat.row(in: bytes.span, at: place), !row.isDeleted {
            let key = bytes.span.extracting(row.key)
            let stored = bytes.span.extracting(row.stored)
            if !StoredRow.isIntact(key: key, stored: stored) { damagedRowCount += 1 }
            try transaction.append(key, stored: stored)
            rowCount += 1
            place = row.stored.upperBound
        }
        try transaction.commit()
        return place
    }

    /// Adds the whole records at the beginning of some bytes of the copy's log.
    ///
    /// - Returns: how many bytes these were; the rest is the beginning of a record.
    /// - Throws: ``StoreError/corrupt(_:)`` if they are no records, or not in their order.
    package func addRecords(_ bytes: [UInt8]) throws(StoreError) -> Int {
        var place = 0
        while bytes.count - place >= LogFormat.recordHeaderBytes {
            guard let header = RecordHeader(block: bytes.span.extracting(droppingFirst: place)) else {
                throw .corrupt("the copy's log is malformed")
            }
            let length = LogFormat.recordHeaderBytes + header.rowBytes
            guard bytes.count - place >= length else { break }
            let record = Array(bytes[place..<place + length])
            let checksum = RecordHeader.storedChecksum(of: record.span)
            try add(LogRecord(header: header, checksum: checksum, bytes: record))
            place += length
        }
        return place
    }

    /// Adds the records that follow in the files of a log, up to a time.
    ///
    /// - Parameters:
    ///   - folder: has the files of a log that nobody writes any more.
    ///   - microseconds: since 1970; records of this time are added.
    ///   - progress: told the time of each record that is added.
    /// - Returns: the time of the next record, which is not added; nil if the log has no other.
    /// - Throws: ``StoreError/corrupt(_:)`` if records are missing between, or one is damaged; nothing else has happened to the log.
    package func follow(
        logFolder folder: String,
        through microseconds: Int64,
        progress: (Int64) -> Void
    ) throws(StoreError) -> Int64? {
        try writeRun()
        var log = try LogReader(
            try SystemLogDisk(folder: folder),
            storeID: try storeInfo().storeID,
            behind: lastNumber,
            checksum: lastChecksum
        )
        while let record = try log.next() {
            guard record.header.timeMicroseconds <= microseconds else {
                return record.header.timeMicroseconds
            }
            try add(record)
            progress(record.header.timeMicroseconds)
        }
        try log.checkNothingFollows()
        return nil
    }

    private func add(_ record: LogRecord) throws(StoreError) {
        if let last {
            guard record.header.number == last.header.number + 1, record.header.previous == last.checksum
            else {
                throw .corrupt(
                    "record \(record.header.number) of the copy's log does not follow the one before it"
                )
            }
        }
        try run.replay(record)
        last = record
        recordCount += 1
        if run.byteCount >= Self.runBytesMax { try writeRun() }
    }

    /// Writes the rows of the records so far.
    private func writeRun() throws(StoreError) {
        guard !run.isEmpty else { return }
        let checkpoint = Checkpoint(
            environment: environment,
            fault: nil,
            transactionRowsMax: Self.transactionRowsMax
        )
        // Which position is noted does not count before the end.
        try checkpoint.write(run, through: .start, after: .start) { _ in true }
        run = Run()
    }

    private func storeInfo() throws(StoreError) -> StoreInfo {
        let transaction = try WriteTransaction(environment)
        let info = try transaction.read(ReservedKeys.info) { value, _ in StoreInfo(value: value) } ?? nil
        guard let info else { throw .corrupt("the copy has no info row, or a malformed one") }
        return info
    }

    /// Makes the store durable: from here on it can be opened.
    ///
    /// Its log begins with the last record, so that numbers go on; as the salt is another one, so are all checksums from there on, by which
    /// it is told from the log that the copy was taken of.
    package func finish(_ configuration: LMDBStore.Configuration = .init()) throws(StoreError) {
        try writeRun()
        let position = try LogRecovery.create(
            try SystemLogDisk(folder: path + "/log"),
            storeID: try storeInfo().storeID,
            salt: configuration.makeSalt(),
            settings: configuration.log,
            behind: last
        )
        try writePosition(CheckpointRow(position: position, begunThrough: position.number))
        try environment.sync()
        close()
        try folder.syncNames()
    }

    private func writePosition(_ row: CheckpointRow) throws(StoreError) {
        var transaction = try WriteTransaction(environment)
        try row.write(to: &transaction)
        try transaction.commit()
    }
}
