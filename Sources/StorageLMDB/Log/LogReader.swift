import Storage

/// Reads the records of a log one after the other, of a log that grows or of one that nobody writes any more.
///
/// ```
/// … │ record 811 │ record 812 │ … │    record 903 │ …
///                  ▲ next() gives it, if it continues the one before: number, and checksum of that
/// ```
struct LogReader {
    private let disk: any LogDisk
    private let storeID: UniqueID
    private var segment: LogSegment
    private var offset: Int
    /// The number of the next record.
    private(set) var nextNumber: UInt64
    /// The checksum that the next record names; nil if any will do.
    private var previous: UInt32?

    var nextSegment: UInt64 { segment.number }

    /// Begins with the record at a position, or with the first of a log that has none yet.
    ///
    /// - Throws: ``StoreError/corrupt(_:)`` if the segment is missing or damaged.
    init(_ disk: any LogDisk, storeID: UniqueID, at position: LogPosition) throws(StoreError) {
        self.disk = disk
        self.storeID = storeID
        segment = try LogSegment.open(position.segment, disk, storeID)
        offset = position.offset
        nextNumber = max(1, position.number)
    }

    /// Begins behind a record, wherever in the log's files that is.
    ///
    /// - Parameters:
    ///   - disk: has files of a log, not necessarily all.
    ///   - storeID: the store's.
    ///   - number: the record's.
    ///   - checksum: the record's.
    /// - Throws: ``StoreError/corrupt(_:)`` if the files begin later, or have another record of this number.
    init(
        _ disk: any LogDisk,
        storeID: UniqueID,
        behind number: UInt64,
        checksum: UInt32
    ) throws(StoreError) {
        self.disk = disk
        self.storeID = storeID
        var found: (segment: LogSegment, first: RecordHeader)?
        for name in try disk.names().compactMap(LogSegment.number(fromName:)).sorted() {
            let segment = try LogSegment.open(name, disk, storeID)
            guard let first = try segment.record(at: LogFormat.firstOffset)?.header else { continue }
            if first.number <= number + 1 || found == nil { found = (segment, first) }
            if first.number > number { break }
        }
        guard let found else { throw .corrupt("the log has no record") }
        guard found.first.number <= number + 1 else {
            throw .corrupt(
                "the log begins with record \(found.first.number), and the records from \(number + 1) on are missing"
            )
        }
        let isOther = StoreError.corrupt(
            "record \(number) of the log is another one than that which the copy ends with"
        )
        segment = found.segment
        offset = LogFormat.firstOffset
        nextNumber = found.first.number
        if nextNumber == number + 1, number > 0, found.first.previous != checksum { throw isOther }
        while nextNumber <= number {
            guard let record = try next() else {
                throw .corrupt("the log ends before record \(number), which the copy ends with")
            }
            guard record.header.number != number || record.checksum == checksum else { throw isOther }
        }
        if number > 0 { previous = checksum }
    }

    /// The next record; nil if none follows that continues the one before.
    mutating func next() throws(StoreError) -> LogRecord? {
        if let record = try continuing(in: segment, at: offset) { return take(record) }
        let following = segment.number + 1
        guard try disk.names().contains(LogSegment.name(following)) else { return nil }
        let segment = try LogSegment.open(following, disk, storeID)
        guard let record = try continuing(in: segment, at: LogFormat.firstOffset) else { return nil }
        self.segment = segment
        offset = LogFormat.firstOffset
        return take(record)
    }

    private mutating func take(_ record: LogRecord) -> LogRecord {
        offset += record.header.paddedBytes
        nextNumber = record.header.number + 1
        previous = record.checksum
        return record
    }

    private func continuing(in segment: LogSegment, at offset: Int) throws(StoreError) -> LogRecord? {
        guard let record = try segment.record(at: offset), record.header.number == nextNumber,
            previous.map({ $0 == record.header.previous }) ?? true
        else { return nil }
        return record
    }

    /// Refuses a log that nobody writes, if records follow behind its end: then one in between is missing or damaged.
    func checkNothingFollows() throws(StoreError) {
        var (number, offset) = (segment.number, offset)
        let last = try disk.names().compactMap(LogSegment.number(fromName:)).max() ?? number
        while number <= last {
            if try disk.names().contains(LogSegment.name(number)),
                let found = try LogSegment.open(number, disk, storeID).findRecord(from: offset)
            {
                throw .corrupt(
                    "record \(nextNumber) of the log is missing or damaged, and changes follow it, the next in record \(found)"
                )
            }
            (number, offset) = (number + 1, LogFormat.firstOffset)
        }
    }
}
