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
        bytes.appendBigEndian(UInt16(key.count))
        if let stored {
            bytes.appendBigEndian(UInt32(stored.count))
            bytes.append(copying: key)
            bytes.append(copying: stored)
        } else {
            bytes.appendBigEndian(LogFormat.deletedLength)
            bytes.append(copying: key)
        }
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
            guard rows.count - place >= 6 else { throw malformed }
            let keyBytes = Int(rows[place]) << 8 | Int(rows[place + 1])
            let length = rows.bigEndian32(at: place + 2)
            let valueBytes = length == LogFormat.deletedLength ? 0 : Int(length)
            place += 6
            guard rows.count - place >= keyBytes + valueBytes else { throw malformed }
            let key = rows.extracting(place..<place + keyBytes)
            place += keyBytes
            if length == LogFormat.deletedLength {
                try body(key, nil)
            } else {
                try body(key, rows.extracting(place..<place + valueBytes))
            }
            place += valueBytes
        }
        guard place == rows.count else { throw malformed }
    }
}
