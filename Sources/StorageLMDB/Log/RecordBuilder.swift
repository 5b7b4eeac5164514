import Storage

/// A record of the log that is being written: the rows that a batch leaves, each once.
struct RecordBuilder {
    /// The record so far; its header is filled in by ``finish(_:in:at:)``.
    private(set) var bytes: [UInt8] = []
    private(set) var rowCount: UInt32 = 0

    /// A buffer that has become larger than this is not kept for the next record.
    private static let keptBytesMax = 4 << 20

    private static let zeros = [UInt8](repeating: 0, count: LogFormat.blockBytes)

    init() { clear() }

    mutating func clear() {
        if bytes.capacity > Self.keptBytesMax { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
        bytes += Self.zeros[..<LogFormat.recordHeaderBytes]
        rowCount = 0
    }

    /// Adds a row in its stored form; nil for one that is deleted.
    mutating func add(_ key: Span<UInt8>, _ stored: Span<UInt8>?) {
        LogFormat.append(key, stored, to: &bytes)
        rowCount += 1
    }

    /// How long the record will be.
    var paddedBytes: Int { LogFormat.padded(bytes.count) }

    /// Fills in the header and the checksum for a place; to be called once, after all rows.
    ///
    /// - Returns: the checksum.
    mutating func finish(
        number: UInt64,
        previous: UInt32,
        timeMicroseconds: Int64,
        in segment: SegmentHeader,
        at offset: Int
    ) -> UInt32 {
        let header = RecordHeader(
            number: number,
            previous: previous,
            rowCount: rowCount,
            rowBytes: bytes.count - LogFormat.recordHeaderBytes,
            timeMicroseconds: timeMicroseconds
        )
        bytes += Self.zeros[..<(header.paddedBytes - bytes.count)]
        header.write(to: &bytes)
        let checksum = RecordHeader.checksum(of: bytes.span, in: segment, at: offset)
        bytes.setBigEndian(checksum, at: 4)
        return checksum
    }
}

/// A record that has been read and checks out.
struct LogRecord {
    let header: RecordHeader
    let checksum: UInt32
    /// The whole record.
    let bytes: [UInt8]

    /// Visits the rows; nil stands for one that is deleted.
    ///
    /// - Throws: ``StoreError/corrupt(_:)`` if they are not as the header says: a mistake of the program
    ///   that wrote it.
    func visitRows(_ body: (Span<UInt8>, Span<UInt8>?) throws(StoreError) -> Void) throws(StoreError) {
        let rows = bytes.span.extracting(
            LogFormat.recordHeaderBytes..<LogFormat.recordHeaderBytes + header.rowBytes
        )
        let malformed = StoreError.corrupt("record \(header.number) of the log is malformed")
        var place = 0
        for _ in 0..<header.rowCount {
            guard let row = LogFormat.row(in: rows, at: place) else { throw malformed }
            let key = rows.extracting(row.key)
            if row.isDeleted { try body(key, nil) } else { try body(key, rows.extracting(row.stored)) }
            place = row.stored.upperBound
        }
        guard place == rows.count else { throw malformed }
    }

    /// The record's bytes without what fills up its last block.
    var unpadded: ArraySlice<UInt8> { bytes.prefix(LogFormat.recordHeaderBytes + header.rowBytes) }

    /// The record as it is at a place of a segment.
    func bytes(in segment: SegmentHeader, at offset: Int) -> [UInt8] {
        var record = Array(unpadded)
        record += [UInt8](repeating: 0, count: header.paddedBytes - record.count)
        let checksum = RecordHeader.checksum(of: record.span, in: segment, at: offset)
        record.setBigEndian(checksum, at: 4)
        return record
    }
}

extension LogFormat {
    /// Where in some bytes the parts of a row are.
    struct RowPlace {
        let key: Range<Int>
        /// Empty for a row that is deleted.
        let stored: Range<Int>
        let isDeleted: Bool
    }

    private static let lengthsBytes = 6

    /// Appends a row in its stored form; nil for one that is deleted.
    static func append(_ key: Span<UInt8>, _ stored: Span<UInt8>?, to bytes: inout [UInt8]) {
        let length = if let stored { UInt32(stored.count) } else { deletedLength }
        bytes.append(addingCapacity: lengthsBytes + key.count) { free in
            free.appendBigEndian(UInt16(key.count))
            free.appendBigEndian(length)
            free.append(copying: key)
        }
        if let stored { bytes.append(copying: stored) }
    }

    /// Finds the row that begins at a place; nil if it is not all there.
    static func row(in bytes: Span<UInt8>, at place: Int) -> RowPlace? {
        guard bytes.count - place >= lengthsBytes else { return nil }
        let keyBytes = Int(bytes[place]) << 8 | Int(bytes[place + 1])
        let length = bytes.bigEndian32(at: place + 2)
        let isDeleted = length == deletedLength
        let storedBytes = isDeleted ? 0 : Int(length)
        let start = place + lengthsBytes
        guard bytes.count - start >= keyBytes + storedBytes else { return nil }
        return RowPlace(
            key: start..<start + keyBytes,
            stored: start + keyBytes..<start + keyBytes + storedBytes,
            isDeleted: isDeleted
        )
    }
}
