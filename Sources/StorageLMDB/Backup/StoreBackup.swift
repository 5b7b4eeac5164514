import CLMDB
import Storage

/// A copy of a store that is read while the store is in use, a part at a time, and is of one moment all the same.
///
/// ```
/// rows     a…c │ d…k │ l…z            each part under a snapshot of its own, so that no page of the data file is kept for long
/// log     810 811 812 813 814 815     all records from the beginning to the end
///          ▲ begin             ▲ end
/// ```
///
/// A row is as of the snapshot of its part. A record of the log has each row as its batch leaves it, so that the rows with all records put
/// over them are those of the last record, whichever of them a part has seen already. Nothing is kept between two parts but a key and a
/// place in the log, from which on the log's files stay.
///
/// `@unchecked Sendable`: everything that changes is used inside ``turn``.
package final class StoreBackup: @unchecked Sendable {
    /// What comes next of a copy.
    package struct Part: Sendable {
        /// Rows in the order of their keys, as ``LogFormat`` has them.
        package fileprivate(set) var rows: [UInt8] = []
        /// Records of the log in their order, each without what fills up its last block.
        package fileprivate(set) var log: [UInt8] = []
        /// Whether this is all.
        package fileprivate(set) var isLast = false
    }

    /// How far the copy is.
    package struct Extent: Sendable {
        package fileprivate(set) var rowCount = 0
        /// Of the rows, how many have a checksum that does not fit.
        package fileprivate(set) var damagedRowCount = 0
        package fileprivate(set) var recordCount = 0
        /// How many rows the data file had at the beginning.
        package fileprivate(set) var rowCountExpected = 0
        /// The last record, whose state the copy has, its checksum and its time in microseconds since 1970; 0 if there is none yet.
        package fileprivate(set) var lastNumber: UInt64 = 0
        package fileprivate(set) var lastChecksum: UInt32 = 0
        package fileprivate(set) var lastMicroseconds: Int64 = 0
    }

    /// Bytes of the log in one part, beside one record.
    private static let logBytesMax = 16 << 20

    private let turn = Monitor(())
    private let readers: ReaderPool
    private let accountStates: AccountStates
    private let shelf: SegmentShelf
    private let keeper: UInt64
    private var log: LogReader
    /// Where the rows go on; nil if all have been read.
    private var next: Key? = Key([])
    /// The number of the last record; nil before all rows have been read.
    private var end: UInt64?
    private var progress = Extent()

    fileprivate init(
        _ readers: ReaderPool,
        _ accountStates: AccountStates,
        _ shelf: SegmentShelf,
        _ writer: StoreWriter,
        rowCountExpected: Int
    ) throws(StoreError) {
        self.readers = readers
        self.accountStates = accountStates
        self.shelf = shelf
        // First, so that what is read next cannot go.
        keeper = shelf.beginKeeping()
        let position = writer.lastPosition
        do throws(StoreError) {
            log = try LogReader(shelf.retained.disk, storeID: shelf.retained.storeID, at: position)
        } catch {
            shelf.endKeeping(for: keeper)
            throw error
        }
        progress.rowCountExpected = rowCountExpected
    }

    deinit { shelf.endKeeping(for: keeper) }

    package var extent: Extent { turn.withLock { _ in progress } }

    /// Reads what comes next; blocks for as long as that takes.
    ///
    /// - Parameters:
    ///   - bytesMax: of rows, beside one row.
    ///   - atEnd: shown once, before the last part comes, the state that the copy will have.
    /// - Returns: the part.
    /// - Throws: ``StoreError/full`` if the disk of the store has become full, so that files of the log were not kept;
    ///   ``StoreError/corrupt(_:)`` if a record is damaged; what reading the store throws.
    package func nextPart(
        bytesMax: Int,
        atEnd: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) -> Part {
        let result = turn.withLock { _ -> Result<Part, StoreError> in
            do throws(StoreError) { return .success(try part(bytesMax, atEnd)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func part(
        _ bytesMax: Int,
        _ atEnd: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) -> Part {
        var part = Part()
        var number: UInt64 = 0
        try readers.withTransaction { transaction throws(StoreError) in
            number = transaction.runs.number
            if let start = next {
                next = try copyRows(of: transaction, from: start, bytesMax, to: &part)
            } else if end == nil {
                try atEnd(LMDBSnapshot(reader: transaction, accountStates: accountStates))
                end = number
            }
        }
        try copyLog(through: end ?? number, to: &part)
        if let end { part.isLast = log.nextNumber > end }
        return part
    }

    /// - Returns: where the next rows begin; nil if these were the last ones.
    private func copyRows(
        of transaction: ReadTransaction,
        from start: Key,
        _ bytesMax: Int,
        to part: inout Part
    ) throws(StoreError) -> Key? {
        part.rows.reserveCapacity(bytesMax + StorageLimits.valueBytesMax)
        let position = ReservedKeys.logPosition.bytes
        var following: Key?
        try transaction.walk(from: start) { key, stored throws(StoreError) in
            guard part.rows.count < bytesMax else {
                following = Key([UInt8](copying: key))
                return .stop
            }
            // How much of its own log a data file has is not the copy's.
            guard key.order(position.span) != 0 else { return .more }
            if !StoredRow.isIntact(key: key, stored: stored) { progress.damagedRowCount += 1 }
            LogFormat.append(key, stored, to: &part.rows)
            progress.rowCount += 1
            return .more
        }
        return following
    }

    private func copyLog(through number: UInt64, to part: inout Part) throws(StoreError) {
        while log.nextNumber <= number, part.log.count < Self.logBytesMax {
            let record: LogRecord
            do throws(StoreError) {
                guard let next = try log.next() else {
                    throw .corrupt("record \(log.nextNumber) of the log is missing or damaged")
                }
                record = next
            } catch {
                // A file that is not kept may go while it is looked for.
                guard shelf.keep(from: log.nextSegment, for: keeper) else { throw .full }
                throw error
            }
            part.log += record.unpadded
            progress.recordCount += 1
            progress.lastNumber = record.header.number
            progress.lastChecksum = record.checksum
            progress.lastMicroseconds = record.header.timeMicroseconds
        }
        guard shelf.keep(from: log.nextSegment, for: keeper) else { throw .full }
    }
}

extension LMDBStore {
    /// Begins a copy of the store, which has every change that has been acknowledged by now, and those until its end.
    package func beginBackup() throws(StoreError) -> StoreBackup {
        var rowCount = 0
        try readers.withTransaction { _ throws(StoreError) in rowCount = try environment.rowCount() }
        return try StoreBackup(readers, accountStates, shelf, writer, rowCountExpected: rowCount)
    }
}

extension Environment {
    /// How many rows the data file has.
    fileprivate func rowCount() throws(StoreError) -> Int {
        var status = MDB_stat()
        try StoreError.check(unsafe mdb_env_stat(pointer, &status))
        return status.ms_entries
    }
}
